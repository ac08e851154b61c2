"""One network's maps of the lesions of the test, and how each scores."""

from collections.abc import Mapping, Sequence

import cv2
import keras
import numpy as np
import pandas as pd

from helpers import networks
from helpers.datasets.exams import LABELS
from helpers.evaluation import grad_cam, localization, occlusion, sanity
from helpers.experiment import Trained
from helpers.inspection.explanations import attention_map
from helpers.inspection.pictures import exams_of, pictures_of
from helpers.preparation import Cohort
from helpers.profile import Profile
from helpers.progress import Progress

LESION = ["framed_x", "framed_y", "framed_radius"]
ABOUT = ["image_id", "patient_id", "label", "called", "hit"]


def lesions_of(trained: Trained, cohort: Cohort) -> pd.DataFrame:
    """The test pictures whose lesion has a known place, sorted by name, with what the network called them.

    Args:
        trained: A trained network.
        cohort: The run's pictures.

    Returns:
        DataFrame with the columns `ABOUT` and `LESION`.
    """
    test = trained.test().sort_values("image_id", ignore_index=True)
    test["called"] = test[list(LABELS)].idxmax(axis=1)
    test["hit"] = test["called"] == test["label"]
    test[LESION] = exams_of(test, cohort)[LESION].to_numpy()
    return test.loc[test[LESION].notna().all(axis=1), [*ABOUT, *LESION]].reset_index(drop=True)


class Looks:
    """Where one network looks.

    Args:
        trained: The network.
        profile: The run's profile.
        cohort: The run's pictures.

    Attributes:
        maps: Every map made so far, by field, at the map's own resolution.
    """

    def __init__(self, trained: Trained, profile: Profile, cohort: Cohort) -> None:
        self.trained, self.profile = trained, profile
        self.layer, (self.cells, _) = attention_map(trained)
        self.lesions = lesions_of(trained, cohort)
        self.pictures = pictures_of(self.lesions, cohort)
        exams = cohort.exams[cohort.exams["copy_of"].isna() & (cohort.exams["split_patient_grouped"] == "train")]
        self.usual = localization.usual_places(exams[LESION].dropna().to_numpy(), profile.image_size)
        self.maps: dict[str, np.ndarray] = {}

    def framed(self) -> pd.DataFrame:
        """Scores of the test as framed: Grad-CAM for the call and for the truth, and the blind maps."""
        called, truth = (_classes(self.lesions, column) for column in ("called", "label"))
        # A hit is explained once: what was called is the truth.
        wrong = called != truth
        self.maps["framed"] = self._explained(self.pictures, called)
        self.maps["framed_truth"] = self.maps["framed"].copy()
        self.maps["framed_truth"][wrong] = self._explained(self.pictures[wrong], truth[wrong])
        found = {"grad_cam": self.maps["framed"], "grad_cam_truth": self.maps["framed_truth"]}
        return self._scored("framed", self.lesions, found, self.pictures, self.lesions[LESION].to_numpy(), self.usual)

    def wide(self, image_ids: Sequence[str], windows: np.ndarray, circles: np.ndarray) -> pd.DataFrame:
        """Scores of lesions in wide windows: Grad-CAM for the truth, and the blind maps.

        The network is built anew for the larger picture, with the same weights; a hit is a picture that it called
        right as framed.

        Args:
            image_ids: Whose windows they are.
            windows: uint8, (n, side, side).
            circles: (n, 3), the lesions in them.
        """
        rows, settings = self._rows(image_ids), self.profile.network(self.trained.name)
        model = networks.build(
            self.trained.name,
            windows.shape[-1],
            weights=str(self.trained.paths.model),
            reduction_ratio=settings.reduction_ratio,
            dropout=settings.dropout,
        )
        self.maps["wide"] = grad_cam.explain(model, windows, _classes(rows, "label"), self.layer)
        usual = localization.usual_places_of_others(circles, windows.shape[-1])
        return self._scored("wide", rows, {"grad_cam": self.maps["wide"]}, windows, circles, usual)

    def occluded(self, image_ids: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Scores of occlusion beside Grad-CAM's on the same pictures, and how far the two agree."""
        rows, places = self._rows(image_ids), self._places(image_ids)
        pictures, cells = self.pictures[places], self.profile.attention.cells
        progress = Progress(f"{self.trained.name}, occlusion", "picture")
        falls = occlusion.occlusion_maps(
            self.trained.model, pictures, _classes(rows, "called"), cells, on_picture=progress
        )
        self.maps["occluded"], seen = falls, self.maps["framed"][places]
        found = {"grad_cam": seen, "occlusion": np.maximum(falls, 0)}
        scored = self._scored("occluded", rows, found, pictures, rows[LESION].to_numpy(), self.usual)
        shrunk = [cv2.resize(one, (cells, cells), interpolation=cv2.INTER_AREA) for one in seen]
        spearman = sanity.rank_correlation(np.reshape(shrunk, falls.shape), falls)
        return scored, rows[ABOUT].assign(network=self.trained.name, spearman=spearman)

    def randomized(self, image_ids: Sequence[str]) -> pd.DataFrame:
        """How like its own maps those of the network stay while its weights are shuffled from the top down."""
        rows, places = self._rows(image_ids), self._places(image_ids)
        pictures, own = self.pictures[places], self.maps["framed"][places]
        spoilt, found = keras.models.load_model(self.trained.paths.model), []
        for step, part in enumerate(sanity.randomized(spoilt, seed=self.profile.seed), start=1):
            maps = grad_cam.explain(spoilt, pictures, _classes(rows, "called"), self.layer)
            large = [localization.enlarged(each, self.profile.image_size) for each in (own, maps)]
            likeness = {"spearman": sanity.rank_correlation(own, maps), "ssim": sanity.structural_similarity(*large)}
            found.append(rows[["image_id", "patient_id"]].assign(step=step, part=part, **likeness))
        return pd.concat(found, ignore_index=True).assign(network=self.trained.name)

    def _explained(self, pictures: np.ndarray, classes: np.ndarray) -> np.ndarray:
        return grad_cam.explain(self.trained.model, pictures, classes, self.layer)

    def _places(self, image_ids: Sequence[str]) -> np.ndarray:
        return pd.Index(self.lesions["image_id"]).get_indexer(list(image_ids))

    def _rows(self, image_ids: Sequence[str]) -> pd.DataFrame:
        return self.lesions.iloc[self._places(image_ids)].reset_index(drop=True)

    def _scored(
        self,
        field: str,
        rows: pd.DataFrame,
        maps: Mapping[str, np.ndarray],
        pictures: np.ndarray,
        circles: np.ndarray,
        usual: np.ndarray,
    ) -> pd.DataFrame:
        size = pictures.shape[-1]
        blind = localization.blind_maps(pictures, usual, self.cells, seed=self.profile.seed)
        every = {name: localization.enlarged(each, size) for name, each in maps.items()} | blind
        parts = [
            pd.concat([rows[ABOUT], localization.scores(each, circles)], axis=1).assign(map=name)
            for name, each in every.items()
        ]
        return pd.concat(parts, ignore_index=True).assign(network=self.trained.name, field=field)


def _classes(rows: pd.DataFrame, column: str) -> np.ndarray:
    return rows[column].map(LABELS.index).to_numpy(dtype=int)
