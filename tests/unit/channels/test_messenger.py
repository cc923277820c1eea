"""Messenger."""

from datetime import UTC, datetime

import pytest

from chalicelib.domain.channel import Channel
from chalicelib.domain.event import EventKind, ReceiptState

PAGE, PSID = "104500000000001", "7000000000000001"


@pytest.fixture(scope="module")
def said(read):
    return {event.message_id: event for event in read("messenger_messages").events}


@pytest.fixture(scope="module")
def events(read):
    return read("messenger_events")


def of(events, kind):
    return [event for event in events.events if event.kind is kind]


def test_a_message_is_private_and_its_time_is_in_milliseconds(said):
    event = said["m_AAA111"]
    assert (event.channel, event.public, event.kind) == (
        Channel.MESSENGER,
        False,
        EventKind.MESSAGE,
    )
    assert (event.account_id, event.contact.id, event.parent_id) == (PAGE, PSID, "m_AAA000")
    assert event.occurred_at == datetime(2025, 11, 24, 16, 0, 0, 1000, tzinfo=UTC)
    assert event.attachments[0].url == "https://scontent.example/i.jpg"


@pytest.mark.parametrize(
    ("mid", "subject", "attachment"),
    [
        ("m_fallback", "fallback", ("fallback", "https://l.facebook.example/", "Acme shoes")),
        ("m_fallback_text", "fallback", ("fallback", "https://acme.example/", "Acme")),
        ("m_sticker_old", "sticker", ("sticker", "https://scontent.example/s.png", "")),
        ("m_sticker_new", "sticker", ("sticker", "https://scontent.example/s.png", "")),
        ("m_quick", "quick_reply", ("quick_reply", "", "")),
        ("m_advert", "text", ("referral", "", "Spring shoes")),
    ],
)
def test_attachments_of_every_shape(said, mid, subject, attachment):
    event = said[mid]
    assert event.subject == subject
    assert [(a.kind, a.url, a.title) for a in event.attachments] == [attachment]


def test_a_place_is_kept_as_coordinates(said):
    assert said["m_place"].attachments[0].name == "48.2,16.37"


def test_an_unsupported_message_is_still_a_message(said):
    assert (said["m_unsupported"].kind, said["m_unsupported"].subject) == (
        EventKind.MESSAGE,
        "unsupported",
    )


def test_numeric_ids_become_text(said):
    assert said["m_numbers"].contact.id == PSID


def test_a_postback_is_a_message_of_the_customer_with_or_without_an_id(said):
    pressed = said["m_post"]
    assert (pressed.kind, pressed.subject, pressed.text) == (
        EventKind.MESSAGE,
        "postback",
        "Talk to a person",
    )
    old = next(event for event in said.values() if event.text == "Get started")
    assert old.message_id.startswith("postback:")
    assert old.attachments[0].name == "START"


def test_the_three_kinds_of_echo_can_be_told_apart(said):
    """Ours brings our token back, others their app id; the contact is the customer."""
    ours, inbox, plain = said["m_echo_ours"], said["m_echo_inbox"], said["m_echo_plain"]
    assert {e.kind for e in (ours, inbox, plain)} == {EventKind.ECHO}
    assert {e.contact.id for e in (ours, inbox, plain)} == {PSID}
    assert {e.author.id for e in (ours, inbox, plain)} == {PAGE}
    assert [e.reply_token for e in (ours, inbox, plain)] == ["msgtoken0000000000000000001", "", ""]
    assert [e.app_id for e in (ours, inbox, plain)] == ["4400000000001", "263902037430900", ""]


def test_a_customer_cannot_hand_us_a_token(said):
    event = said["m_numbers"]  # carries metadata
    assert (event.kind, event.reply_token) == (EventKind.MESSAGE, "")


def test_a_delivery_names_messages_or_an_instant_and_may_lack_a_time(events):
    named_1, named_2, until = [
        e for e in of(events, EventKind.RECEIPT) if e.receipt is ReceiptState.DELIVERED
    ]
    assert (named_1.message_id, named_2.message_id) == ("m_echo_ours", "m_echo_inbox")
    assert named_1.watermark_at is None
    assert until.message_id == ""
    assert until.watermark_at == datetime(2025, 11, 24, 16, 0, 4, tzinfo=UTC)


def test_a_read_marks_all_before_an_instant(events):
    read = next(e for e in of(events, EventKind.RECEIPT) if e.receipt is ReceiptState.READ)
    assert (read.contact.id, read.watermark_at) == (
        PSID,
        datetime(2025, 11, 24, 16, 0, 5, tzinfo=UTC),
    )


def test_a_reaction_is_taken_back_without_an_emoji(events):
    assert [(e.message_id, e.emoji) for e in of(events, EventKind.REACTION)] == [
        ("m_echo_ours", "❤"),
        ("m_echo_ours", ""),
    ]


def test_the_number_of_an_edit_may_be_text(events):
    assert [(e.message_id, e.edit_number) for e in of(events, EventKind.EDIT)] == [
        ("m_AAA111", 1),
        ("m_AAA111", 2),
    ]


def test_a_deleted_message_is_a_deletion(events):
    assert [e.message_id for e in of(events, EventKind.DELETE)] == ["m_AAA111"]


def test_referrals_hand_overs_and_the_like_are_notices(events):
    notices = of(events, EventKind.NOTICE)
    assert [e.detail for e in notices] == [
        "referral",
        "optin",
        "account_linking",
        "handover",
        "handover",
        "handover",
        "handover",
        "policy_enforcement",
    ]
    referral, optin = notices[:2]
    assert referral.occurred_at == datetime(2025, 11, 24, 16, 0, 6, tzinfo=UTC)  # in seconds here
    assert optin.contact is None


def test_an_item_of_unknown_kind_is_counted(events):
    assert events.ignored == ("messenger.hologram",)


def test_a_private_message_of_nobody_is_kept_to_be_looked_at(events):
    assert [odd.reason for odd in events.unreadable] == ["sender_missing"]


def test_standby_items_are_messages_marked_as_held_by_another_app(events):
    standby = {e.message_id: e.standby for e in of(events, EventKind.MESSAGE)}
    assert standby == {"m_standby": True, "m_in_change": False}
