"""The figures of the chapter on leakage draw what they are given, and print its numbers."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from helpers.datasets.exams import LABELS
from helpers.datasets.signature import NEAR_DUPLICATE
from helpers.figures import leakage, style

PROTOCOLS = ("patient_grouped", "as_published")
LEARNERS = tuple(leakage.LEARNER_NAMES)


@pytest.fixture(scope="module", autouse=True)
def _look() -> None:
    style.use_style()


def words(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def scores() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = [(name, way, "f1_macro", value := rng.uniform(0.2, 0.9), value - 0.1, value + 0.05)
            for name in LEARNERS for way in PROTOCOLS]  # fmt: skip
    return pd.DataFrame(rows, columns=["learner", "protocol", "metric", "value", "low", "high"])


def gaps(by: str = "learner", names=LEARNERS) -> pd.DataFrame:
    rows = [(name, "f1_macro", 0.1 * k, 0.1 * k - 0.2, 0.1 * k + 0.1) for k, name in enumerate(names, start=1)]
    return pd.DataFrame(rows, columns=[by, "metric", "value", "low", "high"])


def marks(axes) -> list[float]:
    return [float(bars.lines[0].get_xdata()[0]) for bars in axes.containers]


def test_scores_and_differences_stand_at_their_values_with_their_numbers():
    figure = leakage.protocols(scores(), gaps(), chance=0.33)
    left, right = figure.axes
    assert marks(left) == pytest.approx(scores()["value"].tolist())
    assert marks(right) == pytest.approx(gaps()["value"].tolist())
    for table in (scores(), gaps()):
        for value, low, high in table[["value", "low", "high"]].to_numpy():
            assert f"{value:.3f}  [{low:.3f}, {high:.3f}]" in words(figure)
    assert [line.get_xdata()[0] for axes in figure.axes for line in axes.lines if len(set(line.get_xdata())) == 1
            and line.get_linestyle() == "--"] == [0.33, 0]  # fmt: skip
    assert [text.get_text() for text in left.get_yticklabels()] == list(leakage.LEARNER_NAMES.values())


def test_a_protocol_is_told_by_its_mark_and_not_by_color_alone():
    looks = [leakage.LOOKS[name] for name in PROTOCOLS]
    assert len({look["marker"] for look in looks}) == len({look["color"] for look in looks}) == 2


def test_rendering_areas_are_drawn_by_class():
    rows = [(f"auc_{label}", way, 0.5 + 0.1 * k, 0.4, 0.9) for k, label in enumerate(LABELS)
            for way in ("as it is", "planted")]  # fmt: skip
    table = pd.DataFrame(rows, columns=["metric", "rendering", "value", "low", "high"])
    added = table.drop_duplicates("metric").drop(columns="rendering").assign(value=0.3)
    left, right = leakage.renderings(table, added).axes
    assert marks(left) == pytest.approx([0.5, 0.5, 0.6, 0.6, 0.7, 0.7])
    assert marks(right) == [0.3, 0.3, 0.3]
    assert [text.get_text() for text in left.get_yticklabels()] == list(LABELS)


def test_histograms_hold_every_test_picture_and_count_the_copies():
    rng = np.random.default_rng(1)
    near = np.concatenate([rng.uniform(0, 0.9 * NEAR_DUPLICATE, 30), rng.uniform(0.05, 0.5, 20)])
    table = pd.concat([pd.DataFrame({"distance": near, "protocol": "as_published"}),
                       pd.DataFrame({"distance": near[30:], "protocol": "patient_grouped"})])  # fmt: skip
    grouped, published = leakage.nearest(table).axes
    assert sum(bar.get_height() for bar in published.patches) == 50
    assert sum(bar.get_height() for bar in grouped.patches) == 20
    assert "copies: 30 of 50" in [text.get_text() for text in published.texts]
    assert "copies: 0 of 20" in [text.get_text() for text in grouped.texts]


def test_pairs_stand_test_above_training():
    pictures = np.random.default_rng(2).integers(0, 256, (2, 2, 3, 16, 16), dtype=np.uint8)
    figure = leakage.pairs({name: tuple(pictures[k]) for k, name in enumerate(PROTOCOLS)})
    shown = [axes.images[0].get_array() for axes in figure.axes]
    np.testing.assert_array_equal(np.stack(shown), pictures.reshape(12, 16, 16))


def test_recalls_are_drawn_over_the_number_of_copies():
    rows = [("copy_only", "as_published", k, 9, 0.3 + 0.2 * k, 0.2, 0.9) for k in (2, 0, 1)]
    rows.append(("copy_only", "patient_grouped", 0, 27, 0.33, 0.3, 0.4))
    table = pd.DataFrame(rows, columns=["learner", "protocol", "copies", "n", "value", "low", "high"])
    (axes,) = leakage.by_copies(table).axes
    lines = {len(bars.lines[0].get_ydata()): bars.lines[0] for bars in axes.containers}
    assert lines[3].get_ydata() == pytest.approx([0.3, 0.5, 0.7])
    assert lines[1].get_ydata() == pytest.approx([0.33])
    assert np.diff(lines[3].get_xdata()) == pytest.approx([1, 1])


def test_thumbnails_show_normal_pictures_alone_and_the_same_below():
    pictures = np.random.default_rng(3).integers(0, 256, (6, 16, 16), dtype=np.uint8)
    labels = ["benign", "normal", "normal", "malignant", "normal", "normal"]
    figure = leakage.thumbnails(pictures, 255 - pictures, labels, count=3)
    shown = np.stack([axes.images[0].get_array() for axes in figure.axes])
    np.testing.assert_array_equal(shown, [*pictures[[1, 2, 4]], *(255 - pictures[[1, 2, 4]])])


def test_audits_are_told_in_counts_and_shares():
    row = {"pictures": 40, "shared_patient": 30, "shared_source": 4, "near_duplicate": 6}
    audit = pd.DataFrame([row | {f"{key}_share": value / 40 for key, value in row.items()}], index=["test"])
    table = leakage.audits({"as_published": audit})
    assert table.iloc[0].tolist() == [40, "30 (75%)", "4 (10%)", "6 (15%)"]


def test_the_table_of_differences_names_its_rows_in_the_books_order():
    table = leakage.gap_table(gaps("network", ("iiv3", "baseline_cnn")), "network", style.NETWORK_NAMES, ["f1_macro"])
    assert table.index.tolist() == ["Baseline CNN", "IIV3"]
    assert table.loc["IIV3", "macro F1"] == "+0.100 [-0.100, +0.200]"
    assert leakage.gap_table(gaps("network", ()), "network", style.NETWORK_NAMES, ["f1_macro"]).empty


def test_every_figure_has_the_width_of_the_text():
    figures = [leakage.protocols(scores(), gaps(), 0.3), leakage.thumbnails(np.zeros((2, 9, 9), np.uint8),
               np.zeros((2, 9, 9), np.uint8), ["normal"] * 2)]  # fmt: skip
    assert all(figure.get_figwidth() == style.WIDTH for figure in figures)
