"""What the chapter's pages show of the experiment: examples, the explorer's films, and comparisons."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from helpers.calcifications.experiment import VARIANTS, Played, played
from helpers.calcifications.films import Film, drawn, listed
from helpers.calcifications.inference import Outlined, outlined
from helpers.calcifications.measuring import LOGITS
from helpers.calcifications.real import Real, on_real_films
from helpers.evaluation.froc import LIMIT, compared
from helpers.evaluation.pixels import LEVELS
from helpers.profile import Profile

__all__ = ["RATES", "clusters", "example", "explored", "played", "real", "same_over_valid", "threshold"]

RATES = np.linspace(0, LIMIT, 81)
"""False positives a picture at which curves are drawn."""
CLUSTERS, CLEAN = 5, 2
"""Films of the explorer with a cluster and without."""


def clusters(played: Played, profile: Profile, count: int = 5) -> tuple[list[Film], list[float]]:
    """Test films with a cluster, of patients from the faintest to the boldest, and the contrast that each keeps."""
    rows = _spread(played, count)
    return _drawn(profile, rows["image_id"]), rows["visible"].tolist()


def _spread(played: Played, count: int) -> pd.DataFrame:
    """Test films with a cluster, one a patient, evenly from the faintest to the boldest."""
    test = played.films[(played.films["split"] == "test") & played.films["cluster"]]
    ordered = test.drop_duplicates("patient_id").sort_values("visible", ignore_index=True)
    return ordered.iloc[np.unique(np.linspace(0, len(ordered) - 1, count).round().astype(int))]


def _drawn(profile: Profile, image_ids: Sequence[str]) -> list[Film]:
    return drawn(listed(profile).set_index("image_id", drop=False).loc[list(image_ids)])


def threshold(played: Played) -> float:
    """The best variant's logit from which a pixel is outlined."""
    low, high = LOGITS
    level = played.chosen[played.best().name]["threshold"]
    # Half a step less: 8 bits round.
    return low + (level - 1.5) * (high - low) / (LEVELS - 2)


def example(played: Played, profile: Profile) -> tuple[Film, Outlined]:
    """A test film with a cluster of middling contrast, and what the best pair says of it."""
    rows = _spread(played, 3)
    (film,) = _drawn(profile, [rows["image_id"].iloc[len(rows) // 2]])
    return film, _said(played, [film])[0]


def _said(played: Played, films: Sequence[Film]) -> list[Outlined]:
    best = played.best()
    pair, gate = played.pair(best), played.chosen[best.name]["gate"]
    return [outlined(pair, film.picture, gate) for film in films]


def explored(played: Played, profile: Profile) -> tuple[list[tuple[Film, np.ndarray]], pd.DataFrame, pd.DataFrame]:
    """What the explorer shows: films with their outlines, the best variant's candidates, and all films of the test."""
    pictures = played.pictures("test")
    chosen = [*_spread(played, CLUSTERS)["image_id"], *pictures.loc[~pictures["cluster"], "image_id"].iloc[:CLEAN]]
    films = _drawn(profile, chosen)
    calls = [said.logits >= threshold(played) for said in _said(played, films)]
    return list(zip(films, calls, strict=True)), played.found("test")[played.best().name], pictures


def same_over_valid(
    found: dict[str, pd.DataFrame], pictures: pd.DataFrame, draws: int, seed: int
) -> dict[int, pd.Series]:
    """What same convolutions add to valid ones in FROC area, by patch size: gain, gain_low and gain_high."""
    gains = {}
    for one, other in pairwise(VARIANTS):
        if one.patch == other.patch:
            both = {each.name: found[each.name] for each in (one, other)}
            gains[one.patch] = (
                compared(both, pictures, other.name, draws=draws, seed=seed).set_index("method").loc[one.name]
            )
    return gains


def real(played: Played, profile: Profile, data: str) -> Real | None:
    """What the best pair and the filter find on mini-MIAS; None where the run has other pictures."""
    return on_real_films(played, profile, data) if profile.data == "mias" else None
