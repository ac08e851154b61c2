"""Writes what the front page says and shows of this run: what it was made from, and what the two protocols gave.

python -m workflow.front book/nb/made_from.md book/nb/two_protocols.md --profile demo --set "" --build build
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.evaluation.intervals import interval, patient_weights, resampled_sums
from helpers.evaluation.metrics import CLASSES, class_scores, labels_and_probabilities
from helpers.figures import style
from helpers.figures.front import two_protocols
from helpers.findings import data, networks
from helpers.run import Run, open_run

WAYS = ("as_published", "patient_grouped")


def made_from(run: Run, settings: str) -> str:
    """The box at the top of the front page.

    Args:
        run: The run.
        settings: Overrides, as given to make.

    Returns:
        MyST markdown: a warning where the pictures are phantoms, a note where they are not.
    """
    versions = json.loads(run.paths.provenance.read_text())
    kind, title = ("warning", "Phantoms, not patients") if run.cohort.synthetic else ("note", "Made from")
    lines = [
        f":::{{admonition}} {title}",
        f":class: {kind}",
        data.made_from(run.profile, run.cohort),
        f"Commit {versions['commit']}, Keras {versions['versions']['keras']}, checksum of the data "
        f"`{versions['data_sha256'][:12]}`." + (f" Overrides: `{settings}`." if settings else ""),
        ":::",
    ]
    return "\n".join(lines) + "\n"


def gaps(predictions: pd.DataFrame, draws: int, *, seed: int) -> pd.DataFrame:
    """What the published protocol adds to macro F1, with 95 % intervals.

    The two tests hold different pictures of the same patients: a draw takes patients from all who stand in either, and
    both scores are computed on it.

    Args:
        predictions: All networks' predictions: network, protocol, split, patient_id, label and the probabilities.
        draws: Number of bootstrap draws.
        seed: Seed of the draws.

    Returns:
        DataFrame with the columns network, value, low and high: published protocol minus patient-grouped.
    """
    rows = []
    for network, test in predictions[predictions["split"] == "test"].groupby("network", sort=False):
        weights, owner = patient_weights(test["patient_id"], draws, seed=seed)
        # The first row is the test as it is: every patient once.
        weights = np.vstack([np.ones_like(weights[:1]), weights])
        published, grouped = (_macro_f1(test, owner, weights, test["protocol"].to_numpy() == way) for way in WAYS)
        rows.append((network, (published - grouped)[0], *interval((published - grouped)[1:])))
    return pd.DataFrame(rows, columns=["network", "value", "low", "high"])


def _macro_f1(test: pd.DataFrame, owner: np.ndarray, weights: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    labels, probabilities = labels_and_probabilities(test[chosen])
    cells = np.eye(len(CLASSES) ** 2)[len(CLASSES) * labels + probabilities.argmax(axis=1)]
    confusions = resampled_sums(cells, owner[chosen], weights).reshape(-1, len(CLASSES), len(CLASSES))
    return class_scores(confusions)[2].mean(axis=1)


def picture(run: Run, file: Path) -> str:
    """The front page's picture and what it shows, in a sentence.

    Args:
        run: The run.
        file: Where the picture is written to, beside the markdown.

    Returns:
        MyST markdown; nothing where the run has one protocol only.
    """
    if set(WAYS) - set(run.profile.protocols):
        return ""
    style.use_style()
    found = gaps(run.predictions, run.profile.bootstrap_draws, seed=run.profile.seed)
    figure = two_protocols(run.scores, found, networks.chance_level(run.networks, run.profile))
    figure.savefig(file, metadata={"Software": None})
    # A JSON string is a YAML string, whatever it holds.
    options = f":alt: {json.dumps(figure.get_label(), ensure_ascii=False)}\n:target: nb/05_metrics.html"
    return f"```{{image}} nb/{file.name}\n{options}\n```\n\n{networks.leakage_added(found)}\n"


def main() -> None:
    """The command line; see the module's first lines."""
    parser = argparse.ArgumentParser(description=__doc__, fromfile_prefix_chars="@")
    parser.add_argument("box", type=Path)
    parser.add_argument("picture", type=Path)
    for option in ("profile", "data", "set"):
        parser.add_argument(f"--{option}", default="")
    parser.add_argument("--build", type=Path, required=True)
    asked = parser.parse_args()
    run = open_run(asked.profile, asked.data, asked.set, str(asked.build))
    asked.box.parent.mkdir(parents=True, exist_ok=True)
    asked.box.write_text(made_from(run, asked.set))
    asked.picture.write_text(picture(run, asked.picture.with_suffix(".png")))


if __name__ == "__main__":
    main()
