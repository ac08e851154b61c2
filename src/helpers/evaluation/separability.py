"""How compact classes are and how far apart, in the vectors that a network makes of pictures: measured, not looked at.

Every measure is the same when all vectors are scaled alike, so that a loss cannot gain by shrinking them. Each takes
weights, (n, draws), how often a picture counts in each bootstrap draw; a column of ones gives the plain measure.
"""

from collections.abc import Mapping

import numpy as np

from helpers.evaluation.intervals import BLOCK, weighted_auc
from helpers.evaluation.metrics import CLASSES, class_scores

SCOPES = {"all": ("normal", "benign", "malignant"), "pair": ("benign", "malignant")}
"""All three classes, and the pair that document A wants to see apart, on its own."""
MEASURES = {
    "all": ("fisher", "silhouette", "davies_bouldin", "nearest_mean", "f1_macro", "recall_malignant"),
    "pair": ("fisher", "silhouette", "davies_bouldin", "nearest_mean", "auc"),
}
LOWER_IS_BETTER = ("davies_bouldin",)


def measured(
    values: np.ndarray,
    labels: np.ndarray,
    probabilities: np.ndarray,
    nearest: Mapping[str, np.ndarray],
    weights: np.ndarray,
) -> dict[tuple[str, str], np.ndarray]:
    """Every measure of `MEASURES` on held-out pictures.

    Args:
        values: (n, d) the embedding.
        labels: (n,) int, indices into `CLASSES`.
        probabilities: (n, 3).
        nearest: For each scope the class of the nearest class mean, (n,) int, as `nearest_mean` gives it.
        weights: (n, draws).

    Returns:
        {(scope, measure): (draws,)}; NaN in a draw that lacks a class, and where the measure is not defined.
    """
    found = {}
    for scope, names in SCOPES.items():
        own = np.isin(labels, [CLASSES.index(name) for name in names])
        parts = compactness(values[own], labels[own], weights[own])
        parts["nearest_mean"] = _share(nearest[scope][own] == labels[own], weights[own])
        found |= {(scope, measure): by_draw for measure, by_draw in parts.items()}
    found |= {("all", measure): by_draw for measure, by_draw in _called(labels, probabilities, weights).items()}
    found["pair", "auc"] = _pair_auc(labels, probabilities, weights)
    return {(scope, measure): found[scope, measure] for scope, names in MEASURES.items() for measure in names}


def nearest_mean(
    values: np.ndarray, labels: np.ndarray, others: np.ndarray, classes: tuple[str, ...] = CLASSES
) -> np.ndarray:
    """Calls each picture by the nearest class mean (Euclidean), the simplest classifier of an embedding.

    Args:
        values: (m, d) training pictures, whose means count.
        labels: (m,) int, indices into `CLASSES`.
        others: (n, d) pictures to be called.
        classes: The classes to choose from.

    Returns:
        (n,) int, indices into `CLASSES`; the first of equals.
    """
    indices = np.array([CLASSES.index(name) for name in classes])
    means = np.stack([values[labels == index].mean(axis=0) for index in indices])
    return indices[((others[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)]


def compactness(values: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Fisher ratio, silhouette and Davies-Bouldin index, Euclidean.

    "fisher" is the scatter of the class means about the common mean, by the scatter of the pictures about their
    class's mean: tr S_B / tr S_W (Fukunaga 1990, chapter 10). "silhouette" is the mean silhouette (Rousseeuw 1987),
    "davies_bouldin" the index of Davies and Bouldin 1979, the only one of which less is better. A picture that counts
    several times is several pictures. Where all pictures fall on one point, the first two are 0 and the third is not
    defined.

    Args:
        values: (n, d).
        labels: (n,) int.
        weights: (n, draws).

    Returns:
        {measure: (draws,)} in the type of the weights; NaN in a draw that lacks a class.
    """
    geometry = _Geometry(values, labels, weights.dtype)
    blocks = np.array_split(weights, max(1, weights.shape[1] // BLOCK), axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [geometry.measures(block) for block in blocks]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


class _Geometry:
    """Products and distances of all pairs of pictures: what every draw is made of."""

    def __init__(self, values: np.ndarray, labels: np.ndarray, dtype: np.dtype) -> None:
        centered = values.astype(np.float64) - values.mean(axis=0, dtype=np.float64)
        centered /= np.sqrt(np.mean(centered**2)) or 1.0
        products = centered @ centered.T
        squares = np.diag(products)
        self.products, self.squares = products.astype(dtype), squares.astype(dtype)[:, None]
        self.distances = np.sqrt(np.maximum(squares[:, None] + squares - 2 * products, 0)).astype(dtype)
        np.fill_diagonal(self.distances, 0)
        self.members = [labels == label for label in np.unique(labels)]

    def measures(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        counts = np.stack([weights[own].sum(axis=0) for own in self.members])
        missing = (counts == 0).any(axis=0)
        toward = [self.products[:, own] @ weights[own] / count for own, count in self._each(counts)]
        means = np.array([[(weights[own] * t[own]).sum(axis=0) / n for t in toward] for own, n in self._each(counts)])
        found = {
            **self._scatter(weights, counts, toward, means),
            "silhouette": self._silhouette(weights, counts),
        }
        return {name: np.where(missing, np.nan, by_draw) for name, by_draw in found.items()}

    def _each(self, counts: np.ndarray):
        return zip(self.members, counts, strict=True)

    def _scatter(self, weights, counts, toward, means) -> dict[str, np.ndarray]:
        """From the products of class means, (classes, classes, draws), and of pictures with them."""
        own_means = np.einsum("ccd->cd", means)
        within, spreads = 0, []
        for place, (own, count) in enumerate(self._each(counts)):
            squares = np.maximum(self.squares[own] - 2 * toward[place][own] + own_means[place], 0)
            within = within + (weights[own] * squares).sum(axis=0)
            spreads.append((weights[own] * np.sqrt(squares)).sum(axis=0) / count)
        shares = counts / counts.sum(axis=0)
        common = np.einsum("ad,bd,abd->d", shares, shares, means)
        between = counts.sum(axis=0) * np.maximum((shares * own_means).sum(axis=0) - common, 0)
        return {"fisher": _ratio(between, within), "davies_bouldin": _worst_pairs(np.stack(spreads), own_means, means)}

    def _silhouette(self, weights: np.ndarray, counts: np.ndarray) -> np.ndarray:
        sums = np.stack([self.distances[:, own] @ weights[own] for own in self.members])
        total = 0
        for place, (own, count) in enumerate(self._each(counts)):
            inside = sums[place][own] / np.maximum(count - 1, 1)
            others = [other for other in range(len(counts)) if other != place]
            outside = np.min([sums[other][own] / counts[other] for other in others], axis=0)
            widths = np.where(count > 1, _ratio(outside - inside, np.maximum(inside, outside)), 0)
            total = total + (weights[own] * widths).sum(axis=0)
        return total / counts.sum(axis=0)


def _worst_pairs(spreads: np.ndarray, own_means: np.ndarray, means: np.ndarray) -> np.ndarray:
    apart = np.sqrt(np.maximum(own_means[:, None] + own_means - 2 * means, 0))
    likeness = (spreads[:, None] + spreads) / apart
    classes = np.arange(len(spreads))
    likeness[classes, classes] = -np.inf
    worst = likeness.max(axis=1).mean(axis=0)
    return np.where(np.isfinite(worst), worst, np.nan)


def _called(labels: np.ndarray, probabilities: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    classes = len(CLASSES)
    cells = np.eye(classes**2)[classes * labels + probabilities.argmax(axis=1)]
    confusions = (weights.T @ cells).reshape(-1, classes, classes)
    _, recall, f1 = class_scores(confusions)
    return {"f1_macro": f1.mean(axis=1), "recall_malignant": recall[:, CLASSES.index("malignant")]}


def _pair_auc(labels: np.ndarray, probabilities: np.ndarray, weights: np.ndarray) -> np.ndarray:
    benign, malignant = (CLASSES.index(name) for name in SCOPES["pair"])
    own = np.isin(labels, (benign, malignant))
    either = probabilities[own, malignant] + probabilities[own, benign]
    # A picture surely called normal has nothing to say of the two.
    odds = np.divide(probabilities[own, malignant], either, out=np.full(len(either), 0.5), where=either > 0)
    return weighted_auc(odds, labels[own] == malignant, weights[own])


def _share(right: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return _ratio(right @ weights, weights.sum(axis=0))


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
