"""The table of data sets."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

from helpers import datasets
from helpers.datasets.exams import DatasetError


def test_an_unknown_name_is_told_the_known_ones():
    with pytest.raises(DatasetError, match=r"'mais': expected one of phantom, mias, kaggle_combined"):
        datasets.load("mais")


@pytest.mark.parametrize("name", datasets.NAMES)
def test_every_name_has_its_module(name):
    assert find_spec(datasets.NAMES[name])


def test_a_name_leads_to_its_loader(tmp_path):
    with pytest.raises(DatasetError, match=r"Info\.txt"):
        datasets.load("mias", tmp_path)
    with pytest.raises(DatasetError, match="one folder for the class normal"):
        datasets.load("kaggle_combined", tmp_path)


def test_phantoms_take_no_path(tmp_path):
    with pytest.raises(DatasetError, match="expected no path"):
        datasets.load("phantom", tmp_path, patients=3, seed=1, normal_share=0.5)


def test_the_package_imports_without_its_loaders():
    code = "import sys, helpers.datasets; print([name for name in ('pandas', 'cv2', 'sklearn') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
