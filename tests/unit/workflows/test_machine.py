"""The machine waits, looks, and wakes when it must: never lost, never more often than needed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.case import Status
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.outlook import Phase
from chalicelib.domain.policy import Target
from chalicelib.workflows import (
    assign,
    breach,
    close,
    follow_up,
    machine,
    respond,
    stream,
    stuck,
    survey,
    wait,
)
from chalicelib.workflows.answering.reply import note
from chalicelib.workflows.change import CaseRef
from chalicelib.workflows.errors import NotNowError
from chalicelib.workflows.ports import Page
from chalicelib.workflows.routing.drain import drain
from chalicelib.workflows.stream import HeadKeys
from tests.fakes import loop
from tests.fakes.trail import OutageError
from tests.unit.workflows.story import POLICY, Story

FIRST, RESOLUTION = ClockName.FIRST_RESPONSE, ClockName.RESOLUTION


def assigned() -> Story:
    story = Story()
    story.writes()
    story.loop.rest()
    return story


def ref(story: Story) -> CaseRef:
    return CaseRef(story.conversation.id, story.case.number, story.case.generation)


def test_a_new_case_starts_its_execution_and_is_assigned():
    story = assigned()
    assert story.parts.executions.started == {
        f"{story.conversation.id}-1-1": {
            "conversation_id": story.conversation.id,
            "case_number": 1,
            "generation": 1,
            "loops": 0,
        }
    }
    assert story.loop.states() == ["Assign", "Respond"]
    assert (story.case.assignee, story.store.people["ann"].load) == ("ann", 70)
    assert story.conversation.token == "token-1"
    assert story.conversation.armed_for == story.clock(FIRST).warn_at


def test_assigning_twice_claims_once():
    story = assigned()
    before = story.conversation
    look = assign.assign(story.parts, ref(story))
    assert look == {"phase": "open", "wait_seconds": 2700, "survey_seconds": 1}
    assert story.conversation == before
    assert story.store.people["ann"].load == 70


def test_two_steps_at_once_claim_once():
    story = Story()
    story.writes()
    raced: list[str] = []

    def faster(_: object) -> None:
        if not raced:
            raced.append("")
            assign.assign(story.parts, ref(story))

    story.store.before_commit.append(faster)
    assign.assign(story.parts, ref(story))
    assert story.store.people["ann"].load == 70
    assert len(story.told(EntryKind.CASE_ASSIGNED)) == 1


def test_whoever_is_full_by_the_time_of_the_claim_is_passed_over():
    story = Story()
    story.joins("bea", capacity=400)
    story.writes()
    people = story.store.people

    def fuller(_: object) -> None:
        people["ann"] = replace(people["ann"], load=800)

    story.store.before_commit.append(fuller)
    assign.assign(story.parts, ref(story))
    assert story.case.assignee == "bea"


def test_who_appears_while_the_case_is_being_queued_gets_it():
    story = Story(agents=())
    story.writes()
    story.store.after_commit.append(
        lambda _: None if "bea" in story.store.people else story.joins("bea")
    )
    story.parts.agents.all()
    assign.assign(story.parts, ref(story))
    assert story.case.assignee == "bea"
    assert story.told(EntryKind.CASE_QUEUED)


def test_what_matters_not_leaves_the_machine_alone():
    story = assigned()
    token = story.conversation.token
    story.parts.now.advance(60)
    story.writes("And my other parcel?")
    note(story.parts, story.ask(), "Call her")
    story.replies()
    story.loop.rest()
    assert story.parts.executions.woken == []
    assert story.conversation.token == token
    assert story.loop.states() == ["Assign", "Respond"]


def test_a_deadline_that_comes_nearer_wakes_the_machine():
    story = assigned()
    story.parts.now.advance(60)
    old = story.at(hours=-1, seconds=-5)
    story.writes("I wrote an hour ago", occurred_at=old)
    assert story.conversation.token == ""
    story.loop.rest()
    assert [wake.token for wake in story.parts.executions.woken] == ["token-1"]
    assert story.loop.states()[-3:] == ["Route", "Breach", "Respond"]
    assert story.clock(FIRST).breached_at == old + timedelta(hours=1)
    assert story.conversation.armed_for >= story.parts.now()


def test_resolving_wakes_the_machine_into_the_follow_up():
    story = assigned()
    story.resolves()
    story.loop.rest()
    assert story.loop.states() == ["Assign", "Respond", "Route", "FollowUp"]


def test_a_wake_up_told_twice_is_one():
    story = assigned()
    story.parts.now.advance(60)
    story.resolves()
    for follow in tuple(story.loop.records):
        follow()
    story.loop.rest()
    assert len(story.parts.executions.woken) == 1
    assert story.loop.states() == ["Assign", "Respond", "Route", "FollowUp"]


def test_a_change_while_the_machine_is_about_to_wait_is_not_missed():
    story = Story()
    story.writes()
    arm = story.store.conversations.arm
    raced: list[str] = []

    def late(*args: object) -> None:
        if not raced:
            raced.append("")
            story.resolves()
        arm(*args)

    story.store.conversations.arm = late
    story.loop.rest()
    assert story.loop.states() == ["Assign", "Respond", "Route", "FollowUp"]


@pytest.mark.parametrize(
    "step",
    [
        lambda story, case: respond.respond(story.parts, case, "t", 60, 0),
        lambda story, case: follow_up.follow_up(story.parts, case, "t", 60),
        lambda story, case: survey.survey(story.parts, case, "t", 60),
    ],
    ids=["respond", "follow_up", "survey"],
)
def test_an_execution_whose_case_went_on_in_another_is_sent_home(step):
    story = assigned()
    before = story.conversation
    step(story, replace(ref(story), generation=7))
    wake = story.parts.executions.woken[-1]
    assert wake.output == {"phase": "superseded", "wait_seconds": 1, "survey_seconds": 1}
    assert story.conversation == before


def test_steps_of_another_execution_decide_nothing():
    story = assigned()
    other = replace(ref(story), generation=7)
    before = story.conversation
    story.parts.now.advance(days=9)
    for step in (assign.assign, breach.breach, close.close):
        assert step(story.parts, other)["phase"] == "superseded"
    assert stuck.stuck(story.parts, other, "x") == {"phase": "superseded"}
    assert story.conversation == before


def test_a_case_that_is_gone_is_an_error_for_people():
    story = Story()
    with pytest.raises(LookupError):
        assign.assign(story.parts, CaseRef("gone", 1, 1))


def test_a_conversation_without_a_case_has_no_machine():
    story = Story()
    story.loop.ingest(story.echo("Hello, Ana"))
    story.loop.rest()
    assert story.parts.executions.started == {}
    assert machine.current(story.conversation, CaseRef(story.conversation.id, 1, 1)) is None


@pytest.mark.parametrize("late", [0, 3, 9])
def test_a_slow_start_does_not_wake_the_machine_for_nothing(late):
    story = assigned()
    look = breach.breach(story.parts, ref(story))
    story.parts.now.advance(late)
    respond.respond(story.parts, ref(story), "t", look["wait_seconds"], 1)
    assert story.parts.executions.woken == []
    assert story.conversation.armed_for == story.clock(FIRST).warn_at


def test_a_wait_that_would_end_much_too_late_is_not_begun():
    story = assigned()
    look = breach.breach(story.parts, ref(story))
    story.parts.now.advance(60)
    respond.respond(story.parts, ref(story), "t", look["wait_seconds"], 1)
    (wake,) = story.parts.executions.woken
    assert wake.output["wait_seconds"] == 2640


def test_a_timer_that_fires_early_or_twice_records_nothing():
    story = assigned()
    before = story.conversation
    assert breach.breach(story.parts, ref(story))["wait_seconds"] == 2700
    assert story.conversation == before
    story.parts.now.advance(3601)
    breach.breach(story.parts, ref(story))
    after = story.conversation
    breach.breach(story.parts, ref(story))
    assert story.conversation == after
    assert len(story.told(EntryKind.DEADLINE_BREACHED)) == 1


def test_a_breach_that_is_looked_at_late_is_recorded_at_its_deadline():
    story = assigned()
    due = story.clock(FIRST).due_at
    story.parts.now.advance(days=3)
    breach.breach(story.parts, ref(story))
    assert {entry.at for entry in story.told(EntryKind.DEADLINE_BREACHED)} == {
        due,
        story.clock(RESOLUTION).due_at,
    }


def test_a_stop_learnt_late_withdraws_a_breach_that_was_none():
    story = assigned()
    story.parts.now.advance(3500)
    answered = story.parts.now()
    story.parts.now.advance(200)
    breach.breach(story.parts, ref(story))
    assert story.clock(FIRST).breached_at is not None
    story.loop.ingest(story.echo("We are on it", occurred_at=answered))
    assert (story.clock(FIRST).outcome, story.clock(FIRST).breached_at) == (Outcome.MET, None)
    (withdrawn,) = story.told(EntryKind.BREACH_WITHDRAWN)
    assert withdrawn.clock is FIRST


def test_a_case_that_lives_for_months_goes_on_in_fresh_executions():
    story = assigned()
    respond.respond(story.parts, ref(story), "t", 60, machine.RENEW_AFTER)
    assert story.case.generation == 2
    assert story.parts.executions.woken[-1].output["phase"] == "superseded"
    story.loop.rest()
    assert list(story.loop.executions) == [
        f"{story.conversation.id}-1-1",
        f"{story.conversation.id}-1-2",
    ]
    assert story.conversation.token
    respond.respond(story.parts, replace(ref(story), generation=1), "u", 60, machine.RENEW_AFTER)
    assert story.case.generation == 2  # an old execution renews nothing


def test_nothing_due_is_still_looked_at_once_a_month():
    story = Story(replace(POLICY, targets=(Target(ClockName.ASSIGN, 300),)))
    story.writes()
    story.loop.run(days=100)
    assert story.loop.states().count("Breach") == 3
    assert story.told(EntryKind.DEADLINE_BREACHED) == []


# Closing.


def resolved() -> Story:
    story = assigned()
    story.replies()
    story.loop.rest()
    story.resolves()
    story.loop.rest()
    return story


def test_a_case_closes_at_the_end_of_its_reopen_window_and_not_before():
    story = resolved()
    ends = story.at(hours=72)
    story.loop.run(hours=71, minutes=59)
    assert story.case.status is Status.FOLLOW_UP
    story.loop.run(minutes=2)
    assert (story.case.status, story.case.closed_at) == (Status.CLOSED, ends)
    before = story.conversation
    assert close.close(story.parts, ref(story))["phase"] == "closed"
    assert story.conversation == before


def test_a_clock_that_runs_a_little_ahead_still_closes():
    story = resolved()
    ends = story.at(hours=72)
    story.parts.now.set(ends - timedelta(seconds=1))
    close.close(story.parts, ref(story))
    assert story.case.closed_at == ends


@pytest.mark.parametrize("reopened", [True, False])
def test_closing_a_case_that_goes_on_hands_over_to_a_fresh_execution(reopened):
    story = resolved()
    if reopened:
        story.writes("It broke again")
    close.close(story.parts, ref(story))
    assert story.case.generation == 2
    story.loop.rest()
    assert story.loop.executions[f"{story.conversation.id}-1-2"].state == (
        "Respond" if reopened else "FollowUp"
    )


def test_an_execution_that_begins_long_after_everything_was_due_comes_to_its_end():
    story = resolved()
    story.parts.now.advance(days=30)  # nobody ran anything
    stuck.restart(story.parts, story.ask())
    story.loop.run(minutes=1)
    assert story.case.status is Status.CLOSED
    assert len(story.loop.executions[f"{story.conversation.id}-1-2"].entered) <= 12


def test_a_restart_after_the_survey_does_not_ask_again():
    story = resolved()
    story.loop.run(hours=30)
    assert story.case.status is Status.FOLLOW_UP
    stuck.restart(story.parts, story.ask())
    story.loop.run(days=4)
    assert story.case.status is Status.CLOSED
    assert len(story.parts.sender.sent) == 2


def test_a_survey_long_before_its_time_is_not_sent():
    story = resolved()
    survey.survey(story.parts, ref(story), "t", 3600)
    assert story.case.follow_up.message_id == ""


def test_two_survey_steps_at_once_ask_once():
    story = resolved()
    story.parts.now.advance(hours=23.8)
    raced: list[str] = []

    def faster(_: object) -> None:
        if not raced:
            raced.append("")
            survey.survey(story.parts, ref(story), "a", 3600)

    story.store.before_commit.append(faster)
    survey.survey(story.parts, ref(story), "b", 3600)
    assert story.parts.meter.total("SurveyRepeated") == 1
    assert len([m for m in story.messages if m.origin.value == "survey"]) == 1


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        (replace(POLICY.survey, enabled=False), "surveys are off"),
        (replace(POLICY.survey, text="?" * 2001), "the survey is too long for the channel"),
        (None, "the channel's window is closed"),
    ],
)
def test_a_survey_that_may_not_be_sent_is_waived_with_the_reason(policy, reason):
    story = Story(replace(POLICY, survey=policy) if policy else POLICY)
    story.writes()
    story.loop.rest()
    if policy is None:
        story.parts.now.advance(days=2)
    story.replies()
    story.loop.rest()
    story.resolves()
    story.loop.run(days=2)
    assert (story.case.status, story.case.follow_up.waived) == (Status.RESOLVED, reason)
    assert story.clock(ClockName.FOLLOW_UP).outcome is Outcome.CANCELLED
    story.loop.run(days=2)
    assert story.case.status is Status.CLOSED
    assert len(story.parts.sender.sent) == 1


@pytest.mark.parametrize("public", [True, False])
def test_under_a_public_post_nobody_is_asked_unless_the_policy_says_so(public):
    story = Story(replace(POLICY, survey=replace(POLICY.survey, public=public)))
    story.loop.ingest(story.comment(message_id="c-1"))
    story.loop.rest()
    story.resolves()
    story.loop.run(days=2)
    assert len(story.parts.sender.sent) == public
    assert story.case.follow_up.waived == ("" if public else "the conversation is public")


# Stuck.


def test_a_step_that_keeps_failing_marks_the_case_and_a_restart_goes_on():
    story = Story()
    story.writes()
    story.parts.executions.failures = 0
    looked = story.store.agents.all
    calls: list[str] = []

    def dying() -> object:
        calls.append("")
        raise OutageError("agents")

    story.store.agents.all = dying
    story.loop.rest()
    assert len(calls) == 7
    assert story.case.stuck == "States.TaskFailed"
    assert story.loop.ended[f"{story.conversation.id}-1-1"] == "Failed"
    story.store.agents.all = looked
    story.loop.run(seconds=11)
    (alert,) = story.parts.alerts.announced
    assert (alert.severity.value, alert.clock) == ("critical", "case")
    stuck.stuck(story.parts, ref(story), "again")
    assert len(story.told(EntryKind.CASE_STUCK)) == 1
    stuck.restart(story.parts, story.ask())
    story.loop.rest()
    assert (story.case.stuck, story.case.generation, story.case.assignee) == ("", 2, "ann")


def test_an_error_without_words_is_still_an_error():
    story = assigned()
    stuck.stuck(story.parts, ref(story), "")
    assert story.case.stuck == "unknown error"


def test_a_closed_case_is_not_restarted():
    story = resolved()
    story.loop.run(days=4)
    with pytest.raises(NotNowError):
        stuck.restart(story.parts, story.ask())


def test_the_sweep_finds_the_case_whose_machine_is_gone_and_only_that():
    story = assigned()
    assert stuck.sweep(story.parts) == 0
    story.parts.now.advance(3600 + 60)
    assert stuck.sweep(story.parts) == 0  # a minute is grace
    story.parts.now.advance(120)
    assert stuck.sweep(story.parts) == 1
    assert story.case.stuck == "its machine did not look when it was due"
    assert stuck.sweep(story.parts) == 0


def test_the_sweep_leaves_a_breached_case_alone_that_is_looked_after():
    story = assigned()
    story.loop.run(hours=5)
    assert stuck.sweep(story.parts) == 0
    assert story.case.stuck == ""


def test_the_sweep_believes_the_row_and_not_the_list():
    story = assigned()
    stale = story.conversation
    story.parts.now.advance(3600 * 2)
    breach.breach(story.parts, ref(story))
    story.store.views.overdue = lambda *_: [stale, replace(stale, id="gone")]
    assert stuck.sweep(story.parts) == 0


def test_the_sweep_gives_what_a_lagging_queue_left_behind():
    story = Story(agents=())
    story.writes()
    story.loop.rest()
    story.joins("bea")  # and no stream told of it
    stuck.sweep(story.parts)
    assert story.case.assignee == "bea"


# Draining.


def test_a_full_queue_is_drained_as_far_as_there_is_room_nearest_deadline_first():
    story = Story(agents=())
    for number in range(30):
        story.loop.ingest(story.comment(post_id=f"post-{number}"))
        story.parts.now.advance(1)
    story.loop.rest()
    story.joins("bea", capacity=2800)
    story.loop.rest()
    cases = [head.case for head in story.store.heads.values()]
    given = [bool(case.assignee) for case in cases]
    assert given == [True] * 28 + [False] * 2
    assert story.store.people["bea"].load == 2800


def test_draining_believes_the_row_and_not_the_list():
    story = assigned()
    stale = replace(story.conversation, case=replace(story.case, assignee="", status="queued"))
    page = Page((stale, replace(stale, id="gone"), replace(stale, case=None)))
    story.store.views.open_cases = lambda _: page
    assert drain(story.parts, "care") == 0
    assert story.store.people["ann"].load == 70


def test_draining_takes_a_case_that_waits_for_nobody_any_more():
    story = Story(agents=())
    story.writes()
    story.loop.rest()
    wait.wait(story.parts, story.ask(), "customer", "asked")
    assert drain(story.parts, "care") == 0


def test_heads_without_news_start_and_wake_nothing():
    story = assigned()
    keys = HeadKeys(story.conversation.id, 1, 1, "t")
    started, woken = dict(story.parts.executions.started), len(story.parts.executions.woken)
    for old, new in ((keys, keys), (replace(keys, token=""), keys)):
        stream.head_changed(story.parts, old, new)
    stream.head_changed(story.parts, None, replace(keys, case_number=0, generation=0))
    assert story.parts.executions.started == started
    assert len(story.parts.executions.woken) == woken


def test_the_machine_routes_every_phase():
    """Each phase leads to the state that is for it; whatever is new would be looked at again."""
    ways = {phase.value: loop.chosen("Route", phase.value) for phase in Phase}
    ways[machine.SUPERSEDED] = loop.chosen("Route", machine.SUPERSEDED)
    assert ways == {
        "assign": "Assign",
        "open": "Breach",
        "resolved": "FollowUp",
        "closed": "Done",
        "superseded": "Done",
    }
