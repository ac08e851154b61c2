"""The figures draw what they are given, all of it, in one look, and reach for nothing outside."""

import re
from base64 import b64decode
from collections.abc import Iterator
from functools import cache
from itertools import combinations

import cv2
import made_up_results
import numpy as np
import pandas as pd
import plotly.io as pio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from helpers import published
from helpers.datasets.exams import LABELS
from helpers.evaluation import localization as measured
from helpers.evaluation.cases import Case
from helpers.evaluation.effects import LEVEL, effects, single_runs
from helpers.evaluation.sanity import likeness
from helpers.figures import attention, curves, data, latent, localization, modules, panels, radar, scores, style

NETWORKS = ("baseline_cnn", "icnt", "iiv3")
PROTOCOLS = ("patient_grouped", "as_published")
HEADINGS = ["patient-grouped", "as published (leaky)"]

# Linear RGB as seen without one kind of cone, severity 1.0 (Machado, Oliveira and Fernandes 2009, table 1).
SIGHT = {
    "full": np.eye(3),
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]


@pytest.fixture(scope="module", autouse=True)
def _look() -> None:
    style.use_style()


@cache
def _printed() -> pd.DataFrame:
    return published.table_1().join(published.table_2())


@cache
def _scores() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    rows = []
    for shift, protocol in ((0.38, "patient_grouped"), (0.05, "as_published")):
        for network in NETWORKS:
            for metric, value in _printed().loc[network].items():
                worse = shift * rng.uniform(0.75, 1.1)
                value = _worse(metric, value, worse)
                low, high = np.sort(value + rng.uniform(0.02, 0.08, 2) * (-1, 1))
                rows.append((network, protocol, metric, value, low, high))
    return pd.DataFrame(rows, columns=["network", "protocol", "metric", "value", "low", "high"])


def _worse(metric: str, value: float, by: float) -> float:
    if metric in ("loss", "overfit_loss"):
        return value + 2.4 * by
    return value + by * (0.4 if "std" in metric or "overfit" in metric else -1)


def _matrices() -> dict:
    rng = np.random.default_rng(6)
    return {
        (network, protocol): np.stack([rng.multinomial(n, odds) for n, odds in zip((120, 38, 31), mix, strict=True)])
        for network in NETWORKS
        for protocol, mix in zip(PROTOCOLS, (np.eye(3) * 0.4 + 0.2, np.eye(3) * 0.85 + 0.05), strict=True)
    }


@cache
def _roc() -> pd.DataFrame:
    curves = []
    for i, network in enumerate(NETWORKS):
        for protocol in PROTOCOLS:
            for j, label in enumerate(LABELS):
                rates = np.linspace(0, 1, 40)
                power = (0.55, 0.05)[protocol == "as_published"] * (1 + 0.25 * i) / (1 + 0.2 * j)
                curve = pd.DataFrame({"false_positive_rate": rates, "sensitivity": rates**power})
                curves.append(curve.assign(network=network, protocol=protocol, label=label))
    return pd.concat(curves, ignore_index=True)


@cache
def _auc() -> pd.DataFrame:
    areas = (
        _roc()
        .groupby(["network", "protocol", "label"])
        .apply(lambda c: np.trapezoid(c["sensitivity"], c["false_positive_rate"]))
    )
    areas = areas.rename("auc").reset_index()
    return areas.assign(low=areas["auc"] - 0.07, high=np.minimum(areas["auc"] + 0.06, 1))


@cache
def _history() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    tables = []
    for network, count in zip(NETWORKS, (14, 11, 30), strict=True):
        for protocol, gap in zip(PROTOCOLS, (0.9, 0.15), strict=True):
            epoch = np.arange(1, count + 1)
            loss = 1.1 * np.exp(-epoch / 6) + 0.05
            val_loss = loss + gap * (epoch / count) ** 2 + rng.normal(0, 0.05, count) + 0.1
            columns = {"accuracy": np.exp(-loss), "loss": loss, "val_accuracy": np.exp(-val_loss), "val_loss": val_loss}
            tables.append(pd.DataFrame({"network": network, "protocol": protocol, "epoch": epoch, **columns}))
    return pd.concat(tables, ignore_index=True)


@cache
def _curves() -> pd.DataFrame:
    rows = [
        (layer, component, 1 - np.exp(-component / scale))
        for layer, scale in {"conv": 9, "pool": 5, "dense": 2.6, "squeeze": 2.4, "concat": 5.2, "top": 1.4}.items()
        for component in range(1, 11)
    ]
    return pd.DataFrame(rows, columns=["layer", "component", "cumulative"])


def _pictures(count: int = 180) -> tuple[np.ndarray, pd.DataFrame]:
    rng = np.random.default_rng(8)
    label = rng.choice(LABELS, count, p=(0.6, 0.22, 0.18))
    centers = {"normal": (0, 0, 0), "benign": (2.4, 1.2, 0.5), "malignant": (3.2, -0.6, 1.5)}
    points = np.array([centers[name] for name in label]) + rng.normal(0, 0.9, (count, 3))
    called = np.where(rng.random(count) < 0.15, rng.choice(LABELS, count), label)
    ids = [f"mdb{i:03d}" for i in range(count)]
    return points, pd.DataFrame({"image_id": ids, "label": label, "called": called})


def _exams() -> pd.DataFrame:
    rng = np.random.default_rng(9)
    patient = np.repeat([f"p{i:03d}" for i in range(160)], 2)
    side = rng.choice(("train", "validation", "test", "blind"), 160, p=(0.6, 0.15, 0.18, 0.07))
    label = np.repeat(rng.choice(LABELS, 160, p=(0.62, 0.2, 0.18)), 2)
    dealt = rng.permutation(np.repeat(side, 2))
    exams = pd.DataFrame({"patient_id": patient, "label": label})
    return exams.assign(split_patient_grouped=np.repeat(side, 2), split_as_published=dealt)


@cache
def _counts() -> pd.DataFrame:
    rows = [
        (stage, protocol, label, size // (1 if protocol == "as_published" else 2))
        for stage, normals in (("before", 2026), ("after", 12200))
        for protocol in PROTOCOLS
        for label, size in zip(LABELS, (normals, 10900, 13700), strict=True)
    ]
    return pd.DataFrame(rows, columns=["stage", "protocol", "label", "pictures"])


def _case(picture: np.ndarray, called: str, cam: np.ndarray, **more) -> Case:
    return Case(picture, cam, cam[::-1], "malignant", called, 0.913, "mdb023", **more)


def _peak() -> np.ndarray:
    cam = np.zeros((6, 6))
    cam[1, 4] = 3.0
    return cam


def _attention() -> Figure:
    picture = np.full((48, 48), 90, np.uint8)
    return attention.attention_panels(
        [
            _case(picture, "malignant", _peak(), circle=(30, 12, 5)),
            _case(picture, "benign", _peak(), true_probability=0.08),
            _case(picture, "normal", np.zeros((6, 6)), circle=(np.nan,) * 3),
        ]
    )


def _sheet() -> Figure:
    pictures = np.arange(7 * 24 * 24, dtype=np.uint32).reshape(7, 24, 24).astype(np.uint8)
    titles = [f"a picture with a long name, {i}" for i in range(7)]
    return data.contact_sheet(pictures, titles, columns=4, circles=[None, (12, 12, 4), (np.nan,) * 3, *[None] * 4])


@cache
def _effects() -> tuple[pd.DataFrame, pd.DataFrame]:
    runs, draws = made_up_results.grid()
    return effects(runs, draws, seed=1), single_runs(runs)


@cache
def _looks() -> tuple[pd.DataFrame, pd.DataFrame]:
    table = made_up_results.looks()
    return measured.means(table, 200, seed=1), measured.advantages(table, draws=200, seed=1)


@cache
def _likeness() -> pd.DataFrame:
    by = ["network", "step", "part"]
    return likeness(made_up_results.randomized(), by, ["spearman", "ssim"], 200, seed=1)


FIGURES = {
    "class_distribution": lambda: data.class_distribution(_counts()),
    "split_sizes": lambda: data.split_sizes(_exams()),
    "contact_sheet": _sheet,
    "pair_scatters": lambda: scores.pair_scatters(_scores(), _printed()),
    "radars": lambda: scores.radars(_scores(), _printed()),
    "f1_recall": lambda: scores.f1_recall(_scores(), _printed()),
    "intervals": lambda: scores.intervals(_scores(), "f1_macro", _printed(), chance=0.31),
    "dispersion_bars": lambda: scores.dispersion_bars(_scores(), _printed()),
    "confusion_matrices": lambda: scores.confusion_matrices(_matrices()),
    "roc_curves": lambda: curves.roc_curves(_roc(), _auc()),
    "learning_curves": lambda: curves.learning_curves(_history()),
    "pca_curves": lambda: latent.pca_curves(_curves(), "top"),
    "projections_2d": lambda: latent.projections_2d(_pictures()[0], _pictures()[0], _pictures()[1]["label"], "ICNT"),
    "projection_3d_twin": lambda: latent.projection_3d_twin(*_pictures(), "ICNT, three principal components"),
    "attention_panels": _attention,
    "effect_intervals": lambda: modules.effect_intervals(*_effects(), "all"),
    "effect_intervals_pair": lambda: modules.effect_intervals(*_effects(), "pair"),
    "doses": lambda: modules.doses(made_up_results.grid()[0]),
    "planes": lambda: modules.planes(made_up_results.grid_pictures(), made_up_results.grid()[0]),
    "against_blind": lambda: localization.against_blind(_looks()[0], "framed"),
    "against_blind_wide": lambda: localization.against_blind(_looks()[0], "wide"),
    "advantages": lambda: localization.advantages(_looks()[1], "framed"),
    "blind_examples": lambda: localization.blind_examples(made_up_results.examples()),
    "randomization": lambda: localization.randomization(_likeness()),
    "second_opinions": lambda: localization.second_opinions(made_up_results.opinions()),
}
BY_PROTOCOL = [
    "class_distribution",
    "split_sizes",
    "pair_scatters",
    "radars",
    "f1_recall",
    "intervals",
    "dispersion_bars",
    "confusion_matrices",
    "roc_curves",
    "learning_curves",
]


@cache
def _figure(name: str) -> Figure:
    return FIGURES[name]()


@cache
def _labels(name: str) -> list[tuple[str, Bbox]]:
    """What is written in a figure and where: the texts that drawing it reaches, ticks out of view left out."""
    drawn, draw = [], Text.draw
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", lambda self, renderer: (drawn.append(self), draw(self, renderer)))
        _figure(name).draw_without_rendering()
    written = {id(text): text for text in drawn if text.get_visible() and text.get_text().strip()}
    return [(text.get_text(), Text.get_window_extent(text)) for text in written.values()]


def _words(name: str) -> str:
    return "\n".join(text for text, _ in _labels(name))


def _named(axes, name: str) -> list[list[float]]:
    """Points of the marks that carry a name, of lines and of the value marks of error bars."""
    lines = [line for line in axes.lines if line.get_label() == name]
    lines += [bars.lines[0] for bars in axes.containers if bars.get_label() == name and hasattr(bars, "has_xerr")]
    return [list(map(float, point)) for line in lines for point in line.get_xydata()]


def _value(network: str, protocol: str, metric: str, column: str = "value") -> float:
    return _scores().set_index(["network", "protocol", "metric"])[column][network, protocol, metric]


def _of(table: pd.DataFrame, **key: str) -> pd.DataFrame:
    return table[(table[list(key)] == pd.Series(key)).all(axis=1)]


def _lab(color: str, sight: str) -> np.ndarray:
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = np.array(XYZ) @ np.clip(np.array(SIGHT[sight]) @ linear, 0, 1) / (0.9505, 1, 1.089)
    root = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


@pytest.mark.parametrize("colors", [style.CLASS_COLORS, style.NETWORK_COLORS], ids=["classes", "networks"])
@pytest.mark.parametrize("sight", SIGHT)
def test_colors_stay_apart_for_every_eye(colors, sight):
    seen = [_lab(color, sight) for color in colors.values()]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 20


@pytest.mark.parametrize(
    "color", [*style.CLASS_COLORS.values(), *style.NETWORK_COLORS.values(), style.INK, style.MUTED]
)
def test_text_may_wear_any_color(color):
    assert (style.luminance(style.PAPER) + 0.05) / (style.luminance(color) + 0.05) >= 4.5


@given(st.tuples(*[st.floats(0, 1)] * 3))
def test_text_on_any_ground_is_legible(ground):
    light, dark = sorted((style.luminance(ground), style.luminance(style.text_on(ground))), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_marks_differ_too():
    for marks in (style.CLASS_MARKERS, style.NETWORK_MARKERS, latent.SYMBOLS, curves.DASHES):
        assert len(set(marks.values())) == 3


@pytest.mark.parametrize("name", FIGURES)
def test_no_two_labels_overlap_and_none_is_cut(name):
    page = _figure(name).bbox
    for text, box in _labels(name):
        assert min(box.x0, box.y0, page.x1 - box.x1, page.y1 - box.y1) > -1, text
    for (one, a), (other, b) in combinations(_labels(name), 2):
        across, along = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        assert min(across, along) < 1, (one, other)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_as_wide_as_the_text_column(name):
    assert _figure(name).get_figwidth() * 96 == pytest.approx(740, abs=1)
    assert _figure(name).get_facecolor() == (1, 1, 1, 1)


@pytest.mark.parametrize("name", BY_PROTOCOL)
def test_protocols_stand_side_by_side_the_grouped_first(name):
    titles = [axes.get_title(loc="left") for axes in _figure(name).axes]
    assert [title for title in titles if title] == HEADINGS


def test_one_protocol_alone_takes_the_whole_width():
    table = _scores().query("protocol == 'patient_grouped'")
    assert len(scores.intervals(table, "accuracy").axes) == 1


@pytest.mark.parametrize(
    "name",
    ["pair_scatters", "radars", "f1_recall", "intervals", "dispersion_bars", "confusion_matrices", "roc_curves"],
)
def test_every_network_is_named(name):
    words = _words(name)
    assert all(name in words for name in ("Baseline CNN", "ICNT", "IIV3"))


@pytest.mark.parametrize(
    "name", ["class_distribution", "split_sizes", "confusion_matrices", "roc_curves", "projections_2d"]
)
def test_every_class_is_named(name):
    words = _words(name)
    assert all(label in words for label in LABELS)


@pytest.mark.parametrize("column", [0, 1], ids=PROTOCOLS)
@pytest.mark.parametrize("network", NETWORKS)
def test_scatters_draw_values_intervals_and_published(network, column):
    protocol, name = PROTOCOLS[column], style.NETWORK_NAMES[network]
    for row, (x, y) in enumerate(scores.PAIRS):
        axes = _figure("pair_scatters").axes[2 * row + column]
        assert _named(axes, name) == [pytest.approx([_value(network, protocol, x), _value(network, protocol, y)])]
        assert _named(axes, f"{name}, published") == [pytest.approx(list(_printed().loc[network, [x, y]]))]
        across, _ = next(bars for bars in axes.containers if bars.get_label() == name).lines[2]
        ends = [_value(network, protocol, x, end) for end in ("low", "high")]
        assert across.get_segments()[0][:, 0] == pytest.approx(ends)


def test_published_marks_are_hollow_and_ours_are_full():
    for axes in _figure("pair_scatters").axes:
        for line in axes.lines:
            if str(line.get_label()).endswith("published"):
                assert line.get_markerfacecolor() == "none"
        for bars in axes.containers:
            assert bars.lines[0].get_markerfacecolor() in style.NETWORK_COLORS.values()


def test_a_network_wears_one_color_and_one_mark_everywhere():
    for name in ("pair_scatters", "f1_recall", "intervals"):
        for axes in _figure(name).axes:
            for network, label in style.NETWORK_NAMES.items():
                bars = next(bars for bars in axes.containers if bars.get_label() == label)
                assert bars.lines[0].get_color() == style.NETWORK_COLORS[network]
                assert bars.lines[0].get_marker() == style.NETWORK_MARKERS[network]


def test_scores_without_published_values_or_intervals_are_still_drawn():
    table = _scores().assign(low=np.nan, high=np.nan)
    figure = scores.f1_recall(table, _printed().drop(index="icnt").drop(columns="rec_mean"))
    assert len(_named(figure.axes[0], "ICNT")) == 1
    figure.draw_without_rendering()


def test_a_score_that_comes_twice_is_refused():
    with pytest.raises(ValueError, match="one row for icnt, as_published, f1_mean, came 2"):
        scores.f1_recall(pd.concat([_scores(), _scores().query("network == 'icnt' and protocol == 'as_published'")]))


def test_an_unknown_network_is_named():
    with pytest.raises(ValueError, match="resnet"):
        scores.intervals(_scores().replace("icnt", "resnet"), "accuracy")


def test_intervals_print_their_numbers_and_the_chance_line():
    for protocol, axes in zip(PROTOCOLS, _figure("intervals").axes, strict=True):
        assert [line.get_xdata()[0] for line in axes.lines if line.get_label() == "chance"] == [0.31]
        for network in NETWORKS:
            value, low, high = (_value(network, protocol, "f1_macro", end) for end in ("value", "low", "high"))
            assert f"{value:.3f}  [{low:.3f}, {high:.3f}]" in _words("intervals")
            (point,) = _named(axes, style.NETWORK_NAMES[network])
            assert point[0] == pytest.approx(value)


def test_bars_are_means_and_whiskers_dispersions():
    for protocol, axes in zip(PROTOCOLS, _figure("dispersion_bars").axes, strict=True):
        means = [(network, f"{key}_mean") for network in NETWORKS for key in ("f1", "rec")]
        assert [bar.get_height() for bar in axes.patches] == pytest.approx([_value(n, protocol, m) for n, m in means])
        whiskers = [bars.lines[2][0].get_segments()[0] for bars in axes.containers if not hasattr(bars, "patches")]
        spans = [np.ptp(whisker[:, 1]) / 2 for whisker in whiskers]
        ours, printed = spans[::2], spans[1::2]
        assert ours == pytest.approx([_value(n, protocol, m.replace("mean", "std")) for n, m in means])
        assert printed == pytest.approx([_printed().loc[n, m.replace("mean", "std")] for n, m in means])


def test_confusion_cells_hold_counts_and_shares():
    figure = _figure("confusion_matrices")
    keys = [(network, protocol) for network in NETWORKS for protocol in PROTOCOLS]
    for axes, key in zip(figure.axes, keys, strict=True):
        counts = _matrices()[key]
        assert np.asarray(axes.images[0].get_array()) == pytest.approx(counts / counts.sum(axis=1, keepdims=True))
        written = [text.get_text() for text in axes.texts]
        assert written == [f"{n:,}\n{n / counts[i].sum():.1%}" for (i, _), n in np.ndenumerate(counts)]


def test_a_class_without_pictures_and_a_missing_matrix_break_nothing():
    counts = np.array([[3, 1, 0], [0, 0, 0], [1, 0, 4]])
    figure = scores.confusion_matrices({("icnt", "patient_grouped"): counts, ("iiv3", "as_published"): counts})
    assert np.isfinite(figure.axes[0].images[0].get_array()).all()
    assert [len(axes.images) for axes in figure.axes] == [1, 0, 0, 1]


def _radii(points, aside: float) -> list[float]:
    """How far along its spoke each point of a triplet lies; checks how far beside it."""
    radii = []
    for degrees, (x, y) in zip((0, 120, 240), points, strict=True):
        # Spokes turn clockwise from the top, complex numbers the other way from the right.
        turned_up = (x + 1j * y) * np.exp(1j * np.radians(degrees))
        assert turned_up.real == pytest.approx(aside)
        radii.append(turned_up.imag)
    return radii


def _on_its_spoke(metric: str, value: float) -> float:
    gap = abs(value) if "overfit" in metric else value
    if "loss" in metric:
        return np.exp(-gap)
    return 1 - gap if metric in style.LOWER_IS_BETTER else value


@pytest.mark.parametrize("column", [0, 1], ids=PROTOCOLS)
@pytest.mark.parametrize("place", [0, 1, 2], ids=NETWORKS)
def test_radars_turn_every_metric_so_that_outward_is_better(place, column):
    network, protocol, aside = NETWORKS[place], PROTOCOLS[column], radar.BESIDE * (place - 1)
    name = style.NETWORK_NAMES[network]
    for row, triplet in enumerate(radar.TRIPLETS.values()):
        axes = _figure("radars").axes[2 * row + column]
        ours = [_value(network, protocol, metric) for metric in triplet]
        for label, values in ((name, ours), (f"{name}, published", _printed().loc[network, list(triplet)])):
            *corners, closing = _named(axes, label)
            wanted = [_on_its_spoke(*pair) for pair in zip(triplet, values, strict=True)]
            assert _radii(corners, aside) == pytest.approx(wanted) and closing == corners[0]
        lines = [line.get_xydata() for line in axes.lines if line.get_color() == style.NETWORK_COLORS[network]]
        starts, ends = zip(*(line for line in lines if len(line) == 2), strict=True)
        assert _radii(starts, aside) == pytest.approx([_reached(network, protocol, m).min() for m in triplet], abs=1e-3)
        assert _radii(ends, aside) == pytest.approx([_reached(network, protocol, m).max() for m in triplet], abs=1e-3)


def _reached(network: str, protocol: str, metric: str) -> np.ndarray:
    """All that a spoke shows of an interval, tried out point by point."""
    low, high = (_value(network, protocol, metric, end) for end in ("low", "high"))
    return np.array([_on_its_spoke(metric, value) for value in np.linspace(low, high, 1001)])


def test_radars_tell_published_from_measured_and_name_their_spokes():
    for axes, triplet in zip(_figure("radars").axes[::2], radar.TRIPLETS.values(), strict=True):
        assert {radar.SPOKES[metric][0] for metric in triplet} <= {text.get_text() for text in axes.texts}
        for line in axes.lines:
            if str(line.get_label()).endswith("published"):
                assert line.get_markerfacecolor() == "none" and line.get_linestyle() != "-"
    words = _words("radars")
    assert all(name in words for name in (*radar.TRIPLETS, "95 % interval", "published value"))
    assert "published value" not in "".join(t.get_text() for t in scores.radars(_scores()).legends[0].get_texts())


def test_a_radar_leaves_out_what_is_not_known():
    table = _scores().query("network == 'icnt' and metric != 'loss'").assign(low=np.nan, high=np.nan)
    figure = scores.radars(table, _printed().drop(index="icnt"))
    figure.draw_without_rendering()
    (line,) = (line for line in figure.axes[0].lines if line.get_label() == "ICNT")
    assert np.isnan(line.get_xydata()).any(axis=1).tolist() == [False, True, False, False]
    assert not [line for line in figure.axes[0].lines if line.get_label() == "ICNT, published"]


@given(st.floats(-0.9, 0.9), st.floats(0, 0.5), st.floats(0, 0.5))
def test_a_gap_is_at_its_best_where_its_interval_comes_nearest_to_zero(value, below, above):
    low, high = value - below, value + above
    nearest = 0 if low <= 0 <= high else min(abs(low), abs(high))
    wanted = (1 - abs(value), 1 - max(abs(low), abs(high)), 1 - nearest)
    assert radar.turned("overfit_acc", (value, low, high)) == wanted


@pytest.mark.parametrize("metric", scores.SPOKES)
def test_a_spoke_is_at_its_best_at_one(metric):
    _, turned = scores.SPOKES[metric]
    best, worse = (0.0, 0.3) if metric in style.LOWER_IS_BETTER else (1.0, 0.7)
    assert turned(best) == 1 > turned(worse)


def test_roc_panels_hold_the_curves_and_their_areas():
    places = [(label, protocol) for label in LABELS for protocol in PROTOCOLS]
    for axes, (label, protocol) in zip(_figure("roc_curves").axes, places, strict=True):
        for network in NETWORKS:
            key = {"network": network, "protocol": protocol, "label": label}
            curve, area = _of(_roc(), **key), _of(_auc(), **key).iloc[0]
            points = np.array(_named(axes, style.NETWORK_NAMES[network]))
            assert points == pytest.approx(curve[["false_positive_rate", "sensitivity"]].to_numpy())
            written = f"{style.NETWORK_NAMES[network]}  {area['auc']:.3f} [{area['low']:.3f}, {area['high']:.3f}]"
            assert written in [text.get_text() for text in axes.texts]


def test_without_a_table_the_area_is_that_of_the_curve():
    figure = curves.roc_curves(_roc().query("label == 'benign'"))
    (network, area), *_ = [(row.network, row.auc) for row in _auc().query("label == 'benign'").itertuples()]
    assert any(f"{style.NETWORK_NAMES[network]}  {area:.3f}" == text.get_text() for text in figure.axes[1].texts)


def test_learning_curves_mark_the_epoch_that_was_kept():
    figure = _figure("learning_curves")
    rows = [(network, metric) for network in NETWORKS for metric in ("accuracy", "loss")]
    wanted = [(*row, protocol) for row in rows for protocol in PROTOCOLS]
    for axes, (network, metric, protocol) in zip(figure.axes, wanted, strict=True):
        own = _of(_history(), network=network, protocol=protocol)
        assert _named(axes, "training") == own[["epoch", metric]].to_numpy().tolist()
        assert _named(axes, "validation") == own[["epoch", f"val_{metric}"]].to_numpy().tolist()
        best = own.sort_values("val_loss").iloc[0]
        assert _named(axes, "kept") == [[best["epoch"], best[f"val_{metric}"]]]


def test_one_network_of_one_epoch_is_a_learning_curve_too():
    history = _history().query("network == 'icnt' and epoch == 1").drop(columns="network")
    figure = curves.learning_curves(history)
    assert len(figure.axes) == 4
    (line,) = (line for line in figure.axes[0].lines if line.get_label() == "validation")
    assert line.get_marker() == "."


def test_class_bars_are_shares_with_their_counts():
    for protocol, axes in zip(PROTOCOLS, _figure("class_distribution").axes, strict=True):
        counts = _of(_counts(), protocol=protocol).set_index(["stage", "label"])["pictures"]
        wanted = [100 * counts[stage, label] / counts[stage].sum() for label in LABELS for stage in data.STAGES]
        assert [bar.get_width() for bar in axes.patches] == pytest.approx(wanted)
        assert f"{counts['before', 'normal']:,}  (7.6 %)" in [text.get_text() for text in axes.texts]


def test_split_bars_count_pictures_and_patients():
    exams = _exams()
    for protocol, axes in zip(PROTOCOLS, _figure("split_sizes").axes, strict=True):
        sizes = exams.groupby([f"split_{protocol}", "label"]).size()
        wanted = [sizes.get((split, label), 0) for split in data.SPLITS for label in LABELS]
        assert [bar.get_width() for bar in axes.patches] == wanted
        people = exams.groupby(f"split_{protocol}")["patient_id"].nunique()
        ticks = [text.get_text() for text in axes.get_yticklabels()]
        assert ticks == [f"{split}\n{people[split]} patients" for split in data.SPLITS]


def test_pictures_outside_a_protocol_are_not_counted():
    exams = _exams()
    exams.loc[exams["patient_id"] == "p000", "split_as_published"] = None
    grouped, published_ = data.split_sizes(exams).axes
    assert sum(bar.get_width() for bar in grouped.patches) == 320
    assert sum(bar.get_width() for bar in published_.patches) == 318


def test_a_sheet_shows_each_picture_and_outlines_only_known_lesions():
    axes = _figure("contact_sheet").axes
    assert [len(each.images) for each in axes] == [1] * 7 + [0]
    assert [len(each.patches) for each in axes] == [0, 1, *[0] * 6]
    assert axes[1].patches[0].center == (12, 12) and axes[1].patches[0].radius == 4
    assert axes[3].images[0].get_array()[5, 7] == (3 * 24 * 24 + 5 * 24 + 7) % 256


def test_a_sheet_needs_a_title_for_each_picture():
    with pytest.raises(ValueError, match="2 pictures, 1 titles"):
        data.contact_sheet(np.zeros((2, 8, 8), np.uint8), ["one"])


@pytest.mark.parametrize("figure", [data.contact_sheet([], []), attention.attention_panels([])], ids=["sheet", "cases"])
def test_nothing_to_show_is_said_in_a_sentence(figure):
    assert [text.get_text()[:5] for axes in figure.axes for text in axes.texts] == ["There"]


def test_an_empty_map_leaves_the_bare_picture():
    picture = np.random.default_rng(1).integers(0, 256, (40, 30), dtype=np.uint8)
    assert (attention.overlay(picture, np.zeros((5, 5))) == picture[..., None]).all()


@settings(max_examples=25, deadline=None)
@given(st.floats(1e-3, 1e3), st.integers(0, 4), st.integers(0, 4))
def test_an_overlay_shows_where_and_not_how_much(scale, row, column):
    cam = np.zeros((5, 5))
    cam[row, column] = 1
    picture = np.full((50, 50), 100, np.uint8)
    laid = attention.overlay(picture, scale * cam)
    assert np.abs(laid.astype(int) - attention.overlay(picture, cam)).max() <= 1
    changed = np.abs(laid.astype(int) - 100).sum(axis=2)
    assert changed[10 * row + 5, 10 * column + 5] > 0.5 * changed.max() > 0
    assert changed[(10 * row + 30) % 50, (10 * column + 30) % 50] == 0


def test_attention_rows_show_picture_call_and_truth():
    rows = np.reshape(_figure("attention_panels").axes[:12], (3, 4))
    words = [["\n".join(text.get_text() for text in axes.texts) for axes in row] for row in rows]
    assert "true: malignant" in words[1][0] and "called: benign" in words[1][0]
    assert "0.913" in words[1][0] and "malignant: 0.080" in words[1][0]
    assert [len(axes.images) for axes in rows[0]] == [0, 1, 1, 0] and "same map" in words[0][3]
    assert [len(axes.images) for axes in rows[1]] == [0, 1, 1, 1]
    call, truth = (rows[1][i].images[0].get_array() for i in (2, 3))
    assert (call == attention.overlay(np.full((48, 48), 90, np.uint8), _peak())).all() and (call != truth).any()
    assert "no positive evidence\nfor normal" in words[2][2] and "no positive evidence" not in words[1][2]
    assert [len(axes.patches) for axes in rows[:, 1]] == [1, 0, 0]


def test_effects_are_drawn_where_they_are_and_full_where_they_survive():
    table, singles = _effects()
    figure = _figure("effect_intervals")
    panel = next(axes for axes in figure.axes if axes.get_title(loc="left") == "Fisher ratio")
    own = table[(table["scope"] == "all") & (table["measure"] == "fisher")]
    marks = [bars.lines[0] for bars in panel.containers]
    assert sorted(mark.get_xdata()[0] for mark in marks) == pytest.approx(sorted(own["value"]))
    full = [mark.get_xdata()[0] for mark in marks if mark.get_markerfacecolor() != style.PAPER]
    assert sorted(full) == pytest.approx(sorted(own.loc[own["p_holm"] < LEVEL, "value"]))
    dots = [x for line in panel.lines if line.get_marker() == "." for x in line.get_xdata()]
    assert len(dots) == len(singles[(singles["scope"] == "all") & (singles["measure"] == "fisher")])


def test_better_is_to_the_right_in_every_panel_of_effects():
    for axes in _figure("effect_intervals").axes:
        left, right = axes.get_xlim()
        assert (left > right) == (axes.get_title(loc="left") == "Davies-Bouldin")


def test_tables_of_effects_star_what_survives_and_list_nothing_else():
    table, _ = _effects()
    html = modules.effect_table(table, "all").to_html()
    assert html.count(" *") == (table[table["scope"] == "all"]["p_holm"] < LEVEL).sum() == 12
    listed = modules.survivors(table)
    assert set(listed["what"]) == {"center loss"} and set(listed["is"]) == {"better"}
    assert len(listed) == (table["p_holm"] < LEVEL).sum()
    assert modules.survivors(table[table["effect"] == "gagm"]).empty
    assert set(listed["p, corrected"]) <= {"< 0.001", *(f"{value:.3f}" for value in table["p_holm"])}


def test_blind_maps_stand_below_grad_cam_with_their_values():
    means, _ = _looks()
    panel = _figure("against_blind").axes[0]
    names = [text.get_text() for text in panel.get_yticklabels()]
    assert names[:3] == ["Grad-CAM, hits", "Grad-CAM, errors", "Grad-CAM, truth, errors"]
    own = means[(means["field"] == "framed") & (means["measure"] == "pointing") & (means["map"] == "edges")]
    expected = own[(own["network"] == "baseline_cnn") & (own["outcome"] == "all")]["value"].item()
    place = names.index("edges")
    drawn = [bars.lines[0].get_xdata()[0] for bars in panel.containers if bars.lines[0].get_ydata()[0] == place]
    assert drawn == pytest.approx([expected])


def test_without_a_lesion_the_figures_of_attention_say_so():
    none, no_gain = (each.head(0) for each in _looks())
    figures = [
        localization.against_blind(none, "framed"),
        localization.advantages(no_gain, "wide"),
        localization.blind_examples({}),
        localization.randomization(_likeness().head(0)),
        localization.second_opinions([]),
    ]
    assert {figure.axes[0].texts[0].get_text() for figure in figures} == {localization.NOTHING}


def test_without_wide_windows_it_is_not_said_that_no_lesion_is_known():
    framed, gains = (each[each["field"] == "framed"] for each in _looks())
    figures = [localization.against_blind(framed, "wide"), localization.advantages(gains, "wide")]
    assert {figure.axes[0].texts[0].get_text() for figure in figures} == {localization.NO_WINDOW}


def test_the_chosen_layer_is_bold_and_its_first_three_components_are_told():
    axes = _figure("pca_curves").axes[0]
    widths = {line.get_label(): line.get_linewidth() for line in axes.lines}
    assert max(widths, key=widths.get) == "top"
    share = _curves().query("layer == 'top' and component == 3")["cumulative"].item()
    assert f"first 3: {100 * share:.0f} %" in _words("pca_curves")
    for layer, own in _curves().groupby("layer"):
        assert _named(axes, layer) == own[["component", "cumulative"]].to_numpy().tolist()


def test_many_layers_with_equal_ends_keep_their_labels_apart():
    table = pd.concat([_curves().query("layer == 'top'").assign(layer=f"layer_{i}") for i in range(12)])
    figure = latent.pca_curves(table, "layer_0")
    places = np.sort([text.xyann[1] for text in figure.axes[0].texts if text.get_text().startswith("layer")])
    assert np.diff(places).min() > 0.06 and places[-1] <= figure.axes[0].get_ylim()[1]


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=20), st.floats(0.01, 10))
def test_labels_move_apart_and_keep_their_order(wanted, gap):
    placed = panels.spread(wanted, gap)
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(placed[order]) >= gap - 1e-6).all()
    if len(wanted) > 1 and np.diff(np.sort(wanted)).min() >= gap:
        assert placed == pytest.approx(wanted)


def test_projections_draw_each_picture_in_its_class_and_ring_the_errors():
    points, pictures = _pictures()
    figure = latent.projections_2d(points, points[:, 1:], pictures["label"], "ICNT", pictures["called"])
    for axes, wanted in zip(figure.axes, (points[:, :2], points[:, 1:]), strict=True):
        clouds = {cloud.get_label(): cloud for cloud in axes.collections}
        for label in LABELS:
            assert np.asarray(clouds[label].get_offsets()) == pytest.approx(wanted[pictures["label"] == label])
            assert clouds[label].get_facecolor()[0][:3] == pytest.approx(to_rgb(style.CLASS_COLORS[label]))
        wrong = pictures["label"] != pictures["called"]
        assert np.asarray(clouds["called wrongly"].get_offsets()) == pytest.approx(wanted[wrong])
    assert len(latent.projection(points, pictures["label"]).axes[0].collections) == 3


def test_the_3d_projection_tells_each_picture_and_rings_the_errors():
    points, pictures = _pictures()
    *classes, wrong = latent.projection_3d(points, pictures, "ICNT").data
    assert [trace.name.split()[0] for trace in classes] == list(LABELS)
    assert [trace.marker.color for trace in classes] == list(style.CLASS_COLORS.values())
    for trace, label in zip(classes, LABELS, strict=True):
        rows = pictures["label"] == label
        assert np.stack([trace.x, trace.y, trace.z], axis=1) == pytest.approx(points[rows], abs=1e-6)
        assert trace.customdata.tolist() == pictures.loc[rows, ["image_id", "called"]].to_numpy().tolist()
        assert f"true: {label}<br>" in trace.hovertemplate
    errors = points[pictures["label"] != pictures["called"]]
    assert np.stack([wrong.x, wrong.y, wrong.z], axis=1) == pytest.approx(errors, abs=1e-6)
    assert wrong.marker.symbol == "circle-open"


def test_the_static_twin_draws_the_same_points_marks_and_rings():
    points, pictures = _pictures()
    *classes, wrong = latent.projection_3d_twin(points, pictures, "ICNT").axes[0].collections
    for cloud, label in zip(classes, LABELS, strict=True):
        assert np.transpose(cloud._offsets3d) == pytest.approx(points[pictures["label"] == label])
        assert cloud.get_facecolor()[0][:3] == pytest.approx(to_rgb(style.CLASS_COLORS[label]))
    assert np.transpose(wrong._offsets3d) == pytest.approx(points[pictures["label"] != pictures["called"]])


def test_without_a_call_the_highest_probability_is_it():
    points, pictures = _pictures(9)
    chances = pd.DataFrame(np.eye(3)[[LABELS.index(name) for name in pictures["called"]]], columns=LABELS)
    table = pictures.drop(columns="called").join(chances)
    one, other = latent.projection_3d(points, pictures), latent.projection_3d(points, table)
    assert one == other


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def test_plotly_figures_reach_for_nothing_outside():
    bundle = pio.renderers["book"].to_mimebundle(latent.projection_3d(*_pictures(), "t").to_dict())
    assert set(bundle) == {"application/vnd.plotly.v1+json", "text/html"}
    html, live = bundle["text/html"], bundle["application/vnd.plotly.v1+json"]
    assert "Plotly.newPlot" in html and "<script src" not in html
    for word in ("cdn", "http:", "https:", "//", "Share", "MathJax", "plotly.com"):
        assert word not in html, word
    assert '"showSendToCloud": false' in html
    assert live["config"] == {"showSendToCloud": False, "displaylogo": False, "responsive": True}
    assert live["layout"]["template"]["layout"]["paper_bgcolor"] == style.PAPER


def test_two_figures_on_a_page_have_two_ids_and_none_is_random():
    figure = latent.projection_3d(*_pictures(), "t").to_dict()
    one, other = (pio.renderers["book"].to_mimebundle(figure)["text/html"] for _ in range(2))
    ids = [html.split('id="')[1].split('"')[0] for html in (one, other)]
    assert ids[0] != ids[1] and all(name.rsplit("-", 1)[0] == "plotly-figure" for name in ids)
    assert one.replace(ids[0], "") == other.replace(ids[1], "")


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_says_in_words_what_it_shows(name):
    words = _figure(name).get_label()
    assert 60 < len(words) < 900
    assert words.endswith(".") and not re.search(r"\b(nan|None)\b", words)


def test_the_words_of_a_figure_are_read_from_its_data():
    told = {name: _figure(name).get_label() for name in FIGURES}
    exams = _exams()
    trained = exams.loc[exams["split_patient_grouped"] == "train", "patient_id"]
    assert f"train {len(trained)} pictures of {trained.nunique()} patients" in told["split_sizes"]
    matrix = _matrices()["icnt", "patient_grouped"]
    assert f"ICNT calls {matrix.trace()} of {matrix.sum()} pictures rightly" in told["confusion_matrices"]
    best = _of(_scores(), protocol="as_published", metric="loss").set_index("network")["value"]
    words = f"best loss (cross-entropy) {best.min():.2f}, {style.NETWORK_NAMES[best.idxmin()]}"
    assert words in told["pair_scatters"].split("as published")[1]
    assert "outside the outlined lesion" in told["attention_panels"]
    assert "strongest evidence at the top, right" in told["attention_panels"]
    assert "no positive evidence" in told["attention_panels"]


def test_the_nearest_point_counts_as_a_loop_counts():
    points, pictures = _pictures(40)
    labels, plane = pictures["label"].to_numpy(), points[:, :2]
    away = np.linalg.norm(plane[:, None] - plane, axis=2) + np.diag(np.full(40, np.inf))
    share = np.mean([labels[row.argmin()] == label for row, label in zip(away, labels, strict=True)])
    assert f"{share:.0%} by t-SNE" in latent.projections_2d(points, plane, labels, "ICNT").get_label()


def test_in_a_kernel_a_figure_is_one_png_at_column_width_with_its_words(shell):
    style.use_style()
    bundle, about = shell.display_formatter.format(scores.f1_recall(_scores()))
    png = b64decode(bundle["image/png"])
    assert int.from_bytes(png[16:20], "big") == round(style.WIDTH * style.DPI)
    assert about["image/png"] == {"alt": scores.f1_recall(_scores()).get_label()}


def test_in_a_kernel_a_figure_full_of_pictures_is_one_jpeg_with_its_words(shell):
    style.use_style()
    bundle, about = shell.display_formatter.format(_attention())
    assert set(bundle) == {"text/plain", "image/jpeg"}
    height, width, _ = cv2.imdecode(np.frombuffer(b64decode(bundle["image/jpeg"]), np.uint8), cv2.IMREAD_COLOR).shape
    assert width == round(style.WIDTH * style.PICTURE_DPI) and height > 0
    assert about["image/jpeg"] == {"alt": _attention().get_label()}
