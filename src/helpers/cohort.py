"""Who trains, who validates, who is tested: both protocols' splits, the blind pictures, and the leakage audit."""

import math
import warnings
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold, train_test_split

from helpers.datasets.exams import LABELS

PROTOCOLS = ("patient_grouped", "as_published")
SHUFFLES = 10
"""Seeded shuffles tried for a split; the one whose class counts are nearest to what was asked is taken."""
CLOSE = 0.02
"""A split whose every class is within this share of what was asked, or within a patient's pictures of it, will do."""


class CohortError(ValueError):
    """A cohort that cannot be split; the message names the class, how many there are and how many are needed."""


def assign(
    exams: pd.DataFrame, *, blind: int, test_share: float, validation_share: float, normal_share: float, seed: int
) -> pd.DataFrame:
    """Assigns every picture to a side of each protocol, and lists the augmented copies that each needs.

    First the blind pictures are set apart, whole patients, the same in both protocols. Of the others,
    `patient_grouped` keeps every patient on one side and copies normal pictures of the training side only;
    `as_published` copies normal pictures first and then splits by picture, which leaks. The assignment depends on the
    image_ids and the seed, not on the order of rows.

    Args:
        exams: The exam table, one row a picture.
        blind: At most so many blind pictures; as near to it as whole patients come.
        test_share: Share of the others for the test.
        validation_share: Share of the rest for validation.
        normal_share: Copies are made until normal pictures are this share: of all but the blind (`as_published`), of
            the training side (`patient_grouped`). No copies where they already are.
        seed: What the splits derive from.

    Returns:
        The exam table with `copy_of` (null for originals), `split_patient_grouped` and `split_as_published` (train |
        validation | test | blind). Copies follow the originals; they have their original's columns, sha256 included,
        but the image_id "<original>~<number>" and a null split where a protocol does not use them.

    Raises:
        CohortError: A class has too few patients or pictures for the splits.
    """
    ordered = exams.sort_values("image_id", ignore_index=True)
    _check_patients(ordered, "")
    apart = _blind(ordered, blind, seed)
    rest = ordered[~apart].reset_index(drop=True)
    _check_patients(rest, " besides the blind")
    grouped = _by_patient(rest, test_share, validation_share, seed)
    splits = {
        "patient_grouped": pd.concat([grouped, _copied_training(rest, grouped, normal_share, seed)]),
        "as_published": _by_picture(rest, test_share, validation_share, normal_share, seed),
    }
    kept_blind = pd.Series("blind", index=ordered.loc[apart, "image_id"])
    return _joined(exams, {name: pd.concat([split, kept_blind]) for name, split in splits.items()})


def folds(exams: pd.DataFrame, count: int, validation_share: float, seed: int) -> list[pd.Series]:
    """Deals the original pictures out for cross-validation, whole patients, stratified by class.

    Args:
        exams: The exam table with splits; blind pictures and copies belong to no fold.
        count: How many folds; each is the test once.
        validation_share: Share of the others for validation, whole patients too.
        seed: What the folds derive from.

    Returns:
        For each fold the sides (train | validation | test), indexed by the rows of `exams`.

    Raises:
        CohortError: A class has too few patients for as many folds.
    """
    used = exams[exams["copy_of"].isna() & (exams["split_patient_grouped"] != "blind")].sort_values("image_id")
    patients = used.groupby("label")["patient_id"].nunique()
    if patients.min() < count + 2:
        found = f"{patients.idxmin()}: {patients.min()} patients"
        raise CohortError(f"{found}, expected {count + 2} or more: {count} folds, of each a validation and a rest")
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    tested = [rows for _, rows in splitter.split(used, used["label"], used["patient_id"])]
    return [_sides(used, rows, validation_share, seed) for rows in tested]


def _sides(exams: pd.DataFrame, tested: np.ndarray, validation_share: float, seed: int) -> pd.Series:
    sides = pd.Series("train", index=exams.index)
    sides.iloc[tested] = "test"
    others = exams[sides == "train"]
    held = _held_out(others, validation_share, seed, leave=1, side="validation")
    sides[others.index[others["patient_id"].isin(held)]] = "validation"
    return sides.sort_index()


def leak_audit(exams: pd.DataFrame, protocol: str) -> pd.DataFrame:
    """Counts held-out pictures that training has seen something of.

    Args:
        exams: The exam table with splits.
        protocol: "patient_grouped" or "as_published".

    Returns:
        DataFrame indexed by split (test, and blind if there is one): pictures; `shared_patient` and `shared_source`,
        how many of them have their patient, or their source picture (itself, its original or a copy), among the
        training pictures; and both as shares of the pictures.
    """
    split = exams[f"split_{protocol}"]
    keys = pd.DataFrame({"patient": exams["patient_id"], "source": exams["copy_of"].fillna(exams["image_id"])})
    training = keys[split == "train"]
    seen = pd.DataFrame({f"shared_{key}": keys[key].isin(training[key]) for key in keys})
    by_split = seen.groupby(split)
    table = pd.concat([by_split.size().rename("pictures"), by_split.sum()], axis=1)
    table[[f"{column}_share" for column in seen]] = by_split.mean()
    return table.reindex([side for side in ("test", "blind") if side in table.index]).rename_axis("split")


def class_counts(exams: pd.DataFrame, protocol: str) -> pd.DataFrame:
    """Counts pictures by class before and after augmentation.

    Args:
        exams: The exam table with splits.
        protocol: "as_published" counts all pictures but the blind, "patient_grouped" the training side: what each
            augments.

    Returns:
        DataFrame with columns stage (before | after), label, pictures, share.
    """
    split = exams[f"split_{protocol}"]
    used = exams[split == "train"] if protocol == "patient_grouped" else exams[split.notna() & (split != "blind")]
    stages = {"before": used[used["copy_of"].isna()], "after": used}
    counts = [
        {"stage": stage, "label": label, "pictures": int((table["label"] == label).sum()), "of": len(table)}
        for stage, table in stages.items()
        for label in LABELS
    ]
    table = pd.DataFrame(counts)
    return table.assign(share=table["pictures"] / table.pop("of"))


def _check_patients(exams: pd.DataFrame, where: str) -> None:
    patients = exams.groupby("label")["patient_id"].nunique()
    for label in LABELS:
        count = patients.get(label, 0)
        if count < 3:
            need = "one each for training, validation and test"
            raise CohortError(f"{label}: {count} patients{where}, expected at least 3, {need}")


def _by_class(exams: pd.DataFrame) -> pd.DataFrame:
    return pd.crosstab(exams["patient_id"], exams["label"]).reindex(columns=list(LABELS), fill_value=0)


def _blind(exams: pd.DataFrame, blind: int, seed: int) -> pd.Series:
    counts = _by_class(exams)
    quota = blind * counts.sum().to_numpy() / len(exams)
    rng = np.random.default_rng(seed)
    choices = [_first_fit(counts.to_numpy(), rng.permutation(len(counts)), quota, blind) for _ in range(SHUFFLES)]

    def distance(chosen: list[int]) -> tuple[int, float]:
        taken = counts.iloc[chosen].to_numpy().sum(axis=0)
        return blind - taken.sum(), np.abs(taken - quota).sum()

    return exams["patient_id"].isin(counts.index[min(choices, key=distance)])


def _first_fit(counts: np.ndarray, order: np.ndarray, quota: np.ndarray, blind: int) -> list[int]:
    taken = np.zeros(len(LABELS), dtype=int)
    chosen: dict[int, None] = {}
    # Whole patients within every class's quota first, then whoever still fits.
    for ceiling in (np.ceil(quota), np.full(len(LABELS), blind)):
        for patient in order:
            after = taken + counts[patient]
            if patient not in chosen and after.sum() <= blind and (after <= ceiling).all():
                chosen[int(patient)] = None
                taken = after
    return list(chosen)


def _by_patient(exams: pd.DataFrame, test_share: float, validation_share: float, seed: int) -> pd.Series:
    test = _held_out(exams, test_share, seed, leave=2, side="test")
    others = exams[~exams["patient_id"].isin(test)]
    validation = _held_out(others, validation_share, seed, leave=1, side="validation")
    split = pd.Series("train", index=exams["image_id"])
    split[exams["patient_id"].isin(test).to_numpy()] = "test"
    split[exams["patient_id"].isin(validation).to_numpy()] = "validation"
    return split


def _held_out(exams: pd.DataFrame, share: float, seed: int, leave: int, side: str) -> pd.Index:
    counts = _by_class(exams)
    wanted = share * counts.sum()
    nearest, best = np.inf, None
    for patients in _foldings(exams, share, seed):
        held = counts.index.isin(patients)
        off = (counts[held].sum() - wanted).abs()
        complete = counts[held].any().all() and ((counts[~held] > 0).sum() >= leave).all()
        if complete and (off / wanted).max() < nearest:
            nearest, best = (off / wanted).max(), counts.index[held]
            if (off <= np.maximum(counts.sum(axis=1).mean(), CLOSE * wanted)).all():
                break
    if best is None:
        rarest = (counts > 0).sum().idxmin()
        found = (counts[rarest] > 0).sum()
        raise CohortError(f"{rarest}: {found} patients, expected enough for {side} and for at least {leave} besides")
    return best


def _foldings(exams: pd.DataFrame, share: float, seed: int) -> Iterator[np.ndarray]:
    """Yields the patients of whole folds that come near to the share, for one shuffle after the other."""
    most = min(20, int(exams["label"].value_counts().max()))
    fraction = Fraction(share).limit_denominator(most)
    fraction = min(max(fraction, Fraction(1, most)), Fraction(most - 1, most))
    for shuffle in range(SHUFFLES):
        splitter = StratifiedGroupKFold(fraction.denominator, shuffle=True, random_state=seed + shuffle)
        with warnings.catch_warnings():
            # A class smaller than the number of folds: the caller sees to it that no side lacks a class.
            warnings.simplefilter("ignore", UserWarning)
            folds = [held for _, held in splitter.split(exams, exams["label"], exams["patient_id"])]
        for first in range(len(folds)):
            chosen = [folds[(first + step) % len(folds)] for step in range(fraction.numerator)]
            yield exams["patient_id"].iloc[np.concatenate(chosen)].unique()


def _by_picture(
    exams: pd.DataFrame, test_share: float, validation_share: float, normal_share: float, seed: int
) -> pd.Series:
    normal = exams.loc[exams["label"] == "normal", "image_id"]
    labels = pd.concat(
        [
            pd.Series(exams["label"].to_numpy(), index=exams["image_id"]),
            pd.Series("normal", index=_copies(normal, len(exams), normal_share, seed)),
        ]
    )
    enough = math.ceil(1 / min(test_share, (1 - test_share) * validation_share))
    try:
        others, test = train_test_split(labels, test_size=test_share, stratify=labels, random_state=seed)
        _, validation = train_test_split(others, test_size=validation_share, stratify=others, random_state=seed)
    except ValueError:
        rarest = labels.value_counts().idxmin()
        raise CohortError(f"{rarest}: {(labels == rarest).sum()} pictures, expected {enough} or more") from None
    split = pd.Series("train", index=labels.index)
    split[test.index] = "test"
    split[validation.index] = "validation"
    for label, sides in pd.crosstab(labels, split).iterrows():
        if not sides.all():
            found = f"{sides.sum()} pictures, none left for {sides.idxmin()}"
            raise CohortError(f"{label}: {found}, expected {enough} or more")
    return split


def _copied_training(exams: pd.DataFrame, split: pd.Series, normal_share: float, seed: int) -> pd.Series:
    training = (split == "train").to_numpy()
    normal = exams.loc[training & (exams["label"] == "normal"), "image_id"]
    return pd.Series("train", index=_copies(normal, training.sum(), normal_share, seed))


def _copies(normal: pd.Series, total: int, share: float, seed: int) -> list[str]:
    """Names the copies that raise the normal pictures to a share of the total, evenly over the originals."""
    needed = max(0, round((share * total - len(normal)) / (1 - share)))
    sources = np.random.default_rng(seed).permutation(normal.to_numpy())
    return [f"{sources[number % len(sources)]}~{number // len(sources) + 1}" for number in range(needed)]


def _joined(exams: pd.DataFrame, splits: dict[str, pd.Series]) -> pd.DataFrame:
    names = pd.Index(exams["image_id"])
    made = splits["patient_grouped"].index.union(splits["as_published"].index).difference(names)
    sources = [name.rpartition("~")[0] for name in made]
    copies = exams.set_index("image_id").loc[sources].reset_index().assign(image_id=made)
    copies[[column for column in copies if column.startswith("framed_")]] = np.nan
    table = pd.concat([exams, copies], ignore_index=True)
    table["copy_of"] = pd.Series([None] * len(exams) + sources, dtype="str")
    for protocol in PROTOCOLS:
        table[f"split_{protocol}"] = table["image_id"].map(splits[protocol]).astype("str")
    return table
