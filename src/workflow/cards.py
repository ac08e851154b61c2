"""Writes a card for each network of a run, every number from its result files.

python -m workflow.cards book/nb/model_cards.md --profile demo --set "" --build build
"""

import argparse
from pathlib import Path

from helpers.experiment import Trained
from helpers.figures.style import NETWORK_NAMES, PROTOCOL_LABELS
from helpers.findings import data as findings
from helpers.preparation import Cohort
from helpers.profile import NetworkSettings
from helpers.run import Run, open_run

OPENING = """# Model cards

One card for each network of this run, after {cite:t}`mitchell2019`. They are objects of study: none is offered for use.
"""
FIXED = {
    "Meant for": "Readers, students and reviewers of this book, to see what such a network does and does not do.",
    "Not meant for": "Any decision about a patient, any population, any claim beyond the pictures it was tested on.",
    "Input": "One gray picture, 0 to 255, framed as the page on the pictures shows; the network normalizes it itself.",
    "Output": "Three probabilities, normal, benign and malignant; calibrated only if the page on calibration says so.",
    "Outside its ground": "It answers to any picture. The live page warns where a picture lies outside what it was "
    "trained on; the network alone does not.",
    "Fairness": "Not studied: the data do not tell whom they show.",
}
CHAPTERS = {"baseline_cnn": "02_baseline_cnn", "icnt": "03_icnt", "iiv3": "04_iiv3"}


def cards(run: Run) -> str:
    """All cards of a run.

    Args:
        run: The run; its networks are opened, or trained where they are missing.

    Returns:
        MyST markdown, a section a network.
    """
    made_from = findings.made_from(run.profile, run.cohort)
    sections = [
        card(network, run.profile.network(name), run.cohort, made_from) for name, network in run.networks.items()
    ]
    return "\n".join([OPENING, *sections])


def card(network: Trained, settings: NetworkSettings, cohort: Cohort, made_from: str) -> str:
    """One network's card.

    Args:
        network: The trained network.
        settings: What it was built and trained with.
        cohort: The pictures it was trained and tested on.
        made_from: What this copy of the book was made from, in words.

    Returns:
        MyST markdown.
    """
    weights = "random" if network.name == "baseline_cnn" or settings.weights == "none" else settings.weights
    facts = {
        "Described in": f"[](./{CHAPTERS[network.name]}.ipynb)",
        "Starts from": f"{weights} weights",
        "Parameters": f"{network.metrics['parameters']:,}",
        "Size on disk": f"{network.paths.model.stat().st_size / 2**20:.1f} MiB",
        "One picture takes": f"{network.latency['milliseconds_a_picture']} ms on this machine",
        "Trained on": made_from,
        "Pictures for training": ", ".join(_training(cohort, protocol) for protocol in network.protocols),
        **{f"Macro F1, {PROTOCOL_LABELS[name]}": _score(network, name) for name in network.protocols},
        **FIXED,
    }
    rows = "\n".join(f"| {name} | {fact} |" for name, fact in facts.items())
    return f"## {NETWORK_NAMES[network.name]}\n\n| | |\n| --- | --- |\n{rows}\n"


def _training(cohort: Cohort, protocol: str) -> str:
    rows = cohort.exams[cohort.exams[f"split_{protocol}"] == "train"]
    copies = int(rows["copy_of"].notna().sum())
    return f"{PROTOCOL_LABELS[protocol]} {len(rows)}, of them {copies} copies"


def _score(network: Trained, protocol: str) -> str:
    measured = network.metrics[protocol]
    low, high = measured["intervals"]["f1_macro"]
    return (
        f"{measured['f1_macro']:.3f}, 95 % interval {low:.3f} to {high:.3f}, on {measured['n']} pictures of "
        f"{measured['n_patients']} patients"
    )


def main() -> None:
    """The command line; see the module's first lines."""
    parser = argparse.ArgumentParser(description=__doc__, fromfile_prefix_chars="@")
    parser.add_argument("target", type=Path)
    for option in ("profile", "data", "set"):
        parser.add_argument(f"--{option}", default="")
    parser.add_argument("--build", type=Path, required=True)
    asked = parser.parse_args()
    asked.target.parent.mkdir(parents=True, exist_ok=True)
    asked.target.write_text(cards(open_run(asked.profile, asked.data, asked.set, str(asked.build))))


if __name__ == "__main__":
    main()
