"""The published tables read again: rules that find where a document disagrees with itself, and its tables beside ours.

A rule is a function without arguments: it takes printed values out of `helpers.published`, computes what they imply,
and returns one `Check` for each comparison. One module a document.
"""

import pandas as pd

from helpers.rereading import bassi, dahes, valvano, yoshitsugu
from helpers.rereading.check import FAILS, HOLDS, OPEN, Check

RULES = {
    "A": dahes.RULES,
    "B": bassi.RULES,
    "C": yoshitsugu.RULES,
    "D": valvano.RULES,
}
"""The rules of each document, by its letter."""

__all__ = ["FAILS", "HOLDS", "OPEN", "RULES", "Check", "reread"]


def reread(document: str) -> pd.DataFrame:
    """Applies all rules to one document.

    Args:
        document: Its letter, "A" to "D".

    Returns:
        DataFrame with one row a check, in the order of the rules: rule (the function's name), verdict (`HOLDS`,
        `FAILS` or `OPEN`), where, claim, computed, printed and tolerance.
    """
    rows = [{"rule": rule.__name__, **vars(check)} for rule in RULES[document] for check in rule()]
    return pd.DataFrame(rows)[["rule", "verdict", "where", "claim", "computed", "printed", "tolerance"]]
