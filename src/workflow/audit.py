"""`make audit`: looks every locked package up among the known weaknesses, with pip-audit.

python -m workflow.audit
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from helpers.paths import ROOT

LOCKS = ("requirements.lock", "requirements-backends.lock")
TOOL = "pip-audit==2.10.1"
EXCEPTION = re.compile(r"^\|\s*((?:GHSA|CVE|PYSEC)[\w-]+)\s*\|", re.MULTILINE)
"""A row of the table of exceptions in SECURITY.md."""
SOUND, WEAK, UNKNOWN = 0, 1, 2


def exceptions(text: str) -> set[str]:
    """The weaknesses that are known and accepted, each with its reason beside it.

    Args:
        text: SECURITY.md.

    Returns:
        Their names, such as "CVE-2026-1234".
    """
    return set(EXCEPTION.findall(text))


def verdict(report: dict[str, Any] | None, excepted: set[str]) -> tuple[int, list[str]]:
    """What a report comes to.

    pip-audit also ends well where it could look nothing up; that is not taken for an answer here.

    Args:
        report: Of `pip-audit --format json`; None where it gave none.
        excepted: As `exceptions` gives them.

    Returns:
        `SOUND`, `WEAK` or `UNKNOWN`, and lines that say why.
    """
    if report is None:
        return UNKNOWN, ["the data base of weaknesses cannot be reached from here, so nothing was looked up"]
    found = [
        f"{package['name']} {package['version']}: {weakness['id']}, mended in {', '.join(weakness['fix_versions'])}"
        for package in report["dependencies"]
        for weakness in package.get("vulns", [])
        if not {weakness["id"], *weakness.get("aliases", [])} & excepted
    ]
    skipped = [package["name"] for package in report["dependencies"] if "skip_reason" in package]
    looked_up = len(report["dependencies"]) - len(skipped)
    lines = [*found, f"{looked_up} packages looked up, {len(found)} weaknesses that SECURITY.md does not except"]
    if skipped:
        lines.append(f"not looked up, since the data base was not reached or does not know them: {', '.join(skipped)}")
    return (WEAK if found else UNKNOWN if skipped else SOUND), lines


def audited(lock: Path) -> dict[str, Any] | None:
    """pip-audit's report on a lock file; None where it gave none. It runs in an environment of its own."""
    command = [Path(sys.executable).parent / "uv", "tool", "run", "--python", sys.executable, TOOL]
    command += ["--requirement", lock, "--disable-pip", "--require-hashes", "--format", "json"]
    run = subprocess.run([*command, "--progress-spinner", "off"], capture_output=True, text=True, cwd=ROOT)
    try:
        return json.loads(run.stdout)
    except json.JSONDecodeError:
        return None


def main() -> int:
    """The command line; see the module's first lines."""
    excepted, codes = exceptions((ROOT / "SECURITY.md").read_text()), []
    for name in LOCKS:
        code, lines = verdict(audited(ROOT / name), excepted)
        codes.append(code)
        print(f"{name}:", *lines, sep="\n  ")
    return WEAK if WEAK in codes else max(codes)


if __name__ == "__main__":
    sys.exit(main())
