"""What is kept without being a request: machines' mail, and the wish for no more messages."""

import pytest

from chalicelib.domain.case import Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.event import Person
from chalicelib.domain.message import DeliveryState
from chalicelib.workflows.errors import NotNowError
from tests.unit.workflows.talk import Talk, joined


def text(talk, words="STOP", **facts):
    return talk.place(Channel.SMS, text=words, **facts)


def test_an_out_of_office_note_begins_a_conversation_without_a_case():
    talk = Talk()
    talk.hears(talk.place(Channel.EMAIL, text="I am away", automatic=True))
    assert talk.conversation.case is None
    assert (talk.conversation.messages, talk.conversation.last_inbound_at) == (1, None)
    assert talk.conversation.version == 1
    (message,) = talk.messages
    assert (message.automatic, message.case_number) == (True, 0)
    assert talk.loop.executions == {}


def test_an_out_of_office_note_moves_no_case_and_opens_no_window():
    talk = Talk()
    talk.hears(talk.place(Channel.EMAIL, text="Where is it?"))
    talk.says()
    before = talk.conversation
    talk.parts.now.advance(60)
    talk.hears(talk.place(Channel.EMAIL, text="I am away", automatic=True, thread=before.id))
    after = talk.conversation
    assert after.case == before.case
    assert (after.last_inbound_at, after.last_inbound_id) == (
        before.last_inbound_at,
        before.last_inbound_id,
    )
    assert talk.log[-1].reason == "automatic"
    assert after.messages == before.messages + 1
    assert after.version == before.version + 1


def test_an_out_of_office_note_reopens_nothing():
    talk = Talk()
    talk.hears(talk.place(Channel.EMAIL, text="Where is it?"))
    talk.resolves()
    talk.hears(
        talk.place(Channel.EMAIL, text="I am away", automatic=True, thread=talk.conversation.id)
    )
    assert talk.case.status is Status.RESOLVED


def test_who_says_stop_gets_no_more_replies_and_no_case():
    talk = Talk()
    talk.hears(text(talk, consent="stop"))
    assert talk.conversation.case is None
    assert talk.conversation.opted_out_at == talk.parts.now()
    with pytest.raises(NotNowError) as refused:
        talk.says()
    assert refused.value.code == "opted_out"
    assert refused.value.instead


def test_stop_is_noted_in_the_case_and_start_takes_it_back():
    talk = Talk()
    talk.hears(text(talk, "Where is it?"))
    talk.hears(text(talk, consent="stop"))
    (told,) = talk.told(EntryKind.CUSTOMER_OPTED_OUT)
    assert told.case_number == 1
    assert talk.conversation.opted_out_at is not None
    talk.parts.now.advance(60)
    talk.hears(text(talk, "START", consent="start"))
    assert talk.conversation.opted_out_at is None
    assert len(talk.told(EntryKind.CUSTOMER_OPTED_IN)) == 1
    assert talk.says().delivery.state is DeliveryState.ACCEPTED


def test_a_start_said_before_the_stop_changes_nothing_however_late_it_comes():
    talk = Talk()
    early = text(talk, "START", consent="start")
    talk.parts.now.advance(60)
    talk.hears(text(talk, consent="stop"))
    talk.hears(early)
    assert talk.conversation.opted_out_at == talk.parts.now()


def test_a_later_message_opens_a_case_and_does_not_allow_replies():
    talk = Talk()
    talk.hears(text(talk, consent="stop"))
    talk.hears(text(talk, "Where is my parcel?"))
    assert talk.case.status is Status.ASSIGNED
    assert talk.conversation.opted_out_at is not None


def test_a_reply_that_waited_while_the_customer_opted_out_does_not_leave():
    talk = Talk()
    talk.hears(text(talk, "Where is it?"))
    message = talk.replies()
    talk.loop.ingest(text(talk, consent="stop"))
    talk.loop.rest()
    assert talk.parts.sender.sent == []
    assert talk.stored(message).delivery.error_code == "opted_out"
    assert talk.stored(message).delivery.state is DeliveryState.FAILED


def test_nobody_is_asked_how_it_was_who_opted_out():
    talk = Talk()
    talk.hears(text(talk, "Where is it?"))
    talk.says()
    talk.hears(text(talk, consent="stop"))
    talk.resolves()
    talk.loop.run(days=2)
    assert talk.case.follow_up.waived == "the customer asked for no more messages"


def test_stop_of_a_participant_is_not_the_customers():
    talk = Talk()
    talk.hears(talk.place(Channel.EMAIL, text="Where is it?", contact=Person("ana@x")))
    stop = talk.place(
        Channel.EMAIL,
        text="stop",
        consent="stop",
        contact=Person("ben@x"),
        thread=talk.conversation.id,
    )
    talk.hears(stop)
    assert talk.conversation.opted_out_at is None


def test_stop_on_the_private_side_silences_that_side_alone():
    talk = joined()
    talk.hears(talk.private_message())
    talk.hears(talk.private_message("stop", consent="stop"))
    assert talk.conversation.opted_out_at is None
    assert talk.private.opted_out_at == talk.parts.now()
    with pytest.raises(NotNowError) as refused:
        talk.says(side="private")
    assert refused.value.code == "opted_out"
    assert talk.says(side="public").public
    talk.hears(talk.private_message("start", consent="start"))
    assert talk.private.opted_out_at is None
    assert not talk.says(side="private").public


def test_a_machines_mail_in_the_private_talk_is_kept_with_the_case():
    talk = joined()
    talk.hears(talk.private_message())
    before = talk.private
    talk.hears(talk.private_message("I am away", automatic=True))
    assert talk.private == before
    assert talk.conversation.messages == 4
