"""What each step from raw to framed kept of a picture, and what it lost, in sentences."""

from typing import NamedTuple

import numpy as np

from helpers.imaging.framing import CLIP_LIMIT, TILES
from helpers.inspection.ways import Step, Way


class Told(NamedTuple):
    """A step in words.

    Attributes:
        title: What was done.
        kept: What is still there.
        lost: What is not.
    """

    title: str
    kept: str
    lost: str


def told(way: Way, step: Step) -> Told:
    """Tells what a step kept and lost.

    Args:
        way: A picture's way.
        step: One of its steps.

    Returns:
        Title and two or three sentences, with this picture's own numbers.
    """
    return _TOLD[step.name](way, step)


def lesion_note(way: Way) -> str:
    """What is known of a picture's lesion, in a sentence."""
    return {
        "none": "This picture has no lesion.",
        "outlined": "The blue line is the lesion, as the data set gives it; the networks never see the line.",
        "unplaced": "The data set does not say where this picture's lesion lies.",
        "misplaced": "The place that the data set gives for this picture's lesion is not on the breast.",
    }[way.lesion]


def _raw(way: Way, step: Step) -> Told:
    height, width = step.picture.shape
    kept = f"All {width:,} x {height:,} pixels."
    if way.breast is None:
        lost = (
            "Nothing here. Whoever published this file had cut it, equalized it and made it small before; what that "
            "took away, the book cannot show."
        )
    elif way.bits > 8:
        lost = f"Gray levels: the file has {way.bits} bits for them, 8 remain. Labels, borders and bare film do too."
    else:
        lost = "Nothing yet. Labels, borders and bare film are still there, and a network could learn from them."
    return Told("As the data set gives it", kept, lost)


def _breast(way: Way, step: Step) -> Told:
    kept = f"The largest bright piece, chest muscle included: {way.found.mean():.0%} of the picture, inside the line."
    lost = (
        "Nothing yet; what lies outside the line goes next. Where the skin is too dark to be told from film, a rim of "
        "it goes too."
    )
    return Told("The breast is found", kept, lost)


def _turned(way: Way, step: Step) -> Told:
    turned = "mirrored, so that" if way.breast.flipped else "as it was:"
    is_now = "is now at the left" if way.breast.flipped else "was at the left already"
    lost = (
        f"The other {1 - way.found.mean():.0%} of the picture: film, labels, borders. And the side: from here on a "
        "left breast and a right one look alike."
    )
    return Told("Turned, the rest made black", f"Every pixel of the breast, {turned} the chest wall {is_now}.", lost)


def _cut(way: Way, step: Step) -> Told:
    height, width = step.picture.shape
    if way.framing == "breast":
        kept = f"The whole breast, {width:,} x {height:,} pixels."
        return Told("The breast is cut out", kept, "Black, and with it how large the breast is on its film.")
    place = (
        "somewhere in the breast, as large as the windows around lesions"
        if way.lesion == "none"
        else "around the lesion, which is not always in the middle"
    )
    share = np.count_nonzero(step.picture) / np.count_nonzero(way.breast.mask)
    kept = f"A window of {width:,} x {height:,} pixels, {share:.0%} of the breast, {place}."
    lost = (
        "The rest of the breast, and where in it the window lies. Somebody had to know where to look: a network that "
        "learns from windows does not learn to search."
    )
    return Told("A window is cut out", kept, lost)


def _equalized(way: Way, step: Step) -> Told:
    before, after = (spread(each.picture) for each in way.steps[-3:-1])
    change = f"the spread of gray levels goes from {before:.0f} to {after:.0f}"
    kept = f"Every pixel's place, and black: the outlines of things stay where they were, while {change}."
    lost = (
        f"How bright tissue is. Each of {TILES[0]} x {TILES[1]} tiles gets a scale of its own, with a clip limit of "
        f"{CLIP_LIMIT:g}, so the same gray no longer means the same tissue, and grain is raised together with texture."
    )
    return Told("Contrast is equalized (CLAHE)", kept, lost)


def _framed(way: Way, step: Step) -> Told:
    size, longer = step.picture.shape[0], max(way.box.width, way.box.height)
    shape = "" if way.box.width == way.box.height else ", proportions as they were, padded with black to a square"
    kept = f"{size} x {size} pixels{shape}. This is all that the networks see."
    if longer > size:
        mean = f"{longer / size:.1f} x {longer / size:.1f}"
        lost = (
            f"Detail: each pixel is the mean of about {mean} of those before. What is finer than that, such as a speck "
            "of calcium, fades into its surroundings."
        )
    elif longer < size:
        lost = f"Nothing, and nothing is gained: the picture is enlarged {size / longer:.1f} times by interpolation."
    else:
        lost = "Nothing: the picture has this size already."
    return Told("The frame", kept, f"{lost}{_lesion_width(way)}")


def _lesion_width(way: Way) -> str:
    if way.lesion != "outlined":
        return ""
    raw, framed = (np.ptp(way.steps[i].lesion[:, 0]) for i in (0, -1))
    return f" The lesion was {raw:.0f} pixels wide in the file and is {framed:.0f} now."


def spread(picture: np.ndarray) -> float:
    """The standard deviation of a picture's gray levels, black left out."""
    levels = picture[picture > 0]
    return float(levels.std()) if levels.size else 0.0


_TOLD = {
    "raw": _raw,
    "breast": _breast,
    "turned": _turned,
    "cut": _cut,
    "equalized": _equalized,
    "framed": _framed,
}
