"""Figures and tables of the rereading: what printed numbers imply, and ours beside them."""

from collections.abc import Iterator

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from pandas.io.formats.style import Styler

from helpers import published
from helpers.figures.panels import in_words, network_mark, top_legend
from helpers.figures.style import INK, MUTED, NETWORK_NAMES, PAPER, PROTOCOL_LABELS, WIDTH
from helpers.published import bassi, yoshitsugu
from helpers.rereading import FAILS, HOLDS, OPEN, RULES, reread
from helpers.rereading.beside import DOCUMENTS, beside
from helpers.rereading.dahes import normal_share
from helpers.rereading.yoshitsugu import f1, harmonic_mean, one_bit_rule

BLUE, RED, BROWN = "#0072B2", "#7A0C3A", "#A86400"
VERDICT_COLORS = {HOLDS: "#E3EEF6", FAILS: "#F3DCE4", OPEN: "#F4EBDD"}
"""Pale grounds under the verdicts, which stand there in words."""


def summary() -> pd.DataFrame:
    """How many checks of each rule hold, fail, or are left open.

    Returns:
        DataFrame indexed by document and rule.
    """
    checks = pd.concat({document: reread(document) for document in RULES}, names=["document"]).reset_index("document")
    counts = pd.crosstab([checks["document"], checks["rule"]], checks["verdict"])
    in_order = pd.MultiIndex.from_frame(checks[["document", "rule"]].drop_duplicates())
    table = counts.reindex(index=in_order, columns=[FAILS, HOLDS, OPEN], fill_value=0)
    return table.rename(index=lambda rule: rule.replace("_", " "), level="rule").rename_axis(columns=None)


def checks(document: str, rule: str = "") -> Styler:
    """The checks of a document, each with what was computed, what is printed and what rounding allows.

    Args:
        document: Its letter, "A" to "D".
        rule: One rule only.

    Returns:
        Table, verdicts on colored ground.
    """
    table = reread(document)
    return _with_verdicts(table[table["rule"] == rule] if rule else table, f"checks-{document}-{rule}")


def failures(document: str) -> Styler:
    """The checks of a document that do not hold; as `checks`."""
    table = reread(document)
    return _with_verdicts(table[table["verdict"] != HOLDS], f"failures-{document}")


def _with_verdicts(table: pd.DataFrame, uuid: str) -> Styler:
    styled = table.drop(columns="rule").style.hide(axis="index").set_uuid(uuid)
    return styled.map(lambda verdict: f"background-color: {VERDICT_COLORS[verdict]}; color: {INK}", subset=["verdict"])


def tables_beside_ours(document: str, ours: pd.DataFrame, verdicts: pd.DataFrame) -> Iterator[Styler]:
    """Each printed table of a document with ours under its rows, and whether the two may be compared.

    Args:
        document: Its letter, "A" to "D".
        ours: Columns `helpers.rereading.beside.OURS`.
        verdicts: From `helpers.rereading.beside.comparability`.

    Yields:
        One captioned table for each printed table.
    """
    source = next(each for each in DOCUMENTS if each.DOCUMENT.key == document)
    for number, table in enumerate(source.tables()):
        verdict = verdicts.loc[(document, table.name)]
        words = "Comparable" if verdict["comparable"] == "yes" else "Not comparable"
        texts = beside(document, table, ours).rename(index=NETWORK_NAMES | PROTOCOL_LABELS)
        caption = f"<b>{table.name}: {table.title}.</b> {words}: {verdict['why']}."
        styled = texts.style.set_uuid(f"beside-{document}-{number}").set_caption(caption)
        yield styled.set_table_attributes('class="dataframe scores"')


def one_bit() -> Figure:
    """Sensitivity and specificity of document C's networks beside a rule that looks at no pixel.

    Returns:
        One panel a data set; an arrow leads from without to with ROI separation, the star is the rule.
    """
    figure = Figure(figsize=(WIDTH, 3.75), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 0.35 / 3.75))
    axes = figure.subplots(1, 2, sharey=True)
    for axis, (data, name) in zip(axes, yoshitsugu.DATA_NAMES.items(), strict=True):
        axis.plot([0, 1], [1, 0], color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)), label="guessing")
        _plane(axis, data)
        axis.set(xlim=(-0.05, 1.05), ylim=(-0.05, 1.05), xlabel="specificity", aspect="equal")
        axis.set_title(name, loc="left", fontweight="bold")
    axes[0].set_ylabel("sensitivity")
    _magnified(axes[0], yoshitsugu.VINDR)
    top_legend(figure, _plane_legend())
    what = "Sensitivity against specificity of document C's networks, an arrow from without to with ROI separation."
    return in_words(figure, what, "A star marks the rule that calls malignant what has a mask and looks at no pixel.")


MODEL_MARKS = {"Swin": ("o", BLUE), "ConvNeXtV2": ("s", RED)}
CLOSE = {"xlim": (0.83, 0.90), "ylim": (0.88, 0.98)}
"""Where the rule and both networks lie on VinDr."""


def _plane(axes: Axes, data: str, arrows: bool = True) -> None:
    bit = one_bit_rule(data)
    axes.plot([bit["specificity"]], [bit["sensitivity"]], marker="*", markersize=14, color=BROWN, label="one bit")
    for model, (marker, color) in MODEL_MARKS.items():
        ends = yoshitsugu.results(data, model).loc[["specificity", "sensitivity"]].T.to_numpy()
        if arrows:
            arrow = {"arrowstyle": "->", "color": color, "lw": 1.1, "shrinkA": 5, "shrinkB": 5}
            axes.annotate("", ends[1], ends[0], arrowprops=arrow)
        for end, ground in zip(ends, (PAPER, color), strict=True):
            look = {"marker": marker, "markersize": 6.5, "color": color, "markerfacecolor": ground, "linestyle": "none"}
            axes.plot(*end[:, None], **look)


def _magnified(axes: Axes, data: str) -> None:
    inset = axes.inset_axes((0.14, 0.13, 0.38, 0.52), **CLOSE, xticks=[0.84, 0.86, 0.88], yticks=[0.9, 0.93, 0.96])
    _plane(inset, data, arrows=False)
    inset.tick_params(labelsize=7)
    axes.indicate_inset_zoom(inset, edgecolor=MUTED, linewidth=0.7)


def _plane_legend() -> list[Line2D]:
    dot = {"linestyle": "none", "markersize": 6.5}
    models = [
        Line2D([], [], marker=marker, color=color, label=model, **dot) for model, (marker, color) in MODEL_MARKS.items()
    ]
    hollow = Line2D([], [], marker="o", markerfacecolor=PAPER, color=MUTED, label="without separation", **dot)
    star = Line2D([], [], linestyle="none", marker="*", markersize=11, color=BROWN, label="malignant if a mask exists")
    return [*models, hollow, star]


def f_scores() -> Figure:
    """What document C prints as F-score, beside what its other columns make of it.

    Returns:
        One row a printed column; lines are what rounding allows.
    """
    rows = list(yoshitsugu.all_results().iterrows())
    figure = Figure(figsize=(WIDTH, 0.95 + 0.36 * len(rows)), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 0.35 / figure.get_figheight()))
    axes = figure.subplots()
    for place, ((data, _, _), values) in enumerate(rows):
        for found, shift, color, marker in (
            (harmonic_mean(values), -0.17, BLUE, "o"),
            (f1(data, values), 0.17, RED, "s"),
        ):
            middle = (found.low + found.high) / 2
            reach = {"xerr": (found.high - found.low) / 2, "elinewidth": 1.6}
            axes.errorbar([middle], [place + shift], marker=marker, markersize=5, color=color, zorder=3, **reach)
        axes.plot([values["f_score"]] * 2, [place - 0.38, place + 0.38], color=INK, linewidth=1.8, label="printed")
    names = [f"{yoshitsugu.DATA_NAMES[data]}, {model}, {way.split()[0]}" for (data, model, way), _ in rows]
    _rows(axes, names)
    axes.set(xlabel="F-score", xlim=(-0.02, 1))
    top_legend(figure, [
        Line2D([], [], color=INK, linewidth=1.8, label="printed"),
        Line2D([], [], color=BLUE, marker="o", markersize=5, label="harmonic mean with specificity"),
        Line2D([], [], color=RED, marker="s", markersize=5, label="F1"),
    ])  # fmt: skip
    what = "The F-scores that document C prints, beside two computations of an F-score from its other columns."
    return in_words(figure, what, "Which of the two a printed value lies on tells which was meant.")


def always_benign() -> Figure:
    """Accuracies of document B beside that of calling every picture benign.

    Returns:
        One row a model.
    """
    table, test = bassi.table_3(), bassi.table_1()["test"]
    bar = test["benign"] / test["all"]
    figure = Figure(figsize=(WIDTH, 0.8 + 0.32 * len(table)), layout="constrained")
    axes = figure.subplots()
    axes.axvline(bar, color=RED, linewidth=1.2, linestyle=(0, (4, 3)))
    axes.annotate(f"always benign: {bar:.4f}", (bar, -0.45), (-4, 0), textcoords="offset points", color=RED, ha="right",
                  va="center")  # fmt: skip
    for place, value in enumerate(table["accuracy"]):
        axes.plot([value], [place], marker="o", markersize=6, color=BLUE, linestyle="none")
        axes.annotate(
            f"{value:.3f}", (value, place), (-7, 0), textcoords="offset points", ha="right", va="center", fontsize=8
        )
    _rows(axes, [", ".join(row) for row in table.index], top=-0.85)
    axes.set(xlabel="accuracy on the test", xlim=(0.79, 1))
    below = int((table["accuracy"] < bar).sum())
    what = f"Accuracies of document B beside {bar:.4f}, which calling every picture benign reaches."
    return in_words(figure, what, f"{below} of {len(table)} models lie below it.")


def normals_in_the_test() -> Figure:
    """The share of normals that document A's accuracies and recalls imply, beside the two that it prints.

    Returns:
        One row a network; lines are what rounding allows.
    """
    models = ("baseline_cnn", "iiv3")
    figure = Figure(figsize=(WIDTH, 1.75), layout="constrained")
    axes = figure.subplots()
    for stage, value in published.NORMAL_SHARE.items():
        axes.axvline(value, color=MUTED, linewidth=1.1, linestyle=(0, (4, 3)))
        text = f"{stage} augmentation"
        axes.annotate(text, (value, -0.62), (4, 0), textcoords="offset points", color=MUTED, va="center", fontsize=8.5)
    for place, model in enumerate(models):
        share = normal_share(model)
        reach = {"xerr": (share.high - share.low) / 2, "elinewidth": 2}
        axes.errorbar([(share.low + share.high) / 2], [place], **network_mark(model, **reach))
    _rows(axes, [NETWORK_NAMES[model] for model in models], top=-0.9)
    axes.set(xlabel="share of normals in the test", xlim=(0, 0.6))
    what = "The share of normal pictures in document A's test that its accuracies and recalls imply, for each network."
    return in_words(figure, what, "Dashed lines are the two shares that it prints, before and after augmentation.")


def _rows(axes: Axes, names: list[str], top: float = -0.6) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, top)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
