"""Archives of pictures: downloaded once, refused when they change, unpacked once and never outside their folder."""

import os
import shutil
import tarfile
import zlib
from hashlib import file_digest
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import pooch

from helpers.datasets.exams import DatasetError

MOST_GROWTH = 100
"""Mammograms shrink to a third at best; what grows so much on unpacking is made to fill a disk."""


def cache_folder() -> Path:
    """The folder for downloads and unpacked archives: MAMMOBOOK_CACHE, or the user's cache folder."""
    return Path(os.environ.get("MAMMOBOOK_CACHE") or pooch.os_cache("mammobook"))


def checksum(path: Path) -> str:
    """The SHA-256 of a file, 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def downloaded(url: str) -> Path:
    """Downloads a file whose checksum nobody has published, and refuses it when it changes later.

    The first download is trusted and its SHA-256 recorded beside it; from then on the file must match the record
    ("trust on first use").

    Args:
        url: The file's public address.

    Returns:
        The downloaded file in `cache_folder()`.

    Raises:
        DatasetError: The download failed or does not match the record.
    """
    name = PurePosixPath(url).name
    record = cache_folder() / f"{name}.sha256"
    try:
        known = record.read_text().strip() if record.exists() else None
        path = Path(pooch.retrieve(url, known_hash=known, fname=name, path=cache_folder()))
        record.write_text(known or checksum(path))
    except (OSError, ValueError) as error:  # pooch: no network, no space; ValueError: the checksum differs
        raise DatasetError(f"{url}: the download failed, pass DATA=<archive or folder> instead ({error})") from error
    return path


def unpacked(archive: Path) -> Path:
    """Unpacks a tar archive once, into a cache folder named by the archive's SHA-256.

    On disk rather than in memory, because a compressed archive has no random access, notebooks that run at the
    same time share the files, and the whole set need not fit in memory.

    Args:
        archive: A tar archive, compressed or not.

    Returns:
        The folder with the members.

    Raises:
        DatasetError: The archive is damaged, or has a member that is a link, a device, absolute or climbs with `..`;
            or it grows beyond `MOST_GROWTH`.
    """
    target = cache_folder() / "unpacked" / checksum(archive)
    if target.is_dir():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=target.parent, prefix=".unpacking-") as scratch:
            _extract(archive, Path(scratch) / "members")
            _publish(Path(scratch) / "members", target)
    except (DatasetError, tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise DatasetError(f"{archive}: expected a whole, plain tar archive and room to unpack it; {error}") from error
    return target


def _extract(archive: Path, folder: Path) -> None:
    folder.mkdir()
    room = MOST_GROWTH * archive.stat().st_size + (1 << 20)
    with tarfile.open(archive, "r:*") as tar:
        # Member by member: Debian 12's Python 3.11.2 has no extractall(filter=...).
        for member in tar:
            room -= member.size
            if room < 0:
                raise DatasetError(f"with {member.name!r} it grows to over {MOST_GROWTH} times its size")
            _write(tar, member, folder / _plain_name(member))
        while tar.fileobj.read(1 << 20):  # to the end, where gzip keeps the checksum of what was unpacked
            pass


def _plain_name(member: tarfile.TarInfo) -> PurePosixPath:
    name = PurePosixPath(member.name.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or not (member.isfile() or member.isdir()):
        kind = "file" if member.isfile() else "folder" if member.isdir() else "link or device"
        raise DatasetError(f"member {member.name!r} is a {kind} that may lead outside the archive's own folder")
    return name


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    (target if member.isdir() else target.parent).mkdir(parents=True, exist_ok=True)
    if member.isfile():
        with tar.extractfile(member) as source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink)


def _publish(members: Path, target: Path) -> None:
    try:
        members.rename(target)  # atomic: an interrupted run never leaves half an archive under its name
    except OSError:
        if not target.is_dir():  # else another process was faster, with the same members
            raise
        shutil.rmtree(members)
