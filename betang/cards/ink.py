"""Drawing on a card: PDF operators for a few shapes, in points, from the lower left corner.

A card is ID-1 (ISO/IEC 7810), here exactly 1011 x 638 dots of a 300 dpi printer, so that whatever
stands on a multiple of `DOT` lies exactly on printer dots.
"""

from dataclasses import dataclass, field

DOT = 72 / 300
WIDTH, HEIGHT = 1011 * DOT, 638 * DOT
CORNER = 3.18 / 25.4 * 72  # the radius of an ID-1 card, for what should follow its edge

Colour = tuple[float, float, float]
Point = tuple[float, float]


def colour(text: str) -> Colour:
    """Read `#0F5B4A`."""
    red, green, blue = bytes.fromhex(text.removeprefix("#"))
    return red / 255, green / 255, blue / 255


WOOD_DEEP = colour("#7A5230")


@dataclass
class Ink:
    """Operators of one content stream, gathered in order."""

    operators: list[str] = field(default_factory=list)

    def fill(self, tone: Colour) -> None:
        """Choose the colour of what is filled next."""
        self.operators.append(f"{tone[0]:.3f} {tone[1]:.3f} {tone[2]:.3f} rg")

    def stroke(self, tone: Colour, width: float) -> None:
        """Choose the colour and width of lines drawn next; ends and joins are round."""
        self.operators.append(f"{tone[0]:.3f} {tone[1]:.3f} {tone[2]:.3f} RG {width:.2f} w 1 J 1 j")

    def box(self, x: float, y: float, width: float, height: float) -> None:
        """Fill a rectangle."""
        self.operators.append(f"{x:.2f} {y:.2f} {width:.2f} {height:.2f} re f")

    def shape(self, *points: tuple[float, float]) -> None:
        """Fill a polygon."""
        self.operators.append(f"{self._path(points)} h f")

    def line(self, *points: tuple[float, float]) -> None:
        """Draw a line through points."""
        self.operators.append(f"{self._path(points)} S")

    def curve(self, start: Point, *bends: Point) -> None:
        """Draw a Bezier curve from `start`; every three points are two bends and an end."""
        path = " ".join(f"{x:.2f} {y:.2f}" for x, y in bends)
        self.operators.append(f"{start[0]:.2f} {start[1]:.2f} m {path} c S")

    def wave(self, x: float, y: float, width: float, height: float, count: int) -> None:
        """Draw `count` soft waves from `x`, each `width` long and `height` high."""
        parts = [f"{x:.2f} {y:.2f} m"]
        for _ in range(count):
            a, b, end = x + width / 3, x + 2 * width / 3, x + width
            parts.append(f"{a:.2f} {y + height:.2f} {b:.2f} {y - height:.2f} {end:.2f} {y:.2f} c")
            x = end
        self.operators.append(" ".join(parts) + " S")

    def arc_cup(self, x: float, y: float, radius: float) -> None:
        """Draw a quarter-like wave to the right of a point, as on signs for tapping."""
        k = radius * 0.5523
        low, high = (x, y - radius), (x, y + radius)
        self.operators.append(
            f"{low[0]:.2f} {low[1]:.2f} m {low[0] + k:.2f} {low[1]:.2f} {x + radius:.2f}"
            f" {y - k:.2f} {x + radius:.2f} {y:.2f} c {x + radius:.2f} {y + k:.2f}"
            f" {high[0] + k:.2f} {high[1]:.2f} {high[0]:.2f} {high[1]:.2f} c S"
        )

    def rounded(self, x: float, y: float, width: float, height: float, radius: float) -> None:
        """Fill a rectangle with round corners."""
        k, right, top = radius * 0.4477, x + width, y + height
        self.operators.append(
            f"{x + radius:.2f} {y:.2f} m {right - radius:.2f} {y:.2f} l"
            f" {right - k:.2f} {y:.2f} {right:.2f} {y + k:.2f} {right:.2f} {y + radius:.2f} c"
            f" {right:.2f} {top - radius:.2f} l"
            f" {right:.2f} {top - k:.2f} {right - k:.2f} {top:.2f} {right - radius:.2f} {top:.2f} c"
            f" {x + radius:.2f} {top:.2f} l"
            f" {x + k:.2f} {top:.2f} {x:.2f} {top - k:.2f} {x:.2f} {top - radius:.2f} c"
            f" {x:.2f} {y + radius:.2f} l"
            f" {x:.2f} {y + k:.2f} {x + k:.2f} {y:.2f} {x + radius:.2f} {y:.2f} c h f"
        )

    def content(self) -> bytes:
        """Give the content stream."""
        return "\n".join(self.operators).encode("ascii")

    @staticmethod
    def _path(points: tuple[tuple[float, float], ...]) -> str:
        (x, y), *rest = points
        return f"{x:.2f} {y:.2f} m " + " ".join(f"{a:.2f} {b:.2f} l" for a, b in rest)
