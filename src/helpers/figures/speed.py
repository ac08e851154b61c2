"""Figures and tables of the page on speed."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator

from helpers.figures.panels import in_words
from helpers.figures.style import INK, MUTED, NETWORK_NAMES
from helpers.speed import Speed

TIME, MEMORY = "#0072B2", "#8F6A00"


def origin(speed: Speed) -> str:
    """What the page on speed was measured on, or that nothing was measured."""
    if not speed.machine:
        return (
            "**Nothing was measured for this copy of the book.** `make bench` measures on the machine it runs on, "
            "in about twenty minutes, and the next `make book` shows it here."
        )
    sentence = f"Measured on {speed.machine}."
    if not speed.small:
        return sentence
    return f"{sentence} **The inputs were the smallest that show that it runs: these figures mean nothing.**"


def growth_in_words(speed: Speed) -> str:
    """How time and memory grew with the number of pictures, or that it was not measured."""
    rows = speed.growth
    if rows.empty:
        return "Growth was not measured."
    last = rows.iloc[-1]
    return (
        f"{last['pictures']:,.0f} pictures pass in {last['store'] + last['loader']:.0f} seconds with at most "
        f"{last['resident']:,.0f} MiB held. Time grows with the number of pictures to the power "
        f"{speed.slope('store'):.2f} in the store and {speed.slope('loader'):.2f} in the loader; 1 is linear."
    )


def ratio_table(speed: Speed) -> pd.DataFrame:
    """Each way beside the plain one: time a unit, ratio, and the spread of the ratio over the rounds.

    Args:
        speed: Measurements.

    Returns:
        DataFrame indexed by lever and way, cells as text.
    """
    rows = speed.ratios.set_index(["lever", "way"])
    return pd.DataFrame(
        {
            "plain, ms": rows["plain_milliseconds"].map(_milliseconds),
            "this way, ms": rows["milliseconds"].map(_milliseconds),
            "times faster": rows["ratio"].map("{:.1f}".format),
            "lowest to highest": [f"{low:.1f} to {high:.1f}" for low, high in rows[["lowest", "highest"]].to_numpy()],
            "rounds": rows["rounds"],
        }
    )


def check_table(speed: Speed) -> pd.DataFrame:
    """What was compared before it was timed, and how far it lay apart.

    Args:
        speed: Measurements.

    Returns:
        DataFrame indexed by lever and what was compared: the largest difference found, and the largest allowed.
    """
    table = speed.checks.set_index(["lever", "what"])
    return table.map("{:.2g}".format)


def throughput_table(speed: Speed) -> pd.DataFrame:
    """Pictures a second of each network and the share of the device's peak.

    Args:
        speed: Measurements.

    Returns:
        DataFrame indexed by network.
    """
    rows = speed.throughput
    return pd.DataFrame(
        {
            "device": rows["device"],
            "pictures a step": rows["batch"],
            "pictures a second": rows["pictures_a_second"].map("{:.1f}".format),
            "share of the peak": rows["share_of_peak"].map("{:.0%}".format),
        }
    ).set_axis(rows["network"].map(NETWORK_NAMES), axis=0)


def growth(speed: Speed) -> Figure | None:
    """Time and memory against the number of pictures.

    Args:
        speed: Measurements.

    Returns:
        Two panels: seconds through store and loader with the straight line of equal cost a picture, and the most
        memory held, beside the size of the store. None where nothing was measured.
    """
    rows = speed.growth
    if rows.empty:
        return None
    # Not pyplot's, which a notebook would show a second time by itself.
    figure = Figure(figsize=(7.2, 3.1), layout="constrained")
    left, right = figure.subplots(1, 2)
    for column, marker in (("store", "o"), ("loader", "s")):
        left.loglog(rows["pictures"], rows[column], color=TIME, marker=marker, linestyle="-", label=column)
        line = rows[column].iloc[-1] * rows["pictures"] / rows["pictures"].iloc[-1]
        left.loglog(rows["pictures"], line, color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
    left.set(xlabel="pictures", ylabel="seconds")
    left.set_title("time; dashed: the same cost for every picture", loc="left")
    right.semilogx(rows["pictures"], rows["resident"], color=MEMORY, marker="o", label="most memory held")
    size = rows["pictures"] * 224 * 224 / 2**20
    right.semilogx(rows["pictures"], size, color=MUTED, linestyle=(0, (4, 3)), label="size of the store")
    right.axhline(2048, color=INK, linewidth=0.8)
    right.annotate("2 GiB", (rows["pictures"].iloc[0], 2048), xytext=(0, 3), textcoords="offset points")
    right.set(xlabel="pictures", ylabel="MiB", ylim=(0, None))
    right.set_title("memory", loc="left")
    for axes in (left, right):
        axes.xaxis.set_major_locator(LogLocator(2))
        axes.set_xticks(rows["pictures"])
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.minorticks_off()
        axes.legend(loc="lower right" if axes is right else "upper left")
    return in_words(figure, "Time and memory against the number of pictures.", growth_in_words(speed))


def _milliseconds(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"
