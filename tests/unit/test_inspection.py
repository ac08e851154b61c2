"""Looking into a network gives what its parts give, each once, for the pictures of its test."""

from dataclasses import dataclass

import keras
import numpy as np
import pandas as pd
import pytest

from helpers import networks
from helpers.datasets.exams import LABELS
from helpers.evaluation import grad_cam, latent_space
from helpers.evaluation.cases import calls
from helpers.inspection import explanations
from helpers.inspection.projections import latent_of
from helpers.preparation import Cohort

COUNT = 12


@dataclass
class Stub:
    """A network that needs no files."""

    model: keras.Model
    predictions: pd.DataFrame

    def test(self) -> pd.DataFrame:
        return self.predictions


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    rng = np.random.default_rng(0)
    exams = pd.DataFrame({"image_id": [f"p{i}" for i in range(2 * COUNT)]})
    exams = exams.assign(framed_x=rng.random(2 * COUNT), framed_y=1.0, framed_radius=2.0)
    return Cohort(exams, rng.integers(0, 256, (2 * COUNT, 48, 48), dtype=np.uint8), (), True)


@pytest.fixture(scope="module")
def trained(cohort) -> Stub:
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.dirichlet([1, 1, 1], COUNT).astype("float32"), columns=LABELS)
    table = table.assign(image_id=[f"p{i}" for i in rng.permutation(2 * COUNT)[:COUNT]], label="malignant")
    return Stub(networks.build("baseline_cnn", 48, seed=3), table)


def pictures(cohort, rows) -> np.ndarray:
    return cohort.pictures[[int(name[1:]) for name in rows["image_id"]]]


def test_every_candidate_layer_has_its_components_and_the_chosen_one_its_tsne(trained, cohort):
    space = latent_of(trained, cohort, seed=5)
    layers = networks.latent_layers(trained.model)
    assert list(space.components) == layers and space.layer in layers
    for layer in layers:
        values = latent_space.activations(trained.model, [layer], pictures(cohort, trained.test()))[layer]
        np.testing.assert_allclose(np.abs(space.components[layer]), np.abs(latent_space.pca(values)), atol=1e-4)
        if layer == space.layer:
            assert {dims: points.shape for dims, points in space.tsne.items()} == {2: (COUNT, 2), 3: (COUNT, 3)}
            np.testing.assert_array_equal(space.pca, space.components[layer])
            np.testing.assert_allclose(space.values, values, atol=1e-5)


def test_a_case_has_the_maps_of_its_call_and_of_its_truth(trained, cohort):
    rows = calls(trained.test(), trained.test()["image_id"][::-1])
    layer, cells = explanations.attention_map(trained)
    cases = explanations.explained(trained, cohort, rows)
    for case, (_, row) in zip(cases, rows.iterrows(), strict=True):
        assert (case.image_id, case.called) == (row["image_id"], row["called"])
        assert case.probabilities == tuple(float(row[label]) for label in LABELS)
        assert case.called_map.shape == cells
        for cam, name in ((case.called_map, case.called), (case.true_map, "malignant")):
            one = np.array([LABELS.index(name)])
            np.testing.assert_allclose(
                cam, grad_cam.explain(trained.model, case.picture[None], one, layer)[0], atol=1e-4
            )
    assert {case.called for case in cases} > {"malignant"}


def test_several_networks_explain_the_same_pictures(trained, cohort):
    other = Stub(trained.model, trained.test().rename(columns={"normal": "malignant", "malignant": "normal"}))
    both = explanations.explained_by_all({"one": trained, "other": other}, cohort, 5)
    assert [len(cases) for cases in both.values()] == [5, 5]
    assert [case.image_id for case in both["one"]] == [case.image_id for case in both["other"]]
    assert explanations.explained_by_all({"none": Stub(trained.model, trained.test().head(0))}, cohort, 5) == {
        "none": []
    }
