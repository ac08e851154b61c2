"""Measures and writes build/bench/*.json, which the book's page on speed reads.

python -m bench [training convnext preprocessing explaining onednn rebuild growth throughput] [--small]
"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console

from bench.levers import LEVERS, TABLES, record
from helpers import speed


def main() -> int:
    """The command line; see the module's first lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    everything = [*LEVERS, *TABLES]
    parser.add_argument("names", nargs="*", help=", ".join(everything))
    parser.add_argument("--small", action="store_true", help="smallest inputs: shows that it runs, measures nothing")
    parser.add_argument("--folder", type=Path, default=speed.FOLDER)
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in everything]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; valid: {', '.join(everything)}")
    # Each in a process of its own: the threads and the heap that one leaves behind would slow the next.
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as fresh:
        for name in asked.names or everything:
            fresh.submit(record, name, asked.folder, asked.small).result()
    Console(highlight=False, soft_wrap=True).print(speed.load(asked.folder).as_text(), markup=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
