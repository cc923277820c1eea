"""Effort: what a call costs, to tell bounded work from a runaway on any machine.

A bound here is no statement on speed (bench/ measures that): it lies far above what the work costs
anywhere, and far below what it would cost if it grew with the square of its input.
"""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MOST_TRIES = 3


def bounded(
    most: float, function: Callable, *args: object, afresh: Callable[[], object] | None = None
):
    """Return what `function(*args)` returns, or raise what it raises: within `most` seconds.

    Counted is the processor time of this thread, without the garbage that others left: the
    collector rests meanwhile. Over the bound it is tried again, three times in all, and the least
    is judged, because a busy machine adds to a reading and nothing takes away from it. `afresh` is
    called before each further try: it undoes what a try leaves behind, so that each does the same
    work. The outcome is that of the last try. Raises AssertionError if all tries were over.
    """
    readings: list[float] = []
    while not readings or (readings[-1] > most and len(readings) < MOST_TRIES):
        if readings and afresh is not None:
            afresh()
        result, error = None, None
        with _reading(readings):
            try:
                result = function(*args)
            except Exception as raised:  # noqa: BLE001 (an outcome like another: raised below)
                error = raised
    if readings[-1] > most:
        took = f"took {min(readings):.2f} s of the processor, at most {most} s"
        raise AssertionError(took) from error
    if error is not None:
        raise error
    return result


def least(function: Callable, *args: object) -> float:
    """Return the least processor time in seconds, of three calls, counted as `bounded` does."""
    readings: list[float] = []
    for _ in range(MOST_TRIES):
        with _reading(readings):
            function(*args)
    return min(readings)


@contextmanager
def _reading(readings: list[float]) -> Iterator[None]:
    """Add the processor time of this thread in the block, in seconds, to the readings."""
    collects = gc.isenabled()
    gc.disable()
    began = time.thread_time()
    try:
        yield
    finally:
        readings.append(time.thread_time() - began)
        if collects:
            gc.enable()
