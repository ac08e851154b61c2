"""The weighing explorer: which network a task chooses, by weights that a reader sets."""

from collections.abc import Mapping

import anywidget
import traitlets

from helpers.evaluation.choice import COSTS, CRITERIA, SCENARIOS, Measured, choose, weights_of
from helpers.explorers.kit import FOLDER, LOOK, STYLE, explore, packed, script
from helpers.figures.style import NETWORK_NAMES, PROTOCOL_LABELS

DRAWN = [place for place, criterion in enumerate(CRITERIA) if criterion.name not in COSTS]
"""Places of the criteria that a draw of patients changes; no other goes into the page draw by draw."""


class Weighing(anywidget.AnyWidget):
    """Weighs the criteria anew and counts how often each network is the best one.

    Attributes:
        criteria: One entry a criterion: name and title.
        scenarios: One entry a task: name, reason and weights, in the order of the criteria.
        protocols: Names, in the order of the bytes.
        networks: Names, in the order of the bytes.
        worths: float64, (protocols, networks, criteria), each from 0, worst, to 1, best.
        places: Those of the criteria in `drawn`.
        drawn: float64, (protocols, draws, networks, places), the same on draws of patients.
    """

    _esm = script("weighing.js")
    _css = STYLE + (FOLDER / "weighing.css").read_text()
    look = traitlets.Dict(LOOK).tag(sync=True)
    criteria = traitlets.List().tag(sync=True)
    scenarios = traitlets.List().tag(sync=True)
    protocols = traitlets.List().tag(sync=True)
    networks = traitlets.List().tag(sync=True)
    worths = traitlets.Bytes().tag(sync=True)
    places = traitlets.List(DRAWN).tag(sync=True)
    drawn = traitlets.Bytes().tag(sync=True)


def weighing(measured: Mapping[str, Measured]) -> None:
    """Shows the explorer and its static twin, the first task's choice.

    Args:
        measured: From `helpers.evaluation.choice.measure`, by protocol, the same networks in each.
    """
    weights, networks = weights_of(), list(next(iter(measured.values())).values.index)
    explorer = Weighing(
        criteria=[{"name": each.name, "title": each.title} for each in CRITERIA],
        scenarios=[
            {"name": each.name, "reason": each.reason, "weights": weights.loc[each.name].tolist()} for each in SCENARIOS
        ],
        protocols=list(measured),
        networks=networks,
        worths=b"".join(packed(each.worths, "float64") for each in measured.values()),
        drawn=b"".join(packed(each.drawn_worths[:, DRAWN].transpose(2, 0, 1), "float64") for each in measured.values()),
    )
    protocol, found = next(iter(measured.items()))
    shown = choose(found)[["scenario", "network", "worth", "wins"]].replace({"network": NETWORK_NAMES})
    table = shown.pivot(index="scenario", columns="network").round(3)
    caption = f"What each network is worth in each task, and how often it wins; {PROTOCOL_LABELS[protocol]}."
    explore(explorer, table, caption)
