"""The steps that a reader is shown are the ones that made the stored picture."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from drawn_breasts import HEIGHT, WIDTH, drawn_breast, with_lesion
from matplotlib.patches import Polygon, Rectangle

from helpers import preparation
from helpers.datasets.exams import Dataset, validated
from helpers.figures.framing import STEPS, framing_steps
from helpers.findings.framing import lesion_note, spread, told
from helpers.imaging import store
from helpers.imaging.framing import enhanced, resized, squared
from helpers.inspection import ways as module
from helpers.inspection.ways import Way, way, ways
from helpers.preparation import Cohort
from helpers.profile import Profile

SIZE = 48
LABELS = ("normal", "benign", "malignant")


def rows(count: int = 12) -> pd.DataFrame:
    """Two pictures a patient, every other one hung the other way round."""
    table = []
    for number in range(count):
        label, x = LABELS[number // 2 % 3], 50 + number
        x = WIDTH - 1 - x if number % 2 else x
        place = {} if label == "normal" else {"lesion_x": x, "lesion_y": 150 + number, "lesion_radius": 8 + number}
        row = {"image_id": f"m{number:02d}", "patient_id": f"p{number // 2}", "source": "drawn", "sha256": "0" * 64}
        table.append({**row, "label": label, **place})
    return pd.DataFrame(table)


def drawn(image_id: str) -> np.ndarray:
    number = int(image_id[1:])
    gray = with_lesion(drawn_breast(number), 50 + number, 150 + number, 8 + number)
    return np.ascontiguousarray(gray[:, ::-1]) if number % 2 else gray


def dataset(table: pd.DataFrame, read=drawn, **more) -> Dataset:
    return Dataset("drawn", validated(table, "drawn"), read, **more)


def followed(folder: Path, framing: str, data: Dataset | None = None) -> tuple[pd.DataFrame, list[Way]]:
    data = data or dataset(rows())
    pictures, exams, _ = store.frame_dataset(data, framing, SIZE, 7, folder / "pictures.npy")
    pairs = zip(exams.iterrows(), pictures, strict=True)
    return exams, [way(data, exam, framing, picture) for (_, exam), picture in pairs]


@pytest.mark.parametrize("framing", ["lesion", "breast"])
def test_the_last_steps_give_the_stored_picture(tmp_path, framing):
    _, found = followed(tmp_path, framing)
    for each in found:
        raw, breast, turned, window, equalized, frame = (step.picture for step in each.steps)
        np.testing.assert_array_equal(resized(squared(equalized), SIZE), frame)
        np.testing.assert_array_equal(enhanced(window), equalized)
        box = each.box
        np.testing.assert_array_equal(turned[box.y : box.y + box.height, box.x : box.x + box.width], window)
        assert breast is raw and raw is not turned
        np.testing.assert_array_equal(raw[each.found], (turned[:, ::-1] if each.breast.flipped else turned)[each.found])
        assert each.breast.flipped == (int(each.image_id[1:]) % 2 == 1)
        hung = each.found[:, ::-1] if each.breast.flipped else each.found
        assert not turned[~hung].any()


def test_what_is_framed_already_is_only_scaled(tmp_path):
    _, found = followed(tmp_path, "as_is")
    for each in found:
        raw, frame = (step.picture for step in each.steps)
        np.testing.assert_array_equal(resized(squared(raw), SIZE), frame)
        assert each.found.all() and (each.box.width, each.box.height) == (WIDTH, HEIGHT)


@pytest.mark.parametrize("framing", ["lesion", "breast", "as_is"])
def test_the_outline_stays_on_the_lesion_at_every_step(tmp_path, framing):
    exams, found = followed(tmp_path, framing)
    for (_, exam), each in zip(exams.iterrows(), found, strict=True):
        if exam["label"] == "normal":
            assert each.lesion == "none" and all(step.lesion is None for step in each.steps)
            continue
        assert each.lesion == "outlined"
        middles = [step.lesion.mean(axis=0) for step in each.steps]
        assert middles[0] == pytest.approx(exam[["lesion_x", "lesion_y"]].to_numpy(float))
        assert middles[-1] == pytest.approx(exam[["framed_x", "framed_y"]].to_numpy(float))
        radius = np.linalg.norm(each.steps[-1].lesion - middles[-1], axis=1)
        assert radius == pytest.approx(exam["framed_radius"])
        for step in each.steps[:4]:
            # The drawn lesion is the only thing as white as this.
            seen = np.argwhere(step.picture >= 250)[:, ::-1].mean(axis=0)
            assert np.abs(step.lesion.mean(axis=0) - seen).max() < 1.5, step.name


def test_a_mask_of_the_lesion_is_outlined_instead_of_its_circle(tmp_path):
    ellipse = cv2.ellipse(np.zeros((HEIGHT, WIDTH), np.uint8), (52, 152), (20, 6), 0, 0, 360, 1, cv2.FILLED) > 0
    _, found = followed(tmp_path, "breast", dataset(rows(3)[2:], lesion_mask=lambda _: ellipse))
    outline = found[0].steps[0].lesion
    assert np.ptp(outline, axis=0).tolist() == [40, 12]
    assert all(ellipse[int(y), int(x)] for x, y in outline)


def test_what_is_not_known_of_a_lesion_is_told_apart(tmp_path):
    table = rows(6)
    table.loc[2, ["lesion_x", "lesion_y", "lesion_radius"]] = np.nan
    table.loc[4, ["lesion_x", "lesion_y"]] = (250, 10)
    _, found = followed(tmp_path, "breast", dataset(table))
    assert [each.lesion for each in found] == ["none", "none", "unplaced", "outlined", "misplaced", "outlined"]
    assert [step.lesion for step in found[4].steps] == [None] * 6
    assert len({lesion_note(each) for each in found}) == 4


def test_a_few_patients_of_each_class_are_followed(tmp_path, monkeypatch):
    data = dataset(rows(24))
    pictures, exams, notes = store.frame_dataset(data, "lesion", SIZE, 7, tmp_path / "pictures.npy")
    copies = exams.head(2).assign(image_id=["a", "b"], patient_id=["c", "d"], copy_of=exams["image_id"][:2])
    cohort = Cohort(pd.concat([exams.assign(copy_of=None), copies], ignore_index=True), pictures, notes, True)
    monkeypatch.setattr(module, "dataset_of", lambda *_: data)
    found = ways(Profile(name="drawn", data="phantom", framing="lesion"), "", cohort, each=2)
    assert [each.image_id for each in found] == ["m00", "m06", "m02", "m08", "m04", "m10"]
    assert [each.label for each in found] == [label for label in LABELS for _ in range(2)]


def test_the_words_hold_the_pictures_own_numbers(tmp_path):
    _, found = followed(tmp_path, "lesion")
    each = found[3]
    words = {step.name: told(each, step) for step in each.steps}
    share = each.found.sum() / each.found.size
    assert f"{100 * share:.0f}%" in words["breast"].kept and f"{100 - 100 * share:.0f}%" in words["turned"].lost
    assert f"{WIDTH} x {HEIGHT} pixels" in words["raw"].kept
    assert "mirrored" in words["turned"].kept and "mirrored" not in told(found[2], found[2].steps[2]).kept
    before, after = (step.picture[step.picture > 0].std() for step in each.steps[3:5])
    assert f"from {before:.0f} to {after:.0f}" in words["equalized"].kept
    side = each.box.width
    assert f"{side} x {side} pixels" in words["cut"].kept and "around the lesion" in words["cut"].kept
    assert f"{side / SIZE:.1f} x {side / SIZE:.1f}" in words["framed"].lost
    width = 2 * (8 + 3)
    assert f"was {width} pixels wide in the file and is {width * SIZE / side:.0f} now" in words["framed"].lost
    assert "somewhere" in told(found[0], found[0].steps[3]).kept


@pytest.mark.parametrize(("size", "said"), [(600, "enlarged 1.9 times"), (HEIGHT, "this size already")])
def test_a_frame_that_is_no_smaller_loses_nothing(tmp_path, size, said):
    data = dataset(rows(2))
    pictures, exams, _ = store.frame_dataset(data, "as_is", size, 7, tmp_path / "pictures.npy")
    each = way(data, exams.iloc[0], "as_is", pictures[0])
    assert said in told(each, each.steps[-1]).lost and "black to a square" in told(each, each.steps[-1]).kept
    assert "published" in told(each, each.steps[0]).lost


def test_sixteen_bits_are_said_to_become_eight(tmp_path):
    data = dataset(rows(2), lambda name: drawn(name).astype(np.uint16) * 16)
    _, (each, _) = followed(tmp_path, "breast", data)
    assert each.bits == 16 and "16 bits" in told(each, each.steps[0]).lost
    assert "whole breast" in told(each, each.steps[3]).kept


def test_the_figure_draws_every_step_and_what_is_known_on_it(tmp_path):
    _, found = followed(tmp_path, "lesion")
    shown = [found[0], found[2], found[5]]
    figure = framing_steps(shown)
    figure.draw_without_rendering()
    rows = np.reshape(figure.axes, (3, 6))
    for row, each in zip(rows, shown, strict=True):
        for axes, step in zip(row, each.steps, strict=True):
            np.testing.assert_array_equal(axes.images[0].get_array(), step.picture)
            outlines = [patch.get_xy() for patch in axes.patches if isinstance(patch, Polygon)]
            assert len(outlines) == (step.lesion is not None)
            for outline in outlines:
                np.testing.assert_allclose(outline[:-1], step.lesion)
        (window,) = [patch for patch in row[2].patches if isinstance(patch, Rectangle)]
        assert window.get_width() == each.box.width and window.get_x() == each.box.x - 0.5
        assert len(row[1].collections) == 1
    assert [axes.get_title() for axes in rows[0]] == list(STEPS.values())
    assert [text.get_text() for axes in rows[:, 0] for text in axes.texts] == [each.label for each in shown]


def test_an_empty_picture_has_no_spread():
    assert spread(np.zeros((4, 4), np.uint8)) == 0


def test_a_run_whose_table_does_not_say_what_pictures_show_is_made_again(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(preparation, "_prepare", lambda *_: made.append(True))
    profile, paths = Profile(name="drawn", data="phantom"), preparation.RunPaths("drawn", tmp_path)
    paths.root.mkdir()
    np.save(paths.pictures, np.zeros((1, 4, 4), np.uint8))
    about = {"settings": {**profile.data_settings(), "path": ""}, "notes": [], "synthetic": True}
    preparation.write_json(paths.data_notes, about)
    for columns, times in ((["image_id"], 1), (["image_id", *store.CUT], 1)):
        pd.DataFrame([[0] * len(columns)], columns=columns).to_parquet(paths.exams)
        preparation.prepared(profile, "", paths)
        assert len(made) == times
