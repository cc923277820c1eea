"""Whole stories: what people live through, from the first message to the end of the case."""

from datetime import timedelta

from chalicelib.domain.case import Status
from chalicelib.domain.channel import Capabilities, Channel
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.message import DeliveryState
from tests.unit.workflows.story import Story


def answered_and_resolved() -> Story:
    story = Story()
    story.writes()
    story.loop.rest()
    story.parts.now.advance(600)
    story.replies()
    story.loop.rest()
    story.parts.now.advance(600)
    story.resolves()
    story.loop.rest()
    return story


def test_a_content_customer_answers_the_survey_and_the_case_closes():
    story = answered_and_resolved()
    assert story.case.status is Status.RESOLVED
    story.loop.run(hours=23, minutes=50)
    assert [sent.text for sent in story.parts.sender.sent][1:] == ["How did we do, from 1 to 5?"]
    assert story.case.status is Status.FOLLOW_UP
    story.writes("5 great help")
    story.loop.run(days=4)
    assert (story.case.status, story.case.follow_up.score) == (Status.CLOSED, 5)
    assert story.case.follow_up.words == "great help"
    assert story.store.snapshots[(story.conversation.id, 1)] == story.case
    assert {clock.outcome for clock in story.case.clocks} == {Outcome.MET}
    assert story.parts.alerts.announced == []
    assert story.store.people["ann"].load == 0
    assert len(story.loop.states()) <= 10
    assert story.loop.ended == {f"{story.conversation.id}-1-1": "Close"}


def test_a_discontent_customer_reopens_the_case_and_the_lead_is_told():
    story = answered_and_resolved()
    story.loop.run(hours=23, minutes=50)
    story.writes("1 - still nothing here")
    story.loop.run(seconds=10)
    case = story.case
    assert (case.status, case.assignee, case.reopens) == (Status.ASSIGNED, "ann", 1)
    assert (case.follow_up.score, case.follow_up.words) == (1, "still nothing here")
    assert story.store.people["ann"].load == 70
    (alert,) = story.parts.alerts.announced
    assert (alert.clock, alert.severity.value) == ("survey", "breach")
    assert "still nothing" not in alert.sms + alert.subject + alert.body
    story.replies("So sorry, a new one left today.")
    story.loop.rest()
    story.resolves()
    story.loop.run(days=5)
    assert story.case.status is Status.CLOSED
    assert len(story.parts.alerts.announced) == 1
    assert len(story.parts.sender.sent) == 3  # nobody is asked a second time who has answered


def test_who_has_answered_is_not_asked_again_though_the_channel_would_take_it():
    story = Story()
    story.parts.sender.able[(Channel.MESSENGER, False)] = Capabilities(2000)
    story.writes()
    story.loop.rest()
    story.resolves()
    story.loop.run(hours=30)
    story.writes("1")
    story.loop.rest()
    story.resolves()
    story.loop.run(days=5)
    assert [sent.text for sent in story.parts.sender.sent] == ["How did we do, from 1 to 5?"]
    assert story.case.status is Status.CLOSED


def test_a_breach_is_announced_once_at_the_deadline_itself():
    story = Story()
    began = story.parts.now()
    story.writes()
    story.loop.run(hours=5)
    breaches = story.told(EntryKind.DEADLINE_BREACHED)
    assert [(entry.clock, entry.at) for entry in breaches] == [
        (ClockName.FIRST_RESPONSE, began + timedelta(hours=1))
    ]
    assert story.clock(ClockName.FIRST_RESPONSE).breached_at == began + timedelta(hours=1)
    kinds = [(alert.severity.value, alert.clock) for alert in story.parts.alerts.announced]
    assert kinds == [("warning", "first_response"), ("breach", "first_response")]


def test_nobody_there_then_somebody_is():
    story = Story(agents=())
    story.writes()
    story.loop.run(minutes=2)
    assert (story.case.status, story.case.assignee) == (Status.QUEUED, "")
    story.joins("bea")
    story.loop.rest()
    assert (story.case.status, story.case.assignee) == (Status.ASSIGNED, "bea")
    assert story.clock(ClockName.ASSIGN).outcome is Outcome.MET
    assert story.store.people["bea"].load == 70


def test_a_reply_stops_the_clock_when_the_platform_takes_it():
    story = Story()
    story.writes()
    story.loop.rest()
    story.parts.now.advance(60)
    reply = story.replies()
    assert story.clock(ClockName.FIRST_RESPONSE).outcome is None
    story.parts.now.advance(5)
    story.loop.rest()
    first = story.clock(ClockName.FIRST_RESPONSE)
    assert (first.outcome, first.stopped_at) == (Outcome.MET, story.parts.now())
    assert story.stored(reply).delivery.state is DeliveryState.ACCEPTED
    assert (story.case.status, story.case.turns) == (Status.RESPONDED, 1)
    assert story.conversation.pending == ()
