"""What each promise of a team, of a word and of thanks is, where others are told elsewhere."""

from dataclasses import replace

import pytest

from chalicelib.domain import cadence, promise
from chalicelib.domain.case import Status
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.lifecycle import (
    answered_by_rule,
    assign,
    change_team,
    close,
    handed_over,
    open_case,
    receive,
    tick,
)
from chalicelib.domain.outlook import next_moment
from chalicelib.domain.pausing import ASKED
from chalicelib.domain.policy import Target
from chalicelib.domain.reply import reply_failed, reply_sent
from chalicelib.domain.resolve import reopen, resolve
from chalicelib.domain.thanks import appreciated, thanked, waive
from chalicelib.domain.wait import end_pause, snooze, wait
from tests.unit.domain.promises import EVERY, PROMISES, begun, clock, ended, told
from tests.unit.domain.terms import HANDLE, TERMS, at, opened

FIRST, NEXT, RESOLUTION = (
    ClockName.FIRST_RESPONSE,
    ClockName.NEXT_RESPONSE,
    ClockName.RESOLUTION,
)
HUMAN, UPDATE, OWN, THANKS = (
    ClockName.FIRST_RESPONSE_HUMAN,
    ClockName.UPDATE,
    ClockName.OWN,
    ClockName.THANKS,
)
HOUR = 3600


def replied(fold, seconds, name="", terms=PROMISES):
    return reply_sent(fold, terms, at(seconds), name or f"r-{seconds}", "ann")


def asked(fold, seconds, terms=PROMISES):
    return receive(fold, terms, at(seconds), f"m-{seconds}")


def resolved(fold, seconds, terms=PROMISES):
    return resolve(fold, terms, at(seconds), "ann", reason="done")


def waiting(fold, seconds, on=Status.WAITING_CUSTOMER):
    return wait(fold, PROMISES, at(seconds), "ann", on=on, reason="their turn")


class TestWhatIsPromised:
    def test_a_case_begins_with_what_the_customer_and_the_team_are_promised(self):
        fold = open_case(1, PROMISES, sent_at=at(0), received_at=at(30), message_id="m")
        assert {one.name: one.started_at for one in fold.case.clocks} == {
            ClockName.ASSIGN: at(30),
            OWN: at(30),
            FIRST: at(0),
            HUMAN: at(0),
            RESOLUTION: at(0),
        }

    def test_who_has_no_target_for_it_has_no_such_clock(self):
        fold = replied(opened(), 60, terms=TERMS)
        fold = appreciated(fold, TERMS, at(70), "ann", "m-0")
        fold = handed_over(fold, TERMS, at(80))
        fold = resolved(change_team(fold, TERMS, "shop", at(90), "ann"), 100, TERMS)
        assert not {one.name for one in fold.case.clocks} & {HUMAN, UPDATE, OWN, THANKS}

    def test_a_target_may_be_of_vips_alone(self):
        policy = replace(EVERY, targets=(Target(FIRST, 3600), Target(FIRST, 600, vip=True)))
        terms = replace(PROMISES, policy=policy)
        assert clock(begun(terms=terms), FIRST).target_seconds == 3600
        fold = begun(terms=terms, vip=True)
        assert (fold.case.vip, clock(fold, FIRST).target_seconds) == (True, 600)
        (first,) = told(fold, EntryKind.CASE_OPENED)
        assert first.inputs["vip"] == "yes"

    def test_the_log_says_which_promise_of_which_policy_began(self):
        (first,) = told(begun(), EntryKind.CLOCK_STARTED, HUMAN)
        assert (first.value, first.policy_version, first.until) == ("900", "v1", at(900))


class TestAPersonsFirstAnswer:
    def test_counts_like_the_first_response_and_ends_with_it(self):
        fold = replied(begun(), 60)
        for name in (FIRST, HUMAN):
            assert (clock(fold, name).outcome, clock(fold, name).stopped_at) == (
                Outcome.MET,
                at(60),
            )

    def test_counts_from_when_a_machine_handed_the_case_over(self):
        fold = handed_over(begun(), PROMISES, at(120))
        assert [(one.seq, one.started_at, one.outcome) for one in of(fold, HUMAN)] == [
            (1, at(0), Outcome.CANCELLED),
            (2, at(120), None),
        ]
        assert clock(fold, FIRST).started_at == at(0)
        assert ended(replied(fold, 1020), HUMAN)[0] is Outcome.MET
        assert ended(replied(fold, 1020.001), HUMAN)[0] is Outcome.BREACHED

    def test_handing_over_again_or_after_a_persons_answer_changes_nothing(self):
        fold = handed_over(begun(), PROMISES, at(120))
        assert handed_over(fold, PROMISES, at(120)) == fold
        answered = replied(begun(), 60)
        assert handed_over(answered, PROMISES, at(120)) == answered
        over = resolved(begun(), 60)
        assert handed_over(over, PROMISES, at(120)) == over

    def test_only_a_rules_first_answer_in_time_hands_over(self):
        first = answered_by_rule(begun(), PROMISES, at(120))
        assert first == handed_over(begun(), PROMISES, at(120))
        assert answered_by_rule(first, PROMISES, at(180)) == first
        assert answered_by_rule(begun(), PROMISES, at(900)) == begun()
        assert answered_by_rule(begun(terms=TERMS), TERMS, at(120)) == begun(terms=TERMS)

    def test_an_older_message_moves_it_back_but_not_past_the_hand_over(self):
        fold = asked(begun(100), 40)
        assert clock(fold, HUMAN).started_at == clock(fold, FIRST).started_at == at(40)
        fold = asked(handed_over(begun(100), PROMISES, at(160)), 40)
        assert (clock(fold, HUMAN).started_at, clock(fold, FIRST).started_at) == (at(160), at(40))

    def test_an_answer_on_its_way_when_the_case_was_handed_over_ends_it(self):
        fold = handed_over(begun(), PROMISES, at(120))
        fold = reply_sent(fold, PROMISES, at(130), "r", "ann", written_at=at(110))
        assert ended(fold, HUMAN) == (Outcome.MET, "r")

    def test_goes_on_when_the_answer_failed(self):
        fold = reply_failed(replied(begun(), 60, "r"), PROMISES, at(70), "r", "551")
        assert clock(fold, HUMAN).outcome is clock(fold, FIRST).outcome is None
        assert [one.seq for one in of(fold, HUMAN)] == [1]
        fold = replied(fold, 80)
        assert clock(fold, HUMAN).stopped_at == at(80)

    def test_goes_on_when_a_case_that_nobody_answered_is_opened_again(self):
        fold = reopen(resolved(begun(), 60), PROMISES, at(160), "ann", "not settled")
        for name, due in ((FIRST, 3700), (HUMAN, 1000)):
            assert (clock(fold, name).outcome, clock(fold, name).due_at) == (None, at(due))


def of(fold, name):
    return [one for one in fold.case.clocks if one.name is name]


class TestTheNextWord:
    def test_begins_with_each_reply_and_ends_with_the_next(self):
        fold = replied(replied(begun(), 60), 5000)
        assert [(one.started_at, one.stopped_at, one.outcome) for one in of(fold, UPDATE)] == [
            (at(60), at(5000), Outcome.MET),
            (at(5000), None, None),
        ]

    def test_is_late_like_any_other_promise(self):
        fold = tick(replied(begun(), 60), PROMISES, at(60 + 8 * HOUR + 1))
        (late,) = told(fold, EntryKind.DEADLINE_BREACHED, UPDATE)
        assert late.at == at(60 + 8 * HOUR)

    def test_does_not_run_while_the_case_waits_for_the_customer(self):
        fold = waiting(replied(begun(), 60), 1060)
        assert clock(fold, UPDATE).paused_at == at(1060)
        fold = end_pause(fold, PROMISES, at(9000), "ann", "taken up")
        assert clock(fold, UPDATE).due_at == at(9000 + 8 * HOUR - 1000)

    def test_runs_while_the_case_waits_for_others(self):
        fold = waiting(replied(begun(), 60), 1060, Status.WAITING_THIRD_PARTY)
        assert clock(fold, UPDATE).paused_at is None
        fold = waiting(fold, 2060)
        assert clock(fold, UPDATE).paused_at == at(2060)
        fold = waiting(fold, 3060, Status.WAITING_THIRD_PARTY)
        assert (clock(fold, UPDATE).paused_at, clock(fold, RESOLUTION).paused_at) == (
            None,
            at(1060),
        )

    def test_begins_paused_when_the_reply_is_accepted_in_a_case_that_waits(self):
        fold = replied(waiting(begun(), 50), 60)
        assert clock(fold, UPDATE).paused_at == at(60)
        assert len(told(fold, EntryKind.CLOCK_PAUSED, UPDATE)) == 1

    def test_the_customers_own_messages_change_nothing_about_it(self):
        fold = replied(begun(), 60)
        assert clock(asked(fold, 100), UPDATE) == clock(fold, UPDATE)

    def test_ends_with_the_case_and_begins_with_the_first_reply_after_it_is_opened_again(self):
        fold = resolved(replied(begun(), 60), 100)
        assert ended(fold, UPDATE) == (Outcome.CANCELLED, "resolved: done")
        fold = reopen(fold, PROMISES, at(200), "ann", "why")
        assert clock(fold, UPDATE).outcome is Outcome.CANCELLED
        assert clock(replied(fold, 300), UPDATE).started_at == at(300)

    def test_a_reply_that_is_accepted_after_resolving_begins_none(self):
        fold = resolve(begun(), PROMISES, at(50), "ann", reason="x", on_its_way=True)
        fold = replied(fold, 60)
        assert (of(fold, UPDATE), clock(fold, HUMAN).outcome) == ([], Outcome.MET)

    def test_a_reply_that_is_heard_of_late_changes_nothing(self):
        fold = replied(replied(begun(), 60), 5000)
        assert of(replied(fold, 3000), UPDATE) == of(fold, UPDATE)
        assert of(replied(fold, 5000, "same instant"), UPDATE) == of(fold, UPDATE)

    @pytest.mark.parametrize("lost", [60, 5000, 9000, 12_000])
    def test_a_reply_that_failed_is_as_if_never_sent(self, lost):
        seconds = (60, 5000, 9000, 12_000)
        fold = begun()
        never = begun()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(promise, "KEPT_PER_NAME", 9)
            for second in seconds:
                fold = replied(fold, second)
                never = never if second == lost else replied(never, second)
            fold = reply_failed(fold, PROMISES, at(12_100), f"r-{lost}", "551")
        assert standing(fold) == standing(never)

    def test_the_failure_of_the_only_reply_leaves_none(self):
        fold = reply_failed(replied(begun(), 60), PROMISES, at(70), "r-60", "551")
        assert standing(fold) == []
        assert promise.running(fold, UPDATE) is None

    def test_a_reply_that_failed_in_a_case_that_waits_gives_back_a_promise_that_waits(self):
        fold = waiting(replied(replied(begun(), 60), 5000), 6000)
        fold = reply_failed(fold, PROMISES, at(7000), "r-5000", "551")
        assert standing(fold) == [(at(60), None, None)]
        assert clock(fold, UPDATE).paused_at == at(6000)

    def test_a_reply_that_failed_after_resolving_leaves_no_promise_of_a_word(self):
        fold = resolved(replied(replied(begun(), 60), 5000), 6000)
        fold = reply_failed(fold, PROMISES, at(7000), "r-5000", "551")
        assert not fold.case.open
        assert promise.running(fold, UPDATE) is None


def standing(fold):
    """Return the promises of a word that are not void."""
    return [
        (one.started_at, one.stopped_at, one.outcome)
        for one in of(fold, UPDATE)
        if one.outcome is not Outcome.CANCELLED
    ]


class TestATeamsOwnWork:
    def test_counts_from_the_team_to_the_next_or_to_the_end(self):
        fold = change_team(assign(begun(), "ann", at(10), "lou"), PROMISES, "shop", at(100), "lou")
        assert [(one.started_at, one.stopped_at) for one in of(fold, OWN)] == [
            (at(0), at(100)),
            (at(100), None),
        ]
        fold = resolved(fold, 200)
        assert ended(fold, OWN)[0] is Outcome.MET
        fold = reopen(fold, PROMISES, at(300), "ann", "why", queued_at=at(301))
        assert (clock(fold, OWN).seq, clock(fold, OWN).started_at) == (3, at(301))

    @pytest.mark.parametrize("on", [Status.WAITING_CUSTOMER, Status.WAITING_THIRD_PARTY])
    def test_does_not_run_while_the_case_waits(self, on):
        fold = end_pause(waiting(begun(), 100, on), PROMISES, at(600), "ann", "x")
        assert clock(fold, OWN).due_at == at(4 * HOUR + 500)

    def test_another_team_gets_the_case_as_a_new_one(self):
        fold = assign(begun(), "ann", at(10), "lou")
        fold = change_team(fold, PROMISES, "shop", at(100), "lou")
        case = fold.case
        assert (case.team, case.assignee, case.status, case.queued_at) == (
            "shop",
            "",
            Status.QUEUED,
            None,
        )
        assert case.status_since == at(100)
        (entry,) = told(fold, EntryKind.TEAM_CHANGED)
        assert (entry.value, entry.inputs) == ("shop", {"old": "care", "new": "shop"})
        assert (clock(fold, ClockName.ASSIGN).seq, clock(fold, ClockName.ASSIGN).due_at) == (
            2,
            at(400),
        )
        assert clock(fold, FIRST) == clock(begun(), FIRST)

    def test_a_case_that_nobody_had_begins_its_wait_for_somebody_anew(self):
        fold = change_team(begun(), PROMISES, "shop", at(100), "lou")
        assert [(one.seq, one.outcome) for one in of(fold, ClockName.ASSIGN)] == [
            (1, Outcome.CANCELLED),
            (2, None),
        ]

    def test_a_case_that_was_put_aside_is_taken_up_by_the_new_team(self):
        fold = change_team(waiting(begun(), 100), PROMISES, "shop", at(600), "lou")
        assert (fold.case.status, fold.case.waiting_reason) == (Status.QUEUED, "")
        assert clock(fold, RESOLUTION).due_at == at(24 * HOUR + 500)

    def test_the_new_teams_targets_count(self):
        policy = replace(EVERY, targets=(*EVERY.targets, Target(OWN, 60, team="shop")))
        terms = replace(PROMISES, policy=policy)
        fold = change_team(begun(terms=terms), terms, "shop", at(100), "lou")
        assert clock(fold, OWN).due_at == at(160)


class TestThanks:
    def test_praise_is_owed_thanks_and_no_answer(self):
        fold = appreciated(begun(), PROMISES, at(100), "ann", "m-0", since=at(0))
        for name in (FIRST, HUMAN):
            assert ended(fold, name) == (Outcome.CANCELLED, "only praise")
        assert (fold.case.asks, fold.case.status) == ((), Status.NEW)
        assert (clock(fold, THANKS).started_at, clock(fold, THANKS).due_at) == (
            at(0),
            at(4 * HOUR),
        )
        late = tick(fold, PROMISES, at(4 * HOUR + 1))
        names = [entry.clock for entry in told(late, EntryKind.DEADLINE_BREACHED)]
        assert names.count(THANKS) == 1
        assert not {FIRST, HUMAN} & set(names)

    def test_what_had_run_out_before_stays_so(self):
        fold = appreciated(begun(), PROMISES, at(1000), "ann", "m-0")
        assert ended(fold, HUMAN)[0] is Outcome.BREACHED
        assert clock(fold, THANKS).started_at == at(1000)

    def test_several_share_one_promise_from_the_first(self):
        fold = appreciated(begun(), PROMISES, at(100), "ann", "m-1", since=at(90))
        fold = appreciated(fold, PROMISES, at(110), "ann", "m-0", since=at(0))
        assert [one.started_at for one in of(fold, THANKS)] == [at(0)]

    def test_a_reply_is_thanks_unless_it_fails(self):
        fold = replied(appreciated(begun(), PROMISES, at(10), "ann", "m-0"), 60)
        assert ended(fold, THANKS) == (Outcome.MET, "r-60")
        fold = reply_failed(fold, PROMISES, at(70), "r-60", "551")
        assert clock(fold, THANKS).outcome is None

    def test_a_like_or_a_word_elsewhere_is_thanks(self):
        fold = appreciated(begun(), PROMISES, at(10), "ann", "m-0")
        fold = thanked(fold, at(60), "ann", message_id="m-0", how="a like")
        assert (clock(fold, THANKS).outcome, clock(fold, THANKS).stopped_at) == (
            Outcome.MET,
            at(60),
        )
        (entry,) = told(fold, EntryKind.THANKS_GIVEN)
        assert (entry.reason, entry.actor, entry.message_id) == ("a like", "ann", "m-0")

    def test_praise_after_resolving_is_thanked_while_the_case_stays_resolved(self):
        fold = appreciated(resolved(begun(), 60), PROMISES, at(100), "ann", "m-9")
        assert fold.case.status is Status.RESOLVED
        assert next_moment(fold.case, PROMISES) == at(100 + 2 * HOUR)
        fold = close(fold, at(300_000))
        assert ended(fold, THANKS)[0] is Outcome.BREACHED

    def test_in_a_closed_case_nothing_is_promised_and_nothing_runs_on(self):
        fold = appreciated(replied(begun(), 10), PROMISES, at(20), "ann", "m-0")
        fold = close(resolved(replied(fold, 60), 100), at(300_000))
        assert appreciated(fold, PROMISES, at(300_001), "ann", "m").case.clocks == fold.case.clocks
        fold = reply_failed(fold, PROMISES, at(300_002), "r-60", "551")
        assert not fold.case.open
        assert all(one.outcome is not None for one in fold.case.clocks)

    def test_a_case_put_aside_stays_so(self):
        fold = appreciated(waiting(begun(), 50), PROMISES, at(100), "ann", "m-0")
        assert fold.case.status is Status.WAITING_CUSTOMER

    def test_a_question_after_praise_is_owed_an_answer(self):
        fold = asked(appreciated(begun(), PROMISES, at(10), "ann", "m-0"), 60)
        assert (clock(fold, NEXT).started_at, fold.case.asks) == (at(60), (at(60),))


class TestNoAnswerNeeded:
    def test_ends_what_is_owed_without_a_verdict(self):
        fold = waive(begun(), at(60), "ann", "only wished us well")
        for name in (FIRST, HUMAN):
            assert ended(fold, name) == (
                Outcome.CANCELLED,
                "no answer needed: only wished us well",
            )
        (entry,) = told(fold, EntryKind.ANSWER_WAIVED)
        assert (entry.actor, entry.reason) == ("ann", "only wished us well")
        assert fold.case.asks == ()

    def test_what_had_run_out_stays_breached(self):
        fold = waive(begun(), at(1000), "ann", "x")
        assert (ended(fold, HUMAN)[0], ended(fold, FIRST)[0]) == (
            Outcome.BREACHED,
            Outcome.CANCELLED,
        )

    def test_the_status_is_what_it_is_without_a_question(self):
        fold = asked(replied(assign(begun(), "ann", at(1), "lou"), 60), 100)
        assert fold.case.status is Status.ASSIGNED
        fold = waive(fold, at(200), "ann", "x")
        assert (fold.case.status, fold.case.status_since) == (Status.RESPONDED, at(200))
        assert ended(fold, NEXT)[0] is Outcome.CANCELLED

    def test_a_case_opened_again_owes_the_new_question_alone(self):
        fold = resolved(waive(begun(), at(60), "ann", "x"), 100)
        fold = reopen(fold, PROMISES, at(200), "ann", "why")
        assert ended(fold, FIRST)[0] is ended(fold, HUMAN)[0] is Outcome.CANCELLED
        assert clock(fold, NEXT).started_at == at(200)


class TestASnoozeThatTheCustomerWished:
    def test_pauses_the_resolution_and_nothing_else(self):
        fold = snooze(begun(), PROMISES, at(100), "ann", at(1000), asked=True)
        assert {one.name for one in fold.case.clocks if one.paused_at} == {RESOLUTION}
        (entry,) = told(fold, EntryKind.CASE_SNOOZED)
        assert entry.reason == fold.case.waiting_reason == ASKED
        fold = tick(fold, PROMISES, at(1000))
        assert (clock(fold, RESOLUTION).due_at, fold.case.waiting_reason) == (
            at(24 * HOUR + 900),
            "",
        )

    def test_one_of_an_agent_pauses_nothing(self):
        fold = snooze(waiting(begun(), 50), PROMISES, at(100), "ann", at(1000))
        assert not any(one.paused_at for one in fold.case.clocks)

    def test_its_late_end_records_all_that_came_to_pass_since_at_once(self):
        fold = snooze(begun(), PROMISES, at(0), "ann", at(1000), asked=True)
        fold = tick(fold, PROMISES, at(1000 + 24 * HOUR + 1))
        assert [entry.at for entry in told(fold, EntryKind.DEADLINE_BREACHED, RESOLUTION)] == [
            at(1000 + 24 * HOUR)
        ]
        assert tick(fold, PROMISES, at(1000 + 24 * HOUR + 1)) == fold


class TestWarnings:
    def test_a_late_look_records_each_at_its_own_instant_before_the_breach(self):
        fold = tick(begun(), PROMISES, at(2 * HOUR))
        found = [e for e in fold.entries if e.clock is HUMAN and e.kind.value.startswith("Deadl")]
        assert [(e.kind, e.percent, e.at) for e in found] == [
            (EntryKind.DEADLINE_WARNED, 50, at(450)),
            (EntryKind.DEADLINE_WARNED, 75, at(675)),
            (EntryKind.DEADLINE_WARNED, 90, at(810)),
            (EntryKind.DEADLINE_BREACHED, 0, at(900)),
        ]

    def test_what_came_to_pass_before_the_end_is_recorded_with_it(self):
        fold = replied(begun(), 700)
        warned = told(fold, EntryKind.DEADLINE_WARNED, HUMAN)
        assert [(e.percent, e.at) for e in warned] == [(50, at(450)), (75, at(675))]
        kinds = [e.kind for e in fold.entries if e.clock is HUMAN]
        assert kinds[-1] is EntryKind.CLOCK_MET

    def test_what_a_late_message_moves_into_the_past_is_recorded_at_the_next_look(self):
        fold = asked(tick(begun(500), PROMISES, at(960)), 0)
        assert [e.percent for e in told(fold, EntryKind.DEADLINE_WARNED, HUMAN)] == [50]
        fold = tick(fold, PROMISES, at(960))
        warned = told(fold, EntryKind.DEADLINE_WARNED, HUMAN)
        assert [(e.percent, e.at) for e in warned] == [(50, at(950)), (75, at(675)), (90, at(810))]
        assert [e.at for e in told(fold, EntryKind.DEADLINE_BREACHED, HUMAN)] == [at(900)]


def test_an_approval_has_the_handles_hours_and_ends_when_it_is_decided():
    fold = promise.begin(begun(), ClockName.APPROVE, at(100), PROMISES)
    assert (clock(fold, ClockName.APPROVE).calendar, clock(fold, ClockName.APPROVE).due_at) == (
        HANDLE.calendar,
        at(1000),
    )
    fold = promise.meet(fold, ClockName.APPROVE, at(1000))
    assert ended(fold, ClockName.APPROVE)[0] is Outcome.MET


def test_a_start_that_cannot_move_is_not_noted():
    """After a pause the earlier stretches are no longer known, so the promise stays as it is."""
    fold = end_pause(waiting(begun(100), 200), PROMISES, at(300), "ann", "x")
    before = clock(fold, RESOLUTION)
    fold = asked(fold, 40)
    assert clock(fold, RESOLUTION) == before
    assert len(told(fold, EntryKind.CLOCK_STARTED, RESOLUTION)) == 1


def test_nothing_is_taken_back_of_a_promise_that_the_case_does_not_carry_any_more():
    fold = begun()
    for second in (60, 2000, 4000, 6000):
        fold = replied(fold, second)
    fold = reply_failed(fold, PROMISES, at(7000), "r-60", "551")
    assert [one.started_at for one in of(fold, UPDATE)] == [at(4000), at(6000)]
    assert cadence.UPDATE is UPDATE


def test_the_log_says_of_a_kept_promise_that_is_void_that_it_was_taken_back_first():
    fold = replied(asked(replied(begun(), 60), 100), 200)
    fold = reply_failed(fold, PROMISES, at(300), "r-60", "551")
    assert [entry.kind for entry in fold.entries if entry.clock is NEXT] == [
        EntryKind.CLOCK_STARTED,
        EntryKind.CLOCK_MET,
        EntryKind.CLOCK_REOPENED,
        EntryKind.CLOCK_CANCELLED,
    ]
