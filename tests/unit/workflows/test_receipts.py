"""Receipts: a reply moves on, never back, and one that failed after all is owed again."""

import itertools
from dataclasses import replace

import pytest

from chalicelib.domain.case import Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.event import EventKind, ReceiptState
from chalicelib.domain.message import DeliveryState, Message
from chalicelib.workflows.networks import Outgoing, SendResult, SendState
from tests.unit.workflows.story import Story

SENT, DELIVERED, READ, FAILED = (
    ReceiptState.SENT,
    ReceiptState.DELIVERED,
    ReceiptState.READ,
    ReceiptState.FAILED,
)
FIRST, NEXT = ClockName.FIRST_RESPONSE, ClockName.NEXT_RESPONSE


def replied(**facts: object) -> tuple[Story, Message]:
    story = Story()
    story.writes(**facts)
    story.loop.rest()
    story.parts.now.advance(60)
    reply = story.replies()
    story.loop.rest()
    return story, reply


def state(story: Story, reply: Message) -> DeliveryState:
    return story.stored(reply).delivery.state


def test_receipts_in_any_order_end_in_the_furthest_state():
    for order in itertools.permutations((SENT, DELIVERED, READ)):
        story, reply = replied()
        before = story.conversation.version
        for receipt in order:
            story.loop.ingest(story.receipt(receipt, "platform-1"))
        assert state(story, reply) is DeliveryState.READ
        assert story.conversation.version == before  # a receipt disturbs nobody who writes


def test_a_receipt_again_changes_nothing():
    story, _ = replied()
    assert story.loop.ingest(story.receipt(DELIVERED, "platform-1")) == "advanced"
    assert story.loop.ingest(story.receipt(DELIVERED, "platform-1")) == "unchanged"
    assert story.loop.ingest(replace(story.receipt(READ, "platform-1"), receipt=None)) == "noticed"


def test_a_reply_that_failed_after_all_is_as_if_never_sent():
    story, reply = replied()
    due = story.clock(FIRST).due_at
    asked = story.conversation.created_at
    story.parts.now.advance(5)
    event = story.receipt(FAILED, "platform-1", error_code="131026", error_text="undeliverable")
    assert story.loop.ingest(event) == "failed"
    assert story.loop.ingest(event) == "unchanged"
    first = story.clock(FIRST)
    assert (first.outcome, first.due_at, story.case.asks) == (None, due, (asked,))
    assert (story.case.status, story.case.turns) == (Status.ASSIGNED, 0)
    assert story.stored(reply).delivery.error_code == "131026"
    story.loop.run(hours=2)
    assert story.clock(FIRST).breached_at == due
    assert story.parts.meter.total("ReplyFailed") == 1


def test_failed_then_delivered_is_delivered():
    story, reply = replied()
    story.loop.ingest(story.receipt(FAILED, "platform-1"))
    assert story.loop.ingest(story.receipt(SENT, "platform-1")) == "unchanged"
    assert story.loop.ingest(story.receipt(DELIVERED, "platform-1")) == "accepted"
    assert state(story, reply) is DeliveryState.DELIVERED
    assert story.clock(FIRST).outcome is Outcome.MET
    assert story.loop.ingest(story.receipt(FAILED, "platform-1")) == "unchanged"


def test_a_failure_after_resolving_opens_the_case_again():
    story, _ = replied()
    story.resolves()
    story.loop.rest()
    story.loop.ingest(story.receipt(FAILED, "platform-1"))
    story.loop.rest()
    assert (story.case.status, story.case.assignee) == (Status.ASSIGNED, "ann")
    assert story.store.people["ann"].load == 70
    assert story.clock(FIRST).outcome is None


def test_a_failure_after_resolving_matters_not_when_a_later_reply_arrived():
    story, _ = replied()
    story.parts.now.advance(60)
    story.replies("It has left today.")
    story.loop.rest()
    story.resolves()
    story.loop.rest()
    story.loop.ingest(story.receipt(FAILED, "platform-1"))
    assert story.case.status is Status.RESOLVED
    assert story.clock(FIRST).outcome is Outcome.MET
    assert story.case.turns == 1


def test_a_receipt_for_a_reply_whose_conversation_is_gone_is_kept_with_the_reply():
    story, reply = replied()
    del story.store.heads[reply.conversation_id]
    assert story.loop.ingest(story.receipt(FAILED, "platform-1")) == "failed"
    assert state(story, reply) is DeliveryState.FAILED


def test_a_receipt_by_our_own_token_settles_a_reply_nobody_knew_of():
    story = Story()
    story.writes()
    story.loop.rest()
    story.parts.sender.answers = [SendResult(SendState.UNKNOWN)]
    reply = story.replies()
    story.loop.rest()
    event = story.receipt(DELIVERED, "p-7", reply_token=reply.id)
    assert story.loop.ingest(event) == "accepted"
    assert (story.stored(reply).platform_id, state(story, reply)) == ("p-7", "delivered")
    assert story.clock(FIRST).outcome is Outcome.MET


def test_a_token_without_an_id_is_enough():
    story = Story()
    story.writes()
    story.loop.rest()
    story.parts.sender.answers = [SendResult(SendState.UNKNOWN)]
    reply = story.replies()
    story.loop.rest()
    assert story.loop.ingest(story.receipt(SENT, reply_token=reply.id)) == "accepted"
    assert story.loop.ingest(story.receipt(SENT, reply_token="nobody's")) == "unmatched"


@pytest.mark.parametrize("receipt", [DELIVERED, FAILED])
def test_a_receipt_before_the_call_returned_is_not_lost(receipt):
    story = Story()
    story.writes()
    story.loop.rest()
    reply = story.replies()
    early: list[str] = []

    def send(_: Outgoing) -> SendResult:
        early.append(story.loop.ingest(story.receipt(receipt, "p-1", error_code="9")))
        early.append(story.loop.ingest(story.receipt(SENT, "p-1")))
        early.append(story.loop.ingest(story.event(EventKind.REACTION, "p-1", emoji="❤️")))
        return SendResult(SendState.ACCEPTED, "p-1")

    story.parts.sender.send = send
    story.loop.rest()
    assert early == ["early", "unchanged", "amended"]
    stored = story.stored(reply)
    assert stored.delivery.state.value == receipt.value
    assert [reaction.emoji for reaction in stored.reactions] == ["❤️"]
    assert story.clock(FIRST).outcome is (None if receipt is FAILED else Outcome.MET)
    assert story.loop.ingest(story.receipt(READ, "p-1")) in {"advanced", "accepted"}
    assert state(story, reply) is DeliveryState.READ


def test_a_receipt_while_our_acceptance_is_being_written_is_not_lost():
    story = Story()
    story.writes()
    story.loop.rest()
    reply = story.replies()
    told: list[str] = []

    def faster(commit: object) -> None:
        if commit.references and not told:
            told.append("")
            told.append(story.loop.ingest(story.receipt(DELIVERED, "platform-1")))

    story.store.before_commit.append(faster)
    story.loop.rest()
    assert told == ["", "early"]
    assert state(story, reply) is DeliveryState.DELIVERED


def test_our_public_reply_deleted_before_we_knew_its_id_is_deleted():
    story = Story()
    story.loop.ingest(story.comment(message_id="c-1"))
    story.loop.rest()
    reply = story.replies()
    public = {"channel": Channel.FACEBOOK_PAGE, "public": True, "post_id": "post-1"}
    delete = replace(story.event(EventKind.DELETE, "platform-1", **public), contact=None)
    story.loop.ingest(delete)
    story.loop.rest()
    assert story.stored(reply).deleted_at is not None


def test_receipts_of_other_apps_leave_nothing_behind():
    story, _ = replied()
    messages = len(story.messages)
    assert story.loop.ingest(story.receipt(DELIVERED, "somebody-elses")) == "unmatched"
    nobody = replace(story.receipt(DELIVERED, "somebody-elses"), contact=None)
    assert story.loop.ingest(nobody) == "unmatched"
    assert len(story.messages) == messages


def test_a_receipt_of_an_inbound_message_means_nothing():
    story, _ = replied(message_id="m-1")
    assert story.loop.ingest(story.receipt(READ, "m-1")) == "unmatched"
    assert story.messages[0].delivery is None


def test_read_up_to_an_instant_covers_what_reached_the_customer_before():
    story, reply = replied()
    between = story.at(seconds=1)
    story.parts.now.advance(60)
    later = story.replies("One more thing")
    story.loop.rest()
    assert story.loop.ingest(story.receipt(READ, watermark_at=between)) == "advanced"
    assert (state(story, reply), state(story, later)) == ("read", "accepted")
    assert story.loop.ingest(story.receipt(READ)) == "unmatched"
    nobody = replace(story.receipt(READ, watermark_at=between), contact=None)
    assert story.loop.ingest(nobody) == "unmatched"


def test_the_failure_of_a_reply_of_an_earlier_case_does_not_touch_the_newest():
    story, reply = replied()
    story.resolves()
    story.loop.run(days=4)
    story.writes("A new question")
    story.loop.rest()
    before = story.case
    log = story.log
    story.loop.ingest(story.receipt(FAILED, "platform-1"))
    assert state(story, reply) is DeliveryState.FAILED
    assert (story.case, story.log) == (before, log)


def test_the_fate_of_another_apps_message_is_not_ours():
    story, _ = replied()
    story.loop.ingest(story.echo("I am a bot", app_id="777", message_id="b-1"))
    before = story.case
    assert story.loop.ingest(story.receipt(FAILED, "b-1")) == "failed"
    assert story.case == before


def test_a_native_reply_without_a_case_may_fail():
    story = Story()
    story.loop.ingest(story.echo("Hello, Ana", message_id="n-1"))
    assert story.loop.ingest(story.receipt(FAILED, "n-1")) == "failed"
    assert story.messages[0].delivery.state is DeliveryState.FAILED


def test_a_survey_that_failed_after_all_is_waived():
    story, _ = replied()
    story.resolves()
    story.loop.run(hours=23, minutes=50)
    assert story.case.status is Status.FOLLOW_UP
    story.loop.ingest(story.receipt(FAILED, "platform-2", error_code="551"))
    case = story.case
    assert case.status is Status.RESOLVED
    assert case.follow_up.waived == "could not be sent: 551"
    assert case.follow_up.sent_at is None
    assert story.clock(ClockName.FOLLOW_UP).outcome is Outcome.CANCELLED
    story.loop.run(days=4)
    assert story.case.status is Status.CLOSED
    assert story.parts.alerts.announced == []


def test_a_number_after_a_survey_that_never_arrived_is_a_message():
    story, _ = replied()
    story.resolves()
    story.loop.run(hours=23, minutes=50)
    story.loop.ingest(story.receipt(FAILED, "platform-2", error_code="551"))
    story.writes("5")
    assert (story.case.reopens, story.case.follow_up.score) == (1, 0)
