"""Rules for document A, each from its printed values alone."""

import numpy as np

from helpers.published import dahes
from helpers.rereading.check import Check, equal, implies
from helpers.rereading.ranges import Range, computed, exactly, printed

TABLE_1, TABLE_2, TEXT = 4, 6, 3
"""Decimals that its tables print, and its text for a recall in percent with one decimal."""


def training_accuracy() -> list[Check]:
    """Overfitting is training minus test, so test plus overfitting is the training accuracy; it cannot pass one."""
    return [
        equal(
            f"Table 1, {model}",
            "training accuracy = accuracy + overfit_acc, at most one",
            computed(np.add, printed(row["accuracy"], TABLE_1), printed(row["overfit_acc"], TABLE_1)),
            Range(0, 1),
            f"{row['accuracy']:.4f} and {row['overfit_acc']:.4f}",
        )
        for model, row in dahes.table_1().iterrows()
    ]


def training_loss() -> list[Check]:
    """Test loss less overfit_loss is the training loss; a cross-entropy is not negative."""
    return [
        equal(
            f"Table 1, {model}",
            "training loss = loss - overfit_loss, at least zero",
            computed(np.subtract, printed(row["loss"], TABLE_1), printed(row["overfit_loss"], TABLE_1)),
            Range(0, np.inf),
            f"{row['loss']:.4f} and {row['overfit_loss']:.4f}",
        )
        for model, row in dahes.table_1().iterrows()
    ]


def dispersion_of_recall() -> list[Check]:
    """Both tables print the standard deviation of the recall over classes."""
    return _twice("recall_std", "rec_std")


def mean_f1() -> list[Check]:
    """Both tables print the mean of the F1 over classes."""
    return _twice("f1_macro", "f1_mean")


def rounded_reports() -> list[Check]:
    """Table 2 is the mean and population deviation of recalls that were rounded to two decimals before."""
    found, second = dahes.rounded_recalls(), dahes.table_2()
    return [
        equal(
            f"Table 2, {model}",
            f"rec_std = deviation of the recalls {', '.join(f'{recall:.2f}' for recall in triple)}",
            exactly(np.std(triple)),
            printed(second.loc[model, "rec_std"], TABLE_2),
            f"{second.loc[model, 'rec_std']:.6f}",
        )
        for model, triple in found.iterrows()
    ]


def normal_copies() -> list[Check]:
    """The share of normals after augmentation tells how many copies were made of each."""
    pictures = dahes.counts()
    after = dahes.NORMAL_SHARE["after"]
    normals = computed(
        lambda benign, malignant, share: (benign + malignant) * share / (1 - share),
        printed(pictures["benign"], -2), printed(pictures["malignant"], -2), printed(after, 3),
    )  # fmt: skip
    each = computed(lambda n: n / pictures["normal"], normals)
    originals = f"{pictures['normal']:,}"
    split = computed(lambda n: 1 - dahes.SETTINGS["test_share"] ** (n - 1), each)
    return [
        implies("figure 3", "normal pictures after augmentation", normals, f"{after:.1%}"),
        implies("figure 3", "pictures of each normal original", each, f"{originals} originals"),
        implies(
            "section 2", "share of normal test pictures with a copy in training, split by picture", split, "not printed"
        ),
    ]


def normals_in_the_test() -> list[Check]:
    """Accuracy is the mean of the recalls, weighted by the class shares of the test: so it tells the share of normals.

    Benign and malignant are taken to stand in the test as in the whole, as in a stratified split. The baseline's
    benign recall is its lowest, of Table 1.
    """
    checks = []
    for model in ("baseline_cnn", "iiv3"):
        share = normal_share(model)
        for stage, value in dahes.NORMAL_SHARE.items():
            claim = f"share of normals in the test, from accuracy and recalls, is that {stage} augmentation"
            checks.append(equal(f"section 3.4, {model}", claim, share, printed(value, 3), f"{value:.1%}"))
    return checks


RULES = (
    training_accuracy,
    training_loss,
    dispersion_of_recall,
    mean_f1,
    rounded_reports,
    normal_copies,
    normals_in_the_test,
)


def normal_share(model: str) -> Range:
    """The share of normals in the test that a network's accuracy and recalls allow.

    Args:
        model: "baseline_cnn" or "iiv3"; of the third the text gives two recalls only.

    Returns:
        All shares that rounding leaves open.
    """
    accuracy = printed(dahes.table_1().loc[model, "accuracy"], TABLE_1)
    return computed(_normal_share, *_recalls(model), accuracy)


def _twice(first: str, second: str) -> list[Check]:
    return [
        equal(
            f"Tables 1 and 2, {model}",
            f"{second} = {first}",
            printed(value, TABLE_1),
            printed(dahes.table_2().loc[model, second], TABLE_2),
            f"{dahes.table_2().loc[model, second]:.6f}",
        )
        for model, value in dahes.table_1()[first].items()
    ]


def _recalls(model: str) -> tuple[Range, Range, Range]:
    """Recall of normal, benign and malignant."""
    given = dahes.recalls().loc[model]
    lowest = printed(dahes.table_1().loc[model, "recall_min"], TABLE_1)
    return tuple(lowest if np.isnan(recall) else printed(recall, TEXT) for recall in given[list(dahes.LABELS)])


def _normal_share(normal: float, benign: float, malignant: float, accuracy: float) -> float:
    pictures = dahes.counts()
    rest = np.average([benign, malignant], weights=pictures[["benign", "malignant"]])
    return (accuracy - rest) / (normal - rest)
