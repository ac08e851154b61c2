"""What the audit of the locked packages comes to, and that silence is not taken for an answer."""

import pytest

from helpers.paths import ROOT
from workflow.audit import SOUND, UNKNOWN, WEAK, exceptions, verdict

WEAKNESS = {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1", "GHSA-aaaa-bbbb-cccc"], "fix_versions": ["2.0"]}


def report(*weaknesses: dict, skipped: bool = False) -> dict:
    packages = [{"name": "numpy", "version": "2.3", "vulns": []}, {"name": "h5py", "version": "1", "vulns": weaknesses}]
    return {"dependencies": [*packages, *([{"name": "keras", "skip_reason": "not found"}] if skipped else [])]}


@pytest.mark.parametrize(
    ("given", "excepted", "code", "words"),
    [
        (report(), set(), SOUND, "2 packages looked up, 0 weaknesses"),
        (report(WEAKNESS), set(), WEAK, "h5py 1: PYSEC-2026-1, mended in 2.0"),
        (report(WEAKNESS), {"CVE-2026-1"}, SOUND, "0 weaknesses"),
        (report(WEAKNESS, skipped=True), set(), WEAK, "not looked up"),
        (report(skipped=True), set(), UNKNOWN, "not looked up, since the data base was not reached"),
        (None, set(), UNKNOWN, "cannot be reached"),
    ],
)
def test_what_a_report_comes_to(given, excepted, code, words):
    found, lines = verdict(given, excepted)
    assert found == code
    assert words in "\n".join(lines)


def test_exceptions_stand_in_a_table_with_their_reasons():
    text = (
        "| exception | reason |\n|---|---|\n| CVE-2026-1 | not reached |\n| GHSA-aaaa-bbbb-cccc | no fix |\n| none | |"
    )
    assert exceptions(text) == {"CVE-2026-1", "GHSA-aaaa-bbbb-cccc"}
    assert "| exception | reason |" in (ROOT / "SECURITY.md").read_text()
