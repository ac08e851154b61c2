"""What the tests of engines share: one local run to compare with, and a SLURM of one node."""

import os
import sys

import pytest
from slurm import NoSlurmError, one_node
from studies import Made, give_up, made, need

from workflow import engines
from workflow.checkout import copy_of_checkout

# The S3 server of the tests stands with the plug-ins beside .venv.
sys.path += engines.places()


@pytest.fixture(scope="session")
def local(tmp_path_factory) -> Made:
    """The study `ci`, run on this machine."""
    own = Made(copy_of_checkout(tmp_path_factory.mktemp("local")), dict(os.environ))
    made(own, "--study", "ci", "--jobs", "1")
    return own


@pytest.fixture(scope="session")
def cluster(tmp_path_factory) -> Made:
    """A checkout whose studies run on a SLURM of one node with two GPUs."""
    need("slurm")
    try:
        with one_node() as environment:
            yield Made(copy_of_checkout(tmp_path_factory.mktemp("cluster")), environment)
    except NoSlurmError as error:
        give_up(str(error))
