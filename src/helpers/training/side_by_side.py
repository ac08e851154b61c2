"""Small trainings that do not wait for one another: a process each, and a core each.

A network of some thousand weights trains no faster on two cores than on one, so that two of them take half the time in
two processes. On an accelerator one follows the other.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context, parent_process
from typing import TypeVar

from helpers import runtime
from helpers.networks.backend import accelerators

Task, Result = TypeVar("Task"), TypeVar("Result")


def each(
    work: Callable[[Task], Result], tasks: Sequence[Task], processes: int | None = None
) -> Iterator[tuple[Task, Result]]:
    """Does a work for each task, in processes of their own where there are several cores and no accelerator.

    Args:
        work: What is done. It reaches the processes once each, with what it was given by `functools.partial`.
        tasks: What it is called with.
        processes: At most so many at a time; None for as many as there are cores. With 1 all is done here.

    Yields:
        A task and its result, as they come to an end.
    """
    count = min(processes or os.cpu_count(), len(tasks))
    if count <= 1 or accelerators():
        yield from ((task, work(task)) for task in tasks)
        return
    # Begun anew, not forked: the threads of a backend that is loaded already would not survive a fork.
    pool = ProcessPoolExecutor(count, get_context("spawn"), initializer=_start, initargs=(work,))
    try:
        with runtime.one_thread():
            waiting = {pool.submit(_do, task): task for task in tasks}
        for done in as_completed(waiting):
            yield waiting[done], done.result()
    finally:
        # Once a task has failed, those that wait for their turn need not be done.
        pool.shutdown(cancel_futures=True)


_given: dict[str, Callable] = {}


def _start(work: Callable) -> None:
    _given["work"] = work
    # Whoever waits for work would not notice that nobody is left to give it.
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent_process().join()
    os._exit(1)


def _do(task: Task) -> Result:
    return _given["work"](task)
