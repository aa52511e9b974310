"""A small subset of SVG 1.1 as PDF operators: shapes with one colour each, nothing that runs.

No document type (so no entities), no style sheet, script, link, text, picture, gradient or filter:
each is refused by its name. What is kept are numbers and operators that we wrote ourselves.
"""

import math
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

from fontTools.misc.transform import Identity, Transform
from fontTools.pens.recordingPen import RecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.svgLib.path import parse_path
from fontTools.svgLib.path.shapes import PathBuilder
from PIL import ImageColor

FILE_MAX = 128 * 1024
OPERATORS_MAX = 20_000
DEPTH_MAX = 12
#: Sides of the drawing are told as whole numbers of this many, so that its shape is kept.
UNITS = 10_000
SHAPES = frozenset({"path", "rect", "circle", "ellipse", "polygon", "polyline", "line"})
SILENT = frozenset({"title", "desc", "metadata"})
KNOWN = frozenset({
    "id", "class", "version", "width", "height", "viewBox", "preserveAspectRatio", "fill", "stroke",
    "stroke-width", "fill-rule", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit",
    "transform", "style", "d", "x", "y", "rx", "ry", "cx", "cy", "r", "x1", "y1", "x2", "y2",
    "points", "space",
})  # fmt: skip
PAINTED = ("fill", "stroke", "stroke-width", "fill-rule")
TRANSFORM = re.compile(r"\s*(matrix|translate|scale|rotate)\s*\(([^()]*)\)\s*,?")
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,2})?")


class SvgRefusedError(ValueError):
    """The drawing says something outside the subset; the text says what, in Indonesian."""


def drawn_svg(content: bytes) -> tuple[int, int, bytes]:
    """Draw an SVG into a unit square; give its width and height, and the operators.

    Raises `SvgRefusedError`.
    """
    root = _parsed(content)
    x, y, width, height = _view(root)
    operators = [f"{1 / width:.6g} 0 0 {-1 / height:.6g} {-x / width:.6g} {1 + y / height:.6g} cm"]
    start = {"fill": "#000000", "stroke": "none", "stroke-width": "1", "fill-rule": "nonzero"}
    operators += _element(root, start, Identity, 0)
    if len(operators) == 1:
        raise SvgRefusedError("tidak berisi bentuk apa pun")
    if len(operators) > OPERATORS_MAX:
        raise SvgRefusedError("terlalu rumit")
    longest = max(width, height)
    sides = max(1, round(UNITS * width / longest)), max(1, round(UNITS * height / longest))
    return *sides, "\n".join(operators).encode("ascii")


def _parsed(content: bytes) -> Any:
    if len(content) > FILE_MAX:
        raise SvgRefusedError("SVG lebih besar dari 128 KiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SvgRefusedError("bukan PNG dan bukan SVG dalam UTF-8") from None
    # Before any parser sees it: without a document type there are no entities to expand.
    if re.search(r"<!(?!--)|<\?(?!xml[\s?])", text):
        raise SvgRefusedError("memuat DOCTYPE, CDATA, atau perintah pengolah")
    try:
        root = ET.fromstring(text)  # noqa: S314 - no entities, see above
    except (ET.ParseError, ValueError, LookupError):
        raise SvgRefusedError("bukan PNG dan bukan SVG yang utuh") from None
    if _bare(root.tag) != "svg":
        raise SvgRefusedError("bukan SVG")
    return root


def _view(root: Any) -> tuple[float, float, float, float]:
    told = [float(each) for each in NUMBER.findall(root.get("viewBox", ""))]
    if not told:
        sides = [NUMBER.match(root.get(side, "")) for side in ("width", "height")]
        told = [0.0, 0.0, *(float(side.group()) for side in sides if side)]
    if len(told) != 4 or not all(1e-3 < side < 1e6 for side in told[2:]):
        raise SvgRefusedError("tidak mempunyai viewBox")
    return told[0], told[1], told[2], told[3]


def _element(element: Any, paint: dict[str, str], place: Transform, depth: int) -> Iterator[str]:
    """Draw an element and those within it, with the paint and place that it inherits."""
    name = _bare(element.tag) if isinstance(element.tag, str) else ""
    if name in SILENT:
        return
    if (name not in SHAPES and name not in {"svg", "g"}) or depth > DEPTH_MAX:
        raise SvgRefusedError(f"memuat «{name[:30]}», yang tidak didukung")
    for attribute in element.attrib:
        # Names with a namespace of their own are notes of drawing programs, but for links.
        bare = _bare(attribute)
        if bare == "href" or ("}" not in attribute and bare not in KNOWN):
            raise SvgRefusedError(f"memuat atribut «{bare[:30]}», yang tidak didukung")
    paint = {**paint, **_painted(element)}
    place = place.transform(_transform(element.get("transform", "")))
    if name in SHAPES:
        yield from _shape(element, paint, place)
        return
    for child in element:
        yield from _element(child, paint, place, depth + 1)


def _painted(element: Any) -> dict[str, str]:
    told = {name: element.get(name) for name in PAINTED if element.get(name) is not None}
    for each in filter(str.strip, element.get("style", "").split(";")):
        name, _, value = (piece.strip() for piece in each.partition(":"))
        if name in PAINTED:
            told[name] = value
        elif name in {"opacity", "display", "visibility", "filter", "mask", "clip-path"}:
            raise SvgRefusedError(f"memuat gaya «{name}», yang tidak didukung")
    return told


def _transform(text: str) -> Transform:
    result, rest = Identity, text
    while rest.strip():
        match = TRANSFORM.match(rest)
        if match is None:
            raise SvgRefusedError("memuat transformasi yang tidak didukung")
        told = [float(each) for each in NUMBER.findall(match[2])]
        result, rest = result.transform(_one_transform(match[1], told)), rest[match.end() :]
    return result


def _one_transform(name: str, told: list[float]) -> Transform:
    match (name, len(told)):
        case "matrix", 6:
            return Transform(*told)
        case "translate", 1 | 2:
            return Identity.translate(*told)
        case "scale", 1 | 2:
            return Identity.scale(*told)
        case "rotate", 1:
            return Identity.rotate(math.radians(told[0]))
        case "rotate", 3:
            angle, x, y = told
            return Identity.translate(x, y).rotate(math.radians(angle)).translate(-x, -y)
    raise SvgRefusedError("memuat transformasi yang tidak didukung")


def _shape(element: Any, paint: dict[str, str], place: Transform) -> Iterator[str]:
    fill, stroke = _colour(paint["fill"]), _colour(paint["stroke"])
    if fill is None and stroke is None:
        return
    element.attrib.pop("transform", None)  # already in `place`
    builder, pen = PathBuilder(), RecordingPen()
    try:
        builder.add_path_from_element(element)
        for path in builder.paths:
            parse_path(path, TransformPen(pen, place))
        path_operators = list(_path(pen.value))
        width = float(NUMBER.findall(paint["stroke-width"])[0])
    except (ValueError, TypeError, IndexError, AssertionError, KeyError, ArithmeticError):
        raise SvgRefusedError(f"memuat «{_bare(element.tag)}» yang tidak dapat dibaca") from None
    if not path_operators:
        return
    if fill:
        yield f"{fill} rg"
    if stroke:
        scale = math.sqrt(abs(place.xx * place.yy - place.xy * place.yx))
        yield f"{stroke} RG {min(max(width * scale, 0), 1e5):.4g} w"
    yield from path_operators
    even = "*" if paint["fill-rule"] == "evenodd" else ""
    yield ("B" + even) if fill and stroke else ("f" + even) if fill else "S"


def _path(recorded: list[Any]) -> Iterator[str]:
    """Write a recorded path; curves of two points become curves of three."""
    here = (0.0, 0.0)
    for act, points in recorded:
        if act == "moveTo":
            yield f"{_points(points)} m"
        elif act == "lineTo":
            yield f"{_points(points)} l"
        elif act == "curveTo":
            yield f"{_points(points)} c"
        elif act == "qCurveTo":
            (bx, by), (ex, ey) = points
            first = (here[0] + 2 / 3 * (bx - here[0]), here[1] + 2 / 3 * (by - here[1]))
            second = (ex + 2 / 3 * (bx - ex), ey + 2 / 3 * (by - ey))
            yield f"{_points((first, second, (ex, ey)))} c"
        elif act == "closePath":
            yield "h"
        here = points[-1] if points else here


def _points(points: Any) -> str:
    told = [number for point in points for number in point]
    if not all(math.isfinite(number) and abs(number) < 1e6 for number in told):
        raise ValueError("a point far away")
    return " ".join(f"{number:.4f}".rstrip("0").rstrip(".") for number in told)


def _colour(text: str) -> str | None:
    told = text.strip().lower()
    if told in {"none", "transparent"}:
        return None
    try:
        red, green, blue = ImageColor.getrgb("#000000" if told == "currentcolor" else told)[:3]
    except ValueError:
        raise SvgRefusedError(f"memuat warna «{told[:30]}», yang tidak didukung") from None
    return f"{red / 255:.3f} {green / 255:.3f} {blue / 255:.3f}"


def _bare(name: str) -> str:
    return name.rpartition("}")[2]
