"""The simulation says the same every time, holds, and finds what is planted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation import invariants, report
from tests.simulation.bugs import BUGS, planted
from tests.simulation.draw import history
from tests.simulation.history import History
from tests.simulation.play import Wrong, play

ROOT = Path(__file__).parents[2]
MOST = 400
"""Within how many histories each planted bug must be found, from seed 0 on."""

RULES = {rule.__name__ for rule in invariants.AT_THE_END} | {"LoopError"}
SAYS = """
import hashlib
from tests.simulation import report
from tests.simulation.draw import history
from tests.simulation.play import play

for seed in range(12):
    made = history(seed)
    told = "\\n".join(report.told(made, play(made, narrates=True)))
    print(seed, hashlib.sha256(told.encode()).hexdigest())
"""


def told(seed: int) -> list[str]:
    made = history(seed)
    return report.told(made, play(made, narrates=True))


def first_wrong(most: int) -> tuple[History, Wrong] | None:
    for seed in range(most):
        made = history(seed)
        wrong = play(made).wrong
        if wrong is not None:
            return made, wrong
    return None


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found(name):
    with planted(name):
        found = first_wrong(MOST)
    assert found is not None, f"no rule sees that {name}"
    assert found[1].rule in RULES, f"{found[1]}: the plant itself is broken"


def test_the_sound_system_breaks_no_rule():
    """What finds the bugs finds nothing where there are none: the same seeds hold."""
    found = first_wrong(MOST)
    assert found is None, report.failing(*found)


def test_a_seed_is_the_same_history_every_time():
    assert [told(seed) for seed in range(6)] == [told(seed) for seed in range(6)]


def test_a_seed_is_the_same_history_in_another_process():
    """No order of a set, no real clock and no random name decides anything."""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SAYS],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("0", "1", "4711")
    }
    assert len(outputs) == 1
    assert "11 " in outputs.pop()


def test_a_failing_seed_is_told_shortly_with_the_command_that_plays_it_again():
    with planted("equality is a breach"):
        made, wrong = first_wrong(MOST)
        said = report.failing(made, wrong)
    assert f'make simulate ARGS="--seed {made.seed}"' in said
    assert wrong.rule in said
    steps = [line for line in said.splitlines() if ". writes" in line or ". passes" in line]
    assert 1 <= len(steps) <= 3
    assert "ClockStarted" in said
