"""What ran to make this book, at the foot of every page.

python -m workflow.provenance_box book/nb/provenance.json --profile demo --set "" --build build
"""

import argparse
import json
from html import escape
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from helpers.paths import PAGES, RunPaths
from helpers.progress import clock, write_json
from helpers.provenance import machine

FILE = PAGES / "provenance.json"


def gathered(paths: RunPaths, settings: str) -> dict[str, Any]:
    """What the box says, from what the run wrote down.

    Args:
        paths: Where the run's artifacts lie.
        settings: Overrides, as given to make.

    Returns:
        Mapping of what ran, ready for JSON; `seconds` holds the time that each notebook took.
    """
    ran = json.loads(paths.provenance.read_text())
    seconds = {
        path.name.partition(".")[0]: json.loads(path.read_text())["seconds"]
        for path in sorted(paths.logs.glob("*.seconds.json"))
    }
    return {**ran, "overrides": settings, "hardware": machine(), "seconds": seconds}


def facts(ran: dict[str, Any]) -> dict[str, Any]:
    """What made the book, in words.

    Args:
        ran: What `gathered` gives.

    Returns:
        {what: how it was}; no markup.
    """
    return {
        "Profile": ran["profile"] + (f" with {ran['overrides']}" if ran["overrides"] else ""),
        "Data": f"{ran['data']}, SHA-256 of its pictures {ran['data_sha256']}",
        "Commit": ran["commit"],
        "Seed": ran["seed"],
        "Versions": ", ".join(f"{name} {version}" for name, version in ran["versions"].items()),
        "Hardware": f"{ran['hardware']}; {ran['runtime']['backend']}, {ran['runtime']['precision']}",
        "Time taken": f"{clock(sum(ran['seconds'].values()))} minutes for all notebooks",
    }


def box(ran: dict[str, Any], page: str) -> str:
    """The box of one page.

    Args:
        ran: What `gathered` gives.
        page: The page's name, such as "book/nb/03_icnt".

    Returns:
        HTML, closed at first; every text is escaped.
    """
    told, own = facts(ran), ran["seconds"].get(page.rpartition("/")[2])
    told["Time taken"] += f", {clock(own)} of them for this page" if own else ""
    rows = "".join(f"<dt>{name}</dt><dd>{escape(str(value))}</dd>" for name, value in told.items())
    return f'<details class="provenance"><summary>What made this page</summary><dl>{rows}</dl></details>'


def add_box(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Puts the box under the body of a page that is written, not of the search page and its like."""
    if doctree is not None and FILE.exists():
        context["body"] += box(json.loads(FILE.read_text()), page)


def main() -> None:
    """The command line; see the module's first lines."""
    parser = argparse.ArgumentParser(description=__doc__, fromfile_prefix_chars="@")
    parser.add_argument("target", type=Path)
    for option in ("profile", "data", "set"):
        parser.add_argument(f"--{option}", default="")
    parser.add_argument("--build", type=Path, required=True)
    asked = parser.parse_args()
    asked.target.parent.mkdir(parents=True, exist_ok=True)
    write_json(asked.target, gathered(RunPaths(asked.profile, asked.build), asked.set))


if __name__ == "__main__":
    main()
