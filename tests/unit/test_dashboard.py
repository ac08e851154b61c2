"""`make dashboard`: what it asks for first, what it shows, and whom Voila listens to."""

import ast
import json
import socket
from types import SimpleNamespace

import jupytext
import nbformat
import pytest

from helpers import run as runs
from helpers.paths import RunPaths
from workflow import dashboard
from workflow.fingerprint import notebook_code


@pytest.fixture
def built(tmp_path, monkeypatch):
    monkeypatch.setattr(dashboard, "ROOT", tmp_path)
    monkeypatch.setattr(dashboard, "RunPaths", lambda profile: RunPaths(profile, tmp_path / "build"))
    return tmp_path / "build"


def asked_for(built, **values) -> dict[str, str]:
    logs = built / "ci" / "logs"
    logs.mkdir(parents=True)
    (logs / "request.json").write_text(json.dumps({"profile": "ci", "data": "", "set": "", "build": "x", **values}))
    return dashboard.request("ci")


def test_without_a_book_it_says_how_to_make_one(built, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["dashboard", "--profile", "ci"])
    assert dashboard.main() == 2
    assert capsys.readouterr().out.splitlines() == [
        "make dashboard: nothing is built of profile ci yet; make it first: make book PROFILE=ci"
    ]


def test_a_profile_that_does_not_exist_is_named_with_the_nearest(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["dashboard", "--profile", "dmo"])
    assert dashboard.main() == 2
    assert "did you mean 'demo'" in capsys.readouterr().out


def test_a_half_made_run_is_not_finished_by_training_but_by_make_book(built, monkeypatch):
    asked = asked_for(built)
    monkeypatch.setattr(runs, "prepared", lambda *_: pytest.fail("prepared"))
    monkeypatch.setattr(runs, "trained", lambda *_: pytest.fail("trained"))
    with pytest.raises(dashboard.NotReadyError, match="make book PROFILE=ci"):
        dashboard.prepare(asked)


def test_it_opens_the_run_as_the_last_book_was_asked_for(built):
    asked = asked_for(built, data="films.tar.gz", set="seed=7")
    assert asked == {"profile": "ci", "data": "films.tar.gz", "settings": "seed=7", "build": str(built)}


def test_a_port_that_is_taken_is_passed_over():
    first = dashboard.free_port()
    with socket.create_server((dashboard.HOST, first)):
        assert dashboard.free_port() > first


def test_its_pages_hold_the_runs_parameters(tmp_path, built):
    asked = asked_for(built, set="seed=7")
    dashboard.write_pages(asked, tmp_path / "pages")
    pages = {path.stem: nbformat.read(path, as_version=4) for path in (tmp_path / "pages").iterdir()}
    assert set(pages) == {path.stem for path in dashboard.PAGES.glob("*.py")} >= {"own_picture", "explorers"}
    for page in pages.values():
        found = {}
        for cell in page.cells:
            if {"parameters", "injected-parameters"} & set(cell.metadata.get("tags", [])):
                exec(cell.source, found)
        assert {name: found[name] for name in asked} == asked


def test_every_page_is_linked_from_the_front():
    front = (dashboard.JUPYTER / "nbconvert/templates/mammobook/tree.html").read_text()
    assert [path.stem for path in dashboard.PAGES.glob("*.py") if f"voila/render/{path.stem}.ipynb" not in front] == []


def test_no_definition_stands_in_a_page():
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    for path in dashboard.PAGES.glob("*.py"):
        assert [node for node in ast.walk(ast.parse(notebook_code(path))) if isinstance(node, kinds)] == []
        assert jupytext.read(path).cells[0].source.startswith("# ")


def test_voila_listens_to_this_machine_alone_and_takes_nobody_elses_settings():
    settings = dashboard.configuration(8899)
    assert settings.Voila.ip == "127.0.0.1"
    assert settings.Voila.tornado_settings["allow_remote_access"] is False
    assert settings.VoilaConfiguration.allow_template_override == "NO"
    assert settings.VoilaConfiguration.file_allowlist == []


def test_a_run_is_finished_only_when_all_of_it_is(tmp_path, monkeypatch):
    run = runs.Run(SimpleNamespace(), "", RunPaths("ci", tmp_path))
    monkeypatch.setattr(runs, "is_prepared", lambda *_: True)
    missing = {"iiv3"}
    monkeypatch.setattr(runs, "is_trained", lambda name, *_: name not in missing)
    assert not run.finished
    missing.clear()
    assert run.finished
