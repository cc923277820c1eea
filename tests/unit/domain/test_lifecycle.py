"""What each thing that happens does to a case, where the workflows' stories do not tell it."""

from dataclasses import replace

from chalicelib.domain.case import Status
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.fold import Terms
from chalicelib.domain.follow_up import follow_up_failed, follow_up_sent, survey_written
from chalicelib.domain.lifecycle import assign, close, open_case, receive, tick
from chalicelib.domain.reply import reply_failed, reply_sent
from chalicelib.domain.resolve import reopen, resolve
from chalicelib.domain.wait import end_pause, wait
from tests.unit.domain.terms import HANDLE, POLICY, TERMS, at, opened

FIRST, NEXT, RESOLUTION = (
    ClockName.FIRST_RESPONSE,
    ClockName.NEXT_RESPONSE,
    ClockName.RESOLUTION,
)


def kinds(fold) -> list[tuple[EntryKind, ClockName | None]]:
    return [(entry.kind, entry.clock) for entry in fold.entries]


def test_each_clock_starts_where_the_definitions_say():
    fold = open_case(1, TERMS, sent_at=at(0), received_at=at(30), message_id="m")
    assert {clock.name: clock.started_at for clock in fold.case.clocks} == {
        ClockName.ASSIGN: at(30),
        FIRST: at(0),
        RESOLUTION: at(0),
    }
    assert fold.case.status is Status.NEW


def test_more_questions_do_not_restart_the_next_response():
    fold = reply_sent(opened(), TERMS, at(60), "r-1", "ann")
    fold = receive(receive(fold, TERMS, at(100), "m-1"), TERMS, at(900), "m-2")
    assert fold.case.clock(NEXT).started_at == at(100)
    assert fold.case.clock(NEXT).due_at == at(1900)


def test_an_answer_exactly_at_the_deadline_is_in_time_and_later_is_not():
    in_time = reply_sent(opened(), TERMS, at(3600), "r", "ann").case.clock(FIRST)
    assert (in_time.outcome, in_time.breached_at) == (Outcome.MET, None)
    late = reply_sent(opened(), TERMS, at(3600.001), "r", "ann")
    assert (late.case.clock(FIRST).outcome, late.case.clock(FIRST).breached_at) == (
        Outcome.BREACHED,
        at(3600),
    )
    assert (EntryKind.DEADLINE_BREACHED, FIRST) in kinds(late)
    assert (EntryKind.CLOCK_MET, FIRST) not in kinds(late)


def test_a_promise_that_ran_out_unnoticed_is_breached_when_it_is_ended():
    fold = resolve(opened(), TERMS, at(4000), "ann", reason="spam")
    assert fold.case.clock(FIRST).outcome is Outcome.BREACHED
    breaches = [e for e in fold.entries if e.kind is EntryKind.DEADLINE_BREACHED]
    assert [(e.clock, e.at) for e in breaches] == [
        (ClockName.ASSIGN, at(300)),
        (FIRST, at(3600)),
    ]


def test_messages_within_two_minutes_are_one_turn():
    fold = opened()
    for second in (60, 100, 219, 400):
        fold = reply_sent(fold, TERMS, at(second), f"r-{second}", "ann")
    assert fold.case.turns == 2
    assert [reply.turn for reply in fold.case.replies] == [True, False, False, True]


def test_what_was_written_before_a_question_does_not_answer_it():
    fold = receive(assign(opened(), "ann", at(1), "hearback"), TERMS, at(100), "m-1")
    fold = reply_sent(fold, TERMS, at(200), "r", "ann", written_at=at(50))
    assert fold.case.asks == (at(100),)
    assert fold.case.clock(FIRST).stopped_at == at(200)
    assert (fold.case.clock(NEXT).started_at, fold.case.status) == (at(100), Status.ASSIGNED)


def test_a_further_reply_before_a_question_stops_nothing_newer():
    fold = reply_sent(opened(), TERMS, at(60), "r-1", "ann")
    fold = receive(fold, TERMS, at(100), "m-1")
    fold = reply_sent(fold, TERMS, at(90), "r-2", "ann")
    assert fold.case.clock(NEXT).outcome is None


def test_the_failure_of_a_reply_that_stopped_nothing_changes_no_clock():
    fold = reply_sent(opened(), TERMS, at(60), "r-1", "ann")
    fold = reply_sent(fold, TERMS, at(70), "r-2", "ann")
    before = fold.case.clocks
    assert reply_failed(fold, TERMS, at(80), "r-2", "x").case.clocks == before


def test_a_promise_made_since_is_void_when_an_older_one_runs_again():
    fold = reply_sent(opened(), TERMS, at(60), "r-1", "ann")
    fold = receive(fold, TERMS, at(100), "m-1")
    fold = reply_failed(fold, TERMS, at(120), "r-1", "x")
    assert fold.case.clock(FIRST).outcome is None
    assert (fold.case.clock(NEXT).outcome, fold.case.clock(NEXT).reason) == (
        Outcome.CANCELLED,
        "an earlier reply failed",
    )
    fold = reply_sent(fold, TERMS, at(200), "r-2", "ann")
    assert fold.case.clock(FIRST).stopped_at == at(200)
    assert fold.case.asks == ()


def test_an_older_clock_that_runs_again_is_the_one_that_the_next_reply_stops():
    fold = reply_sent(opened(), TERMS, at(60), "r-1", "ann")
    fold = receive(fold, TERMS, at(100), "m-1")
    fold = reply_sent(fold, TERMS, at(160), "r-2", "ann")
    fold = receive(fold, TERMS, at(200), "m-2")
    fold = reply_failed(fold, TERMS, at(210), "r-2", "x")
    assert (fold.case.clock(NEXT).seq, fold.case.clock(NEXT).outcome) == (1, None)
    fold = reply_sent(fold, TERMS, at(300), "r-3", "ann")
    assert [(c.seq, c.outcome) for c in fold.case.clocks if c.name is NEXT] == [
        (1, Outcome.MET),
        (2, Outcome.CANCELLED),
    ]


def test_a_closed_case_opens_again_when_its_reply_failed_after_all():
    fold = reply_sent(opened(), TERMS, at(60), "r-1", "ann")
    fold = close(resolve(fold, TERMS, at(100), "ann", reason="done"), at(300_000))
    fold = reply_failed(fold, TERMS, at(300_001), "r-1", "x")
    assert (fold.case.open, fold.case.generation) == (True, 2)


def test_waiting_without_a_promise_to_resolve_pauses_nothing():
    targets = tuple(t for t in POLICY.targets if t.clock is not RESOLUTION)
    terms = Terms(replace(POLICY, targets=targets), HANDLE, public=False)
    fold = open_case(1, terms, sent_at=at(0), received_at=at(0), message_id="m")
    fold = wait(fold, terms, at(10), "ann", on=Status.WAITING_CUSTOMER, reason="x")
    fold = end_pause(fold, terms, at(20), "ann", "x")
    fold = resolve(fold, terms, at(30), "ann", reason="done")
    assert fold.case.clock(RESOLUTION) is None
    assert fold.case.status is Status.RESOLVED


def test_a_breach_after_a_pause_was_learnt_is_withdrawn():
    fold = tick(opened(), TERMS, at(90_000))
    assert fold.case.clock(RESOLUTION).breached_at == at(86_400)
    fold = wait(fold, TERMS, at(80_000), "ann", on=Status.WAITING_THIRD_PARTY, reason="x")
    assert fold.case.clock(RESOLUTION).breached_at is None
    assert (EntryKind.BREACH_WITHDRAWN, RESOLUTION) in kinds(fold)


def test_a_survey_of_an_earlier_round_says_nothing_about_this_one():
    fold = resolve(opened(), TERMS, at(100), "ann", reason="done")
    fold = survey_written(fold, at(200), "first")
    fold = reopen(fold, TERMS, at(300), "ann", "why")
    fold = survey_written(resolve(fold, TERMS, at(400), "ann", reason="x"), at(500), "second")
    assert follow_up_sent(fold, at(600), "first") == fold
    assert follow_up_failed(fold, at(600), "first", "x") == fold
    assert follow_up_sent(fold, at(600), "second").case.status is Status.FOLLOW_UP


def test_an_acceptance_after_closing_is_noted_and_leaves_the_case_closed():
    fold = survey_written(resolve(opened(), TERMS, at(1), "a", reason="x"), at(2), "s")
    fold = follow_up_sent(close(fold, at(300_000)), at(300_001), "s")
    assert (fold.case.status, fold.case.follow_up.sent_at) == (Status.CLOSED, at(300_001))
    failed = follow_up_failed(fold, at(300_002), "s", "x").case
    assert (failed.status, failed.follow_up.waived) == (Status.CLOSED, "x")


def test_the_survey_leaves_before_its_channel_closes():
    early = resolve(opened(), TERMS, at(0), "ann", reason="x", last_moment=at(5000))
    assert early.case.follow_up_at == at(5000)
    too_late = resolve(opened(), TERMS, at(6000), "ann", reason="x", last_moment=at(5000))
    assert too_late.case.follow_up_at == at(6000 + 86_400)
    assert early.case.clock(ClockName.FOLLOW_UP).started_at == at(86_400)


def test_a_case_carries_its_newest_clocks_only():
    fold = opened()
    for turn in range(1, 6):
        fold = reply_sent(fold, TERMS, at(turn * 1000), f"r-{turn}", "ann")
        fold = receive(fold, TERMS, at(turn * 1000 + 500), f"m-{turn}")
    assert [clock.seq for clock in fold.case.clocks if clock.name is NEXT] == [4, 5]
