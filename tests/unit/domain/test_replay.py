"""A replay of a log gives again what was recorded."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.domain.approving import ask, decline, give
from chalicelib.domain.calendar import Calendar, Frame
from chalicelib.domain.case import Approval, Status
from chalicelib.domain.clock import ClockName
from chalicelib.domain.expose import exposed
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.follow_up import (
    answer_survey,
    asked,
    follow_up_failed,
    follow_up_sent,
    survey_written,
    waive,
)
from chalicelib.domain.holding import decline as decline_offer
from chalicelib.domain.holding import expire, let_go, offer
from chalicelib.domain.ledger import ledger
from chalicelib.domain.lifecycle import (
    assign,
    change_team,
    close,
    handed_over,
    mark_stuck,
    open_case,
    queue,
    receive,
    restart,
)
from chalicelib.domain.policy import Target
from chalicelib.domain.quality import set_labels, set_language, set_priority, set_vip
from chalicelib.domain.redecide import redecide
from chalicelib.domain.replay import replay
from chalicelib.domain.reply import reply_failed, reply_sent
from chalicelib.domain.resolve import receive_after_resolve, reopen, resolve, thank
from chalicelib.domain.thanks import appreciated, thanked
from chalicelib.domain.thanks import waive as waive_answer
from chalicelib.domain.wait import end_pause, snooze, wait
from tests.unit.domain.recorded import clock_events, passed, under
from tests.unit.domain.terms import HANDLE, POLICY, at

HOURS = Calendar(
    "Europe/London",
    dict.fromkeys(range(5), (Frame(time(9), time(17)),)),
    holidays=frozenset({date(2026, 11, 4)}),
)
RICH = replace(
    POLICY,
    handles=(replace(HANDLE, calendar="hours"),),
    targets=(
        *POLICY.targets,
        Target(ClockName.FIRST_RESPONSE_HUMAN, 900),
        Target(ClockName.UPDATE, 8 * 3600),
        Target(ClockName.OWN, 4 * 3600),
        Target(ClockName.THANKS, 4 * 3600),
        Target(ClockName.EXPOSE, 900),
        Target(ClockName.APPROVE, 900),
        Target(ClockName.FIRST_RESPONSE, 600, priority="high"),
        Target(ClockName.NEXT_RESPONSE, 600, vip=True),
        Target(ClockName.RESOLUTION, 7200, priority="high"),
        Target(ClockName.RESOLUTION, 3600, priority="high", team="other"),
    ),
    calendars={"hours": HOURS},
)
TERMS = Terms(RICH, RICH.handles[0], public=False)
TIGHT = replace(
    RICH,
    version="v2",
    targets=tuple(replace(target, seconds=max(15, target.seconds // 2)) for target in RICH.targets),
    calendars={},
)

SECOND = timedelta(seconds=1)


def _open(fold, kind, now, number):
    earlier = now - number % 7 * 300 * SECOND
    changes = {
        "ask": lambda: receive(fold, TERMS, now, f"m-{number}"),
        "ask late": lambda: receive(fold, TERMS, earlier, f"m-{number}", received_at=now),
        "reply": lambda: reply_sent(fold, TERMS, now, f"r-{number}", "ann"),
        "reply late": lambda: reply_sent(
            fold, TERMS, earlier, f"r-{number}", "ann", written_at=earlier - 60 * SECOND
        ),
        "assign": lambda: assign(fold, "ann", now, "hearback"),
        "queue": lambda: fold if fold.case.assignee else queue(fold, now, "nobody"),
        "wait": lambda: wait(fold, TERMS, now, "ann", on=Status.WAITING_CUSTOMER, reason="x"),
        "snooze": lambda: snooze(
            fold, TERMS, now, "ann", now + 1800 * SECOND, asked=bool(number % 2)
        ),
        "resume": lambda: end_pause(fold, TERMS, now, "ann", "by hand"),
        "team": lambda: change_team(fold, TERMS, "other", now, "lou"),
        "hand over": lambda: handed_over(fold, TERMS, now),
        "let go": lambda: let_go(fold, now, "away"),
        "offer": lambda: offer(fold, "bob", now, 60) if not fold.case.assignee else fold,
        "expire": lambda: expire(fold, now) if fold.case.offered_to else fold,
        "praise": lambda: appreciated(fold, TERMS, now, "ann", f"m-{number}"),
        "thank": lambda: thanked(fold, now, "ann", how="liked"),
        "waive answer": lambda: waive_answer(fold, now, "ann", "spam"),
        "expose": lambda: exposed(fold, TERMS, now, f"m-{number}", ("phone",)),
        "label": lambda: set_labels(fold, ("a", f"b{number}"), now, "ann"),
        "speak": lambda: set_language(fold, ("de", "")[number % 2], now, "ann"),
        "decline": lambda: decline_offer(fold, now, "busy") if fold.case.offered_to else fold,
        "stuck": lambda: restart(mark_stuck(fold, now, "x"), now, "lou", "by hand"),
        "approve": lambda: ask(
            fold, TERMS, _approval(now, number), inputs={"approval": f"{number}"}
        ),
        "decide": lambda: _decided(fold, now, number),
        "priority": lambda: prioritised(fold, now, ("high", "", "low")[number % 3]),
        "vip": lambda: marked(fold, now, vip=bool(number % 2)),
        "resolve": lambda: resolve(
            fold, TERMS, now, "ann", reason="done", on_its_way=bool(number % 2)
        ),
    }
    return changes.get(kind, lambda: fold)()


def _done(fold, kind, now, number):
    survey = fold.case.follow_up
    changes = {
        "ask": lambda: receive_after_resolve(fold, TERMS, now, f"m-{number}", queued_at=now),
        "ask late": lambda: thank(fold, now, f"m-{number}"),
        "resume": lambda: reopen(fold, TERMS, now, "ann", "not done"),
        "survey": lambda: fold if survey.message_id else survey_written(fold, now, f"s-{number}"),
        "survey sent": lambda: follow_up_sent(fold, now, survey.message_id),
        "survey failed": lambda: follow_up_failed(fold, now, survey.message_id or "none", "551"),
        "waive": lambda: waive(fold, now, "closed window"),
        "vip": lambda: marked(fold, now, vip=bool(number % 2)),
        "expose": lambda: exposed(fold, TERMS, now, f"m-{number}", ("phone",)),
        "close": lambda: fold if fold.case.closed_at else close(fold, now),
        "answer": lambda: (
            answer_survey(fold, TERMS, now, f"m-{number}", score=1 + number % 5, words="")
            if asked(fold)
            else fold
        ),
    }
    return changes.get(kind, lambda: fold)()


def _approval(now, number: int) -> Approval:
    return Approval(f"{number}", "reply", "tom", now, "refund")


def _decided(fold: Fold, now, number: int) -> Fold:
    if not fold.case.approvals:
        return fold
    one = fold.case.approvals[number % len(fold.case.approvals)]
    known = {"inputs": {"approval": one.id}}
    if number % 3:
        return give(fold, TERMS, now, "lou", one, **known)
    return decline(fold, TERMS, now, ("lou", "tom")[number % 2], one, reason="no", **known)


def prioritised(fold: Fold, now, priority: str) -> Fold:
    return anew(fold, set_priority(Fold(fold.case), priority, now, "lou"), now)


def marked(fold: Fold, now, *, vip: bool) -> Fold:
    return anew(fold, set_vip(Fold(fold.case), now, "lou", vip=vip), now)


def anew(before: Fold, fresh: Fold, now) -> Fold:
    """Decide the clocks of a case anew, as workflows/qualify.py does."""
    if fresh.entries and fresh.case.open:
        fresh = redecide(fresh, before.entries, TERMS, now, "lou")
    return replace(fresh, entries=(*before.entries, *fresh.entries))


def happened(fold: Fold, kind: str, now, number: int) -> Fold:
    if kind == "fail" and fold.case.replies:
        lost = fold.case.replies[number % len(fold.case.replies)]
        return reply_failed(fold, TERMS, now, lost.message_id, "551")
    return (_open if fold.case.open else _done)(fold, kind, now, number)


KINDS = (
    "ask", "ask late", "reply", "reply late", "fail", "assign", "queue", "wait", "snooze",
    "resume", "team", "hand over", "let go", "offer", "expire", "praise", "thank", "waive answer",
    "expose", "priority", "vip", "priority", "approve", "decide", "label", "speak", "decline",
    "stuck", "resolve", "survey",
    "survey sent", "survey failed", "waive", "close", "answer",
)  # fmt: skip
histories = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 9000)), max_size=25)


def begun() -> tuple[Fold, datetime]:
    return open_case(1, TERMS, sent_at=at(0), received_at=at(9), message_id="m-0"), at(9)


def history(told) -> tuple[Fold, datetime]:
    fold, now = begun()
    for number, (kind, seconds) in enumerate(told):
        now += timedelta(seconds=seconds, milliseconds=1)
        fold = happened(passed(fold, now, TERMS), kind, now, number)
    return fold, now


EVERY = [(kind, 300) for kind in KINDS for _ in range(2)]
ROUNDS = [
    (kind, 400)
    for kind in (
        "assign", "reply", "resolve", "survey", "survey sent", "survey failed", "ask late", "ask",
        "resolve", "waive", "resume", "resolve", "survey", "survey sent", "answer", "answer",
        "team", "let go", "offer", "decline", "offer", "expire", "praise", "thank", "fail", "close",
    )
]  # fmt: skip


@given(histories)
@example(EVERY)
@example(EVERY[::-1])
@example(ROUNDS)
@settings(max_examples=120)
def test_a_replay_gives_the_clocks_and_clock_events_that_were_recorded(told):
    fold, now = history(told)
    fold = passed(fold, now + timedelta(days=2), TERMS)
    found = replay(fold.entries, under(TERMS), until=now + timedelta(days=2)).fold
    assert clock_events(found.entries) == clock_events(fold.entries)
    assert found.case.clocks == fold.case.clocks
    assert found.case == fold.case


@given(histories)
@settings(max_examples=40)
def test_deciding_anew_under_the_same_terms_changes_nothing(told):
    fold, now = history(told)
    again = redecide(Fold(fold.case), fold.entries, TERMS, now, "lou")
    assert clock_events(again.entries) == []
    assert not again.entries


@given(histories)
@settings(max_examples=60)
def test_a_case_decided_anew_goes_on_and_is_replayed_exactly(told):
    """Half of the history under one policy, then another one takes its place."""
    fold, now = history(told)
    fold = passed(fold, now, TERMS)
    tight = replace(TERMS, policy=TIGHT)
    after = redecide(Fold(fold.case), fold.entries, tight, now, "lou")
    twice = redecide(after, fold.entries, tight, now, "lou")
    assert twice.case == after.case
    assert twice.entries == after.entries
    whole = (*fold.entries, *after.entries)
    end = now + timedelta(days=2)
    moved = passed(Fold(after.case), end, tight)
    recorded = (*whole, *moved.entries)
    found = replay(recorded, under(TERMS, TIGHT), until=end).fold
    assert clock_events(found.entries) == clock_events(recorded)
    assert found.case.clocks == moved.case.clocks
    running = [clock for clock in after.case.clocks if clock.outcome is None]
    assert {clock.policy_version for clock in running} <= {"v2"}


@given(histories)
@settings(max_examples=40)
def test_a_breach_is_the_same_however_late_the_machine_looked(told):
    """Warnings that were never given are the only thing that a late look leaves out.

    What a resolved case with a reply on its way has missed is recorded when it closes.
    """
    late, now = begun()
    for number, (kind, seconds) in enumerate(told):
        now += timedelta(seconds=seconds, milliseconds=1)
        late = happened(late, kind, now, number)
    late = late if late.case.closed_at else close(late, now)
    found = replay(late.entries, under(TERMS), until=now).fold
    assert broken(found.entries) == broken(late.entries)


def broken(entries):
    return {
        (account.name, account.started_at, account.breached_at)
        for account in ledger(entries).values()
        if account.breached
    }
