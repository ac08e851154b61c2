"""oneDNN, which TensorFlow asks about once, when it is imported: a step with it and without, in two processes.

python -m bench.onednn 128 16
"""

import os
import subprocess
import sys

from bench.inputs import batch
from bench.timing import PLAIN, Check, Measured, alternated


def step(image_size: int = 128, pictures: int = 16, rounds: int = 5) -> Measured:
    """Times a training step of the baseline, all layers learning.

    Args:
        image_size: Side of the pictures, px.
        pictures: The batch.
        rounds: Timed steps of each way.

    Returns:
        The `Measured` lever. Its check is that both end at the same loss, up to the order of sums.
    """
    processes = {way: _process(switch, image_size, pictures) for way, switch in ((PLAIN, "0"), ("oneDNN", "1"))}
    losses = {way: _answer(process) for way, process in processes.items()}
    difference = abs(losses[PLAIN] - losses["oneDNN"])
    assert difference < 1e-3, f"the first step's loss: expected a difference below 0.001, found {difference:g}"
    work = {way: (lambda process=process: _answer(process)) for way, process in processes.items()}
    seconds = alternated(work, rounds, "oneDNN")
    for process in processes.values():
        process.stdin.close()
        process.wait()
    check = Check("loss of the first step", difference, 1e-3)
    return Measured(f"Step of the baseline, {image_size} px", pictures, seconds, (check,))


def _process(switch: str, image_size: int, pictures: int) -> subprocess.Popen:
    command = [sys.executable, "-m", "bench.onednn", str(image_size), str(pictures)]
    environment = {**os.environ, "TF_ENABLE_ONEDNN_OPTS": switch}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment, **pipes)


def _answer(process: subprocess.Popen) -> float:
    process.stdin.write("step\n")
    process.stdin.flush()
    return float(process.stdout.readline())


def _serve(image_size: int, pictures: int) -> None:
    from helpers import networks
    from helpers.networks.backend import make_deterministic

    make_deterministic(0)
    x, y = batch(pictures, image_size)
    model = networks.build("baseline_cnn", image_size)
    model.compile("sgd", "categorical_crossentropy")
    for _ in sys.stdin:
        print(float(model.train_on_batch(x, y)), flush=True)


if __name__ == "__main__":
    _serve(*map(int, sys.argv[1:]))
