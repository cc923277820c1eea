"""A status begins at the instant of the event that changed it; a chain of rules is known."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.case import Status
from chalicelib.domain.entry import MACHINE, EntryKind
from chalicelib.domain.fold import ABOUT_CLOCKS, Fold
from chalicelib.domain.lifecycle import assign, close, queue, receive, tick
from chalicelib.domain.reply import reply_failed, reply_sent
from chalicelib.domain.resolve import receive_after_resolve, reopen, resolve
from chalicelib.domain.wait import end_pause, snooze, wait
from tests.unit.domain.terms import TERMS, at, opened

STEPS = {
    "ask": lambda fold, now: receive(fold, TERMS, now, f"m-{now}"),
    "reply": lambda fold, now: reply_sent(fold, TERMS, now, f"r-{now}", "ann"),
    "fail": lambda fold, now: reply_failed(
        fold, TERMS, now, fold.case.replies[-1].message_id if fold.case.replies else "none", "x"
    ),
    "assign": lambda fold, now: assign(fold, "ann", now, MACHINE),
    "queue": lambda fold, now: queue(fold, now, "nobody"),
    "wait": lambda fold, now: wait(fold, TERMS, now, "ann", on=Status.WAITING_CUSTOMER, reason="x"),
    "snooze": lambda fold, now: snooze(fold, TERMS, now, "ann", now + timedelta(seconds=90)),
    "resume": lambda fold, now: end_pause(fold, TERMS, now, "ann", "x"),
    "tick": lambda fold, now: tick(fold, TERMS, now),
}
AFTER = {
    "reopen": lambda fold, now: reopen(fold, TERMS, now, "ann", "x"),
    "ask": lambda fold, now: receive_after_resolve(fold, TERMS, now, f"m-{now}"),
    "close": close,
}


def stepped(fold: Fold, name: str, seconds: int) -> Fold:
    now, alone = at(seconds), Fold(fold.case)
    if not fold.case.open:
        known = AFTER.get(name)
        return known(alone, now) if known and fold.case.status is not Status.CLOSED else alone
    if name == "resolve":
        return resolve(alone, TERMS, now, "ann", reason="x")
    return STEPS[name](alone, now) if name in STEPS else alone


@given(st.lists(st.tuples(st.sampled_from([*STEPS, *AFTER, "resolve"]), st.integers(1, 900))))
def test_a_status_began_with_the_entry_that_says_so(steps):
    fold, now = opened(), 0
    assert (fold.case.status_since, fold.entries[0].status) == (at(0), "new")
    for name, later in steps:
        now += later
        before = fold.case
        fold = stepped(fold, name, now)
        told = [entry for entry in fold.entries if entry.status]
        assert all(entry.kind not in ABOUT_CLOCKS for entry in told)
        if told:
            assert told[-1].status == fold.case.status
            assert fold.case.status_since == told[-1].at
        else:
            assert (fold.case.status, fold.case.status_since) == (
                before.status,
                before.status_since,
            )
        assert fold.case.touched_at is not None
        assert fold.case.touched_at >= (fold.case.status_since or at(0))


def test_a_snooze_that_ended_by_itself_began_the_next_status_at_its_own_end():
    fold = assign(opened(), "ann", at(10), MACHINE)
    fold = snooze(fold, TERMS, at(20), "ann", at(100))
    fold = tick(fold, TERMS, at(500))
    assert (fold.case.status, fold.case.status_since) == (Status.ASSIGNED, at(100))


def test_what_rules_lead_to_is_deeper_and_what_people_do_begins_anew():
    fold = replace(assign(opened(), "ann", at(10), MACHINE), rule="a", depth=2)
    fold = snooze(fold, TERMS, at(20), MACHINE, at(100))
    assert (fold.entries[-1].rule, fold.entries[-1].depth) == ("a", 2)
    assert fold.case.status_depth == 2
    fold = tick(replace(fold, rule="", depth=0), TERMS, at(200))
    assert fold.entries[-1].kind is EntryKind.SNOOZE_ENDED
    assert (fold.entries[-1].depth, fold.case.status_depth) == (2, 2)
    fold = receive(fold, TERMS, at(300), "m-1")
    assert fold.case.status_depth == 0


def test_the_same_status_again_is_no_change():
    fold = assign(opened(), "ann", at(10), MACHINE)
    again = assign(Fold(fold.case), "bea", at(20), "ann")
    assert again.case.status_since == at(10)
    assert again.entries[0].status == ""
    assert fold.move(Status.ASSIGNED, at(30)) is fold


@pytest.mark.parametrize("reason", ["thanks", ""])
def test_thanks_touch_nothing_that_rules_ask_for(reason):
    fold = opened().note(EntryKind.MESSAGE_RECEIVED, at(50), reason=reason)
    assert fold.case.touched_at == (at(0) if reason else at(50))
