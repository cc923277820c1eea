"""What the simulator writes and what our parsers read are two readings of the same wire facts.

They must agree.
"""

from datetime import UTC, datetime

import pytest

from chalicelib.channels.contract import PayloadError
from chalicelib.channels.meta.envelope import parse
from chalicelib.channels.standard.room import StandardRoom
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import EventKind
from infra.local.day.letters import USUAL
from infra.local.day.plan import plan
from infra.local.day.render import render
from infra.local.day.story import Does
from infra.local.simulator import facebook, instagram, messenger, whatsapp
from infra.local.simulator.happening import Happening
from infra.local.simulator.post import Door
from infra.local.simulator.signing import wire
from tests.unit.local.world import ACCOUNTS

NOW = datetime(2026, 3, 6, 10, 0, 7, tzinfo=UTC)
KINDS = {
    Does.SAY: EventKind.MESSAGE,
    Does.EDIT: EventKind.EDIT,
    Does.REMOVE: EventKind.DELETE,
    Does.BRAND_POST: EventKind.ECHO,
    Does.NATIVE_REPLY: EventKind.ECHO,
}
GENERIC = [a for a in plan().actions if a.channel is Channel.WEBHOOK]
OTHERS = [a for a in plan().actions if a.channel in USUAL or a.handle]
META = [a for a in plan().actions if a not in GENERIC and a not in OTHERS]


@pytest.mark.parametrize("action", [a for a in META if a.does in KINDS], ids=lambda a: a.id)
def test_every_planned_action_is_read_as_what_it_is(action):
    webhook = render(action, plan(), ACCOUNTS, NOW)
    (event,) = parse(webhook.body, NOW).events
    assert (event.kind, event.channel) == (KINDS[action.does], action.channel)
    assert (event.message_id, event.text, event.post_id) == (action.id, action.text, action.post)
    assert event.contact is None or event.contact.id == action.customer
    assert event.contact is not None or not action.customer
    assert event.public is bool(action.post)
    assert event.occurred_at is not None
    assert abs((event.occurred_at - NOW).total_seconds()) < 1


def test_unknown_events_are_read_as_nothing():
    (action,) = (a for a in META if a.does is Does.UNKNOWN)
    parsed = parse(render(action, plan(), ACCOUNTS, NOW).body, NOW)
    assert not parsed.events
    assert parsed.ignored


def test_the_unreadable_body_cannot_be_read():
    (action,) = (a for a in META if a.does is Does.UNREADABLE)
    with pytest.raises(PayloadError):
        parse(render(action, plan(), ACCOUNTS, NOW).body, NOW)


def test_only_the_forgery_is_signed_with_another_key():
    forged = [a for a in META + GENERIC if render(a, plan(), ACCOUNTS, NOW).forged]
    assert [a.does for a in forged] == [Does.FORGED]


@pytest.mark.parametrize("action", GENERIC, ids=lambda a: a.id)
def test_generic_messages_are_read_as_what_they_are(action):
    webhook = render(action, plan(), ACCOUNTS, NOW)
    room = StandardRoom()
    (event,) = room.parse(
        webhook.body, NOW, account_id=ACCOUNTS.standard, event_id=webhook.event_id
    ).events
    assert (event.kind, event.message_id) == (EventKind.MESSAGE, action.id)
    assert (event.contact.id, event.text) == (action.customer, action.text)


def test_generic_messages_go_to_their_own_door():
    doors = {a.channel: render(a, plan(), ACCOUNTS, NOW).door for a in META + GENERIC}
    assert {c for c, door in doors.items() if door is Door.STANDARD} == {Channel.WEBHOOK}


def test_echoes_and_receipts_are_read_with_our_own_message_id():
    ours = Happening("1", "2", NOW, id="m1", text="Hello", token="our-id")
    (echo,) = parse(wire(messenger.echo(ours, "263902")), NOW).events
    assert (echo.kind, echo.reply_token, echo.app_id) == (EventKind.ECHO, "our-id", "263902")
    (status,) = parse(wire(whatsapp.status(ours, ACCOUNTS, "delivered")), NOW).events
    assert (status.kind, status.reply_token) == (EventKind.RECEIPT, "our-id")
    assert status.message_id == "m1"
    (read,) = parse(wire(messenger.read(ours)), NOW).events
    assert (read.kind, read.watermark_at) == (EventKind.RECEIPT, NOW)


def test_comments_of_the_brand_are_read_as_echoes():
    page = Happening(ACCOUNTS.page, "7", NOW, id="5_8", text="Hi", post="1_5", parent="5_9")
    (echo,) = parse(wire(facebook.own_comment(page)), NOW).events
    assert (echo.kind, echo.parent_id) == (EventKind.ECHO, "5_9")
    gram = Happening(ACCOUNTS.instagram, "9", NOW, id="17", text="Hi", post="18", parent="19")
    (echo,) = parse(wire(instagram.own_comment(gram)), NOW).events
    assert (echo.kind, echo.parent_id) == (EventKind.ECHO, "19")


def test_a_user_without_a_phone_number_is_known_by_the_scoped_id():
    one = Happening(ACCOUNTS.phone, "US.1349120865", NOW, id="wamid.1", name="Ana", text="Hola")
    (event,) = parse(wire(whatsapp.message(one, ACCOUNTS)), NOW).events
    assert event.contact is not None
    assert event.contact.id == "US.1349120865"
