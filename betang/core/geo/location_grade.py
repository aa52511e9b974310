"""How far a home point may be trusted: a grade, never a wall.

A poor point is kept and shown as poor; nobody loses aid because a phone saw few satellites.
A grade says nothing about who stood there: a phone that lies well passes.
"""

from enum import StrEnum

#: What a phone reaches under open sky.
GOOD_ACCURACY_M = 20.0
#: Enough to find the house in a hamlet.
FAIR_ACCURACY_M = 100.0


class LocationGrade(StrEnum):
    """From best to worst."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    DOUBTFUL = "doubtful"


#: Order for "is this one better": lower is better.
RANK = {grade: rank for rank, grade in enumerate(LocationGrade)}


def grade(
    *, accuracy_m: float | None, inside_village: bool | None, mocked: bool = False
) -> LocationGrade:
    """Grade a point.

    `inside_village` is None where no boundary is loaded: then only the accuracy speaks. `mocked`
    is the phone's own word that the place was made by an app.
    """
    if mocked or inside_village is False:
        return LocationGrade.DOUBTFUL
    if accuracy_m is None or accuracy_m <= 0 or accuracy_m > FAIR_ACCURACY_M:
        return LocationGrade.POOR
    return LocationGrade.GOOD if accuracy_m <= GOOD_ACCURACY_M else LocationGrade.FAIR
