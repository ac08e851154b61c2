"""Archives: what may be unpacked, and downloads whose content must not change."""

import io
import tarfile
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from helpers.datasets import mias
from helpers.datasets.archive import downloaded, unpacked
from helpers.datasets.exams import DatasetError


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MAMMOBOOK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def archive(target, *members: tarfile.TarInfo, content: bytes = b"hello"):
    with tarfile.open(target, "w:gz") as tar:
        for member in members:
            member.size = len(content) if member.isfile() else 0
            tar.addfile(member, io.BytesIO(content))
    return target


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def everything(folder):
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*"))


def test_members_arrive_whole_and_once(tmp_path):
    path = archive(tmp_path / "a.tar.gz", member("x/y.txt"), member("z.txt"))
    folder = unpacked(path)
    assert everything(folder) == ["x", "x/y.txt", "z.txt"]
    assert (folder / "x/y.txt").read_bytes() == b"hello"
    (folder / "mark").touch()
    assert (unpacked(path) / "mark").exists()


@pytest.mark.parametrize(
    "bad",
    [
        member("../outside.txt"),
        member("x/../../outside.txt"),
        member("..\\outside.txt"),
        member("/outside.txt"),
        member("link", tarfile.SYMTYPE, "../.."),
        member("hard", tarfile.LNKTYPE, "good.txt"),
        member("pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda info: info.name,
)
def test_a_member_that_leads_outside_is_refused(tmp_path, bad):
    path = archive(tmp_path / "a.tar.gz", member("good.txt"), bad)
    with pytest.raises(DatasetError) as error:
        unpacked(path)
    assert "a.tar.gz" in str(error.value)
    assert repr(bad.name) in str(error.value)
    assert everything(tmp_path) == ["a.tar.gz", "cache", "cache/unpacked"]


def test_an_archive_made_to_fill_the_disk_is_refused_and_leaves_nothing(tmp_path, cache):
    path = archive(tmp_path / "bomb.tar.gz", member("zeros"), content=bytes(20 << 20))
    with pytest.raises(DatasetError, match=r"bomb.tar.gz: .* with 'zeros' it grows to over 100 times its size"):
        unpacked(path)
    assert everything(cache / "unpacked") == []


def test_a_damaged_archive_is_refused_and_leaves_nothing(tmp_path):
    whole = archive(tmp_path / "a.tar.gz", member("x.txt"), content=bytes(range(256)) * 400).read_bytes()
    wrong_sum = whole[:-8] + bytes(8)
    for content in (whole[: len(whole) // 2], whole[:-4], wrong_sum, b"not an archive", b""):
        (tmp_path / "b.tar.gz").write_bytes(content)
        with pytest.raises(DatasetError, match=r"b\.tar\.gz: expected a whole, plain tar archive"):
            unpacked(tmp_path / "b.tar.gz")
    assert everything(tmp_path / "cache/unpacked") == []


@pytest.fixture
def host(tmp_path):
    """A host of the archive: its folder and its address."""
    folder = tmp_path / "host"
    folder.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}/set.tar.gz"
    server.shutdown()
    server.server_close()


def test_a_download_is_kept_with_its_checksum(host, cache):
    folder, url = host
    (folder / "set.tar.gz").write_bytes(b"first")
    assert downloaded(url).read_bytes() == b"first"
    assert (cache / "set.tar.gz.sha256").read_text() == sha256(b"first").hexdigest()
    (folder / "set.tar.gz").unlink()
    assert downloaded(url).read_bytes() == b"first"


def test_a_download_that_changed_is_refused(host, cache):
    folder, url = host
    (folder / "set.tar.gz").write_bytes(b"first")
    path = downloaded(url)
    (folder / "set.tar.gz").write_bytes(b"second")
    path.unlink()
    with pytest.raises(DatasetError, match="pass DATA="):
        downloaded(url)
    assert not path.exists()


def test_a_kept_download_that_was_damaged_is_fetched_again(host):
    folder, url = host
    (folder / "set.tar.gz").write_bytes(b"first")
    downloaded(url).write_bytes(b"damaged")
    assert downloaded(url).read_bytes() == b"first"


def test_a_failed_download_says_what_to_pass(host, monkeypatch):
    _, url = host
    monkeypatch.setattr(mias, "URL", url)
    with pytest.raises(DatasetError, match="pass DATA=<archive or folder>"):
        mias.load(None)


def test_mini_mias_is_loaded_from_its_host(host, monkeypatch):
    folder, url = host
    info = tarfile.TarInfo("Info.txt")
    archive(folder / "set.tar.gz", info, content=b"mdb001 G NORM\n")
    monkeypatch.setattr(mias, "URL", url)
    with pytest.raises(DatasetError, match="expected pictures, found none"):  # it got as far as the content
        mias.load(None)
