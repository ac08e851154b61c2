"""What is about to go is an error where this project calls it, and nowhere else."""

import warnings

import pytest

KINDS = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)


def warned(kind: type[Warning], module: str) -> None:
    warnings.warn_explicit("going soon", kind, "file.py", 1, module=module, registry={})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("module", ["helpers.evaluation.metrics", "workflow.book", "bench.timing", "test_metrics"])
def test_of_this_project_it_is_an_error(kind, module):
    with pytest.raises(kind, match="going soon"):
        warned(kind, module)


@pytest.mark.parametrize("kind", KINDS[:2])
def test_of_others_it_is_not(kind):
    warned(kind, "tensorflow.python.framework")
