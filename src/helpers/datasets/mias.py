"""mini-MIAS: 322 digitized film mammograms of 161 patients, J. Suckling et al. (1994)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pandas as pd

from helpers.datasets.archive import checksum, downloaded, unpacked
from helpers.datasets.exams import LABELS, Dataset, DatasetError, validated
from helpers.datasets.pictures import Checked, checked, decoded

URL = "http://peipa.essex.ac.uk/pix/mias/all-mias.tar.gz"

KNOWN_ARCHIVES = {
    "60845f0f25f3dd40cee31a11d5984e51977b824fe757c0769010a302c1054433": "254 of the 322 pictures, 127 of 161 patients"
}
"""Archives whose content is known, by SHA-256. For the full archive its keepers publish none (see `downloaded`)."""

TISSUES = ("F", "G", "D")
ABNORMALITIES = ("CALC", "CIRC", "SPIC", "MISC", "ARCH", "ASYM", "NORM")
SEVERITIES = {"B": "benign", "M": "malignant"}

Circle = tuple[float, float, float]
"""x, y from the BOTTOM-left corner, and radius, in pixels."""


@dataclass(frozen=True)
class Finding:
    """One line of Info.txt; a picture may stand on several."""

    image_id: str
    density: str
    abnormality: str
    label: str
    circle: Circle | None


def load(path: Path | None = None) -> Dataset:
    """Loads mini-MIAS.

    An archive is unpacked once into the cache folder (`unpacked`). Of a picture on several lines of Info.txt the
    worst severity counts, and of that severity the largest circle. Films come in pairs, odd numbers right and even
    numbers left breasts of one patient, all of them mediolateral oblique.

    Args:
        path: The tar.gz archive, or a folder with mdbNNN.pgm and Info.txt, in it or one folder deeper. None
            downloads the archive; no checksum is published for it, so the first download is trusted and recorded,
            and a later one that differs is refused.

    Returns:
        The Dataset; its notes name each picture that was dropped or whose lesion has no place.

    Raises:
        DatasetError: No archive or folder, a damaged archive, a line of Info.txt that could give a wrong label
            (named by its number), or more than a tenth of the pictures unreadable.
    """
    path = downloaded(URL) if path is None else Path(path)
    folder, origin = _folder(path)
    files = _files(folder, path)
    findings, several = _worst(_findings(files.pop("info.txt")))
    pictures = {file.stem.lower(): file for name, file in files.items()}
    seen, unreadable = checked(pictures.values(), lambda picture: picture.shape[:2], str(path))
    kept = [image_id for image_id in sorted(pictures) if image_id in findings and pictures[image_id] in seen]
    rows = [_row(findings[image_id], seen[pictures[image_id]]) for image_id in kept]
    exams = validated(rows, str(path))
    notes = (*origin, *unreadable, *several, *_unmatched(pictures, findings), *_placeless(exams))
    return Dataset("mias", exams, lambda image_id: decoded(pictures[image_id]), notes)


def findings(path: Path | None = None) -> pd.DataFrame:
    """All lines of Info.txt, of which `load` keeps one a picture.

    Args:
        path: As for `load`.

    Returns:
        DataFrame, one row a line: image_id, abnormality, label, x, y (from the BOTTOM-left corner) and radius, px;
        NaN where no place is given.

    Raises:
        DatasetError: As `load` does.
    """
    path = downloaded(URL) if path is None else Path(path)
    rows = _findings(_files(_folder(path)[0], path)["info.txt"])
    columns = ["image_id", "abnormality", "label", "x", "y", "radius"]
    table = [(row.image_id, row.abnormality, row.label, *(row.circle or (None,) * 3)) for row in rows]
    return pd.DataFrame(table, columns=columns).astype(dict.fromkeys(columns[3:], float))


def _folder(path: Path) -> tuple[Path, list[str]]:
    if path.is_dir():
        return path, []
    if not path.is_file():
        raise DatasetError(f"{path}: expected the mini-MIAS archive or its folder, found nothing there")
    digest = checksum(path)
    content = KNOWN_ARCHIVES.get(digest, "not one whose content was known before")
    return unpacked(path), [f"archive {path.name}, SHA-256 {digest}: {content}"]


def _files(folder: Path, path: Path) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for file in sorted([*folder.iterdir(), *folder.glob("*/*")]):
        name = file.name.lower()
        if name != "info.txt" and not re.fullmatch(r"mdb\d{3}\.pgm", name):
            continue
        if name in files:
            raise DatasetError(f"{path}: expected one {name}, got {files[name]} and {file}")
        files[name] = file
    if "info.txt" not in files:
        raise DatasetError(f"{path}: expected Info.txt and mdbNNN.pgm in it or one folder deeper, found no Info.txt")
    return files


def _findings(info: Path) -> list[Finding]:
    lines = info.read_text(encoding="latin-1").splitlines()
    findings = [_finding(line.split(), f"{info}, line {n}") for n, line in enumerate(lines, 1) if _is_entry(line)]
    if not findings:
        raise DatasetError(f"{info}: expected lines such as 'mdb001 G CIRC B 535 425 197', found none")
    return findings


def _is_entry(line: str) -> bool:
    return line.lower().lstrip().startswith("mdb")


def _finding(fields: list[str], where: str) -> Finding:
    reference, density, abnormality, *rest = [*fields, "", ""][: max(len(fields), 3)]
    _expect(re.fullmatch(r"mdb\d{3}", reference.lower()), "a reference mdbNNN", reference, where)
    _expect(density in TISSUES, f"a tissue of {', '.join(TISSUES)}", density, where)
    _expect(abnormality in ABNORMALITIES, f"an abnormality of {', '.join(ABNORMALITIES)}", abnormality, where)
    if abnormality == "NORM":
        _expect(not rest, "nothing after NORM", " ".join(rest), where)
        return Finding(reference.lower(), density, abnormality, "normal", None)
    severity, *place = rest or [""]
    _expect(severity in SEVERITIES, f"a severity of {', '.join(SEVERITIES)}", severity, where)
    return Finding(reference.lower(), density, abnormality, SEVERITIES[severity], _circle(place, where))


def _circle(place: list[str], where: str) -> Circle | None:
    if not place or place[0].startswith("*NOTE"):
        return None
    numbers = [float(field) for field in place if re.fullmatch(r"\d+(\.\d+)?", field)]
    whole = len(numbers) == len(place) == 3 and numbers[2] > 0
    _expect(whole, "x, y and a radius above 0, or none of them", " ".join(place), where)
    return tuple(numbers)


def _expect(holds: object, expected: str, came: str, where: str) -> None:
    if not holds:
        raise DatasetError(f"{where}: expected {expected}, got {came!r}")


def _worst(findings: list[Finding]) -> tuple[dict[str, Finding], list[str]]:
    by_picture = {
        image_id: list(group)
        for image_id, group in groupby(sorted(findings, key=lambda f: f.image_id), key=lambda f: f.image_id)
    }
    several = [
        f"{image_id} ({', '.join(finding.label for finding in group)})"
        for image_id, group in by_picture.items()
        if len(group) > 1
    ]
    rule = "on several lines of Info.txt, the worst severity and of that the largest circle count"
    return {image_id: max(group, key=_rank) for image_id, group in by_picture.items()}, _note(rule, several)


def _rank(finding: Finding) -> tuple[int, float]:
    return LABELS.index(finding.label), finding.circle[2] if finding.circle else 0.0


def _row(finding: Finding, picture: Checked) -> dict:
    number, height, width = int(finding.image_id[3:]), *picture.seen
    x, y, radius = finding.circle or (None, None, None)
    inside = finding.circle and x <= width and y <= height
    return {
        "image_id": finding.image_id,
        "patient_id": f"mias-{(number + 1) // 2:03d}",
        "source": "mini-MIAS",
        "laterality": "R" if number % 2 else "L",
        "view": "MLO",
        "label": finding.label,
        "density": finding.density,
        "abnormality": finding.abnormality,
        "lesion_x": x if inside else None,
        "lesion_y": height - y if inside else None,
        "lesion_radius": radius if inside else None,
        "sha256": picture.sha256,
    }


def _unmatched(pictures: Iterable[str], findings: Iterable[str]) -> list[str]:
    return [
        *_note("dropped, a picture without a line in Info.txt", sorted(set(pictures) - set(findings))),
        *_note("a line in Info.txt without a picture", sorted(set(findings) - set(pictures))),
    ]


def _placeless(exams: pd.DataFrame) -> list[str]:
    placeless = exams[(exams["label"] != "normal") & exams["lesion_radius"].isna()]
    return _note("abnormal, but Info.txt gives no place of the lesion in the picture", placeless["image_id"])


def _note(what: str, names: Iterable[str]) -> list[str]:
    names = list(names)
    return [f"{what}: {', '.join(names)}"] if names else []
