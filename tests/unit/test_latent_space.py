"""Activations, principal components and t-SNE on networks and tables small enough to check by hand."""

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from helpers.evaluation import latent_space


@pytest.fixture(scope="module")
def model() -> keras.Model:
    keras.utils.set_random_seed(0)
    inputs = keras.Input((12, 12, 1))
    maps = layers.Conv2D(5, 3, activation="relu", name="maps")(layers.Rescaling(1 / 255)(inputs))
    pooled = layers.Dropout(0.5)(layers.GlobalMaxPooling2D(name="pooled")(maps))
    logits = layers.Dense(3, name="logits")(layers.Dense(6, activation="tanh", name="dense")(pooled))
    return keras.Model(inputs, layers.Softmax(name="probabilities")(logits))


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (11, 12, 12), dtype=np.uint8)


@pytest.mark.backends
def test_activations_are_each_layers_output_in_inference(model, pictures):
    found = latent_space.activations(model, ["dense", "maps"], pictures, batch_size=4)
    values = keras.ops.convert_to_tensor(pictures[..., None].astype("float32"))
    maps = model.get_layer("maps")(values / 255)
    dense = model.get_layer("dense")(model.get_layer("pooled")(maps))
    assert list(found) == ["dense", "maps"]
    np.testing.assert_allclose(found["maps"], keras.ops.convert_to_numpy(maps).mean(axis=(1, 2)), atol=1e-5)
    np.testing.assert_allclose(found["dense"], keras.ops.convert_to_numpy(dense), atol=1e-5)
    assert {values.dtype for values in found.values()} == {np.dtype("float32")}


def test_one_layer_or_a_channel_axis_change_nothing(model, pictures):
    both = latent_space.activations(model, ["maps", "dense"], pictures)
    alone = latent_space.activations(model, ["dense"], pictures[..., None])
    np.testing.assert_allclose(alone["dense"], both["dense"], atol=1e-6)


def test_a_reloaded_model_and_a_memory_map_give_the_same(model, pictures, tmp_path):
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "pictures.npy", pictures)
    reloaded = keras.models.load_model(tmp_path / "model.keras")
    mapped = np.load(tmp_path / "pictures.npy", mmap_mode="r")
    for name, values in latent_space.activations(reloaded, ["maps", "logits"], mapped).items():
        np.testing.assert_allclose(values, latent_space.activations(model, [name], pictures)[name], atol=1e-6)


def test_an_unknown_layer_is_named(model, pictures):
    with pytest.raises(ValueError, match="nowhere"):
        latent_space.activations(model, ["nowhere"], pictures)


def test_curves_are_the_eigenvalues_of_the_covariance():
    values = np.random.default_rng(1).normal(size=(60, 14)) * np.arange(1, 15) + 100
    curve = latent_space.pca_curves({"layer": values})
    eigenvalues = np.linalg.eigvalsh(np.cov(values.T))[::-1]
    assert curve["component"].tolist() == list(range(1, 11))
    np.testing.assert_allclose(curve["cumulative"], (eigenvalues.cumsum() / eigenvalues.sum())[:10])


def test_a_wide_layer_has_the_curve_of_its_exact_singular_values():
    rng = np.random.default_rng(2)
    values = (rng.normal(size=(600, 40)) * 0.8 ** np.arange(40)) @ rng.normal(size=(40, 700))
    singular = np.linalg.svd(values - values.mean(axis=0), compute_uv=False)[:10] ** 2
    total = ((values - values.mean(axis=0)) ** 2).sum()
    curve = latent_space.pca_curves({"wide": values})
    np.testing.assert_allclose(curve["cumulative"], singular.cumsum() / total, atol=1e-4)


def test_few_pictures_or_a_dead_layer_have_a_curve_too():
    curves = latent_space.pca_curves({"dead": np.ones((4, 6)), "two": np.eye(2), "one": np.ones((1, 5))})
    assert curves.groupby("layer")["component"].max().to_dict() == {"dead": 4, "two": 2, "one": 1}
    assert (curves.loc[curves["layer"].isin(["dead", "one"]), "cumulative"] == 0).all()


def test_the_layer_is_chosen_by_its_first_three_components():
    shares = {"steep later": [0.3, 0.5, 0.6, 0.99], "best": [0.2, 0.5, 0.7, 0.75], "scores": [0.9, 0.99, 1.0]}
    curves = pd.concat(
        pd.DataFrame({"layer": name, "component": range(1, len(values) + 1), "cumulative": values})
        for name, values in shares.items()
    )
    assert latent_space.chosen_layer(curves) == "best"
    assert latent_space.chosen_layer(curves[curves["layer"] == "scores"]) == "scores"


def test_projections_keep_distances_and_do_not_mirror():
    rng = np.random.default_rng(3)
    flat = rng.normal(size=(40, 3)) @ rng.normal(size=(3, 20))
    spots = latent_space.pca(flat, 3)
    distances = np.linalg.norm(flat[:, None] - flat, axis=2)
    np.testing.assert_allclose(np.linalg.norm(spots[:, None] - spots, axis=2), distances, rtol=1e-4, atol=1e-4)
    order = rng.permutation(40)
    np.testing.assert_allclose(latent_space.pca(flat[order], 3), spots[order], atol=1e-4)


@settings(deadline=None)
@given(st.integers(1, 6), st.integers(1, 4))
def test_projections_exist_for_any_number_of_pictures(count, features):
    values = np.random.default_rng(count).normal(size=(count, features))
    spots = latent_space.pca(values, 3)
    assert spots.shape == (count, 3) and np.isfinite(spots).all()
    assert not spots[:, min(count, features) :].any()


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 12), st.sampled_from([2, 3]), st.booleans())
def test_tsne_exists_for_any_number_of_pictures_even_alike(count, dims, alike):
    values = np.random.default_rng(count).normal(size=(count, 8)) * (not alike)
    spots = latent_space.tsne(values, dims, seed=0)
    assert spots.shape == (count, dims) and np.isfinite(spots).all()


def test_four_pictures_have_no_neighborhoods_and_are_shown_as_principal_components():
    values = np.random.default_rng(5).normal(size=(5, 8))
    np.testing.assert_array_equal(latent_space.tsne(values[:4], seed=0), latent_space.pca(values[:4], 2))
    assert not np.allclose(latent_space.tsne(values, seed=0), latent_space.pca(values, 2))


def test_tsne_keeps_distant_groups_apart_and_repeats_itself():
    rng = np.random.default_rng(4)
    groups = np.repeat([0, 1, 2], 15)
    values = rng.normal(size=(45, 60)) + 20 * rng.normal(size=(3, 60))[groups]
    spots = latent_space.tsne(values, seed=1)
    distances = np.linalg.norm(spots[:, None] - spots, axis=2) + np.diag(np.full(45, np.inf))
    assert (groups[distances.argmin(axis=1)] == groups).all()
    np.testing.assert_array_equal(latent_space.tsne(values, seed=1), spots)
