"""Rules of a case that hold for any events in any order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.domain import promise
from chalicelib.domain.case import Case, Status, unanswered
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.fold import Fold
from chalicelib.domain.follow_up import (
    answer_survey,
    follow_up_failed,
    follow_up_sent,
    survey_written,
    waive,
)
from chalicelib.domain.lifecycle import assign, close, receive, tick
from chalicelib.domain.reply import reply_failed, reply_sent
from chalicelib.domain.resolve import receive_after_resolve, resolve
from chalicelib.domain.wait import end_pause, snooze, wait
from tests.unit.domain.terms import TERMS, at, opened

seconds = st.integers(1, 7200)
Happening = tuple[str, int]


def applied(fold: Fold, happening: Happening) -> Fold:
    """Apply one thing that happened at a second of the case."""
    kind, second = happening
    moment = at(second)
    changes = {
        "ask": lambda: receive(fold, TERMS, moment, f"m-{second}"),
        "reply": lambda: reply_sent(fold, TERMS, moment, f"r-{second}", "ann"),
        "assign": lambda: assign(fold, "ann", moment, "hearback"),
        "wait": lambda: wait(fold, TERMS, moment, "ann", on=Status.WAITING_CUSTOMER, reason="x"),
        "snooze": lambda: snooze(fold, TERMS, moment, "ann", moment + timedelta(hours=1)),
        "resume": lambda: end_pause(fold, TERMS, moment, "ann", "x"),
        "tick": lambda: tick(fold, TERMS, moment),
    }
    return changes[kind]()


def told(happenings: Sequence[Happening]) -> Fold:
    fold = opened()
    for happening in happenings:
        fold = applied(fold, happening)
    return fold


happenings = st.lists(
    st.tuples(
        st.sampled_from(["ask", "reply", "assign", "wait", "snooze", "resume", "tick"]), seconds
    ),
    max_size=12,
    unique_by=lambda happening: happening[1],
).map(lambda found: sorted(found, key=lambda happening: happening[1]))


@given(
    st.lists(seconds, min_size=1, max_size=6, unique=True).flatmap(
        lambda found: st.tuples(st.just(found), st.permutations(found))
    )
)
def test_the_customers_messages_in_any_order_give_the_same_clocks(orders):
    first, second = (told([("ask", moment) for moment in order]).case for order in orders)
    assert first == second


@given(st.permutations([0, 60, 120, 7000]))
def test_whichever_message_comes_first_the_case_begins_with_the_oldest(order):
    fold = opened(order[0])
    for moment in order[1:]:
        fold = receive(fold, TERMS, at(moment), "m")
    clocks = {clock.name: clock.started_at for clock in fold.case.clocks}
    assert fold.case.opened_at == clocks[ClockName.FIRST_RESPONSE] == at(0)
    assert clocks[ClockName.RESOLUTION] == at(0)
    assert fold.case.unanswered_since == at(0)


@given(happenings)
def test_doubled_events_change_nothing(story):
    """What platforms, queues and timers may tell twice."""
    fold = told(story)
    for reply in fold.case.replies:
        again = reply_sent(fold, TERMS, reply.at + timedelta(seconds=9), reply.message_id, "ann")
        assert again == fold
    ticked = tick(fold, TERMS, at(9000))
    assert tick(ticked, TERMS, at(9000)) == ticked
    resolved = resolve(ticked, TERMS, at(9000), "ann", reason="done")
    asked = survey_written(resolved, at(9500), "survey")
    sent = follow_up_sent(asked, at(9600), "survey")
    assert follow_up_sent(sent, at(9999), "survey") == sent
    failed = follow_up_failed(sent, at(9999), "survey", "551")
    assert follow_up_failed(failed, at(9999), "survey", "551") == failed
    assert waive(failed, at(9999), "again") == failed


@given(happenings)
def test_what_holds_at_any_time(story):
    fold = told(story)
    case = fold.case
    running = [clock for clock in case.clocks if clock.outcome is None]
    assert len({clock.name for clock in running}) == len(running)
    assert list(case.asks) == sorted(set(case.asks))
    assert list(case.replies) == sorted(case.replies, key=lambda reply: reply.at)
    answered = {ask for reply in case.replies for ask in reply.asks}
    assert answered.isdisjoint(case.asks) or len(case.replies) > 1
    if case.asks:  # whoever waits for an answer is promised one
        assert any(clock.name in promise.RESPONSES for clock in running)
    else:
        assert not any(clock.name in promise.RESPONSES for clock in running)
    assert case.turns >= bool(case.replies)
    paused = {clock.name for clock in running if clock.paused_at is not None}
    waits = case.status in (Status.WAITING_CUSTOMER, Status.WAITING_THIRD_PARTY)
    assert paused == ({ClockName.RESOLUTION} if waits else set())
    assert all(entry.at.tzinfo for entry in fold.entries)


@given(happenings)
def test_a_breach_is_recorded_once_each_at_its_own_deadline(story):
    fold = tick(told(story), TERMS, at(100_000))
    recorded = [e for e in fold.entries if e.kind is EntryKind.DEADLINE_BREACHED]
    assert len({(e.clock, e.seq) for e in recorded}) == len(recorded)
    for entry in recorded:
        clock = next(
            (c for c in fold.case.clocks if (c.name, c.seq) == (entry.clock, entry.seq)), None
        )
        assert clock is None or entry.at == clock.due_at == clock.breached_at


@given(
    st.lists(
        st.tuples(st.sampled_from(["ask", "reply"]), seconds),
        max_size=9,
        unique_by=lambda happening: happening[1],
    ),
    st.data(),
)
def test_replies_that_failed_are_as_if_never_sent(found, data):
    story = sorted(found, key=lambda happening: happening[1])
    replies = [f"r-{second}" for kind, second in story if kind == "reply"]
    assume(replies)
    lost = data.draw(st.lists(st.sampled_from(replies), unique=True, min_size=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(promise, "KEPT_PER_NAME", 99)
        fold = told(story)
        for message_id in lost:
            fold = reply_failed(fold, TERMS, at(8000), message_id, "551")
            fold = reply_failed(fold, TERMS, at(8000), message_id, "551")
        never = told([(kind, second) for kind, second in story if f"r-{second}" not in lost])
    assert settled(fold.case) == settled(never.case)


def settled(case: Case) -> object:
    """Return what a case promises and has kept, without what is void."""
    clocks = [
        (clock.name, clock.started_at, clock.due_at, clock.outcome, clock.stopped_at)
        for clock in case.clocks
        if clock.outcome is not Outcome.CANCELLED
    ]
    return sorted(clocks, key=str), case.asks, case.replies, case.turns, case.status


@given(st.lists(seconds, max_size=80))
def test_of_many_unanswered_messages_the_oldest_and_the_newest_are_kept(found):
    moments = [at(second) for second in found]
    kept = unanswered(*moments)
    assert len(kept) <= 50
    assert set(kept) <= set(moments)
    if moments:
        assert (kept[0], kept[-1]) == (min(moments), max(moments))
    assert all(before < after for before, after in pairwise(kept))


@given(happenings, st.integers(1, 5))
def test_an_answer_to_the_survey_is_kept_and_a_low_one_reopens(story, score):
    fold = resolve(told(story), TERMS, at(9000), "ann", reason="done")
    fold = follow_up_sent(survey_written(fold, at(9500), "s"), at(9600), "s")
    fold = answer_survey(fold, TERMS, at(9700), "m", score=score, words="hm")
    assert (fold.case.follow_up.score, fold.case.follow_up.words) == (score, "hm")
    assert fold.case.open == (score <= 2)
    again = resolve(fold, TERMS, at(9800), "ann", reason="done") if fold.case.open else fold
    assert again.case.follow_up.score == score
    assert not any(c.outcome is None and c.name is ClockName.FOLLOW_UP for c in again.case.clocks)


@given(happenings)
def test_closing_leaves_no_promise_running(story):
    resolved = resolve(told(story), TERMS, at(9000), "ann", reason="done")
    closed = close(resolved, at(9000 + 259_200)).case
    assert all(clock.outcome is not None for clock in closed.clocks)


@given(happenings, seconds)
def test_reopening_leaves_the_resolved_gap_out(story, gap):
    fold = told([h for h in story if h[0] not in ("wait", "snooze")])
    resolved = resolve(fold, TERMS, at(8000), "ann", reason="done")
    before = resolved.case.clock(ClockName.RESOLUTION)
    fold = receive_after_resolve(resolved, TERMS, at(8000 + gap), "m-9")
    after = fold.case.clock(ClockName.RESOLUTION)
    assert after.due_at - before.due_at == timedelta(seconds=gap)
    assert fold.case.reopens == 1
    assert replace(fold.case, status=Status.NEW).open
