"""One comparison of what a document prints with what its own numbers imply."""

from collections.abc import Iterable
from dataclasses import dataclass

from helpers.rereading.ranges import Range

HOLDS, FAILS, OPEN = "holds", "fails", "left open"


@dataclass(frozen=True)
class Check:
    """A claim, printed or implied, held against the document's own numbers.

    Attributes:
        where: Where the printed value stands.
        claim: What should be so.
        computed: What the printed numbers imply, as text.
        printed: What is printed, or should be, as text.
        tolerance: The values that round to what is printed, or may be printed.
        verdict: `HOLDS`, `FAILS`, or `OPEN` where the printed numbers cannot tell.
    """

    where: str
    claim: str
    computed: str
    printed: str
    tolerance: str
    verdict: str


def equal(where: str, claim: str, computed: Range, printed: Range, shown: str) -> Check:
    """A value that is printed should be one that the other printed values allow.

    Args:
        where: Where the printed value stands.
        claim: What should be equal.
        computed: From other printed values.
        printed: The values that round to what is printed.
        shown: What is printed, as printed.

    Returns:
        A check that fails where no value lies in both ranges.
    """
    verdict = HOLDS if computed.meets(printed) else FAILS
    return Check(where, claim, str(computed), shown, _tolerance(printed), verdict)


def exceeds(where: str, claim: str, printed: Range, shown: str, computed: Range) -> Check:
    """A printed value should be above what is reached without any skill.

    Args:
        where: Where the printed value stands.
        claim: What it should exceed.
        printed: The values that round to what is printed.
        shown: What is printed, as printed.
        computed: What it should exceed.

    Returns:
        A check that is left open where rounding decides.
    """
    verdict = HOLDS if printed.low > computed.high else FAILS if printed.high < computed.low else OPEN
    return Check(where, claim, str(computed), shown, _tolerance(printed), verdict)


def implies(where: str, claim: str, computed: Range, shown: str) -> Check:
    """A consequence that the document does not print, so that there is nothing to hold it against."""
    return Check(where, claim, str(computed), shown, "in what was computed", OPEN)


def listed(where: str, claim: str, found: Iterable[str], shown: str) -> Check:
    """Names that should not be there, or that are missing.

    Args:
        where: Where one should look.
        claim: What should be so.
        found: The names that break it.
        shown: What is printed.

    Returns:
        A check that fails where there is any.
    """
    names = sorted(found)
    return Check(where, claim, ", ".join(names) or "none", shown, "none: names", FAILS if names else HOLDS)


def _tolerance(printed: Range) -> str:
    return f"{printed}" if printed.low < printed.high else "none: a count"
