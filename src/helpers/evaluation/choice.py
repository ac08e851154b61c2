"""Which network for which task: criteria on one scale, weights that say what a task asks for, and how sure the choice
is.

A weighted sum of values between "worst" and "best" that are fixed beforehand (Keeney and Raiffa 1976, chapter 3), not
between the worst and best network at hand: a network that is added or left out changes no value of another. The
scenarios are document A's (Dahes 2025, sections 3.5 and 5), which names their priorities in words; the numbers are
this book's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from helpers.evaluation import calibration, decisions
from helpers.evaluation.comparisons import recalls
from helpers.evaluation.intervals import interval, patient_weights
from helpers.evaluation.metrics import labels_and_probabilities
from helpers.evaluation.rows import aligned


@dataclass(frozen=True)
class Criterion:
    """One thing that a task may ask of a network.

    Attributes:
        name: Its key in every table.
        title: What it is, for a reader.
        unit: Of the value, or "".
        worst: The value that is worth 0; anything beyond is worth 0 too.
        best: The value that is worth 1.
        logarithmic: Whether equal ratios, and not equal differences, are worth the same.
    """

    name: str
    title: str
    unit: str
    worst: float
    best: float
    logarithmic: bool = False

    def worth(self, value: np.ndarray | float) -> np.ndarray:
        """The value on the common scale from 0, worst, to 1, best."""
        scale = np.log if self.logarithmic else np.asarray
        return np.clip((scale(value) - scale(self.worst)) / (scale(self.best) - scale(self.worst)), 0, 1)


CRITERIA = (
    Criterion("sensitivity", f"cancers found at specificity {decisions.LEVEL:.0%}", "", 1 - decisions.LEVEL, 1),
    Criterion("specificity", f"others spared at sensitivity {decisions.LEVEL:.0%}", "", 1 - decisions.LEVEL, 1),
    Criterion("equity", "recall of the worst class", "", 0, 1),
    Criterion("calibration", "calibration error, malignant", "", 0.25, 0),
    Criterion("latency", "time a picture", "ms", 1000, 1, logarithmic=True),
    Criterion("memory", "memory for one picture", "MiB", 1024, 1, logarithmic=True),
    Criterion("size", "size on disk", "MiB", 1024, 1, logarithmic=True),
    Criterion("parameters", "parameters", "", 1e9, 1e5, logarithmic=True),
)
"""In the order of every table. Sensitivity and specificity start from what guessing reaches."""
COSTS = ("latency", "memory", "size", "parameters")
"""The criteria that no draw of patients changes."""


@dataclass(frozen=True)
class Scenario:
    """A task and what it asks for.

    Attributes:
        name: The task.
        reason: Why it is weighted so, in one sentence.
        weights: {criterion: weight}, not negative, summing to 1; a criterion that is not named weighs nothing.
    """

    name: str
    reason: str
    weights: Mapping[str, float]


def _scenario(name: str, reason: str, **weights: float) -> Scenario:
    return Scenario(name, reason, MappingProxyType(weights))


SCENARIOS = (
    _scenario(
        "first diagnosis",
        "Missing no cancer comes first, whatever it costs to compute.",
        sensitivity=0.50, specificity=0.15, equity=0.15, calibration=0.20,
    ),
    _scenario(
        "follow-up",
        "The same patient again and again: a probability must mean the same each time, and upkeep counts.",
        sensitivity=0.20, specificity=0.10, equity=0.10, calibration=0.25, latency=0.15, size=0.10, parameters=0.10,
    ),
    _scenario(
        "mass screening",
        "Most women are healthy, so false alarms and time a picture weigh as much as cancers found.",
        sensitivity=0.25, specificity=0.25, calibration=0.10, latency=0.25, memory=0.15,
    ),
    _scenario(
        "research",
        "Many trials on small machines: what is light is tried more often.",
        sensitivity=0.10, specificity=0.10, equity=0.10, calibration=0.10, latency=0.20, memory=0.15, size=0.05,
        parameters=0.20,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """The criteria of several networks under one protocol.

    Attributes:
        values: DataFrame indexed by network, one column a criterion, in the criterion's unit.
        draws: (networks, criteria, draws) float64, the same on each bootstrap draw of patients, which all networks
            share; costs repeat their value.
    """

    values: pd.DataFrame
    draws: np.ndarray

    @property
    def worths(self) -> np.ndarray:
        """(networks, criteria) in 0..1."""
        return _worths(self.values.to_numpy()[..., None])[..., 0]

    @property
    def drawn_worths(self) -> np.ndarray:
        """(networks, criteria, draws) in 0..1."""
        return _worths(self.draws)


def measure(predictions: pd.DataFrame, costs: pd.DataFrame, protocol: str, draws: int = 2000, *, seed: int) -> Measured:
    """Measures all criteria on the test of a protocol.

    Args:
        predictions: Columns network, image_id, patient_id, protocol, split, label, normal, benign and malignant;
            calibrated as they would be in use.
        costs: DataFrame indexed by network with the columns of `COSTS`.
        protocol: One protocol.
        draws: Number of bootstrap draws, the same patients for all networks.
        seed: Seed of the draws.

    Returns:
        The `Measured`.
    """
    tables = aligned(predictions, protocol)
    weights, owner = patient_weights(next(iter(tables.values()))["patient_id"], draws, seed=seed)
    weights = np.concatenate([np.ones((1, weights.shape[1])), weights])
    measured = np.stack([_criteria(rows, costs.loc[network], owner, weights) for network, rows in tables.items()])
    names = [criterion.name for criterion in CRITERIA]
    values = pd.DataFrame(measured[..., 0], index=pd.Index(tables, name="network"), columns=names)
    return Measured(values, measured[..., 1:])


def choose(measured: Measured, scenarios: tuple[Scenario, ...] = SCENARIOS) -> pd.DataFrame:
    """What each network is worth in each scenario, and how often it is the best one.

    Args:
        measured: From `measure`.
        scenarios: The tasks.

    Returns:
        DataFrame with the columns scenario, network, worth (0 to 1), low and high (95 %), chosen (bool, the highest
        worth) and wins (share of bootstrap draws in which its worth is the highest; draws that leave a criterion
        undefined are left out).
    """
    weights = weights_of(scenarios).to_numpy()
    worth, drawn = weights @ measured.worths.T, np.einsum("sc,ncd->snd", weights, measured.drawn_worths)
    defined = ~np.isnan(drawn).any(axis=(0, 1))
    wins = _wins(drawn[..., defined].transpose(2, 0, 1))
    networks = list(measured.values.index)
    rows = [
        (
            scenario.name,
            network,
            worth[s, n],
            *(interval(drawn[s, n]) or (np.nan, np.nan)),
            worth[s].argmax() == n,
            wins[s, n],
        )
        for s, scenario in enumerate(scenarios)
        for n, network in enumerate(networks)
    ]
    return pd.DataFrame(rows, columns=["scenario", "network", "worth", "low", "high", "chosen", "wins"])


def any_weights(measured: Measured, draws: int = 10_000, *, seed: int) -> pd.Series:
    """How often each network is the best one when nothing is known of the weights.

    All weightings are taken for equally likely (the acceptability index of Lahdelma, Hokkanen and Salminen 1998), and
    the measured values for true.

    Args:
        measured: From `measure`.
        draws: Number of weightings drawn.
        seed: Seed of the draws.

    Returns:
        Series of shares indexed by network.
    """
    weights = np.random.default_rng(seed).dirichlet(np.ones(len(CRITERIA)), draws)
    wins = _wins((weights @ measured.worths.T)[:, None])[0]
    return pd.Series(wins, index=measured.values.index, name="wins")


def weights_of(scenarios: tuple[Scenario, ...] = SCENARIOS) -> pd.DataFrame:
    """The weights as a table: one row a scenario, one column a criterion, 0 where it weighs nothing."""
    names = [criterion.name for criterion in CRITERIA]
    rows = {scenario.name: [scenario.weights.get(name, 0.0) for name in names] for scenario in scenarios}
    return pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("scenario")


def criteria_table(measured: Measured) -> pd.DataFrame:
    """The criteria as a tidy table, for figures and explorers.

    Returns:
        DataFrame with the columns network, criterion, value, low, high (equal to the value for costs) and worth.
    """
    rows = [
        (network, criterion.name, measured.values.iat[n, c], *(interval(measured.draws[n, c]) or (np.nan, np.nan)))
        for n, network in enumerate(measured.values.index)
        for c, criterion in enumerate(CRITERIA)
    ]
    table = pd.DataFrame(rows, columns=["network", "criterion", "value", "low", "high"])
    return table.assign(worth=measured.worths.ravel())


def _worths(values: np.ndarray) -> np.ndarray:
    return np.stack([criterion.worth(values[:, c]) for c, criterion in enumerate(CRITERIA)], axis=1)


def _wins(worths: np.ndarray) -> np.ndarray:
    """(draws, scenarios, networks) to the share of draws that each network wins; equals share a win."""
    best = np.isclose(worths, worths.max(axis=-1, keepdims=True), rtol=0, atol=1e-12)
    return (best / best.sum(axis=-1, keepdims=True)).mean(axis=0)


def _criteria(rows: pd.DataFrame, costs: pd.Series, owner: np.ndarray, weights: np.ndarray) -> np.ndarray:
    labels, probabilities = labels_and_probabilities(rows)
    scores, positive = decisions.malignant(rows)
    measured = {
        "sensitivity": decisions.sensitivity_at(scores, positive, owner, weights),
        "specificity": decisions.specificity_at(scores, positive, owner, weights),
        "equity": recalls(labels, probabilities, owner, weights).min(axis=1),
        "calibration": calibration.resampled_error(scores, positive, calibration.bins_of(scores), owner, weights),
    } | {name: np.full(len(weights), costs[name], dtype=np.float64) for name in COSTS}
    return np.stack([measured[criterion.name] for criterion in CRITERIA])
