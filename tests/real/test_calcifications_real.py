"""Chapter 13 on mini-MIAS: circles lie where Info.txt says, films without a place count as films."""

import json
from pathlib import Path

import numpy as np
import pytest

from helpers import profile as profiles
from helpers.calcifications import real as module
from helpers.calcifications.experiment import FILTER, VARIANTS, Played
from helpers.calcifications.inference import Pair
from helpers.datasets import mias
from helpers.networks.patches import detector, segmentator

BESIDE_THE_BREAST = {"mdb212", "mdb214"}
"""Whose circles lie on the film's dark ground."""


@pytest.fixture(scope="module")
def profile() -> profiles.Profile:
    return profiles.load("mias", "weights=none")


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAMMOBOOK_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def read(profile, mini_mias_archive: Path):
    return module.read(profile, str(mini_mias_archive))


def test_all_films_with_calcifications_are_read_and_as_many_normal_ones(read, mini_mias_archive):
    films, kinds = read
    lines = mias.findings(mini_mias_archive).query("abnormality == 'CALC'")
    ill = {film.image_id for film, kind in zip(films, kinds, strict=True) if kind != "normal"}
    assert ill == set(lines["image_id"])
    assert kinds.count("normal") == len(ill)
    placeless = set(lines.loc[lines["radius"].isna(), "image_id"]) | BESIDE_THE_BREAST
    assert {film.image_id for film, kind in zip(films, kinds, strict=True) if kind == "somewhere"} == placeless
    patients = [{film.patient_id for film, kind in zip(films, kinds, strict=True) if (kind == "normal") == normal}
                for normal in (True, False)]  # fmt: skip
    assert not patients[0] & patients[1]


def test_circles_lie_on_the_breast_with_their_areas(read, mini_mias_archive):
    lines = mias.findings(mini_mias_archive).query("abnormality == 'CALC'")
    for film, kind in zip(*read, strict=True):
        own = lines[lines["image_id"] == film.image_id]
        if kind == "circle" and len(own) == 1:
            assert film.hull.sum() == pytest.approx(np.pi * own["radius"].iloc[0] ** 2, rel=0.35, abs=20)
            assert film.breast[film.hull].mean() > 0.8


def test_every_film_gets_candidates_of_both_methods(read, profile, mini_mias_archive, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "read", lambda *_: tuple(part[:3] + part[-2:] for part in read))
    (tmp_path / "settings.json").write_text(json.dumps({"made": "up"}))
    best = VARIANTS[1]
    chosen = {best.name: {"gate": 10.0}, FILTER: {"filter": {"scale": 1.0, "threshold": 4.0, "radius": 24}}}
    played = Played(None, None, None, None, {}, chosen, tmp_path)
    pair = Pair(best, detector(best.patch, best.padding), segmentator(best.patch, best.padding))
    monkeypatch.setattr(Played, "best", lambda _: best)
    monkeypatch.setattr(Played, "pair", lambda *_: pair)
    found = module.on_real_films(played, profile, str(mini_mias_archive))
    assert found.films["kind"].tolist()[-2:] == ["normal", "normal"]
    assert set(found.candidates["method"]) == {best.name, FILTER}
    assert found.candidates.groupby("method")["image_id"].nunique().loc[FILTER] == 5
    assert not found.candidates.loc[
        found.candidates["image_id"].isin(found.films.query("~cluster")["image_id"]), "hit"
    ].any()
    monkeypatch.setattr(module, "_looked", lambda *_: pytest.fail("looked again"))
    module.on_real_films(played, profile, str(mini_mias_archive))
