"""What may leave in a reply, and only where the network and the customer let it."""

from dataclasses import replace

import pytest

from chalicelib.domain.channel import Channel
from chalicelib.domain.event import Attachment
from chalicelib.domain.message import DeliveryState
from chalicelib.workflows.answering.limits import Draft
from chalicelib.workflows.answering.outbox import Order, deliver
from chalicelib.workflows.answering.reply import reply, resend
from chalicelib.workflows.errors import KeyReusedError, NotNowError, RefusedError
from chalicelib.workflows.networks import SendResult, SendState, Template
from tests.unit.workflows.talk import Talk, joined


def chatting(channel=Channel.WHATSAPP, **facts):
    talk = Talk()
    talk.hears(talk.place(channel, **facts))
    return talk


def uploaded(talk, name, size=10):
    key = f"upload/{talk.conversation.id}/abc/{name}"
    talk.parts.media.put(key, b"x" * size, "image/png", name)
    return key


def refused(talk, code, *words, **draft):
    with pytest.raises(RefusedError) as error:
        talk.says(*words or ("Here it is",), **draft)
    assert error.value.code == code
    return error.value


def test_files_leave_with_the_reply_by_a_link_that_lasts_an_hour():
    talk = chatting()
    keys = uploaded(talk, "a.png"), uploaded(talk, "Bill 1.PDF", 20)
    message = reply(talk.parts, talk.ask(), Draft("", files=keys)).message
    bill = Attachment(
        "document", mime_type="application/pdf", name="Bill 1.PDF", key=keys[1], size=20
    )
    assert message.attachments == (
        Attachment("image", mime_type="image/png", name="a.png", key=keys[0], size=10),
        bill,
    )
    deliver(talk.parts, Order(message.conversation_id, message.id))
    first, second = talk.parts.sender.sent[-1].files
    assert (first.name, first.mime_type, first.size, first.kind) == (
        "a.png",
        "image/png",
        10,
        "image",
    )
    assert first.url == f"https://media.example.com/{keys[0]}?for=3600&name=a.png&type=image/png"
    assert first.read() == b"x" * 10
    assert second.kind == "document"


def test_only_files_uploaded_for_this_conversation_leave():
    talk = chatting()
    other = "upload/other/abc/a.png"
    talk.parts.media.put(other, b"x", "image/png")
    refused(talk, "unknown_file", files=(other,))
    refused(talk, "unknown_file", files=(f"upload/{talk.conversation.id}/abc/none.png",))


def test_no_more_larger_or_other_files_than_the_channel_takes():
    talk = chatting()
    many = tuple(uploaded(talk, f"{n}.png") for n in range(3))
    assert refused(talk, "too_many_files", files=many).instead == ("send them one by one",)
    refused(talk, "file_kind", files=(uploaded(talk, "a.mp4"),))
    refused(talk, "file_too_large", files=(uploaded(talk, "b.png", 1001),))
    bare = chatting(Channel.SMS)
    one = (uploaded(bare, "a.png"),)
    assert refused(bare, "too_many_files", files=one).instead == ("send a link to it",)


def test_a_file_that_was_refused_while_the_reply_waited_does_not_leave():
    talk = chatting()
    key = uploaded(talk, "a.png")
    message = reply(talk.parts, talk.ask(), Draft("Look", files=(key,))).message
    gone = replace(message.attachments[0], refused="program")
    talk.store.messages[(talk.conversation.id, message.id)] = replace(message, attachments=(gone,))
    talk.loop.rest()
    assert talk.stored(message).delivery.error_code == "file_refused"
    assert talk.parts.sender.sent == []


def test_a_template_leaves_outside_the_window():
    talk = chatting()
    talk.parts.now.advance(days=2)
    told = refused(talk, "window_closed")
    assert told.instead == ("Send an approved template.", "send a template")
    message = talk.says("", template=("parcel_ready", "en", "4711", "today"))
    assert message.text == "Template parcel_ready"
    assert message.template == ("parcel_ready", "en", "4711", "today")
    assert message.delivery.state is DeliveryState.ACCEPTED
    sent = talk.parts.sender.sent[-1]
    assert sent.template == Template("parcel_ready", "en", ("4711", "today"))


def test_a_template_may_have_words_to_show_and_may_be_sent_again():
    talk = chatting()
    talk.parts.now.advance(days=2)
    talk.parts.sender.answers.append(SendResult(SendState.FAILED, error_code="1"))
    message = talk.says("Your parcel is ready", template=("parcel_ready", "en"))
    assert message.text == "Your parcel is ready"
    resend(talk.parts, talk.ask(), message.id)
    talk.loop.rest()
    assert talk.stored(message).delivery.state is DeliveryState.ACCEPTED


def test_a_channel_without_templates_takes_none():
    refused(chatting(Channel.SMS), "no_templates", template=("parcel_ready", "en"))


def test_a_reply_needs_something_to_say():
    refused(chatting(), "empty", " \n")


def test_where_only_the_summoned_may_answer_nobody_else_does():
    talk = chatting(Channel.X, public=True, post_id="t")
    told = refused(talk, "not_summoned")
    assert told.instead == (
        "invite the customer to a private talk",
        "answer another message, which names the brand",
    )
    talk.parts.now.advance(60)
    talk.hears(talk.place(Channel.X, public=True, post_id="t", flags=("summoned",)))
    assert talk.says().delivery.state is DeliveryState.ACCEPTED


def test_the_flags_of_the_newest_message_count():
    talk = chatting(Channel.X, public=True, post_id="t")
    older = talk.place(Channel.X, public=True, post_id="t", flags=("summoned",))
    early = talk.at(hours=-1)
    talk.hears(replace(older, occurred_at=early))
    assert talk.conversation.last_inbound_flags == ()
    talk.parts.sender.able[(Channel.X, True)] = replace(
        talk.parts.sender.able[(Channel.X, True)], invite=""
    )
    assert refused(talk, "not_summoned").instead == (
        "answer another message, which names the brand",
    )


def test_our_own_public_replies_show_no_personal_data_and_private_ones_may():
    talk = joined()
    talk.hears(talk.private_message())
    talk.parts.detector.words = {"0151": "phone"}
    refused(talk, "personal_data", "Call 0151", side="public")
    assert talk.says("Call 0151", side="private").delivery.state is DeliveryState.ACCEPTED


def test_personal_data_in_a_customers_public_message_is_found_and_timed():
    talk = Talk()
    talk.parts.detector.words = {"0151": "phone"}
    message = talk.comments("My number is 0151")
    assert message.personal == ("phone",)
    assert talk.case.exposed == (message.id,)
    talk.hears(talk.comment("Thanks!"))


def test_what_a_case_exposes_at_its_end_is_in_its_snapshot():
    talk = Talk()
    talk.comments()
    talk.says()
    talk.resolves()
    talk.loop.run(days=5)
    from chalicelib.domain.survey import is_thanks

    assert is_thanks("Thank you!", 0)
    talk.parts.detector.words = {"Thank": "email"}
    talk.hears(talk.comment("Thank you!"))
    number = talk.case.number
    assert talk.store.snapshots[(talk.where, number)].exposed == talk.case.exposed


def test_a_repeated_reply_is_told_by_all_of_it():
    talk = chatting()
    ask = talk.ask(key="one-key")
    reply(talk.parts, ask, Draft("Hi"))
    assert reply(talk.parts, ask, "Hi").repeated
    with pytest.raises(KeyReusedError):
        reply(talk.parts, ask, Draft("Hi", files=(uploaded(talk, "a.png"),)))
    with pytest.raises(NotNowError):
        talk.says("x" * 5000)
