"""Writes what the front page says first: which profile and data made this book.

python -m workflow.front book/nb/made_from.md --profile demo --set "" --build build
"""

import argparse
import json
from pathlib import Path

from helpers import findings
from helpers.paths import RunPaths
from helpers.run import open_run


def front(profile: str, data: str, settings: str, build: Path) -> str:
    """The box at the top of the front page.

    Args:
        profile: The profile's name.
        data: The archive or folder, or "".
        settings: Overrides, as given to make.
        build: The folder that holds the runs' folders.

    Returns:
        MyST markdown: a warning where the pictures are phantoms, a note where they are not.
    """
    run = open_run(profile, data, settings, str(build))
    versions = json.loads(RunPaths(profile, build).provenance.read_text())
    kind, title = ("warning", "Phantoms, not patients") if run.cohort.synthetic else ("note", "Made from")
    lines = [
        f":::{{admonition}} {title}",
        f":class: {kind}",
        findings.made_from(run.profile, run.cohort),
        f"Commit {versions['commit']}, Keras {versions['versions']['keras']}, checksum of the data "
        f"`{versions['data_sha256'][:12]}`." + (f" Overrides: `{settings}`." if settings else ""),
        ":::",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """The command line; see the module's first lines."""
    parser = argparse.ArgumentParser(description=__doc__, fromfile_prefix_chars="@")
    parser.add_argument("target", type=Path)
    for option in ("profile", "data", "set"):
        parser.add_argument(f"--{option}", default="")
    parser.add_argument("--build", type=Path, required=True)
    asked = parser.parse_args()
    asked.target.parent.mkdir(parents=True, exist_ok=True)
    asked.target.write_text(front(asked.profile, asked.data, asked.set, asked.build))


if __name__ == "__main__":
    main()
