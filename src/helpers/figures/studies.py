"""Figures and tables of studies: means over folds and seeds, what ablations change, and how fast the engines were."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.figures.panels import empty, in_words, network_mark, present, protocol_columns, top_legend
from helpers.figures.style import MUTED, NETWORK_COLORS, NETWORK_NAMES, metric_title
from helpers.studies.plan import PLAIN
from helpers.studies.results import AREA, METRICS, Results

NOTHING = "There is no cell of a study here yet."
ROW = ["study", "network", "ablation"]
TITLES = {AREA: "AUC of malignant, higher is better"}


def means(summaries: pd.DataFrame, scores: pd.DataFrame, metric: str = METRICS[0]) -> Figure:
    """Every setting's mean over folds and seeds with its 95 % interval, the single trainings behind it.

    Args:
        summaries: Of `helpers.studies.results.summaries`.
        scores: The single trainings, of `Results`.
        metric: A metric of both.

    Returns:
        One row a study, network and ablation, one column a protocol.
    """
    own, single = (table[table["metric"] == metric] for table in (summaries, scores))
    if own.empty:
        return empty(NOTHING)
    told = [
        f"{_name(row)}, {row.protocol.replace('_', '-')}: {row.value:.3f} over {row.trainings} trainings"
        for row in own.head(6).itertuples()
    ]
    figure = _rows(own, single, TITLES.get(metric, metric_title(metric)))
    return in_words(figure, "Means over folds and seeds with their intervals, single trainings as dots.", *told)


def changes(differences: pd.DataFrame, metric: str = METRICS[0]) -> Figure:
    """What each ablation changes against plain, with its 95 % interval.

    Args:
        differences: Of `helpers.studies.results.changes`.
        metric: A metric of it.

    Returns:
        One row a study, network and ablation, one column a protocol; a line at zero.
    """
    own = differences[differences["metric"] == metric]
    if own.empty:
        return empty("There is no study here that changes a setting." if differences.empty else NOTHING)
    figure = _rows(own, own.iloc[:0].assign(fold=0), f"change of {TITLES.get(metric, metric_title(metric))}", zero=True)
    clear = int(((own["low"] > 0) | (own["high"] < 0)).sum())
    return in_words(figure, f"Changes against {PLAIN}: {clear} of {len(own)} intervals leave zero out.")


def _rows(own: pd.DataFrame, single: pd.DataFrame, title: str, zero: bool = False) -> Figure:
    names = own[ROW].drop_duplicates().reset_index(drop=True)
    places = {tuple(name): place for place, name in enumerate(names.to_numpy())}
    figure, axes, protocols = protocol_columns(
        own["protocol"], 1, 0.9 + 0.34 * len(names), top=0.35, sharex=True, sharey=True
    )
    for axis, protocol in zip(axes[0], protocols, strict=True):
        if zero:
            axis.axvline(0, color=MUTED, linewidth=1, zorder=1)
        chosen = [table[table["protocol"] == protocol] for table in (single, own)]
        _dots(axis, chosen[0], places)
        _marks(axis, chosen[1], places)
        _frame(axis, names, title)
    networks = present(own["network"], NETWORK_NAMES)
    handles = [Line2D([], [], **network_mark(name), label=NETWORK_NAMES[name]) for name in networks]
    dot = Line2D([], [], linestyle="none", marker=".", color=MUTED, alpha=0.6, label="one training each")
    top_legend(figure, handles + [dot] * (not single.empty))
    return figure


def _dots(axes: Axes, single: pd.DataFrame, places: dict) -> None:
    for network, rows in single.groupby("network"):
        heights = [places[key] for key in zip(*(rows[column] for column in ROW), strict=True)]
        # Folds side by side in a row, so that a fold that is easier shows as a slant.
        shift = 0.36 * (rows["fold"].to_numpy() / max(1, single["fold"].max()) - 0.5)
        axes.plot(rows["value"], heights + shift, ".", color=NETWORK_COLORS[network], alpha=0.4, markersize=4, zorder=2)


def _marks(axes: Axes, own: pd.DataFrame, places: dict) -> None:
    for row in own.itertuples():
        arms = np.nan_to_num([[row.value - row.low], [row.high - row.value]])
        place = places[row.study, row.network, row.ablation]
        mark = network_mark(row.network, markersize=6, elinewidth=1.4)
        axes.errorbar([row.value], [place], xerr=np.maximum(arms, 0), zorder=3, **mark)


def _frame(axes: Axes, names: pd.DataFrame, title: str) -> None:
    axes.set_yticks(range(len(names)), [_name(row) for row in names.itertuples()])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.locator_params(axis="x", nbins=5)
    axes.set_xlabel(title)


def _name(row: tuple) -> str:
    return f"{row.study}: {NETWORK_NAMES[row.network]}, {row.ablation.replace('_', ' ')}"


def progress_table(results: Results) -> pd.DataFrame:
    """How many cells of each study are in, by network and ablation.

    Args:
        results: What is in.

    Returns:
        DataFrame of texts indexed by study, network and ablation, one column a protocol.
    """
    keys = [*ROW, "protocol"]
    planned = results.planned.groupby(keys, sort=False).size()
    there = results.scores.drop_duplicates(["study", "cell"]).groupby(keys).size().reindex(planned.index, fill_value=0)
    cells = there.astype(str) + " of " + planned.astype(str)
    return cells.unstack("protocol").rename(columns=lambda name: name.replace("_", "-")).fillna("")


def score_table(summaries: pd.DataFrame) -> pd.DataFrame:
    """Every metric of every setting with its interval.

    Args:
        summaries: Of `helpers.studies.results.summaries`.

    Returns:
        DataFrame of texts indexed by study, network, ablation and protocol, one column a metric.
    """
    keys = [*ROW, "protocol"]
    texts = [_interval(*each) for each in summaries[["value", "low", "high"]].to_numpy(float)]
    wide = summaries.assign(text=texts).pivot(index=keys, columns="metric", values="text")
    order = summaries[keys].drop_duplicates().apply(tuple, axis=1)
    columns = [metric for metric in (*METRICS, AREA) if metric in wide]
    return wide.reindex(order)[columns].rename(columns=lambda name: name.replace("_", " ")).rename_axis(columns=None)


def spread_table(summaries: pd.DataFrame, metric: str = METRICS[0]) -> pd.DataFrame:
    """How far the means of single folds, and of single seeds, lie apart.

    Args:
        summaries: Of `helpers.studies.results.summaries`.
        metric: A metric of it.

    Returns:
        DataFrame of texts indexed by study, network, ablation and protocol.
    """
    own = summaries[summaries["metric"] == metric].set_index([*ROW, "protocol"])
    columns = {"over_folds": "std of the folds' means", "over_seeds": "std of the seeds' means"}
    return own[list(columns)].map("{:.3f}".format).rename(columns=columns)


def speed_table(speedups: pd.DataFrame) -> pd.DataFrame:
    """How long the same cells took with one job at a time and with several.

    Args:
        speedups: Of `helpers.studies.results.speedups`.

    Returns:
        DataFrame of texts indexed by engine, study and jobs at once.
    """
    names = {"waited": "no cell ran, s", "times": "times faster", "times_running": "times faster while cells ran"}
    whole, ratio = "{:.0f}".format, "{:.2f}".format
    formats = {"seconds": whole, "waited": whole, "times": ratio, "times_running": ratio}
    shown = speedups.assign(**{column: speedups[column].map(text) for column, text in formats.items()})
    return shown.set_index(["engine", "study", "jobs"])[["cells", *formats]].rename(columns=names)


def _interval(value: float, low: float, high: float) -> str:
    return f"{value:.3f}" if np.isnan(low) else f"{value:.3f}\n[{low:.2f}, {high:.2f}]"
