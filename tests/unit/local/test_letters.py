"""What the day lets happen on the networks is what our own rooms read, and where it comes in."""

import json
from datetime import UTC, datetime

import pytest

from chalicelib.channels.contract import Parsed
from chalicelib.channels.registry import room
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import EventKind
from infra import configuration
from infra.local.day import cast
from infra.local.day.letters import USUAL, letter
from infra.local.day.plan import plan
from infra.local.day.story import Does, told
from infra.local.simulator.platforms import Platforms
from infra.local.simulator.post import Door

NOW = datetime.now(UTC).replace(microsecond=0)
URL = "http://127.0.0.1:1/hearback"
POLICY = configuration.load(cast.CARE)
MADE = plan()
REACTIONS = [a for c in MADE.customers for r in c.reactions for a in r.actions]
OTHERS = [a for a in (*MADE.actions, *REACTIONS) if a.channel in USUAL or a.handle]
TOLD = [a for a in OTHERS if told(a)]
ROOMS = {Channel.SMS: "sms", Channel.EMAIL: "email", Channel.WHATSAPP: "twilio"}


@pytest.fixture(scope="module")
def world():
    """Return the platforms and the keys, which fit each other as in a run."""
    keys = cast.keys(POLICY)
    platforms = Platforms(keys.brand)
    platforms.networks.reached_at(URL)
    yield platforms, keys.contents("")
    platforms.close()


def read(webhook, action, secrets) -> Parsed:
    """Take a webhook in as our doors do."""
    name = ROOMS.get(action.channel, action.channel.value)
    handle = action.handle or USUAL[action.channel]
    at_room, account = room(name), POLICY.handle(handle).account_id
    body, url = webhook.body, URL + webhook.path
    if webhook.door is Door.MAIL:
        body, url = webhook.notice.encode() + b"\n" + body, f"mailto:{account}"
    elif webhook.door is Door.TEXT:
        envelope = {"Type": "Notification", "MessageId": "1", "Timestamp": NOW.isoformat()}
        body = json.dumps({**envelope, "TopicArn": "a", "Message": webhook.notice}).encode()
        return at_room.parse(body, NOW, event_id="1")
    proven = at_room.verify(body, webhook.headers, secrets[handle], NOW, url=url)
    return at_room.parse(
        proven.body, NOW, account_id=account, event_id=proven.event_id, thread=proven.thread
    )


@pytest.mark.parametrize("action", TOLD, ids=lambda a: f"{a.channel}-{a.does}-{a.id}")
def test_what_a_network_tells_us_is_what_was_done_there(world, action):
    platforms, secrets = world
    webhook = letter(action, MADE, platforms, NOW, token="code" * 5)
    (event,) = read(webhook, action, secrets).events
    assert (event.kind, event.channel) == (EventKind.MESSAGE, action.channel)
    assert (event.contact.id, event.message_id) == (action.customer, action.id)
    assert event.public is bool(action.post)
    assert event.automatic is (action.does is Does.AWAY)
    assert event.text == ("code" * 5 if action.does is Does.START else action.text)
    assert len([one for one in event.attachments if one.kind == "image"]) == bool(action.media)


@pytest.mark.parametrize(
    "action", [a for a in OTHERS if not told(a)], ids=lambda a: f"{a.channel}-{a.id}"
)
def test_where_we_look_for_ourselves_nothing_is_delivered(world, action):
    platforms, _ = world
    assert letter(action, MADE, platforms, NOW) is None


def test_only_what_names_the_brand_on_x_summons_it(world):
    platforms, secrets = world
    for action in (a for a in TOLD if a.channel is Channel.X and a.post):
        (event,) = read(letter(action, MADE, platforms, NOW), action, secrets).events
        assert ("summoned" in event.flags) is action.named


def test_who_got_a_mail_answers_to_its_reply_address_without_the_thread(world):
    platforms, secrets = world
    action = next(a for a in TOLD if a.channel is Channel.EMAIL and a.does is Does.SAY)
    ours = (
        f"From: care@example.com\r\nTo: {action.customer}\r\n"
        "Reply-To: care+token@example.com\r\n\r\nHello"
    )
    platforms.networks.email.mails.append(ours.encode())
    try:
        webhook = letter(action, MADE, platforms, NOW)
    finally:
        platforms.networks.email.mails.clear()
    assert json.loads(webhook.notice)["receipt"]["recipients"] == ["care+token@example.com"]
    (event,) = read(webhook, action, secrets).events
    assert (event.text, event.answers, event.message_id) == (action.text, (), action.id)
    assert event.quoted
