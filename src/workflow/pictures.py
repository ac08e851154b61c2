"""`make pictures`: the pictures of a large screening set for chapter 14, framed in parts, a job each, on any engine.

python -m workflow.pictures --profile demo --set "ladder.data=rsna ladder.path=..." --parts 100 --engine slurm
"""

import argparse
import shutil
import sys
from pathlib import Path

from rich.console import Console

from helpers import profile as profiles
from helpers.paths import RunPaths
from helpers.profile import Profile, ProfileError
from workflow import coordinator, engines
from workflow.engines import Engine

PARTS = "parts"


def make(asked: argparse.Namespace, profile: Profile, console: Console) -> int:
    """Asks an engine for the parts that are missing, and joins them."""
    engine = Engine(asked.engine, asked.jobs)
    engine.check()
    if engine.name == "kubernetes":
        raise ProfileError("ENGINE=kubernetes shares no disk with this machine, and the pictures are joined on one")
    folder = RunPaths(profile.name).ladder / "pictures"
    label = engines.label(f"pictures-{profile.name}", folder)
    request = {"profile": profile.name, "set": asked.set, "parts": asked.parts}
    with coordinator.only_start(folder):
        words = coordinator.command("Picturefile", folder, request, engine.options(label))
        code = coordinator.run(engine, words, folder, label, console)
    where = f"the parts are not whole; {folder / 'logs' / 'snakemake.log'} says more"
    console.print(where if code else f"the pictures of chapter 14: {folder}")
    return 1 if code else 0


def do_part(asked: argparse.Namespace, profile: Profile) -> int:
    """The job that frames one part."""
    from helpers.ladder.pictures import framed_part

    framed_part(profile.ladder, profile.seed, asked.folder, asked.part, asked.parts, asked.processes)
    return 0


def do_join(asked: argparse.Namespace, profile: Profile) -> int:
    """The job that joins all parts, and removes them."""
    from helpers.ladder.pictures import join_parts

    parts = [asked.join / PARTS / str(number) for number in range(asked.parts)]
    join_parts(profile.ladder, profile.seed, asked.join, parts)
    for part in parts:
        shutil.rmtree(part)
    return 0


def main() -> int:
    """The command line; see the module's first lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", required=True)
    parser.add_argument("--set", default="")
    parser.add_argument("--engine", default="local")
    for option, value in {"jobs": 0, "parts": 16, "part": -1, "processes": 1}.items():
        parser.add_argument(f"--{option}", type=int, default=value)
    for option in ("folder", "join"):
        parser.add_argument(f"--{option}", type=Path)
    asked = parser.parse_args()
    console = Console(soft_wrap=True, highlight=False)
    try:
        profile = profiles.load(asked.profile, asked.set)
        if asked.join:
            return do_join(asked, profile)
        return do_part(asked, profile) if asked.part >= 0 else make(asked, profile, console)
    except ProfileError as error:
        console.print(f"make pictures: {error}", markup=False)
        return 2
    except KeyboardInterrupt:
        console.print("stopped; `make pictures` goes on where it was")
        return 130


if __name__ == "__main__":
    sys.exit(main())
