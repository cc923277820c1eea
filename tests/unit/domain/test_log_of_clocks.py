"""The log of clocks: each kind of event of a promise once, and one end for each that began."""

from collections import Counter
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import promise
from chalicelib.domain.case import Status
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.expose import covered, exposed
from chalicelib.domain.fold import Fold
from chalicelib.domain.lifecycle import assign, change_team, close, handed_over, receive, tick
from chalicelib.domain.pausing import paused_clocks
from chalicelib.domain.reply import reply_failed, reply_sent
from chalicelib.domain.resolve import DONE, receive_after_resolve, reopen, resolve
from chalicelib.domain.thanks import appreciated, thanked, waive
from chalicelib.domain.wait import end_pause, snooze, wait
from tests.unit.domain.promises import PROMISES, begun
from tests.unit.domain.terms import at

ENDS = {EntryKind.CLOCK_MET, EntryKind.CLOCK_CANCELLED, EntryKind.CLOCK_SUPERSEDED}
BACK = {
    EntryKind.CLOCK_PAUSED: EntryKind.CLOCK_RESUMED,
    EntryKind.CLOCK_RESUMED: EntryKind.CLOCK_PAUSED,
    EntryKind.CLOCK_MET: EntryKind.CLOCK_REOPENED,
    EntryKind.CLOCK_CANCELLED: EntryKind.CLOCK_REOPENED,
    EntryKind.DEADLINE_BREACHED: EntryKind.BREACH_WITHDRAWN,
    EntryKind.BREACH_WITHDRAWN: EntryKind.DEADLINE_BREACHED,
}
"""What may happen to a clock again, and what must have happened in between."""

OPEN = {
    "ask": lambda f, t: receive(f, PROMISES, t, f"m-{t}"),
    "reply": lambda f, t: reply_sent(f, PROMISES, t, f"r-{t}", "ann"),
    "assign": lambda f, t: assign(f, "ann", t, "lou"),
    "wait": lambda f, t: wait(f, PROMISES, t, "a", on=Status.WAITING_CUSTOMER, reason="x"),
    "wait for others": lambda f, t: wait(
        f, PROMISES, t, "a", on=Status.WAITING_THIRD_PARTY, reason="x"
    ),
    "snooze": lambda f, t: snooze(f, PROMISES, t, "a", t + timedelta(hours=3)),
    "snooze as asked": lambda f, t: snooze(f, PROMISES, t, "a", t + timedelta(hours=3), asked=True),
    "resume": lambda f, t: end_pause(f, PROMISES, t, "a", "x"),
    "team": lambda f, t: change_team(f, PROMISES, f"team-{t.minute % 2}", t, "a"),
    "hand over": lambda f, t: handed_over(f, PROMISES, t),
    "waive": lambda f, t: waive(f, t, "a", "x"),
    "ask approval": lambda f, t: promise.begin(f, ClockName.APPROVE, t, PROMISES),
    "approve": lambda f, t: promise.meet(f, ClockName.APPROVE, t),
    "resolve": lambda f, t: resolve(f, PROMISES, t, "a", reason="done"),
}
OVER = {
    "ask": lambda f, t: receive_after_resolve(f, PROMISES, t, f"m-{t}"),
    "reopen": lambda f, t: reopen(f, PROMISES, t, "a", "x"),
}
EVER = {
    "praise": lambda f, t: appreciated(f, PROMISES, t, "a", "m"),
    "thank": lambda f, t: thanked(f, t, "a"),
    "expose": lambda f, t: exposed(f, PROMISES, t, "m", ["phone"]),
    "cover": lambda f, t: covered(f, t, "m"),
    "lose": lambda f, t: lost(f, t, -1),
    "lose the first": lambda f, t: lost(f, t, 0),
}
DOES = sorted({*OPEN, *OVER, *EVER, "tick", "look late"})


def lost(fold: Fold, at, which):
    """Let one of the replies fail."""
    replies = fold.case.replies
    return reply_failed(fold, PROMISES, at, replies[which].message_id, "551") if replies else fold


def looked(fold: Fold, now) -> Fold:
    """Look at the case as its machine does, twice: the second look finds nothing."""
    for _ in range(2):
        after = promise.tick(fold, now) if fold.case.status in DONE else fold
        after = tick(fold, PROMISES, now) if fold.case.open else after
        before, fold = fold, after
    assert fold == before
    return fold


def told(story) -> Fold:
    """Return a case after a story: what was done, and how many seconds after the one before."""
    fold, second = begun(), 0
    for what, after in story:
        second += after
        acts = (OPEN if fold.case.open else OVER) | EVER
        if what == "look late":
            fold = looked(fold, at(second + 200_000))
        elif what == "tick":
            fold = looked(fold, at(second))
        elif what in acts:
            fold = acts[what](fold, at(second))
    return fold


stories = st.lists(
    st.tuples(st.sampled_from(DOES), st.sampled_from([1, 60, 700, 1000, 5000, 20_000])),
    max_size=25,
)


@settings(max_examples=300, deadline=None)
@given(stories)
def test_no_event_of_a_clock_is_written_twice_unless_it_was_taken_back(story):
    newest: dict[tuple, EntryKind] = {}
    starts = Counter()
    for entry in told(story).entries:
        if entry.clock is None:
            continue
        key = (entry.clock, entry.seq)
        starts[key] += entry.kind is EntryKind.CLOCK_STARTED and not entry.reason
        if entry.kind is EntryKind.DEADLINE_WARNED:
            assert (*key, entry.percent) not in newest, "warned twice"
            newest[(*key, entry.percent)] = entry.kind
        elif entry.kind in BACK:
            pair = (*key, frozenset({entry.kind, BACK[entry.kind]}))
            assert newest.get(pair) is not entry.kind, f"{entry.kind} of {key} twice"
            newest[pair] = entry.kind
        if entry.kind is EntryKind.CLOCK_REOPENED:
            for end in (EntryKind.CLOCK_MET, EntryKind.CLOCK_CANCELLED):
                newest[(*key, frozenset({end, entry.kind}))] = entry.kind
            # What ended while paused runs when it is opened again.
            newest.pop((*key, frozenset({EntryKind.CLOCK_PAUSED, EntryKind.CLOCK_RESUMED})), None)
    assert set(starts.values()) <= {1}


@settings(max_examples=300, deadline=None)
@given(stories)
def test_every_clock_of_a_closed_case_has_one_end(story):
    fold = told(story)
    if fold.case.open:
        fold = resolve(fold, PROMISES, at(900_000), "a", reason="done")
    fold = close(fold, at(2_000_000))
    assert all(clock.outcome is not None for clock in fold.case.clocks)
    ends: dict[tuple, list[EntryKind]] = {}
    for entry in fold.entries:
        if entry.clock is None:
            continue
        found = ends.setdefault((entry.clock, entry.seq), [])
        if entry.kind in (*ENDS, EntryKind.DEADLINE_BREACHED):
            found.append(entry.kind)
        elif entry.kind is EntryKind.CLOCK_REOPENED:
            found[:] = [kind for kind in found if kind is EntryKind.DEADLINE_BREACHED]
        elif entry.kind is EntryKind.BREACH_WITHDRAWN:
            found[:] = [kind for kind in found if kind is not EntryKind.DEADLINE_BREACHED]
    for key, found in ends.items():
        # A promise that ran out and was void afterwards has both in its log; void is its end.
        assert found
        assert len(found) == 1 or found == [
            EntryKind.DEADLINE_BREACHED,
            EntryKind.CLOCK_CANCELLED,
        ], (key, found)


@settings(max_examples=300, deadline=None)
@given(stories)
def test_looks_change_no_promise_whenever_they_come(story):
    """With looks at any time, late ones too, and without: the same clocks but for the records."""
    looks = ("tick", "look late")
    quiet = [("nothing" if what in looks else what, after) for what, after in story]
    with_looks, without = told(story), told(quiet)
    if any(what.startswith("snooze") for what, _ in story):
        return  # the end of a snooze is brought about by a look
    assert verdicts(with_looks) == verdicts(without)


def verdicts(fold: Fold) -> list[object]:
    far = at(9_000_000)
    ended = close(resolve(fold, PROMISES, far, "a", reason="x") if fold.case.open else fold, far)
    return [
        (clock.name, clock.seq, clock.started_at, clock.outcome, clock.stopped_at)
        for clock in ended.case.clocks
        if clock.outcome is not Outcome.SUPERSEDED
    ]


@settings(max_examples=200, deadline=None)
@given(stories)
def test_of_one_name_at_most_one_runs_and_pauses_are_those_of_the_status(story):
    fold = told(story)
    running = [clock.name for clock in fold.case.clocks if clock.outcome is None]
    assert len(set(running)) == len(running)
    if fold.case.open:
        paused = {one.name for one in fold.case.clocks if one.outcome is None and one.paused_at}
        assert paused == set(paused_clocks(fold.case)) & set(running)
