"""The protocol of document C: divide, train each group apart, let each predict its own, merge."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from helpers.roi.cohorts import PAIR

Learn = Callable[[np.ndarray, np.ndarray, int], np.ndarray]
"""Takes the training rows, the rows to predict and the fold, and returns the malignant probability, (m,)."""
SIDES = {True: "with mask", False: "without mask"}


@dataclass(frozen=True)
class Way:
    """How pictures are divided.

    Attributes:
        separated: By whether an ROI mask exists; document C's proposal.
        apart: By view: RCC, LCC, RMLO, LMLO; document C does it in any case.
    """

    separated: bool
    apart: bool


WAYS = tuple(Way(separated, apart) for separated, apart in product((False, True), (False, True)))


@dataclass(frozen=True)
class Group:
    """What one network is trained on.

    Attributes:
        fold: The fold that it may not see.
        side: "with mask" or "without mask"; "" where both are together.
        view: Such as "RMLO"; "" where all are together.
        train: Places in the table.
        predict: Places in the table: all of the fold, and of the view, with a mask or without.
    """

    fold: int
    side: str
    view: str
    train: np.ndarray
    predict: np.ndarray


def groups(table: pd.DataFrame, way: Way) -> Iterator[Group]:
    """Divides a cohort.

    Args:
        table: Of `helpers.roi.cohorts`, with `flag`.
        way: See `Way`.

    Yields:
        Each fold's groups. Training holds benign and malignant pictures of other folds' patients alone.
    """
    learnt, fold = table["label"].isin(PAIR).to_numpy(), table["fold"].to_numpy()
    flag, view = table["flag"].to_numpy(), table["view"].to_numpy()
    for tested, one_view, side in product(
        np.unique(fold), np.unique(view) if way.apart else [""], (True, False) if way.separated else [None]
    ):
        seen = (view == one_view) if way.apart else np.ones(len(table), bool)
        own = seen if side is None else seen & (flag == side)
        train, predict = own & learnt & (fold != tested), seen & (fold == tested)
        yield Group(int(tested), SIDES.get(side, ""), str(one_view), *map(np.flatnonzero, (train, predict)))


def is_trainable(table: pd.DataFrame, group: Group, smallest: int) -> bool:
    """Whether a group has so many training pictures of each class."""
    counts = table["label"].iloc[group.train].value_counts()
    return all(counts.get(label, 0) >= smallest for label in PAIR)


def played(table: pd.DataFrame, way: Way, learn: Learn, smallest: int) -> pd.DataFrame:
    """Trains each group apart and lets it predict the fold that it has not seen.

    A group too small to train says the share of malignant pictures among its training pictures; without any, the
    share among all that the fold may be learnt from.

    Args:
        table: Of `helpers.roi.cohorts`, with `flag`.
        way: See `Way`.
        learn: See `Learn`.
        smallest: Pictures of either class that a group needs to be trained.

    Returns:
        DataFrame in table order: `masked` and `unmasked`, the malignant probability if the picture is taken for one
        with a mask or without; equal where nothing is separated.
    """
    said = {side: np.full(len(table), np.nan) for side in SIDES.values()}
    for group in groups(table, way):
        if not len(group.predict):
            continue
        if is_trainable(table, group, smallest):
            probability = learn(group.train, group.predict, group.fold)
        else:
            probability = fallback(table, group)
        for side in [group.side] if group.side else SIDES.values():
            said[side][group.predict] = probability
    return pd.DataFrame({"masked": said[SIDES[True]], "unmasked": said[SIDES[False]]}, table.index)


def fallback(table: pd.DataFrame, group: Group) -> float:
    """What a group says that is too small to train; see `played`."""
    malignant = (table["label"] == "malignant").to_numpy()
    every = table["label"].isin(PAIR).to_numpy() & (table["fold"] != group.fold).to_numpy()
    return float((malignant[group.train] if len(group.train) else malignant[every]).mean())


def merged(said: pd.DataFrame, flag: pd.Series) -> np.ndarray:
    """Puts together what each picture's own group says of it.

    Args:
        said: Of `played`.
        flag: Whether each picture is taken for one with a mask: truly, or as predicted.

    Returns:
        (n,) float64, malignant probabilities.
    """
    return np.where(flag.to_numpy(bool), said["masked"], said["unmasked"])


def group_sizes(table: pd.DataFrame, way: Way, smallest: int) -> pd.DataFrame:
    """How many training pictures each group has, over the folds, and in how many it is trained.

    Args:
        table: Of `helpers.roi.cohorts`, with `flag`.
        way: See `Way`.
        smallest: As for `played`.

    Returns:
        DataFrame indexed by side and view: benign, malignant (means over the folds), folds and trained.
    """
    rows = []
    for group in groups(table, way):
        counts = table["label"].iloc[group.train].value_counts()
        numbers = {label: counts.get(label, 0) for label in PAIR}
        rows.append(
            {"side": group.side, "view": group.view, **numbers, "trained": is_trainable(table, group, smallest)}
        )
    own = pd.DataFrame(rows).groupby(["side", "view"])
    return own[list(PAIR)].mean().join(own["trained"].agg(folds="size", trained="sum"))
