"""Exposure: personal data in public is timed until none of it is to be seen any more.

Golden table: what happens, second by second, and how the clock ends (target 900 s, warning at 675).
"""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import promise
from chalicelib.domain.calendar import Calendar
from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.expose import KEPT_EXPOSED, covered, exposed, uncovered
from chalicelib.domain.fold import Terms
from chalicelib.domain.lifecycle import close, open_case
from chalicelib.domain.outlook import deadline, next_moment
from chalicelib.domain.policy import Target
from chalicelib.domain.resolve import resolve
from tests.unit.domain.terms import HANDLE, POLICY, at

EXPOSE = ClockName.EXPOSE
WALL = replace(HANDLE, id="acme-page", channel=Channel.FACEBOOK_PAGE, calendar="office")
PROMISES = replace(
    POLICY,
    handles=(WALL,),
    targets=(Target(EXPOSE, 900),),
    calendars={"office": Calendar("UTC")},  # never open: no other clock would ever run out
)
TERMS = Terms(PROMISES, WALL, public=True)


def opened():
    return open_case(1, TERMS, sent_at=at(0), received_at=at(0), message_id="m-0")


def shown(second, message_id="a", fold=None, kinds=("phone",)):
    return exposed(fold or opened(), TERMS, at(second), message_id, kinds)


GOLDEN = {
    "hidden in time": ([("show a", 0), ("hide a", 600)], "met", 600),
    "hidden exactly at the deadline": ([("show a", 0), ("hide a", 900)], "met", 900),
    "hidden too late": ([("show a", 0), ("hide a", 901)], "breached", 901),
    "two, and the second counts from the first": (
        [("show a", 0), ("show b", 300), ("hide a", 400), ("hide b", 901)],
        "breached",
        901,
    ),
    "two, both hidden": (
        [("show a", 0), ("show b", 300), ("hide b", 400), ("hide a", 500)],
        "met",
        500,
    ),
    "told in the wrong order": (
        [("show a", 0), ("show b", 0), ("hide a", 950), ("hide b", 400)],
        "breached",
        950,
    ),
    "the older one is heard of later": (
        [("show b", 500), ("show a", 0), ("hide a", 10), ("hide b", 901)],
        "breached",
        901,
    ),
    "hidden before we knew": ([("show a", 100), ("hide a", 40)], "met", 100),
    "hidden, shown again, hidden": (
        [("show a", 0), ("hide a", 800), ("reveal a", 2000), ("hide a", 2890)],
        "met",
        2890,
    ),
    "hidden, shown again, left": (
        [("show a", 0), ("hide a", 800), ("reveal a", 2000), ("hide a", 2901)],
        "breached",
        2901,
    ),
}


def told(steps):
    fold = opened()
    for what, second in steps:
        kind, message_id = what.split()
        if kind == "show":
            fold = shown(second, message_id, fold)
        elif kind == "hide":
            fold = covered(fold, at(second), message_id)
        else:
            fold = uncovered(fold, TERMS, at(second), message_id)
    return fold


@pytest.mark.parametrize("name", GOLDEN)
def test_how_an_exposure_ends(name):
    steps, outcome, stopped = GOLDEN[name]
    fold = told(steps)
    clock = fold.case.clock(EXPOSE)
    assert (clock.outcome.value, clock.stopped_at) == (outcome, at(stopped))
    assert (fold.case.exposed, fold.case.covered_at) == ((), None)
    assert clock.breached_at == (clock.due_at if outcome == "breached" else None)


def test_what_is_found_is_noted_by_its_kind_and_never_repeated():
    fold = shown(5, kinds={"phone", "card"})
    (found,) = [e for e in fold.entries if e.kind is EntryKind.PERSONAL_DATA_FOUND]
    assert (found.at, found.message_id, found.reason) == (at(5), "a", "card, phone")
    assert fold.case.exposed == ("a",)
    assert deadline(fold.case) == at(905)


def test_the_clock_runs_while_nobody_works():
    clock = shown(0).case.clock(EXPOSE)
    assert (clock.calendar, clock.warn_at, clock.due_at) == ("", at(675), at(900))


def test_without_such_a_promise_there_is_no_clock_and_it_is_watched_all_the_same():
    bare = Terms(replace(PROMISES, targets=()), WALL, public=True)
    fold = exposed(opened(), bare, at(5), "a", ["email"])
    assert fold.case.clock(EXPOSE) is None
    assert fold.case.exposed == ("a",)
    fold = covered(fold, at(9), "a")
    assert fold.case.exposed == ()


def test_told_twice_changes_nothing_but_the_log():
    once = shown(0)
    assert replace(shown(30, fold=once).case, touched_at=once.case.touched_at) == once.case
    over = covered(once, at(60), "a")
    assert covered(over, at(99), "a") == over
    assert covered(once, at(60), "other") == once


def test_resolving_does_not_end_an_exposure_and_its_moments_are_still_looked_for():
    fold = resolve(shown(0), TERMS, at(60), "ann", reason="answered")
    assert fold.case.clock(EXPOSE).outcome is None
    assert next_moment(fold.case, TERMS) == at(675)
    fold = promise.tick(fold, at(680))
    assert next_moment(fold.case, TERMS) == at(900) + timedelta(milliseconds=1)
    fold = promise.tick(fold, at(2000))
    assert [e.at for e in fold.entries if e.kind is EntryKind.DEADLINE_BREACHED] == [at(900)]
    assert next_moment(fold.case, TERMS) == fold.case.follow_up_at


def test_closing_ends_it_without_a_verdict_unless_it_has_run_out():
    done = resolve(shown(0), TERMS, at(60), "ann", reason="answered")
    assert close(done, at(500)).case.clock(EXPOSE).outcome is Outcome.CANCELLED
    assert close(done, at(5000)).case.clock(EXPOSE).outcome is Outcome.BREACHED


def test_in_a_closed_case_no_clock_starts_that_nobody_would_watch():
    fold = close(resolve(opened(), TERMS, at(60), "ann", reason="answered"), at(5000))
    fold = shown(6000, fold=fold)
    assert (fold.case.clock(EXPOSE), fold.case.exposed) == (None, ("a",))
    assert covered(fold, at(7000), "a").case.exposed == ()


def test_a_flood_of_exposures_stays_small_in_the_table():
    fold = opened()
    for number in range(KEPT_EXPOSED + 5):
        fold = shown(number, f"m-{number}", fold)
    assert len(fold.case.exposed) == KEPT_EXPOSED
    assert fold.case.clock(EXPOSE).started_at == at(0)


@given(st.lists(st.integers(0, 1500), min_size=2, max_size=5), st.data())
def test_the_verdict_is_the_same_in_whatever_order_the_ends_are_learnt(seconds, data):
    ends = [(f"m-{number}", second) for number, second in enumerate(seconds)]
    verdicts = set()
    for order in (ends, data.draw(st.permutations(ends))):
        fold = opened()
        for message_id, _ in ends:
            fold = shown(0, message_id, fold)
        for message_id, second in order:
            fold = covered(fold, at(second), message_id)
        clock = fold.case.clock(EXPOSE)
        verdicts.add((clock.outcome, clock.stopped_at, clock.breached_at))
    assert verdicts == {
        (
            Outcome.BREACHED if max(seconds) > 900 else Outcome.MET,
            at(max(seconds)),
            at(900) if max(seconds) > 900 else None,
        )
    }


@given(
    st.lists(
        st.tuples(st.sampled_from(["show", "hide", "reveal"]), st.sampled_from("abc")), max_size=20
    )
)
def test_a_clock_runs_exactly_while_something_is_exposed(steps):
    fold = told(
        [(f"{kind} {message_id}", 60 * number) for number, (kind, message_id) in enumerate(steps)]
    )
    clock = fold.case.clock(EXPOSE)
    assert (clock is not None and clock.outcome is None) == bool(fold.case.exposed)
    assert len(set(fold.case.exposed)) == len(fold.case.exposed)
    started = [(e.clock, e.seq) for e in fold.entries if e.kind is EntryKind.CLOCK_STARTED]
    assert len(set(started)) == len(started)


def test_messages_seen_in_any_order_start_the_clock_at_the_earliest():
    for order in itertools.permutations([("a", 30), ("b", 0), ("c", 700)]):
        fold = opened()
        for message_id, second in order:
            fold = shown(second, message_id, fold)
        assert fold.case.clock(EXPOSE).due_at == at(900)
