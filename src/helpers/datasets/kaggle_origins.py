"""Which film a file of the combined Kaggle set was made from: by its original name, by its position, or unknown."""

import re
from dataclasses import dataclass

POSITIONS = {
    "benign": (("INbreast", 2520, 72), ("DDSM", 5970, 6), ("MIAS", 2376, 72)),
    "malignant": (("INbreast", 5112, 72), ("DDSM", 7158, 6), ("MIAS", 1440, 72)),
}
"""Per class and in order: source, its number of files, files made from one film. Files were renamed
benign<i>.png, malignant<i>.png (i from 1) in the sorted order of their original names, so the copies of a film are
neighbors. This is inferred from how the set was prepared; the loader checks it on the pixels."""

INBREAST = re.compile(r"(?P<film>\d{8})(?!\d)")
DDSM = re.compile(r"(?:D\d+_)?(?P<patient>[A-D]_\d{4})_\d\.(?P<side>LEFT|RIGHT)_(?P<view>CC|MLO)", re.IGNORECASE)
MIAS = re.compile(r"mdb(?P<number>\d{3})(?!\d)", re.IGNORECASE)


@dataclass(frozen=True)
class Origin:
    """Where a file comes from.

    Attributes:
        source: INbreast, DDSM, MIAS, or unknown.
        patient_id: The patient, or the film where the patient is not known; None where neither is.
        laterality: L, R or None.
        view: CC, MLO or None.
        stretch: The run of files whose order told the film, such as "benign DDSM"; None where the name told it.
    """

    source: str
    patient_id: str | None = None
    laterality: str | None = None
    view: str | None = None
    stretch: str | None = None


def origin(stem: str, label: str) -> Origin:
    """Tells where a file comes from.

    Args:
        stem: The file's name without its ending: `benign17`, `20587612 (37)`, `D1_A_1177_1.RIGHT_CC (3)`.
        label: Its class.

    Returns:
        The Origin; a normal picture that is numbered comes from DDSM, of no known patient.
    """
    numbered = re.fullmatch(rf"{label}\D*(\d+)\)?", stem, re.IGNORECASE)
    if not numbered:
        return _by_name(stem)
    return Origin("DDSM") if label == "normal" else _by_position(int(numbered[1]), label)


def _by_name(stem: str) -> Origin:
    if match := DDSM.match(stem):
        side, view = match["side"].upper(), match["view"].upper()
        return Origin("DDSM", f"ddsm-{match['patient'].upper()}", side[0], view)
    if match := MIAS.match(stem):
        number = int(match["number"])
        return Origin("MIAS", f"mias-{(number + 1) // 2:03d}", "R" if number % 2 else "L", "MLO")
    if match := INBREAST.match(stem):
        return Origin("INbreast", f"inbreast-{match['film']}")
    return Origin("unknown")


def _by_position(number: int, label: str) -> Origin:
    before = number - 1
    for source, files, copies in POSITIONS[label]:
        if 0 <= before < files:
            film = f"{label}-{source.lower()}-{before // copies + 1:04d}"
            return Origin(source, film, view="MLO" if source == "MIAS" else None, stretch=f"{label} {source}")
        before -= files
    return Origin("unknown")
