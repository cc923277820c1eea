"""Play random histories: `make simulate ARGS="--seconds 600"`.

Plays seed after seed until the time or the number is up, or five of them have broken a rule; each
is shrunk and told. The exit code is 1 then. `--seed` plays one and tells it all. Without arguments
it plays seeds that nobody has played yet, for a minute.
"""

import argparse
import gc
import logging
import os
import sys
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import count

from tests.simulation import report
from tests.simulation.draw import history
from tests.simulation.play import play

GATE = 10_000
"""How many histories the gate plays: the seeds from 0, so that it says the same every time."""

BATCH = 50
SHOWN = 5
PROGRESS_SECONDS = 10.0


def main(arguments: list[str]) -> int:
    """Play what is asked for; return 1 when a rule was broken."""
    parser = argparse.ArgumentParser(prog="make simulate ARGS=", description=__doc__)
    parser.add_argument("--seconds", type=float, help="play for so long")
    parser.add_argument("--histories", type=int, help="play so many")
    parser.add_argument("--seed", type=int, help="play this one, and tell all of it")
    parser.add_argument("--from", type=int, dest="first", help="begin with this seed")
    parser.add_argument("--gate", action="store_true", help=f"play the seeds 0 to {GATE - 1}")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args(arguments)
    logging.disable()
    if chosen.seed is not None:
        return one(chosen.seed)
    if chosen.gate:
        return many(0, GATE, None, chosen.processes)
    first = int(time.time()) * 1000 if chosen.first is None else chosen.first
    seconds = 60.0 if chosen.histories is None and chosen.seconds is None else chosen.seconds
    return many(first, chosen.histories, seconds, chosen.processes)


def one(seed: int) -> int:
    """Play one seed and tell it; if it breaks a rule, tell its shortest history too."""
    made = history(seed)
    played = play(made, narrates=True)
    print("\n".join(report.told(made, played)))
    if played.wrong is None:
        return 0
    print()
    print(report.failing(made, played.wrong))
    return 1


def many(first: int, most: int | None, seconds: float | None, processes: int) -> int:
    """Play seeds from `first` on, in batches; say every now and then how far it is."""
    began = said = time.monotonic()
    played, failed = 0, []
    with ProcessPoolExecutor(processes) as pool:
        for number, broken in _batches(pool, first, most, processes):
            played += number
            failed += broken
            passed = time.monotonic() - began
            if began + passed - said > PROGRESS_SECONDS:
                said = began + passed
                print(f"{played} histories in {passed:.0f} s, {len(failed)} wrong", flush=True)
            if len(failed) >= SHOWN or (seconds is not None and passed > seconds):
                pool.shutdown(cancel_futures=True)
                break
    for seed in failed[:SHOWN]:
        print(f"\n{_told(seed)}", flush=True)
    passed = time.monotonic() - began
    print(f"{played} histories from seed {first} on in {passed:.0f} s: {len(failed)} wrong")
    return 1 if failed else 0


def _told(seed: int) -> str:
    made = history(seed)
    wrong = play(made).wrong
    return f"seed {seed} held when played again" if wrong is None else report.failing(made, wrong)


def _batches(
    pool: ProcessPoolExecutor, first: int, most: int | None, processes: int
) -> Iterator[tuple[int, list[int]]]:
    """Yield what batch after batch gives, in order, a few of them ahead."""
    last = None if most is None else first + most
    ahead: deque[Future[tuple[int, list[int]]]] = deque()
    for begin in count(first, BATCH):
        if last is not None and begin >= last:
            break
        end = begin + BATCH if last is None else min(begin + BATCH, last)
        ahead.append(pool.submit(batch, begin, end))
        if len(ahead) > 2 * processes:
            yield ahead.popleft().result()
    for rest in ahead:
        yield rest.result()


def batch(first: int, end: int) -> tuple[int, list[int]]:
    """Play some seeds; return how many, and those that broke a rule."""
    logging.disable()  # the faults are meant
    gc.disable()  # worlds are full of circles: looked for once a batch, not all the time
    failed = [seed for seed in range(first, end) if play(history(seed)).wrong]
    gc.collect()
    return end - first, failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
