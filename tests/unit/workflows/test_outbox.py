"""The outbox: a stored reply leaves once, in order, and its fate is known or said to be unknown."""

import json
from dataclasses import replace

import pytest

from chalicelib.domain.case import Status
from chalicelib.domain.channel import Capabilities, Channel
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.delivery import ATTEMPTS
from chalicelib.domain.message import DeliveryState, Message
from chalicelib.workflows.answering import outbox, reply
from chalicelib.workflows.answering.outbox import Order
from chalicelib.workflows.errors import RetryLaterError
from chalicelib.workflows.networks import NO_ANSWER, ErrorClass, Outgoing, SendResult, SendState
from tests.fakes.trail import OutageError
from tests.unit.workflows.story import POLICY, Story

FIRST = ClockName.FIRST_RESPONSE


def replying(**facts: object) -> tuple[Story, Message]:
    story = Story()
    story.writes(**facts)
    story.loop.rest()
    story.parts.now.advance(60)
    return story, story.replies()


def order(message: Message) -> Order:
    return Order(message.conversation_id, message.id, message.rounds)


def test_a_reply_leaves_with_all_that_the_channel_needs():
    story, message = replying(message_id="m-1")
    story.loop.rest()
    assert story.parts.sender.sent == [
        Outgoing(
            token=message.id,
            handle=POLICY.handles[0],
            recipient="ana",
            public=False,
            text="On its way.",
            reply_to_id="m-1",
            human=True,
            thread=message.conversation_id,
            contact_name="Ana Customer",
        )
    ]


def test_the_order_on_the_queue_names_the_message_and_keeps_the_conversations_order():
    story, message = replying()
    for follow in list(story.loop.records):
        follow()
    (sent,) = story.parts.outbox.sent
    assert json.loads(sent.body) == {
        "conversation_id": message.conversation_id,
        "message_id": message.id,
        "rounds": 0,
    }
    assert (sent.group, sent.key) == (message.conversation_id, f"{message.id}-0")


def test_a_refusal_for_now_is_tried_again_after_the_wait_that_was_asked():
    story, message = replying()
    busy = SendResult(SendState.RETRY, error_class=ErrorClass.THROTTLED, retry_after_seconds=45)
    story.parts.sender.answers = [busy]
    began = story.parts.now()
    story.loop.rest()
    assert story.stored(message).delivery.state is DeliveryState.QUEUED
    story.loop.run(minutes=5)
    stored = story.stored(message)
    assert (stored.delivery.state, stored.delivery.attempts) == (DeliveryState.ACCEPTED, 2)
    assert (story.clock(FIRST).stopped_at - began).total_seconds() == 45


def test_later_replies_wait_for_the_one_that_is_tried_again():
    story, _ = replying()
    story.replies("Second")
    story.parts.sender.answers = [SendResult(SendState.RETRY)]
    story.loop.run(minutes=1)
    assert [sent.text for sent in story.parts.sender.sent] == [
        "On its way.",
        "On its way.",
        "Second",
    ]


def test_a_reply_that_never_gets_through_fails_with_the_platforms_reason():
    story, message = replying()
    no = SendResult(SendState.RETRY, error_class=ErrorClass.UNAVAILABLE, error_text="try later")
    story.parts.sender.answers = [no] * 20
    story.loop.run(hours=1)
    stored = story.stored(message)
    assert (stored.delivery.state, stored.delivery.attempts) == (DeliveryState.FAILED, ATTEMPTS)
    assert (stored.delivery.error_code, stored.delivery.error_text) == ("unavailable", "try later")
    assert story.conversation.pending == ()
    assert story.clock(FIRST).outcome is None


def test_a_wait_longer_than_a_queue_can_hold_is_a_failure():
    story, message = replying()
    story.parts.sender.answers = [SendResult(SendState.RETRY, retry_after_seconds=86_400)]
    story.loop.rest()
    assert story.stored(message).delivery.state is DeliveryState.FAILED


def test_an_attempt_that_died_is_not_repeated_where_the_platform_cannot_tell():
    story, message = replying()
    story.parts.sender.failures = 1
    story.loop.run(minutes=30)
    assert story.stored(message).delivery.state is DeliveryState.UNKNOWN
    assert story.parts.sender.sent == []
    assert story.parts.meter.total("ReplyUnknown") == 1
    assert outbox.deliver(story.parts, order(message)) == "settled"


def test_an_attempt_that_died_is_repeated_where_the_platform_can_tell():
    story, message = replying()
    story.parts.sender.able[(Channel.MESSENGER, False)] = Capabilities(2000, repeatable=True)
    story.parts.sender.failures = 1
    story.loop.run(minutes=30)
    stored = story.stored(message)
    assert (stored.delivery.state, stored.delivery.attempts) == (DeliveryState.ACCEPTED, 2)
    assert [sent.token for sent in story.parts.sender.sent] == [message.id]


@pytest.mark.parametrize(
    ("code", "repeatable", "state"),
    [
        (NO_ANSWER, True, DeliveryState.UNKNOWN),
        ("not_reached", True, DeliveryState.FAILED),
        (NO_ANSWER, False, DeliveryState.FAILED),
    ],
)
def test_repeats_that_were_never_answered_end_as_unknown_and_not_as_failed(code, repeatable, state):
    """Where nothing could be repeated, a room says RETRY only of what certainly was not sent."""
    story, message = replying()
    story.parts.sender.able[(Channel.MESSENGER, False)] = Capabilities(2000, repeatable=repeatable)
    result = SendResult(SendState.RETRY, "", ErrorClass.UNAVAILABLE, code)
    story.parts.sender.answers = [result] * ATTEMPTS
    story.loop.run(minutes=90)
    stored = story.stored(message)
    assert (stored.delivery.state, stored.delivery.attempts) == (state, ATTEMPTS)
    assert story.parts.meter.total("ReplyUnknown") == (state is DeliveryState.UNKNOWN)


@pytest.mark.parametrize(
    ("result", "state"),
    [
        (SendResult(SendState.ACCEPTED, "p-1"), DeliveryState.ACCEPTED),
        (SendResult(SendState.FAILED, error_code="100"), DeliveryState.FAILED),
        (SendResult(SendState.UNKNOWN), DeliveryState.UNKNOWN),
    ],
)
def test_what_a_slow_attempt_learns_is_better_than_having_given_up_on_it(result, state):
    story, message = replying()

    def send(_: Outgoing) -> SendResult:
        assert outbox.deliver(story.parts, order(message)) == "unknown"  # told again meanwhile
        return result

    story.parts.sender.send = send
    assert outbox.deliver(story.parts, order(message)) == state.value
    assert story.stored(message).delivery.state is state


def test_a_slow_attempt_of_an_earlier_round_decides_nothing_about_the_next():
    story, message = replying()

    def send(_: Outgoing) -> SendResult:
        outbox.deliver(story.parts, order(message))
        reply.resend(story.parts, story.ask(), message.id)
        return SendResult(SendState.FAILED, error_code="100")

    story.parts.sender.send = send
    assert outbox.deliver(story.parts, order(message)) == "queued"


def test_a_slow_attempt_decides_nothing_about_the_one_of_the_next_round():
    story, message = replying()

    def dying(_: Outgoing) -> SendResult:
        raise OutageError("send")

    def slow(_: Outgoing) -> SendResult:
        outbox.deliver(story.parts, order(message))  # told again: its fate is unknown
        again = reply.resend(story.parts, story.ask(), message.id).message
        story.parts.sender.send = dying
        with pytest.raises(OutageError):
            outbox.deliver(story.parts, order(again))
        return SendResult(SendState.FAILED, error_code="100")

    story.parts.sender.send = slow
    assert outbox.deliver(story.parts, order(message)) == "sending"
    assert story.stored(message).delivery.state is DeliveryState.SENDING


def test_an_order_for_nothing_does_nothing():
    story, message = replying()
    gone = replace(order(message), message_id="gone")
    assert outbox.deliver(story.parts, gone) == "settled"
    assert outbox.deliver(story.parts, replace(order(message), rounds=7)) == "settled"
    story.loop.rest()
    assert outbox.deliver(story.parts, order(message)) == "settled"
    assert len(story.parts.sender.sent) == 1


def test_a_message_that_vanishes_while_it_is_sent_is_left_alone():
    story, message = replying()

    def send(_: Outgoing) -> SendResult:
        del story.store.messages[(message.conversation_id, message.id)]
        return SendResult(SendState.ACCEPTED, "p-1")

    story.parts.sender.send = send
    assert outbox.deliver(story.parts, order(message)) == "settled"


def test_a_message_whose_conversation_is_gone_is_an_error():
    story, message = replying()
    del story.store.heads[message.conversation_id]
    with pytest.raises(LookupError):
        outbox.deliver(story.parts, order(message))
    assert outbox.deliver(story.parts, order(message)) == "unknown"  # noted, and not tried again


def test_words_of_a_person_may_use_the_longer_window_and_no_longer():
    story, _ = replying()
    story.loop.rest()
    story.parts.now.advance(days=2)
    story.replies("Sorry for the wait")
    story.loop.rest()
    assert story.parts.sender.sent[-1].outside_window
    message = story.replies("And one more")
    story.parts.now.advance(days=6)
    story.loop.rest()
    stored = story.stored(message)
    assert (stored.delivery.state, stored.delivery.error_code) == ("failed", "window_closed")


def test_a_survey_whose_case_was_opened_again_does_not_leave():
    story, _ = replying()
    story.loop.rest()
    story.resolves()
    story.loop.rest()
    story.parts.now.advance(hours=23.84)
    story.loop._time_out()  # the survey is written
    assert story.case.follow_up.message_id
    story.writes("It broke again")
    story.loop.rest()
    assert len(story.parts.sender.sent) == 1
    survey = story.store.messages[(story.conversation.id, survey_id(story))]
    assert survey.delivery.error_code == "case_reopened"
    assert story.case.follow_up.waived == ""


def survey_id(story: Story) -> str:
    return next(m.id for m in story.messages if m.origin.value == "survey")


def test_a_survey_whose_window_closed_while_it_waited_is_waived():
    story, _ = replying()
    story.loop.rest()
    story.resolves()
    story.loop.rest()
    story.parts.now.advance(hours=23.84)
    story.loop._time_out()
    story.parts.now.advance(hours=1)
    story.loop.rest()
    assert story.case.status is Status.RESOLVED
    assert story.case.follow_up.waived == "could not be sent: window_closed"
    assert story.clock(ClockName.FOLLOW_UP).outcome is Outcome.CANCELLED


def test_an_acceptance_without_an_id_is_completed_by_one_with_an_id():
    story, message = replying()
    story.parts.sender.answers = [SendResult(SendState.ACCEPTED)]
    story.loop.rest()
    assert story.stored(message).platform_id == ""
    assert story.case.turns == 1
    echo = story.echo("On its way.", message_id="p-1", reply_token=message.id)
    assert story.loop.ingest(echo) == "ours"
    assert story.stored(message).platform_id == "p-1"
    assert story.case.turns == 1


def test_a_retry_later_says_how_much_later():
    story, message = replying()
    story.parts.sender.answers = [SendResult(SendState.RETRY, retry_after_seconds=45)]
    with pytest.raises(RetryLaterError) as later:
        outbox.deliver(story.parts, order(message))
    assert later.value.seconds == 45
