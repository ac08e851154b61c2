"""Launch buttons: none without a repository, and with one, links to what is there."""

from urllib.parse import parse_qs, urlsplit

import jupytext
import nbformat
import pytest

from helpers.paths import NOTEBOOKS, ROOT
from workflow import exercises, launch, pages

NAMES = sorted(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.py"))


class Buttons(dict):
    """What Sphinx gives for a page: the buttons of its header."""

    def __init__(self, page: str) -> None:
        super().__init__(header_buttons=[])
        pages.offer_launch(None, page, "page.html", self, None)


@pytest.fixture
def known(monkeypatch):
    monkeypatch.setenv(launch.VARIABLE, "somebody/mammobook")


def test_without_a_repository_there_is_no_button(monkeypatch):
    monkeypatch.delenv(launch.VARIABLE, raising=False)
    assert Buttons("book/nb/05_metrics")["header_buttons"] == []


@pytest.mark.parametrize("page", ["book/index", "book/nb/gallery", "book/nb/bundled", "search"])
def test_only_chapters_are_launched(known, page):
    assert Buttons(page)["header_buttons"] == []


@pytest.mark.parametrize("name", NAMES)
def test_binder_opens_a_file_of_the_repository(known, name):
    (group,) = Buttons(f"book/nb/{name}")["header_buttons"]
    binder = urlsplit(next(link["url"] for link in group["buttons"] if link["text"] == "Binder"))
    assert binder.path == "/v2/gh/somebody/mammobook/HEAD"
    path = parse_qs(binder.query)["urlpath"][0].removeprefix("lab/tree/")
    assert (ROOT / path).is_file()


def test_binder_has_what_it_needs():
    assert "requirements.lock" in (ROOT / "environment.yml").read_text()
    assert "set-default-viewer python" in (ROOT / "postBuild").read_text()


def test_colab_opens_a_notebook_that_the_workflow_pushes(known, monkeypatch, tmp_path):
    monkeypatch.setattr(launch, "FOLDER", tmp_path)
    assert launch.main() == 0
    for name in NAMES:
        address = launch.colab("somebody/mammobook", name)
        assert address.startswith(f"https://colab.research.google.com/github/somebody/mammobook/blob/{launch.BRANCH}/")
        nbformat.validate(nbformat.read(tmp_path / address.rpartition("/")[2], as_version=4))
    pushed = (ROOT / ".github" / "workflows" / "book.yml").read_text()
    assert f"_build/{launch.BRANCH}" in pushed and f"refs/heads/{launch.BRANCH}" in pushed


def test_a_notebook_for_colab_fetches_the_book_first_and_closes_its_solutions():
    source = NOTEBOOKS / "05_metrics.py"
    made = launch.for_colab(jupytext.read(source), "somebody/mammobook")
    code = [cell for cell in made.cells if cell.cell_type == "code"]
    assert "git clone" in code[0].source and "somebody/mammobook" in code[0].source
    assert len(made.cells) == len(jupytext.read(source).cells) + 1
    for cell in filter(exercises.is_solution, made.cells):
        assert cell.metadata.cellView == "form"
        assert cell.source.splitlines()[0] == "#@title Show the solution"


@pytest.mark.parametrize("wrong", ["somebody", "https://github.com/somebody/mammobook", "a/b/c", "a b/c"])
def test_a_wrong_name_is_refused(monkeypatch, wrong):
    monkeypatch.setenv(launch.VARIABLE, wrong)
    with pytest.raises(ValueError, match="expected owner/name"):
        launch.repository()


def test_running_it_without_a_repository_says_so(monkeypatch, capsys):
    monkeypatch.delenv(launch.VARIABLE, raising=False)
    assert launch.main() == 1
    assert launch.VARIABLE in capsys.readouterr().err
