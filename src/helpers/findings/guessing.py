"""Where the interval of a score lies, held against what guessing reaches: one judgement for all chapters."""

from typing import Literal

Side = Literal["above", "below", "around"]


def side(low: float, high: float, guessing: float) -> Side:
    """On which side of guessing an interval lies.

    Args:
        low: Lower end of the 95 % interval.
        high: Upper end.
        guessing: What guessing reaches by the same score.

    Returns:
        "above" or "below" where the interval lies wholly there; "around" where it holds what guessing reaches, so that
        the test cannot tell the two apart, and where there is no interval.
    """
    if low > guessing:
        return "above"
    return "below" if high < guessing else "around"
