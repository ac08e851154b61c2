"""`make dashboard`: what it asks for first, what it shows, and whom Voila listens to."""

import ast
import http.client
import json
import os
import re
import socket
import stat
import subprocess
import sys
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
    settings = dashboard.configuration(8899, "t")
    assert settings.Voila.ip == "127.0.0.1"
    assert settings.Voila.tornado_settings["allow_remote_access"] is False
    assert settings.VoilaConfiguration.allow_template_override == "NO"
    assert settings.VoilaConfiguration.file_allowlist == []


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """A real server without a notebook: answers(path, token="", method="GET") -> status, headers, text."""
    home, pages = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("pages")
    port = dashboard.free_port()
    serve = f"dashboard.serve(Path({str(pages)!r}), {port}, 'secret')"
    code = f"from pathlib import Path; from workflow import dashboard; {serve}"
    environment = {**os.environ, **dict.fromkeys(("HOME", "TMPDIR"), str(home)), "BROWSER": "true"}
    server = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)

    def ask(path: str, token: str = "", method: str = "GET", cookie: str = "") -> tuple[int, dict, str]:
        connection = http.client.HTTPConnection(dashboard.HOST, port, timeout=60)
        connection.request(method, path + (f"?token={token}" if token else ""), headers={"Cookie": cookie})
        answer = connection.getresponse()
        cookies = [each.partition(";")[0] for each in answer.headers.get_all("Set-Cookie") or []]
        return answer.status, {**answer.headers, "Cookie": "; ".join(cookies)}, answer.read().decode()

    try:
        assert f"http://127.0.0.1:{port}/?token=secret" in server.stdout.readline()
        for _ in range(600):
            if not socket.socket().connect_ex((dashboard.HOST, port)):
                break
            with pytest.raises(subprocess.TimeoutExpired):
                server.wait(0.1)
        ask.home = home
        yield ask
    finally:
        server.terminate()
        server.communicate()


@pytest.mark.parametrize("path", ["/", "/voila/render/own_picture.ipynb", "/voila/tree/", "/not/there"])
@pytest.mark.parametrize("token", ["", "another"])
def test_without_the_token_there_is_no_page(answers, path, token):
    status, headers, text = answers(path, token)
    if status == 302:
        status, _, text = answers(headers["Location"])
    assert status in (403, 404)
    assert "own_picture" not in text


@pytest.mark.parametrize("path", ["/api/kernels/" + "0" * 8 + "-0000-0000-0000-" + "0" * 12, "/voila/api/shutdown/0"])
def test_without_the_token_no_program_is_reached(answers, path):
    assert answers(path, method="POST")[0] == 403
    assert answers(f"{path}/channels")[0] in (302, 403, 404)


def test_the_token_opens_and_a_cookie_keeps_open(answers):
    status, headers, text = answers("/", "secret")
    assert status == 200 and "MammoBook, live" in text
    assert answers("/", cookie=headers["Cookie"])[0] == 200
    assert answers("/", cookie=re.sub("=[^;]*", "=forged", headers["Cookie"]))[0] == 302


def test_who_is_refused_reads_what_to_do(answers):
    status, _, text = answers("/login")
    assert status == 403 and "address that" in text and "Not a medical device" in text
    assert "<form" not in text and "<script" not in text


def test_the_token_is_in_no_file_that_others_may_read(answers):
    holding = [path for path in answers.home.rglob("*") if path.is_file() and b"secret" in path.read_bytes()]
    assert len(holding) == 1
    assert stat.S_IMODE(holding[0].stat().st_mode) == 0o600


def test_a_run_is_finished_only_when_all_of_it_is(tmp_path, monkeypatch):
    run = runs.Run(SimpleNamespace(), "", RunPaths("ci", tmp_path))
    monkeypatch.setattr(runs, "is_prepared", lambda *_: True)
    missing = {"iiv3"}
    monkeypatch.setattr(runs, "is_trained", lambda name, *_: name not in missing)
    assert not run.finished
    missing.clear()
    assert run.finished
