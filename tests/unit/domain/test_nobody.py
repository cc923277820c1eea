"""Nobody on shift: told before the first deadline, once while nobody is there, never after it."""

from dataclasses import replace
from datetime import time

import pytest

from chalicelib.domain import holding, lifecycle, nobody, outlook
from chalicelib.domain.calendar import Calendar, Frame
from chalicelib.domain.case import Status
from chalicelib.domain.clock import ClockName
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.shift import Routing, Shift
from tests.unit.domain.terms import POLICY, TERMS, at, opened

SOON = replace(POLICY, routing=Routing(nobody_seconds=100))
"""The assign clock of these cases runs out after 300 seconds."""


def queued(seconds: float = 10) -> Fold:
    return Fold(lifecycle.queue(opened(), at(seconds), "nobody").case)


def looked(fold: Fold, seconds: float, policy=SOON, *, somebody: bool = False) -> Fold:
    return nobody.look(fold, policy, at(seconds), somebody=somebody)


def kinds(fold: Fold) -> list[EntryKind]:
    return [entry.kind for entry in fold.entries]


def test_it_is_told_that_long_before_the_first_deadline_at_that_instant():
    assert nobody.moment(queued().case, SOON) == at(200)
    assert looked(queued(), 199.999) == queued()
    told = looked(queued(), 250)
    (entry,) = told.entries
    assert (entry.kind, entry.at, entry.until) == (EntryKind.NOBODY_ON_SHIFT, at(200), at(300))
    assert (entry.clock, entry.seq) == (ClockName.ASSIGN, 1)
    assert entry.reason == "nobody of care is on shift and present"
    assert entry.inputs == {"team": "care", "deadline": at(300).isoformat()}
    assert told.case.nobody_since == at(200)


def test_one_that_begins_to_wait_later_is_told_at_once():
    told = looked(queued(250), 250)
    assert [entry.at for entry in told.entries] == [at(250)]


def test_it_is_told_once():
    told = looked(queued(), 200)
    assert looked(Fold(told.case), 290).entries == ()
    assert nobody.moment(told.case, SOON) is None
    assert nobody.left(Fold(told.case), SOON, at(290)).entries == ()


def test_after_the_deadline_the_breach_is_told_and_not_this():
    assert kinds(looked(queued(), 300)) == [EntryKind.NOBODY_ON_SHIFT]
    late = looked(queued(), 300.001)
    assert late.entries == ()
    assert nobody.moment(queued(300).case, SOON) is None
    assert nobody.left(queued(), SOON, at(301)).entries == ()


def test_a_look_that_finds_somebody_is_not_made_again_until_the_deadline_moves():
    seen = looked(queued(), 200, somebody=True)
    assert (seen.entries, seen.case.nobody_since) == ((), None)
    assert nobody.moment(seen.case, SOON) is None
    assert looked(seen, 210) == seen
    breached = lifecycle.tick(seen, TERMS, at(400))
    assert nobody.moment(breached.case, SOON) == at(3600 - 100)


def test_who_leaves_last_makes_it_known_when_the_deadline_is_near():
    seen = looked(queued(), 200, somebody=True)
    assert nobody.left(queued(), SOON, at(199)).entries == ()
    (entry,) = nobody.left(seen, SOON, at(220)).entries
    assert (entry.kind, entry.at) == (EntryKind.NOBODY_ON_SHIFT, at(220))


def test_a_shift_that_nobody_came_to_is_told_long_before():
    (entry,) = nobody.left(queued(), SOON, at(20), missed=True).entries
    assert entry.at == at(20)


def test_somebody_who_came_makes_the_next_time_new():
    told = Fold(looked(queued(), 200).case)
    back = looked(told, 210, somebody=True)
    assert (back.entries, back.case.nobody_since) == ((), None)
    assert kinds(nobody.left(back, SOON, at(240))) == [EntryKind.NOBODY_ON_SHIFT]
    assert nobody.came(back) is back


@pytest.mark.parametrize(
    "facts",
    [
        {"assignee": "ann"},
        {"offered_to": "ann"},
        {"status": Status.RESOLVED},
        {"clocks": ()},
        {"queued_at": None},
    ],
)
def test_a_case_that_somebody_has_or_that_nothing_is_promised_of_is_not_told_of(facts):
    case = replace(queued().case, **facts)
    assert nobody.look_at(case, SOON) is None
    assert nobody.left(Fold(case), SOON, at(290), missed=True).entries == ()


def test_a_case_put_aside_that_nobody_has_counts_from_when_it_was():
    case = replace(queued().case, queued_at=None, status=Status.SNOOZED, status_since=at(230))
    assert nobody.look_at(case, SOON) == at(230)
    assert nobody.look_at(replace(case, status_since=None), SOON) == at(200)


def test_a_shift_that_opens_before_the_deadline_is_given_time_to_come():
    """It opens 260 seconds after the beginning: half-way from there to the deadline is 280."""
    hours = Calendar(week=dict.fromkeys(range(7), (Frame(time(9, 4, 20), time(17)),)))
    policy = replace(SOON, shifts=(Shift("day", "care", hours),))
    assert nobody.moment(queued().case, policy) == at(280)
    assert nobody.moment(queued(265).case, policy) == at(265)
    late = Calendar(week=dict.fromkeys(range(7), (Frame(time(9, 5), time(17)),)))
    policy = replace(SOON, shifts=(Shift("day", "care", late), Shift("no", "care", Calendar())))
    assert nobody.moment(queued().case, policy) == at(200)


def test_the_machine_looks_when_it_has_to():
    terms = Terms(SOON, TERMS.handle, public=False)
    assert outlook.next_moment(queued().case, terms) == at(200)
    seen = looked(queued(), 200, somebody=True)
    assert outlook.next_moment(seen.case, terms) == at(225)
    given = lifecycle.assign(queued(), "ann", at(20), "ann")
    assert outlook.next_moment(given.case, terms) == at(2700)
    free = holding.let_go(given, at(30), "gone")
    assert nobody.moment(free.case, SOON) is None
