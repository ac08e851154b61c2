"""The rules explorer: each check of a printed number beside the rule that made it, as it stands in the code."""

import inspect
from collections.abc import Callable

import anywidget
import pandas as pd
import traitlets

from helpers.explorers.kit import FOLDER, STYLE, explore, script
from helpers.figures.rereading import summary
from helpers.rereading import FAILS, HOLDS, OPEN, RULES, reread

COLUMNS = ("where", "claim", "computed", "printed", "tolerance", "verdict")


class Rules(anywidget.AnyWidget):
    """Shows a rule's words, its code and its checks; computes nothing.

    Attributes:
        verdicts: The three verdicts, the failures first.
        columns: Names of a check's columns.
        rules: One entry a rule: document, name, says (its first lines), code, and checks, one list of texts each.
    """

    _esm = script("rules.js")
    _css = STYLE + (FOLDER / "rules.css").read_text()
    verdicts = traitlets.List([FAILS, HOLDS, OPEN]).tag(sync=True)
    columns = traitlets.List(list(COLUMNS)).tag(sync=True)
    rules = traitlets.List().tag(sync=True)


def rules() -> None:
    """Shows the explorer and its static twin, how many checks of each rule hold."""
    checks = {document: reread(document) for document in RULES}
    found = [_entry(document, rule, checks[document]) for document in RULES for rule in RULES[document]]
    explore(Rules(rules=found), summary(), "How many checks of each rule fail, hold, or are left open.")


def _entry(document: str, rule: Callable, checks: pd.DataFrame) -> dict:
    own = checks[checks["rule"] == rule.__name__]
    return {
        "document": document,
        "name": rule.__name__.replace("_", " "),
        "says": inspect.getdoc(rule),
        "code": inspect.getsource(rule),
        "checks": own[list(COLUMNS)].to_numpy().tolist(),
    }
