"""Each inconsistency of the four documents is found by its rule, and ours stand beside every printed table."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated import NETWORKS, predictions

from helpers import profile as profiles
from helpers.published import bassi, dahes, valvano, yoshitsugu
from helpers.rereading import FAILS, HOLDS, OPEN, RULES, beside, ours, reread
from helpers.rereading.ranges import Range, computed, exactly, printed, share
from helpers.rereading.yoshitsugu import one_bit_rule


def of_rule(document: str, rule: str) -> pd.DataFrame:
    table = reread(document)
    assert rule in set(table["rule"])
    return table[table["rule"] == rule].reset_index(drop=True)


def failing(document: str, rule: str) -> list[str]:
    table = of_rule(document, rule)
    return table.loc[table["verdict"] == FAILS, "where"].tolist()


@given(st.floats(-100, 100), st.integers(0, 5))
def test_a_printed_number_stands_for_all_that_rounds_to_it(value, decimals):
    assert printed(round(value, decimals), decimals).meets(exactly(value))
    assert not printed(round(value, decimals) + 2 * 10.0**-decimals, decimals).meets(exactly(value))


@given(st.floats(0.1, 1), st.floats(0.1, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_computed_range_holds_every_value_that_rounding_allows(a, b, x, y):
    ranges = printed(a, 1), printed(b, 2)
    inside = [each.low + t * (each.high - each.low) for each, t in zip(ranges, (x, y), strict=True)]
    assert computed(lambda p, q: p * q / (p + q + 1), *ranges).meets(exactly(inside[0] * inside[1] / (sum(inside) + 1)))


def test_ranges_are_written_with_as_many_digits_as_tell_their_ends_apart():
    assert str(printed(0.9867, 4)) == "0.98665 to 0.98675"
    assert str(printed(10_900, -2)) == "10,850 to 10,950"
    assert str(exactly(1148)) == "1,148"
    assert str(Range(0, np.inf)) == "0 or more"
    assert str(share(0.0, 2)) == "0 to 0.0050"


def test_a_training_figures_that_cannot_be():
    for rule in ("training_accuracy", "training_loss"):
        assert failing("A", rule) == ["Table 1, icnt"]
    assert of_rule("A", "training_accuracy").loc[1, "computed"] == "1.00990 to 1.01010"


def test_a_two_tables_print_one_quantity_twice_and_differ():
    assert len(failing("A", "dispersion_of_recall")) == 3
    assert len(failing("A", "mean_f1")) == 3
    assert (of_rule("A", "rounded_reports")["verdict"] == HOLDS).all()
    assert "1.00, 0.98, 0.97" in of_rule("A", "rounded_reports").loc[2, "claim"]


def test_a_normals_are_six_of_each_and_stand_in_the_test():
    normals, each, split = of_rule("A", "normal_copies")["computed"]
    low, high = (float(end.replace(",", "")) for end in normals.split(" to "))
    assert low < 12_200 < high
    assert each == "5.970 to 6.046"
    assert split == "0.999664 to 0.999703"
    stages = of_rule("A", "normals_in_the_test")
    baseline = stages[stages["where"].str.contains("baseline")]["verdict"].tolist()
    assert baseline == [FAILS, HOLDS]


def test_b_the_text_and_the_table_name_two_best_scores():
    row = of_rule("B", "best_f1").iloc[0]
    assert (row["verdict"], row["printed"], row["computed"]) == (FAILS, "0.287", "0.3135 to 0.3145")


def test_b_sums_that_do_not_add_up():
    assert failing("B", "sums_of_table_1") == [
        "Table 1, full",
        "Table 1, training",
        "Table 1, all",
        "Table 1, malignant",
    ]
    row = of_rule("B", "sums_of_table_1").set_index("where").loc["Table 1, malignant"]
    assert (row["computed"], row["printed"]) == ("1,148", "1,158")
    assert bassi.table_1().loc["malignant", "training"] + 10 + 231 == 1158


def test_b_no_row_beats_always_benign():
    verdicts = of_rule("B", "always_benign")["verdict"].value_counts()
    assert verdicts.to_dict() == {FAILS: 6, OPEN: 1}
    assert of_rule("B", "always_benign").loc[0, "computed"].startswith("0.9788")


def test_b_what_is_known_only_afterwards_and_what_is_not_said():
    targets = of_rule("B", "auxiliary_targets")
    assert targets["computed"].tolist() == ["BIRADS, biopsy, invasive", "machine_id, site_id"]
    assert of_rule("B", "patients_across_the_split")["verdict"].tolist() == [OPEN]
    assert of_rule("B", "share_of_cancer")["verdict"].tolist() == [FAILS, HOLDS]
    assert (of_rule("B", "f1_of_each_row")["verdict"] == HOLDS).all()


def test_c_the_f_score_is_no_f1():
    assert (of_rule("C", "f_is_the_harmonic_mean_of_sensitivity_and_specificity")["verdict"] == HOLDS).all()
    assert [where.split(",")[0] for where in failing("C", "f_is_f1")] == ["Table 5", "Table 6", "Table 7", "Table 8"]
    first = of_rule("C", "f_is_f1").set_index("where").loc["Table 5, VinDr, Swin, with ROI separation"]
    low, high = (float(end) for end in first["computed"].split(" to "))
    assert low < 0.70 < high


def test_c_one_bit_does_as_well_on_vindr_and_nothing_elsewhere():
    assert one_bit_rule("vindr").round(2).tolist() == [0.96, 0.85, 0.87]
    checks = of_rule("C", "one_bit")
    on_vindr = checks["where"].str.contains("VinDr")
    assert HOLDS not in set(checks.loc[on_vindr, "verdict"])
    assert set(checks.loc[~on_vindr, "verdict"]) == {HOLDS}


def test_c_sums_and_accuracies_hold_and_the_plain_networks_call_all_benign():
    assert set(of_rule("C", "sums_of_tables")["verdict"]) == {HOLDS}
    assert set(of_rule("C", "accuracy_of_each_row")["verdict"]) == {HOLDS}
    plain = of_rule("C", "always_benign").set_index("where")["verdict"]
    assert plain["Table 5, VinDr, Swin, without ROI separation"] == OPEN


def test_d_accuracy_says_little_while_the_share_of_positives_is_not_printed():
    checks = of_rule("D", "always_background")
    assert checks["verdict"].tolist() == [OPEN, OPEN]
    assert checks["computed"].str.startswith(("0.0177", "0.0252")).all()
    assert of_rule("D", "sum_of_the_split")["verdict"].tolist() == [HOLDS]


@pytest.mark.parametrize(
    ("document", "module", "function", "cell", "value", "rule"),
    [
        ("A", dahes, "table_1", ("iiv3", "overfit_acc"), 0.02, "training_accuracy"),
        ("B", bassi, "table_1", ("benign", "test"), 10_671, "sums_of_table_1"),
        ("B", bassi, "table_3", (("+ ROI crop", "CNN"), "f1"), 0.12, "f1_of_each_row"),
        ("D", valvano, "splits", ("test", "mammograms"), 28, "sum_of_the_split"),
    ],
)
def test_a_rule_reads_the_printed_values(monkeypatch, document, module, function, cell, value, rule):
    before = failing(document, rule)
    table = getattr(module, function)()
    table.loc[cell] = value
    monkeypatch.setattr(module, function, lambda: table.copy())
    assert len(failing(document, rule)) > len(before)


def test_every_rule_gives_checks_with_what_was_computed_printed_and_allowed():
    for document, rules in RULES.items():
        table = reread(document)
        assert set(table["rule"]) == {rule.__name__ for rule in rules}
        assert (table.drop(columns="rule").map(len) > 0).all(axis=None)


@pytest.fixture(scope="module")
def of_a() -> pd.DataFrame:
    rows = [
        (n, p, m, 0.5, 0.4, 0.6) for n in NETWORKS for p in ("patient_grouped", "as_published") for m in dahes.table_1()
    ]
    scores = pd.DataFrame(rows, columns=["network", "protocol", "metric", "value", "low", "high"])
    areas = pd.DataFrame([("icnt", "as_published", "benign", 0.7, 0.6, 0.8)],
                         columns=["network", "protocol", "label", "auc", "low", "high"])  # fmt: skip
    history = pd.DataFrame({"network": "iiv3", "protocol": "as_published", "epoch": [1, 2, 3]})
    exams = pd.DataFrame({"label": ["normal", "normal", "benign"], "copy_of": [None, "x", None]})
    recall = ours.class_recalls(predictions(20), 100, seed=0)
    return ours.of_document_a(scores, areas, recall, history, exams)


def test_every_table_is_printed_as_the_document_prints_it():
    names = {"A": 6, "B": 3, "C": 8, "D": 2}
    for document in beside.DOCUMENTS:
        tables = document.tables()
        assert len(tables) == names[document.DOCUMENT.key]
        for table in tables:
            assert table.texts().shape == table.values.shape
    texts = {table.name: table.texts() for table in dahes.tables()}
    assert texts["Table 1"].loc["icnt", "f1_macro"] == "0.9640"
    assert texts["section 3.3"].loc["iiv3", "benign"] == "1.00"
    assert texts["section 3.4"].loc["icnt", "normal"] == ""
    assert bassi.tables()[1].texts().loc[["age", "implant: no"]].to_numpy().tolist() == [["59", ""], ["", "97.30"]]


def test_ours_stand_under_the_printed_row_by_protocol(of_a):
    table = beside.beside("A", dahes.tables()[1], of_a)
    assert table.index.names == ["model", "source"]
    assert table.loc[("icnt", "published"), "accuracy"] == "0.9646"
    assert table.loc[("icnt", "patient_grouped"), "accuracy"] == "0.500\n[0.40, 0.60]"
    assert table.loc["icnt"].index.tolist() == ["published", "patient_grouped", "as_published"]
    epochs = beside.beside("A", dahes.tables()[5], of_a)
    assert epochs.loc[("iiv3", "as_published"), "epochs"] == "3"
    assert epochs.loc[("icnt", "as_published"), "epochs"] == ""
    pictures = beside.beside("A", dahes.tables()[0], of_a)
    assert pictures.loc[("normal", "all pictures"), "pictures"] == "1"


def test_what_is_not_computed_yet_says_so_and_joins_by_one_row(of_a):
    table = bassi.tables()[2]
    alone = beside.beside("B", table, of_a)
    assert alone.index[-1] == ("ours", beside.MISSING)
    assert len(alone) == len(table.values) + 1
    row = ("B", "Table 3", "+ ROI crop, CNN", "accuracy", "patient_grouped", 0.9, 0.85, 0.95)
    joined = beside.beside("B", table, pd.concat([of_a, pd.DataFrame([row], columns=beside.OURS)]))
    assert joined.loc[("+ ROI crop, CNN", "patient_grouped"), "accuracy"] == "0.900\n[0.85, 0.95]"
    assert beside.MISSING not in joined.index.get_level_values(1)


def test_only_the_same_data_and_weights_may_be_compared(of_a):
    demo, paper = (beside.comparability(profiles.load(name), of_a) for name in ("demo", "paper"))
    assert set(demo["comparable"]) == {"no"}
    assert demo.loc[("A", "Table 1"), "why"].startswith("other pictures: the Kaggle collection there, phantoms here")
    assert "ImageNet weights there" in demo.loc[("A", "Table 1"), "why"]
    assert paper.loc["A", "comparable"].tolist() == ["yes"] * 6
    assert set(paper.loc[["B", "C", "D"], "comparable"]) == {"no"}
    assert paper.loc["C", "why"].str.startswith(beside.MISSING).all()
    random = beside.comparability(profiles.load("paper", "weights=none"), of_a)
    assert random.loc["A", "comparable"].value_counts().to_dict() == {"no": 5, "yes": 1}


def test_accuracies_over_patches_stand_under_those_of_document_d():
    measured = [("49 same", "detector", 0.9), ("49 same", "segmentator", 0.95), ("29 valid", "detector", 0.8)]
    rows = [(*row, row[-1] - 0.01, row[-1] + 0.01) for row in measured]
    shares = pd.DataFrame(rows, columns=["variant", "network", "value", "low", "high"])
    own = ours.of_document_d(shares, "49 same", "patches")
    table = beside.beside("D", valvano.tables()[1], own)
    assert table["accuracy"].tolist() == ["0.9822", "0.900\n[0.89, 0.91]", "0.9747", "0.950\n[0.94, 0.96]"]


def test_recalls_are_counted():
    rows = predictions(20)
    found = ours.class_recalls(rows, 100, seed=0)
    own = rows[(rows["network"] == "icnt") & (rows["protocol"] == "as_published") & (rows["split"] == "test")]
    benign = own[own["label"] == "benign"]
    expected = (benign[["normal", "benign", "malignant"]].idxmax(axis=1) == "benign").mean()
    key = (found["network"] == "icnt") & (found["protocol"] == "as_published") & (found["label"] == "benign")
    assert found.loc[key, "value"].tolist() == pytest.approx([expected])


def test_results_of_c_are_the_four_tables():
    table = yoshitsugu.all_results()
    assert len(table) == 8
    assert table.loc[("cdd_cesm", "ConvNeXtV2", "with ROI separation")].tolist() == [0.74, 0.61, 0.67, 0.68]
