"""Echoes: our own replies come back, people answer in the platform's app, other apps send too."""

from dataclasses import replace

import pytest

from chalicelib.domain.case import Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.event import EventKind, ReceiptState
from chalicelib.domain.message import DeliveryState, Direction, Origin
from chalicelib.workflows.answering import outbox
from chalicelib.workflows.answering.outbox import Order
from chalicelib.workflows.networks import Outgoing, SendResult, SendState
from tests.unit.workflows.story import Story

FIRST = ClockName.FIRST_RESPONSE


def waiting() -> Story:
    story = Story()
    story.writes()
    story.loop.rest()
    story.parts.now.advance(60)
    return story


def test_the_echo_of_our_reply_is_no_second_message():
    story = waiting()
    reply = story.replies("On its way.")
    story.loop.rest()
    echo = story.echo("On its way.", message_id="platform-1", reply_token=reply.id)
    assert story.loop.ingest(echo) == "duplicate"
    assert story.loop.ingest(replace(echo, reply_token="")) == "duplicate"
    assert len(story.messages) == 2


@pytest.mark.parametrize("token", [True, False], ids=["by token", "by words"])
def test_an_echo_before_the_call_returned_settles_the_reply(token):
    story = waiting()
    reply = story.replies("On  its way.")
    sent_at = story.parts.now()
    echoed: list[str] = []

    def send(outgoing: Outgoing) -> SendResult:
        facts = {"reply_token": outgoing.token} if token else {}
        echo = story.echo("On its way.", message_id="p-1", app_id="our app", **facts)
        echoed.append(story.loop.ingest(echo))
        story.parts.now.advance(3)
        return SendResult(SendState.ACCEPTED, "p-1")

    story.parts.sender.send = send
    story.loop.rest()
    assert echoed == ["ours"]
    stored = story.stored(reply)
    assert (stored.delivery.state, stored.platform_id) == (DeliveryState.SENT, "p-1")
    assert story.clock(FIRST).stopped_at == sent_at
    assert (story.case.turns, story.conversation.pending) == (1, ())


def test_words_typed_in_the_app_are_not_taken_for_a_reply_that_was_not_tried_yet():
    story = waiting()
    reply = story.replies("Hello")
    assert story.loop.ingest(story.echo("Hello", message_id="n-1")) == "imported"
    assert story.stored(reply).delivery.state is DeliveryState.QUEUED


def test_other_words_are_not_taken_for_a_reply_of_unknown_fate():
    story = waiting()
    story.parts.sender.answers = [SendResult(SendState.UNKNOWN)]
    reply = story.replies("Hello")
    story.loop.rest()
    assert story.loop.ingest(story.echo("Good-bye", message_id="n-1")) == "imported"
    assert story.stored(reply).delivery.state is DeliveryState.UNKNOWN


def test_an_answer_from_before_the_newest_question_does_not_answer_it():
    story = waiting()
    story.replies()
    story.loop.rest()
    typed_at = story.parts.now.advance(60)
    asked_at = story.parts.now.advance(60)
    story.writes("And the other one?")
    story.loop.ingest(story.echo("Bye!", message_id="n-1", occurred_at=typed_at))
    following = story.clock(ClockName.NEXT_RESPONSE)
    assert (following.outcome, following.started_at) == (None, asked_at)
    assert story.case.asks == (asked_at,)
    assert story.case.status is Status.ASSIGNED


def test_a_reply_typed_in_the_platforms_app_stops_the_clock_and_stays_in_the_queue():
    story = Story(agents=())
    story.writes()
    story.loop.rest()
    story.parts.now.advance(60)
    assert story.loop.ingest(story.echo("We are on it", message_id="n-1")) == "imported"
    assert story.loop.ingest(story.echo("We are on it", message_id="n-1")) == "duplicate"
    first = story.clock(FIRST)
    assert (first.outcome, first.stopped_at) == (Outcome.MET, story.parts.now())
    assert (story.messages[-1].origin, story.messages[-1].direction) == (
        Origin.NATIVE_APP,
        Direction.OUTBOUND,
    )
    assert story.case.status is Status.QUEUED  # somebody still has to take and resolve it
    story.joins("bea")
    story.loop.rest()
    assert (story.case.assignee, story.case.status) == ("bea", Status.RESPONDED)


def test_what_another_app_sends_stops_no_clock():
    story = waiting()
    assert story.loop.ingest(story.echo("I am a bot", app_id="777")) == "imported"
    assert story.messages[-1].origin is Origin.OTHER_APP
    assert story.clock(FIRST).outcome is None
    assert story.case.asks


def test_an_echo_that_is_nobodys_reply_opens_no_case():
    story = Story()
    assert story.loop.ingest(story.echo("Hello, Ana", message_id="n-1")) == "imported"
    assert story.conversation.case is None
    story.writes("Hi!")
    assert story.case.number == 1
    assert story.conversation.messages == 2


def test_an_unknown_token_is_another_apps():
    story = waiting()
    echo = story.echo("Hi", reply_token="not ours", app_id="777")
    assert story.loop.ingest(echo) == "imported"


def test_an_echo_without_an_id_is_known_by_its_event():
    story = waiting()
    echo = replace(story.echo("Hi"), message_id="")
    assert story.loop.ingest(echo) == "imported"
    assert story.loop.ingest(echo) == "duplicate"


PUBLIC = {"channel": Channel.FACEBOOK_PAGE, "public": True, "post_id": "post-1"}


def test_the_brands_own_post_opens_nothing_and_a_comment_under_it_does():
    story = Story()
    post = replace(story.echo("New shoes!", message_id="post-1", **PUBLIC), contact=None)
    assert story.loop.ingest(post) == "own_post"
    story.loop.ingest(story.comment(message_id="c-1", parent_id="post-1"))
    answer = story.echo("Tomorrow.", message_id="c-2", parent_id="c-1", **PUBLIC)
    assert story.loop.ingest(replace(answer, contact=None)) == "imported"
    assert story.clock(FIRST).outcome is Outcome.MET
    further = story.echo("PS: early.", message_id="c-3", parent_id="c-2", **PUBLIC)
    assert story.loop.ingest(replace(further, contact=None, author=None)) == "imported"
    assert story.conversation.messages == 3


def test_what_was_deleted_before_its_echo_came_is_deleted():
    story = Story()
    story.loop.ingest(story.comment(message_id="c-1"))
    delete = replace(story.event(EventKind.DELETE, "c-2", **PUBLIC), contact=None)
    story.loop.ingest(delete)
    echo = story.echo("oops", message_id="c-2", parent_id="c-1", **PUBLIC)
    story.loop.ingest(replace(echo, contact=None))
    assert story.messages[-1].deleted_at is not None


def test_an_echo_keeps_what_came_before_it():
    story = waiting()
    story.loop.ingest(story.event(EventKind.REACTION, "n-1", emoji="❤️"))
    story.loop.ingest(story.receipt(ReceiptState.READ, "n-1"))
    assert story.loop.ingest(story.echo("Hi", message_id="n-1")) == "imported"
    stored = story.messages[-1]
    assert stored.reactions[0].emoji == "❤️"
    assert stored.delivery.state is DeliveryState.READ


def test_an_echo_with_only_a_reaction_before_it_was_sent():
    story = waiting()
    story.loop.ingest(story.event(EventKind.REACTION, "n-1", emoji="❤️"))
    story.loop.ingest(story.echo("Hi", message_id="n-1"))
    assert story.messages[-1].delivery.state is DeliveryState.SENT


def test_a_reply_that_was_refused_and_sent_all_the_same_counts_when_its_echo_comes():
    story = waiting()
    story.parts.sender.answers = [SendResult(SendState.FAILED, error_code="1")]
    reply = story.replies("Hello")
    story.loop.rest()
    assert story.stored(reply).delivery.state is DeliveryState.FAILED
    assert story.loop.ingest(story.echo("Hello", message_id="p-9", reply_token=reply.id)) == "ours"
    assert story.stored(reply).delivery.state is DeliveryState.SENT
    assert story.clock(FIRST).outcome is Outcome.MET


def test_a_timeout_is_settled_by_the_echo_and_nothing_is_sent_twice():
    story = waiting()
    story.parts.sender.answers = [SendResult(SendState.UNKNOWN, error_code="timeout")]
    reply = story.replies("Hello")
    story.loop.rest()
    assert story.stored(reply).delivery.state is DeliveryState.UNKNOWN
    assert story.clock(FIRST).outcome is None
    story.parts.now.advance(30)
    assert story.loop.ingest(story.echo("Hello", message_id="p-1", app_id="ours")) == "ours"
    stored = story.stored(reply)
    assert (stored.delivery.state, stored.platform_id) == (DeliveryState.SENT, "p-1")
    assert story.clock(FIRST).stopped_at == story.parts.now()
    assert outbox.deliver(story.parts, Order(reply.conversation_id, reply.id)) == "settled"
    assert len(story.parts.sender.sent) == 1


def test_a_note_is_no_ones_echo():
    from chalicelib.workflows.answering.reply import note

    story = waiting()
    made = note(story.parts, story.ask(), "Hello").message
    echo = story.echo("Hello", reply_token=made.id)
    assert story.loop.ingest(echo) == "duplicate"
