"""Invitations' links, uploads' names, and which side of a conversation is which."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain import invitation, upload, window
from chalicelib.domain.channel import Capabilities, Channel, LimitUnit, private_of
from chalicelib.domain.conversation import Conversation, Side, spot
from chalicelib.domain.event import ChannelEvent, EventKind
from chalicelib.domain.policy import Handle, Policy

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
WORD = "A" * 20


def handle(channel, **settings):
    return Handle("acme", channel, "123", "Acme", "care", settings=settings)


def event(**facts):
    base = {"key": "k", "kind": EventKind.MESSAGE, "channel": Channel.TELEGRAM, "account_id": "1"}
    return ChannelEvent(**base | {"public": False, "received_at": NOON} | facts)


@pytest.mark.parametrize(
    ("found", "link"),
    [
        (handle(Channel.TELEGRAM, username="@acme_bot"), f"https://t.me/acme_bot?start={WORD}"),
        (handle(Channel.TELEGRAM), ""),
        (handle(Channel.MESSENGER), f"https://m.me/123?ref={WORD}"),
        (handle(Channel.MESSENGER, username="acme"), f"https://m.me/acme?ref={WORD}"),
        (handle(Channel.WHATSAPP, number="+49 (151) 00"), f"https://wa.me/4915100?text={WORD}"),
        (handle(Channel.WHATSAPP), ""),
        (
            handle(Channel.LINE, username="@123abcde"),
            f"https://line.me/R/oaMessage/%40123abcde/?{WORD}",
        ),
        (handle(Channel.LINE), ""),
        (handle(Channel.SMS), ""),
    ],
)
def test_a_link_is_what_the_platform_says_it_is(found, link):
    assert invitation.link(found, WORD) == link


def test_a_code_is_the_platforms_word_or_the_whole_text():
    assert invitation.code_of(event(ref="x", text=WORD)) == "x"
    assert invitation.code_of(event(text=f" {WORD}\n")) == WORD
    assert invitation.code_of(event(text=f"{WORD}!")) == ""
    assert invitation.code_of(event(text=f"my code is {WORD}")) == ""
    assert invitation.code_of(event(text=WORD, kind=EventKind.ECHO)) == ""


def test_a_code_has_twenty_letters_each_picked_anew():
    picked = iter(invitation.LETTERS)
    assert invitation.code(lambda _: next(picked)) == "abcdefghijklmnopqrst"


def test_a_handles_links_lead_where_it_says():
    other = Handle("other", Channel.WHATSAPP, "9", "Other", "care")
    own = handle(Channel.YOUTUBE)
    named = handle(Channel.YOUTUBE, private_handle="other")
    policy = Policy("v1", handles=(other,))
    assert invitation.leads_to(policy, own) is own
    assert invitation.leads_to(policy, named) is other
    assert invitation.leads_to(Policy("v2"), named) is None


def test_comments_on_a_page_are_answered_in_private_on_messenger():
    assert private_of(Channel.FACEBOOK_PAGE) is Channel.MESSENGER
    assert private_of(Channel.X) is Channel.X


@pytest.mark.parametrize(
    ("name", "kind", "mime_type"),
    [
        ("a.JPG", "image", "image/jpeg"),
        ("a.b.mp4", "video", "video/mp4"),
        ("a.mp3", "audio", "audio/mpeg"),
        ("a.pdf", "document", "application/pdf"),
        ("a", "document", "application/octet-stream"),
        ("png", "image", "image/png"),
    ],
)
def test_an_upload_is_known_by_its_name(name, kind, mime_type):
    found = upload.attachment(f"{upload.prefix('c1')}x/{name}", 7)
    assert (found.kind, found.mime_type, found.name, found.size) == (kind, mime_type, name, 7)


def talk(**facts):
    side = Side(Channel.MESSENGER, "dm", "1", NOON, **facts)
    return Conversation(
        "c1",
        Channel.FACEBOOK_PAGE,
        "page",
        "1",
        True,
        "p",
        "ana",
        NOON,
        (),
        "Ana",
        "post",
        side=side,
    )


def test_each_side_has_its_own_place():
    there = talk(contact_ref="psid", joined_at=NOON, last_inbound_at=NOON, last_inbound_id="m")
    public, private = spot(there, public=True), spot(there, public=False)
    assert (public.handle, public.contact_ref, public.post_id) == ("page", "ana", "post")
    assert (private.handle, private.contact_ref, private.post_id) == ("dm", "psid", "")
    assert (private.channel, private.public, private.last_inbound_id) == (
        Channel.MESSENGER,
        False,
        "m",
    )


@pytest.mark.parametrize(
    ("facts", "last", "public"),
    [
        ({}, None, True),
        ({"joined_at": NOON}, None, True),
        ({"joined_at": NOON, "last_inbound_at": NOON}, None, False),
        ({"joined_at": NOON, "last_inbound_at": NOON}, NOON, False),
        ({"joined_at": NOON, "last_inbound_at": NOON}, NOON + timedelta(seconds=1), True),
        ({"last_inbound_at": NOON}, None, True),
    ],
)
def test_replies_go_where_the_customer_last_wrote(facts, last, public):
    assert replace(talk(**facts), last_inbound_at=last).latest_public is public


def test_a_weighted_text_is_measured_as_the_network_weighs_it():
    can = Capabilities(280, LimitUnit.WEIGHTED)
    assert can.measure("ab") == 2
    assert can.measure("日本") == 4


def test_seconds_left_are_never_below_zero():
    assert window.seconds_left(None, NOON) is None
    assert window.seconds_left(NOON, NOON + timedelta(seconds=5)) == 0
    assert window.seconds_left(NOON + timedelta(seconds=5.9), NOON) == 5
