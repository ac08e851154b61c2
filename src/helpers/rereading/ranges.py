"""What a printed number leaves open: every value that rounds to it."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from math import ceil, isinf, log10

_SLACK = 1e-12
"""For binary fractions: 0.0355 + 0.00005 is not quite what it should be."""


@dataclass(frozen=True)
class Range:
    """All values from low to high.

    Attributes:
        low: The least.
        high: The greatest.
    """

    low: float
    high: float

    def meets(self, other: "Range") -> bool:
        """Whether some value lies in both."""
        return self.low <= other.high + _SLACK and other.low <= self.high + _SLACK

    def __str__(self) -> str:
        """As many digits as tell its ends apart; one number where it is a point."""
        width = self.high - self.low
        if width <= _SLACK:
            return f"{self.low:,.0f}" if float(self.low).is_integer() else f"{self.low:,.6g}"
        if isinf(width):
            return f"{_short(self.low, 0)} or more"
        digits = max(0, ceil(round(-log10(width), 6)) + 1)
        return f"{_short(self.low, digits)} to {_short(self.high, digits)}"


def printed(value: float, decimals: int) -> Range:
    """The values that are printed so, rounded to a number of decimals in any of the usual ways.

    Args:
        value: As printed.
        decimals: Decimals printed; negative for tens, hundreds, ... (-2: to hundreds).

    Returns:
        From half a unit of the last place below to half a unit above.
    """
    half = 0.5 * 10.0**-decimals
    return Range(float(value) - half, float(value) + half)


def share(value: float, decimals: int) -> Range:
    """As `printed`, for what lies between 0 and 1: a printed 0.00 is no less than nothing."""
    found = printed(value, decimals)
    return Range(max(found.low, 0.0), min(found.high, 1.0))


def exactly(value: float) -> Range:
    """A count, or anything that was not rounded."""
    return Range(float(value), float(value))


def computed(function: Callable[..., float], *ranges: Range) -> Range:
    """The values that a function of printed numbers may have.

    Args:
        function: Rising or falling in each argument, so that its extremes lie at the ends of the ranges.
        ranges: Its arguments.

    Returns:
        Its least and greatest value over all ends.
    """
    values = [function(*ends) for ends in product(*((each.low, each.high) for each in ranges))]
    return Range(min(values), max(values))


def _short(value: float, digits: int) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.{digits}f}"
