"""What `make book` says when it is asked for what cannot be done."""

import pytest


@pytest.mark.parametrize(
    ("request_", "nearest"),
    [
        ({"profile": "dmo"}, "demo"),
        ({"settings": "epoch=3"}, "epochs"),
        ({"settings": "icnt.epochz=3"}, "icnt.epochs"),
        ({"settings": "framing=lessions"}, "lesion"),
        ({"data": "no/such/archive.tar.gz"}, "no/such/archive.tar.gz"),
    ],
)
def test_a_wrong_request_stops_at_once_with_one_line(checkout, request_, nearest):
    run = checkout.make_book(**request_)
    assert run.returncode == 2
    assert len(run.stdout.strip().splitlines()) == 1
    assert nearest in run.stdout
    assert "Traceback" not in run.stdout + run.stderr


def test_a_failing_notebook_is_named_with_its_reason_and_its_trace(checkout, tmp_path):
    run = checkout.make_book(profile="mias", data=str(tmp_path))
    assert run.returncode == 1
    assert "01_data failed in cell" in run.stdout
    assert "DatasetError" in run.stdout
    assert (checkout.root / "build" / "mias" / "logs" / "01_data.ipynb").exists()
