"""The doors of the ladder's machine: they hand over to the steps, and answer the machine."""

from datetime import timedelta

import pytest

from chalicelib.entrypoints import ladder_tasks
from tests.contract.test_pages_contract import page
from tests.fakes.gateway import FakeContext
from tests.fakes.outside import BEGINNING

EVENT = {"page_id": "p1", "generation": 1}


@pytest.fixture
def opened(house):
    later = BEGINNING + timedelta(seconds=300)
    return house.store.pages.open(page("p1", climbs_at=later), None)


def test_hold_lets_the_machine_wait(house, opened):
    asked = {**EVENT, "token": "t", "wait_seconds": 300, "loops": 0}
    assert ladder_tasks.hold(asked, FakeContext()) is None
    assert house.store.pages.get("p1").token == "t"
    assert house.parts.ladders.woken == []


def test_climb_answers_phase_and_wait(house, opened):
    assert ladder_tasks.climb(EVENT, FakeContext()) == {"phase": "over", "wait_seconds": 1}
    assert house.store.pages.get("p1").over_because == "settled"


def test_the_sweep_starts_late_pages_again(house, opened):
    from chalicelib.entrypoints.schedules import sweep
    from tests.unit.entrypoints.test_schedules import EVENT as TICK
    from tests.unit.entrypoints.test_schedules import Context

    house.parts.now.advance(600)
    sweep(TICK, Context())
    assert house.store.pages.get("p1").generation == 2
