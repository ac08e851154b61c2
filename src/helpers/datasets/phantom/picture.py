"""One phantom picture from its recipe."""

import hashlib
from dataclasses import dataclass, replace

import cv2
import numpy as np

from helpers.datasets.phantom import anatomy, film, lesions, texture


def stream(seed: int, *words: str) -> np.random.Generator:
    """Gives the randomness that belongs to these words, whatever was drawn before."""
    name = "|".join((str(seed), *words))
    return np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big"))


@dataclass(frozen=True)
class Recipe:
    """All that decides one picture, without a pixel; `visible` is the share of the lesion's contrast that is kept."""

    seed: int
    height: int
    patient_id: str
    image_id: str
    laterality: str
    view: str
    label: str
    abnormality: str | None
    density: str
    age: int
    implant: bool
    machine_id: str
    site_id: str
    visible: float = 1.0

    def stream(self, *words: str) -> np.random.Generator:
        """Gives the randomness that belongs to these words, whatever was drawn before."""
        return stream(self.seed, *words)


def shape(recipe: Recipe) -> tuple[int, int]:
    """Gives height and width of the picture."""
    return recipe.height, round(anatomy.ASPECT * recipe.height)


def sketch(recipe: Recipe) -> anatomy.Breast:
    """Gives the outline of the breast at half the picture's size, chest wall at the left."""
    body, pose = recipe.stream(recipe.patient_id, "body"), recipe.stream(recipe.image_id, "pose")
    return anatomy.build(recipe.view, recipe.implant, recipe.height // 2, body, pose)


def site(recipe: Recipe, breast: anatomy.Breast) -> lesions.Site:
    """Gives the place of the lesion, or, where there is none, a place drawn from the same distribution."""
    found = lesions.place(breast, recipe.view, recipe.stream(recipe.patient_id, recipe.laterality, "place"))
    return lesions.Site(2 * found.x, 2 * found.y, 2 * found.radius)


def lesion(recipe: Recipe, breast: anatomy.Breast) -> lesions.Lesion | None:
    """Gives the lesion, chest wall at the left, or None."""
    if recipe.abnormality is None:
        return None
    body = recipe.stream(recipe.patient_id, recipe.laterality, "lesion")
    found = lesions.draw(recipe.abnormality, site(recipe, breast), recipe.view, shape(recipe), body)
    return replace(found, contrast=recipe.visible * found.contrast)


def read(recipe: Recipe) -> np.ndarray:
    """Draws the picture: uint8 of (height, 0.8 height), as it is hung."""
    outline, machine = sketch(recipe), film.MACHINES[recipe.machine_id]
    tissue = texture.tissue(outline, recipe.density, recipe.stream(recipe.image_id, "tissue"))
    rng = recipe.stream(recipe.image_id, "film")
    tone = film.toned(tissue, outline, recipe.density, machine, rng)
    tone = cv2.resize(tone, shape(recipe)[::-1], interpolation=cv2.INTER_CUBIC)
    found = lesion(recipe, outline)
    if found is not None:
        tone = lesions.add(tone, found)
    return film.developed(tone, machine, recipe.laterality, recipe.view, rng)


def hung(recipe: Recipe, mask: np.ndarray) -> np.ndarray:
    """Turns a mask drawn with the chest wall at the left to the way the picture is hung."""
    return np.ascontiguousarray(mask[:, ::-1]) if recipe.laterality == "R" else mask


def masks(recipe: Recipe) -> tuple[np.ndarray, np.ndarray]:
    """Gives the lesion's outline and its calcifications, bool of the picture's size, as the picture is hung."""
    found = lesion(recipe, sketch(recipe))
    if found is None:
        return np.zeros(shape(recipe), bool), np.zeros(shape(recipe), bool)
    return hung(recipe, found.outline), hung(recipe, found.calcifications)


def breast(recipe: Recipe) -> np.ndarray:
    """Gives the breast, bool of the picture's size, as the picture is hung."""
    inside = sketch(recipe).inside.astype(np.float32)
    return hung(recipe, cv2.resize(inside, shape(recipe)[::-1], interpolation=cv2.INTER_LINEAR) > 0.5)
