"""Two builds of one run are the same book, byte by byte; what makes the PDF is the book as well."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from visits import CHAPTERS, PAGES

from workflow.pdf import ON_SCREEN, anchor

PRINTED = [name for name in PAGES if name.removesuffix(".html") not in ON_SCREEN]


def checksums(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def run(book, module: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", module]
    done = subprocess.run(command, cwd=book.root, env=book.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_two_builds_of_one_run_are_identical(ci_book, html, tmp_path):
    shutil.copytree(html, tmp_path / "first")
    run(ci_book, "workflow.assemble")
    first, second = checksums(tmp_path / "first"), checksums(html)
    assert [name for name in first.keys() | second.keys() if first.get(name) != second.get(name)] == []


@pytest.fixture(scope="module")
def pdf(ci_book, chromium) -> bytes:
    run(ci_book, "workflow.pdf")
    return (ci_book.root / "_build" / "mammobook.pdf").read_bytes()


@pytest.fixture(scope="module")
def printed(pdf, ci_book) -> BeautifulSoup:
    return BeautifulSoup((ci_book.root / "_build" / "print.html").read_text(), "html.parser")


def test_the_pdf_is_one_document_with_an_outline(pdf):
    assert pdf.startswith(b"%PDF-") and pdf.count(b"/Type /Page\n") > 30
    assert b"/Outlines" in pdf and b"/StructTreeRoot" in pdf


def test_every_page_is_printed_once_in_the_order_of_the_book(printed, pages):
    titles = [chapter.find("h1").get_text() for chapter in printed.select("div.chapter")]
    wanted = [pages[name].find("h1").find(string=True, recursive=False) for name in PRINTED]
    assert titles == [*wanted, "Solutions"]


def test_every_link_within_the_pdf_has_its_target_and_no_id_is_twice(printed):
    ids = [tag["id"] for tag in printed.find_all(id=True)]
    assert len(set(ids)) == len(ids)
    assert {link["href"] for link in printed.select("a[href^='#']")} <= {f"#{name}" for name in ids}
    assert printed.select("a[href$='.html'], a[href*='.html#']:not([href^=http])") == []


def test_every_picture_of_the_pdf_is_there(printed, html):
    sources = [picture["src"] for picture in printed.find_all("img") if not picture["src"].startswith("data:")]
    assert sources
    assert [source for source in sources if not (html.parent / source).is_file()] == []


def test_paper_has_twins_for_explorers_and_solutions_at_the_end(printed, pages):
    assert printed.select("script[type*=widget], .plotly-graph-div, .explorer") == []
    assert len(printed.select(".twin")) == sum(len(pages[name].select(".twin")) for name in PRINTED)
    *chapters, solutions = printed.select("div.chapter")
    assert [chapter for chapter in chapters if chapter.select(".cell_input")] == []
    for name in CHAPTERS:
        assert solutions.find("a", href=f"#{anchor(f'book/nb/{name}')}")
    assert len(solutions.select("h3")) == sum(len(pages[name].select(".tag_solution")) for name in PRINTED)
