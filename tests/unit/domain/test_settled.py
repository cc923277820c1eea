"""Settled: by the case as it is now, each kind of thing in its own way."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.case import Case, Reply, Status
from chalicelib.domain.clock import Outcome
from chalicelib.domain.page import Member, What
from chalicelib.domain.settled import settled
from tests.contract.store_engines import NOON, case, clock, conversation
from tests.contract.test_pages_contract import member

RAN = replace(clock(NOON), breached_at=NOON)
STUCK, LOW = What.STUCK, What.LOW_SCORE
ASSIGN = {"clock": "assign", "seq": 1}


def of(made: Case | None, **facts: object) -> bool:
    there = facts.pop("there", ())
    one: Member = member(**facts)
    return settled(one, conversation(case=made), there.__contains__)


def clocked(**facts: object) -> Case:
    return replace(case(), clocks=(replace(RAN, **facts),))


@pytest.mark.parametrize(
    ("what", "facts", "wanted"),
    [
        (What.BREACH, {}, False),
        (What.BREACH, {"outcome": Outcome.BREACHED}, True),
        (What.BREACH, {"outcome": Outcome.SUPERSEDED}, True),
        (What.BREACH, {"paused_at": NOON}, True),
        (What.BREACH, {"breached_at": None}, True),
        (What.BREACH, {"seq": 2}, True),
        (What.WARNING, {}, True),
        (What.WARNING, {"breached_at": None}, False),
        (What.WARNING, {"breached_at": None, "paused_at": NOON}, True),
    ],
)
def test_a_clock_is_settled_when_it_does_not_run_any_more(what, facts, wanted):
    assert of(clocked(**facts), what=what, **ASSIGN) is wanted


def test_whatever_is_about_another_case_or_none_is_settled():
    assert settled(member(), None, bool)
    assert of(None)
    assert of(replace(clocked(), number=2), **ASSIGN)


REPLIED = Reply("m", NOON, NOON)
EARLIER = Reply("m", NOON - timedelta(seconds=1), NOON)


@pytest.mark.parametrize(
    ("what", "facts", "wanted"),
    [
        (STUCK, {"stuck": "why"}, False),
        (STUCK, {}, True),
        (What.EXPOSURE, {"exposed": ("m",)}, False),
        (What.EXPOSURE, {}, True),
        (LOW, {}, False),
        (LOW, {"replies": (EARLIER,)}, False),
        (LOW, {"replies": (REPLIED,)}, True),
        (LOW, {"status": Status.RESOLVED}, True),
        (What.NOBODY, {"nobody_since": NOON}, False),
        (What.NOBODY, {}, True),
        (What.NOBODY, {"nobody_since": NOON, "assignee": "ann"}, True),
        (What.NOBODY, {"nobody_since": NOON, "status": Status.CLOSED}, True),
        (What.NOTICE, {"status": Status.CLOSED}, False),
    ],
)
def test_each_kind_is_settled_in_its_own_way(what, facts, wanted):
    assert of(replace(case(), **facts), what=what) is wanted


@pytest.mark.parametrize(("there", "wanted"), [(("care",), True), (("shop",), False)])
def test_nobody_on_shift_is_settled_by_somebody_of_the_team(there, wanted):
    waiting = replace(case(), nobody_since=NOON)
    assert of(waiting, what=What.NOBODY, there=there) is wanted
