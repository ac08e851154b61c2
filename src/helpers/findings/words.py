"""Words that sentences of several chapters share."""

from collections.abc import Iterable, Mapping

NAMES = {"baseline_cnn": "the baseline CNN", "icnt": "ICNT", "iiv3": "IIV3"}
PROTOCOLS = {"patient_grouped": "patient-grouped", "as_published": "published"}


def listed(words: Iterable[str], joint: str = "and") -> str:
    """Words as one enumerates them: "a, b and c"."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} {joint} {last}" if first else last


def ends(row: Mapping[str, float], form: str = ".3f") -> str:
    """The interval of a row with the keys low and high, in brackets."""
    return f"[{row['low']:{form}}, {row['high']:{form}}]"


def measured(row: Mapping[str, float], form: str = ".3f") -> str:
    """The value of a row with its interval."""
    return f"{row['value']:{form}} {ends(row, form)}"
