"""The published figures as typed, and what recomputing shows."""

import numpy as np
import pytest

from helpers import published


def test_tables_hold_every_published_key_once():
    keys = [*published.table_1(), *published.table_2()]
    assert len(keys) == len(set(keys)) == 12
    assert published.table_1().loc["iiv3", ["accuracy", "recall_std"]].tolist() == [0.9867, 0.0102]


def test_tables_agree_with_the_text_where_both_speak():
    least = published.recalls().min(axis=1)
    for model in ("icnt", "iiv3"):
        assert least[model] == pytest.approx(published.table_1().loc[model, "recall_min"], abs=0.0006)
    normal_share = published.counts()["normal"] / published.counts().sum()
    assert normal_share == pytest.approx(published.NORMAL_SHARE["before"], abs=0.0005)


def test_a_reader_cannot_change_what_was_published():
    table = published.table_1()
    table.loc["iiv3", "accuracy"] = 0
    assert published.table_1().loc["iiv3", "accuracy"] == 0.9867
    with pytest.raises(TypeError):
        published.SETTINGS["learning_rate"] = 1


def test_only_icnt_implies_training_figures_that_cannot_be():
    implied = published.implied_training()
    assert implied.index[~implied["possible"]].tolist() == ["icnt"]
    assert implied.loc["icnt", ["accuracy", "loss"]].tolist() == pytest.approx([1.0100, -0.0173])


def test_table_2_comes_from_one_triple_of_rounded_recalls_a_model():
    triples = published.rounded_recalls()
    assert triples.index.tolist() == list(published.MODELS)
    for model, triple in triples.iterrows():
        deviation = np.sqrt(((triple - triple.mean()) ** 2).sum() / 3)
        expected = published.table_2().loc[model]
        assert [triple.mean(), deviation] == pytest.approx(expected[["rec_mean", "rec_std"]].tolist(), abs=1e-6)
        assert round(deviation, 4) != published.table_1().loc[model, "recall_std"]


def test_normal_pictures_became_six_of_each():
    normals, copies = published.augmented_normals()
    assert normals / (normals + 10900 + 13700) == pytest.approx(0.331)
    assert copies == pytest.approx(6, abs=0.05)
