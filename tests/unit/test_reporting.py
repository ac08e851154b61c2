"""The filled-in checklists are whole, and every page they name exists."""

import re

import pytest
import yaml

from helpers.paths import BOOK, ROOT

CLAIM = [str(number) for number in range(1, 45)]
TRIPOD = [
    *"1 2 3a 3b 3c 4 5a 5b 6a 6b 6c 7 8a 8b 8c 9a 9b 9c 10 11 12a 12b 12c 12d 12e 12f 12g 13 14 15 16 17".split(),  # noqa: SIM905
    *"18a 18b 18c 18d 18e 18f 19 20a 20b 20c 21 22 23a 23b 24 25 26 27a 27b 27c".split(),  # noqa: SIM905
]  # fmt: skip
NONE = {"None", "Not stated", "Not known", "Not available", "Not applicable", "Not possible", "Foot of each page"}


def rows(name: str) -> list[list[str]]:
    lines = (BOOK / "reporting" / f"{name}.md").read_text().splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return cells[2:]


@pytest.mark.parametrize(("name", "numbers"), [("claim", CLAIM), ("tripod_ai", TRIPOD)])
def test_every_item_is_answered_once_and_in_order(name, numbers):
    assert [row[0] for row in rows(name)] == numbers
    assert all(len(row) == 4 and all(row) for row in rows(name))


@pytest.mark.parametrize("name", ["claim", "tripod_ai"])
def test_each_names_a_page_of_the_book_or_says_that_there_is_none(name):
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    pages = {toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])}
    for number, _, where, _ in rows(name):
        links = re.findall(r"\]\(([^)]+)\)", where)
        assert links or where in NONE, number
        for link in links:
            page = (BOOK / "reporting" / link).resolve().relative_to(ROOT).with_suffix("")
            assert page.as_posix() in pages, f"item {number} names {page}"
