"""Sentences of the rereading, computed from the printed tables and from our values."""

import pandas as pd

from helpers import published
from helpers.published import bassi, yoshitsugu
from helpers.rereading import FAILS, HOLDS, OPEN, reread
from helpers.rereading.beside import DOCUMENTS, MISSING
from helpers.rereading.dahes import normal_share
from helpers.rereading.yoshitsugu import f1, one_bit_rule


def overview() -> str:
    """How many checks each document passes, fails, and leaves open."""
    return "\n".join(f"- {_overview(document.DOCUMENT.key)}" for document in DOCUMENTS)


def copies() -> str:
    """What the share of normals after augmentation means, and what the recalls say of where the copies went."""
    normals, each = published.augmented_normals()
    share = normal_share("baseline_cnn")
    originals, after = published.counts()["normal"], published.NORMAL_SHARE["after"]
    return (
        f"{originals:,} originals raised to {after:.1%} of the whole are about {normals:,.0f} pictures, {each:.0f} of "
        f"each original. By the baseline's accuracy and recalls, normals made up {share.low:.1%} to {share.high:.1%} "
        "of the *test*: the copies were made before the split, and stand on both sides of it."
    )


def without_looking() -> str:
    """What calling every picture benign scores on document B's test, and how its models stand to that."""
    test, checks = bassi.table_1()["test"], reread("B")
    own = checks.loc[checks["rule"] == "always_benign", "verdict"].value_counts()
    return (
        f"Calling every picture benign is right in {test['benign'] / test['all']:.4f} of the test. Of the {own.sum()} "
        f"rows of Table 3, {own.get(HOLDS, 0)} beat that, {own.get(FAILS, 0)} fall short of it, and {own.get(OPEN, 0)} "
        "cannot be told from it."
    )


def the_bit() -> str:
    """What document C's one bit scores, and what its F-score would be as F1."""
    bit, results = one_bit_rule(yoshitsugu.VINDR), yoshitsugu.all_results()
    best = results.loc[yoshitsugu.VINDR, "Swin", yoshitsugu.WITH]
    found, metrics = f1(yoshitsugu.VINDR, best), ("sensitivity", "specificity", "accuracy")
    ours, theirs = (", ".join(f"{each[metric]:.2f}" for metric in metrics) for each in (bit, best))
    return (
        f'On VinDr the rule "malignant if a mask exists" reaches {", ".join(metrics)} of {ours} without looking at a '
        f"pixel; for Swin with ROI separation {theirs} are printed. Its F-score, printed as {best['f_score']:.2f}, "
        f"would be {found.low:.2f} to {found.high:.2f} as F1."
    )


def joined(comparability: pd.DataFrame) -> str:
    """How many printed tables have ours beside them, and how many may be compared."""
    missing = comparability["why"].str.contains(MISSING)
    comparable = (comparability["comparable"] == "yes").sum()
    documents = comparability.index[missing].unique("document")
    waiting = f"Those of document {', '.join(documents)} without ours are {MISSING}." if len(documents) else ""
    return (
        f"Of {len(comparability)} printed tables, {(~missing).sum()} have ours beside them, and {comparable} may be "
        f"compared. {waiting}"
    )


def _overview(document: str) -> str:
    verdicts = reread(document)["verdict"].value_counts()
    name = next(each.DOCUMENT for each in DOCUMENTS if each.DOCUMENT.key == document)
    counts = ", ".join(f"{verdicts.get(verdict, 0)} {words}" for verdict, words in
                       ((HOLDS, "hold"), (FAILS, "fail"), (OPEN, "are left open")))  # fmt: skip
    return f"**{document}**, {{cite:t}}`{name.cite}`: of {verdicts.sum()} checks {counts}."
