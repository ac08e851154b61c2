"""What the ladder's predictions amount to: scores, what each rung adds, what each head is worth, the worst misses."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.evaluation import screening
from helpers.ladder.climb import LOOKED_INTO, NO_NETWORK, Climbed
from helpers.ladder.rungs import ZEROS
from helpers.ladder.targets import as_words
from helpers.networks.screening import NAMES
from helpers.published.bassi import AUXILIARY_TARGETS

OUT_OF_FOLD, TEST = "out_of_fold", "test"
SIDES = (OUT_OF_FOLD, TEST)


@dataclass(frozen=True)
class Results:
    """The ladder in numbers, all on the same draws of patients.

    Attributes:
        scores: network, rung, side, unit, metric, value, low, high and n; the rungs zero stand at each network's foot.
        gains: The same for what each rung adds to the one below, `against`.
        left_out: left_out, unit, metric, value, low and high: what leaving a target's head out changes, out of fold.
    """

    scores: pd.DataFrame
    gains: pd.DataFrame
    left_out: pd.DataFrame


def ladder_of(climbed: Climbed) -> list[str]:
    """The names of all rungs from the ground up, the rungs zero among them."""
    return [*ZEROS, *(rung.name for rung in climbed.rungs)]


def results(climbed: Climbed, draws: int = 2000, *, seed: int) -> Results:
    """Scores the ladder.

    Args:
        climbed: The climbed ladder.
        draws: Number of bootstrap draws.
        seed: Seed of the draws.

    Returns:
        The `Results`.
    """
    said = climbed.predictions
    grounded = [said[said["network"].isin([name, NO_NETWORK])].assign(network=name) for name in NAMES]
    scores, drawn = screening.measured(pd.concat(grounded), ["network", "rung", "side"], draws, seed=seed)
    order = ladder_of(climbed)
    gains = screening.differences(scores, drawn, list(zip(order[1:], order, strict=False)), "rung")
    return Results(scores, gains, _left_out(climbed, draws, seed))


def _left_out(climbed: Climbed, draws: int, seed: int) -> pd.DataFrame:
    if climbed.left_out.empty:
        return pd.DataFrame(columns=["left_out", "unit", "metric", "value", "low", "high"])
    scores, drawn = screening.measured(climbed.left_out, ["left_out"], draws, seed=seed)
    return screening.differences(scores, drawn, [(target, "") for target in AUXILIARY_TARGETS], "left_out")


def worst_misses(climbed: Climbed, network: str, count: int) -> pd.DataFrame:
    """The cancers that the topmost rung calls least suspicious, one a breast.

    Args:
        climbed: The climbed ladder.
        network: "cnn" or "vit".
        count: How many.

    Returns:
        DataFrame, the worst first: row (its place among the pictures), image_id, view, fold, probability, threshold
        and overtaken, the share of pictures without cancer, of the same fold, that look more suspicious.
    """
    said = climbed.predictions
    own = said[(said["network"] == network) & (said["rung"] == climbed.rungs[-1].name) & (said["side"] == OUT_OF_FOLD)]
    missed = own[own["cancer"] & (own["probability"] < own["threshold"])].copy()
    benign = {fold: each["probability"].to_numpy() for fold, each in own[~own["cancer"]].groupby("fold")}
    missed["overtaken"] = [float((benign[row.fold] > row.probability).mean()) for row in missed.itertuples()]
    places = pd.Series(np.arange(len(climbed.screened.table)), index=climbed.screened.table["image_id"])
    missed["row"] = places.loc[missed["image_id"]].to_numpy()
    worst = missed.sort_values(["overtaken", "image_id"], ascending=[False, True]).drop_duplicates(screening.BREAST)
    columns = ["row", "image_id", "view", "fold", "probability", "threshold", "overtaken"]
    return worst[columns].head(count).reset_index(drop=True)


def auxiliary_of(climbed: Climbed, network: str, image_id: str) -> pd.DataFrame:
    """What the heads say of a picture, beside what the table says.

    Args:
        climbed: The climbed ladder.
        network: "cnn" or "vit".
        image_id: The picture.

    Returns:
        DataFrame indexed by target: table, said and sure; empty where no auxiliary heads were trained.
    """
    own = climbed.auxiliary[(climbed.auxiliary["network"] == network) & (climbed.auxiliary["image_id"] == image_id)]
    row = climbed.screened.table.set_index("image_id").loc[[image_id]]
    known = {target: as_words(row[target]).iloc[0] for target in AUXILIARY_TARGETS}
    return own.set_index("target")[["said", "sure"]].assign(table=own["target"].map(known).to_numpy())[
        ["table", "said", "sure"]
    ]


def head_agreement(climbed: Climbed, network: str = LOOKED_INTO) -> pd.DataFrame:
    """How often each head says what the table says, out of fold and on the test.

    Args:
        climbed: The climbed ladder.
        network: "cnn" or "vit".

    Returns:
        DataFrame indexed by target: known (pictures), agrees (share), most_frequent (share of the most frequent word,
        which needs no picture); for the age the mean error in years, and that of always saying the median.
    """
    own = climbed.auxiliary[climbed.auxiliary["network"] == network]
    rows = []
    for target, said in own.groupby("target", sort=False):
        words = as_words(climbed.screened.table.set_index("image_id")[target]).loc[said["image_id"]].to_numpy()
        known = words != ""
        truth, told = words[known], said["said"].to_numpy()[known]
        if target == "age":
            years = truth.astype(float)
            agrees, without = np.abs(years - told.astype(float)).mean(), np.abs(years - np.median(years)).mean()
        else:
            agrees, without = (truth == told).mean(), pd.Series(truth).value_counts(normalize=True).max()
        rows.append({"target": target, "known": int(known.sum()), "agrees": agrees, "most_frequent": without})
    return pd.DataFrame(rows, columns=["target", "known", "agrees", "most_frequent"]).set_index("target")
