"""The compare explorer shows the scores that it was given, all their digits, where they belong."""

import json

import numpy as np
import pandas as pd
import pytest

from helpers import published
from helpers.explorers import compare as module
from helpers.figures.radar import BESIDE, SPOKES, turned

NETWORKS = ("baseline_cnn", "icnt", "iiv3")
PROTOCOLS = ("patient_grouped", "as_published")
PRINTED = published.table_1().join(published.table_2())
CENTERS = """(marks) => marks.map((mark) => {
    const { x, y, width, height } = mark.getBBox();
    // A triangle's center is not that of its box.
    return [x + width / 2, y + height * (mark.tagName === "polygon" ? 1.2 / 2.1 : 0.5)];
})"""


@pytest.fixture
def scores() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    rows = [(network, protocol, metric) for network in NETWORKS for protocol in PROTOCOLS for metric in SPOKES]
    table = pd.DataFrame(rows, columns=["network", "protocol", "metric"])
    return table.assign(
        value=rng.uniform(0.2, 0.9, len(table)),
        low=lambda t: t["value"] - rng.uniform(0, 0.2, len(t)),
        high=lambda t: t["value"] + rng.uniform(0, 0.1, len(t)),
    )


def made(scores, printed=PRINTED):
    kept = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "explore", lambda widget, twin, caption: kept.append((widget, twin, caption)))
        module.compare(scores, printed)
    return kept[0]


def cells(page) -> dict[str, list[list[float]]]:
    """{metric: rows of numbers}: a protocol's values with their intervals, network after network."""
    return {
        body.get_attribute("data-metric"): [
            [float(number.get_attribute("value") or "nan") for number in row.locator("data").all()]
            for row in body.locator("tr").all()[1:]
        ]
        for body in page.locator(".compare tbody").all()
    }


def expected(scores, networks, protocols, metrics) -> dict[str, list[list[float]]]:
    found = scores.set_index(["protocol", "metric", "network"])[["value", "low", "high"]]
    return {
        metric: [
            *[np.concatenate([found.loc[protocol, metric, network] for network in networks]) for protocol in protocols],
            PRINTED.loc[list(networks), metric].to_numpy(),
        ]
        for metric in metrics
    }


def assert_same(shown, wanted) -> None:
    assert list(shown) == list(wanted)
    for metric, rows in wanted.items():
        assert [list(row) for row in rows] == shown[metric], metric


def test_the_table_holds_what_was_picked_with_all_digits(opened, scores):
    shown = opened(made(scores)[0])
    assert_same(cells(shown.page), expected(scores, NETWORKS, PROTOCOLS, ("accuracy", "loss", "f1_macro")))
    shown.page.get_by_label("ICNT").uncheck()
    shown.page.get_by_role("checkbox", name="patient-grouped").uncheck()
    shown.page.get_by_role("button", name="equity").click()
    wanted = expected(scores, ("baseline_cnn", "iiv3"), ("as_published",), ("f1_mean", "f1_std", "rec_mean", "rec_std"))
    assert_same(cells(shown.page), wanted)
    assert shown.complaints == []


def test_the_keyboard_alone_picks(opened, scores):
    page = opened(made(scores)[0]).page
    for key in ("Tab", "Space", *["Tab"] * 4, "Space", *["Tab"] * 3, "Enter"):
        page.keyboard.press(key)
    wanted = expected(scores, ("icnt", "iiv3"), ("patient_grouped",), ("overfit_acc", "overfit_f1", "overfit_loss"))
    assert_same(cells(page), wanted)
    assert page.get_by_role("button", name="overfitting").get_attribute("aria-pressed") == "true"
    for key in (*["Tab"] * 2, "Enter", *["Tab"] * 12, "Space"):
        page.keyboard.press(key)
    assert "rec_std" in cells(page) and page.locator("[aria-pressed=true]").count() == 0
    for key in ("Tab", "ArrowUp", "Tab", "ArrowDown"):
        page.keyboard.press(key)
    assert [select.input_value() for select in page.locator("select").all()] == ["recall_std", "overfit_loss"]
    assert "recall over classes against loss, test minus train" in page.locator("svg[role=img]").first.get_attribute(
        "aria-label"
    )


def test_a_scatter_places_values_intervals_and_published_on_one_scale(opened, scores):
    page = opened(made(scores)[0]).page
    page.get_by_label("Scatter, to the right").select_option("recall_min")
    page.get_by_label("Scatter, upward").select_option("overfit_f1")
    table = scores.set_index(["protocol", "network", "metric"])
    for number, protocol in enumerate(PROTOCOLS):
        drawing = page.locator("svg[role=img]").nth(number)
        places = np.vstack([drawing.locator(f".{kind}").evaluate_all(CENTERS) for kind in ("measured", "published")])
        ours = [[table.loc[protocol, name, m]["value"] for m in ("recall_min", "overfit_f1")] for name in NETWORKS]
        values = np.vstack([ours, PRINTED.loc[list(NETWORKS), ["recall_min", "overfit_f1"]]])
        scale = [np.polyfit(values[:, axis], places[:, axis], 1) for axis in (0, 1)]
        assert scale[0][0] > 0 > scale[1][0]
        drawn = np.stack([np.polyval(scale[axis], values[:, axis]) for axis in (0, 1)], axis=1)
        np.testing.assert_allclose(drawn, places, atol=1e-3)
        whisker = drawing.locator("line.interval").first
        ends = [float(whisker.get_attribute(name)) for name in ("x1", "x2")]
        wanted = table.loc[protocol, "baseline_cnn", "recall_min"][["low", "high"]].to_numpy()
        np.testing.assert_allclose(ends, np.polyval(scale[0], wanted), atol=1e-3)
    assert set(page.locator(".published").evaluate_all("(marks) => marks.map((m) => m.getAttribute('fill'))")) == {
        "none"
    }


def test_a_radar_turns_every_metric_outward(opened, scores):
    page = opened(made(scores)[0]).page
    page.get_by_role("button", name="class coverage").click()
    metrics = ("f1_macro", "recall_min", "recall_std")
    drawing = page.locator("svg[role=img]").nth(len(PROTOCOLS))
    corners = np.array(drawing.locator("circle.measured, rect.measured").evaluate_all(CENTERS)).reshape(2, 3, 2)
    rim = drawing.locator("polygon:not([class])").nth(3).get_attribute("points")
    rim = np.array([pair.split(",") for pair in rim.split()], float)
    hub = rim.mean(axis=0)
    table = scores.set_index(["protocol", "network", "metric"])
    for network, place in (("baseline_cnn", -1), ("icnt", 0)):
        for spoke, metric in enumerate(metrics):
            along = (rim[spoke] - hub) / np.linalg.norm(rim[spoke] - hub)
            length, (x, y) = np.linalg.norm(rim[spoke] - hub), corners[place + 1, spoke] - hub
            value = turned(metric, tuple(table.loc["patient_grouped", network, metric][["value", "low", "high"]]))[0]
            assert along @ (x, y) / length == pytest.approx(value, abs=1e-3)
            assert np.array([-along[1], along[0]]) @ (x, y) / length == pytest.approx(BESIDE * place, abs=1e-3)


def test_what_is_not_known_is_said_so_and_not_drawn(opened, scores):
    gap = (scores["network"] == "icnt") & (scores["metric"] == "loss")
    shown = opened(made(scores.assign(value=scores["value"].mask(gap)), PRINTED.drop(index="iiv3"))[0])
    page = shown.page
    assert page.locator("tbody[data-metric=loss] td", has_text="not defined").count() == 3
    assert page.locator("svg[role=img]").first.locator(".measured").count() == 2
    assert page.locator("svg[role=img]").first.locator(".published").count() == 2
    page.get_by_label("Baseline CNN").uncheck()
    page.get_by_label("ICNT").uncheck()
    page.get_by_label("IIV3").uncheck()
    page.get_by_role("checkbox", name="patient-grouped").uncheck()
    assert "0 networks, 1 protocol, 3 metrics" in page.locator("[aria-live]").inner_text()
    assert shown.complaints == []


def test_too_few_metrics_for_a_radar_are_no_error(opened, scores):
    page = opened(made(scores)[0]).page
    page.get_by_text("Metrics one by one").click()
    page.locator("details").get_by_label("macro F1", exact=True).uncheck()
    assert page.locator("svg[role=img]").count() == 2
    assert "A radar needs three metrics" in page.locator("[aria-live]").inner_text()


def test_one_protocol_alone_has_one_panel_of_each_kind(opened, scores):
    page = opened(made(scores[scores["protocol"] == "patient_grouped"])[0]).page
    assert page.locator("svg[role=img]").count() == 2


def test_the_twin_says_what_the_explorer_shows_at_first(scores):
    _, twin, caption = made(scores)
    html = twin.to_html()
    first = scores.query("metric == 'accuracy'").iloc[0]
    assert f"{first['value']:.3f}\n[{first['low']:.2f}, {first['high']:.2f}]" in html
    assert "0.9867" in html and "recall" not in html
    assert caption.endswith("accuracy, loss (cross-entropy), macro F1.")


def test_the_state_is_small_and_holds_no_nan(scores):
    widget, *_ = made(scores.assign(low=np.nan))
    state = {name: getattr(widget, name) for name in ("scores", "published", "metrics")}
    assert len(json.dumps(state, allow_nan=False)) < 40_000


def test_it_redraws_within_50_ms_and_fits_a_phone(opened, scores):
    shown = opened(made(scores)[0], width=390)
    page = shown.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator(".compare .scroll").evaluate("(box) => box.scrollWidth - box.clientWidth") == 0
    assert shown.redraw(".sets button") <= 50
