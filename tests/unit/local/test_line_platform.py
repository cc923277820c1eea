"""The simulated LINE and Hearback's own room understand each other."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.channels.line.room import LineRoom
from chalicelib.channels.places import Places
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import EventKind
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import ErrorClass, HealthState, Outgoing, SendState
from infra.local.simulator import line
from infra.local.simulator.faults import Fault, Faults
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger
from infra.local.simulator.taker import Asked
from tests.fakes.listening import listening

NOW = datetime(2026, 3, 6, 10, tzinfo=UTC)
BOT, ANA, GROUP = "U" + "0" * 31 + "1", "U" + "0" * 31 + "a", "C" + "0" * 31 + "9"
KEYS = line.LineKeys(BOT, "local-token", "local-secret", "acme", "acme-line")
SECRET = {"access_token": KEYS.access_token, "channel_secret": KEYS.channel_secret}
HANDLE = Handle("acme-line", Channel.LINE, BOT, "Acme", "care", settings={"username": "@acme"})
ROOM = LineRoom()
HI = Happening(BOT, ANA, NOW, id="77", name="Ana", text="Hi")
REPLY = Outgoing("t", HANDLE, ANA, False, "Hello", reply_to_id="77")


class Table:
    """The platform with everything around it."""

    def __init__(self):
        self.ledger, self.faults, self.sent = Ledger(), Faults({}), []
        self.platform = line.LinePlatform(
            KEYS, self.ledger, self.faults, self.sent.append, lambda: NOW
        )


@pytest.fixture
def table():
    it = Table()
    with listening(it.platform) as url:
        it.places = Places(urls={"line": url}, private_urls=True, now=lambda: NOW)
        yield it


def read(posting):
    assert posting.path == "/webhooks/line/acme-line"
    proven = ROOM.verify(posting.body, posting.headers, SECRET, NOW)
    (event,) = ROOM.parse(proven.body, NOW, account_id=BOT).events
    return event


def test_what_customers_do_there_is_understood_here():
    said = read(line.message(HI, KEYS))
    assert (said.kind, said.text, said.occurred_at) == (EventKind.MESSAGE, "Hi", NOW)
    group = read(line.message(replace(HI, post=GROUP, parent="70", media="pic"), KEYS))
    assert (group.public, group.post_id, group.parent_id) == (True, GROUP, "70")
    assert group.attachments[0].media_id == "77"
    assert read(line.unsent(HI, KEYS)).kind is EventKind.DELETE
    assert read(line.pressed(replace(HI, text="TALK"), KEYS)).text == "TALK"
    assert read(line.followed(HI, KEYS)).detail == "started"
    assert read(line.blocked(HI, KEYS)).detail == "blocked"


def test_each_thing_done_is_an_event_of_its_own_and_the_same_whenever_it_is_told():
    made = [line.message(HI, KEYS), line.unsent(HI, KEYS), line.blocked(HI, KEYS)]
    assert len({read(one).key for one in made}) == 3
    assert read(line.message(HI, KEYS)).key == read(made[0]).key


def test_a_reply_reaches_the_customer(table):
    result = ROOM.send(REPLY, SECRET, table.places)
    (received,) = table.ledger.received()
    assert (received.customer, received.text) == (ANA, "Hello")
    assert received.platform_id == result.platform_id
    assert table.sent[0].post == ""


def test_a_public_reply_reaches_who_wrote_in_the_group_last(table):
    table.platform.wrote(GROUP, ANA)
    public = replace(REPLY, public=True, post_id=GROUP)
    assert ROOM.send(public, SECRET, table.places).state is SendState.ACCEPTED
    (sent,) = table.sent
    assert (sent.received.customer, sent.post) == (ANA, GROUP)


@pytest.mark.parametrize(
    ("fault", "state", "error_class"),
    [
        (Fault.THROTTLED, SendState.RETRY, ErrorClass.THROTTLED),
        (Fault.GONE, SendState.FAILED, ErrorClass.RECIPIENT),
        (Fault.WINDOW, SendState.FAILED, ErrorClass.LIMIT),
        (Fault.SILENT, SendState.RETRY, ErrorClass.UNAVAILABLE),
    ],
)
def test_what_goes_wrong_there_is_understood_here(table, fault, state, error_class):
    table.faults.add(ANA, fault)
    result = ROOM.send(REPLY, SECRET, table.places)
    assert (result.state, result.error_class) == (state, error_class)
    assert ROOM.send(REPLY, SECRET, table.places).state is SendState.ACCEPTED


def test_an_attempt_without_an_answer_is_made_again_and_reaches_the_customer_once(table):
    table.faults.add(ANA, Fault.SILENT)
    assert ROOM.send(REPLY, SECRET, table.places).state is SendState.RETRY
    again = ROOM.send(REPLY, SECRET, table.places)
    (received,) = table.ledger.received()
    assert (again.state, again.platform_id) == (SendState.ACCEPTED, received.platform_id)


def test_the_first_probe_sets_the_webhook_and_the_next_finds_it_well(table):
    url = "https://care.example.com/webhooks/line/acme-line"
    states = [ROOM.probe(HANDLE, url, SECRET, table.places).state for _ in range(2)]
    assert states == [HealthState.REPAIRED, HealthState.WELL]
    table.platform.most = 0
    assert "used up" in ROOM.probe(HANDLE, url, SECRET, table.places).problem


def test_a_picture_can_be_fetched_and_a_video_once_it_is_ready(table):
    picture = read(line.message(replace(HI, media="pic"), KEYS)).attachments[0]
    for one in (picture, replace(picture, kind="video")):
        found = ROOM.fetch(HANDLE, one, 1000, secret=SECRET, places=table.places)
        assert found.mime_type == "image/jpeg"


def test_another_token_reaches_nobody(table):
    wrong = SECRET | {"access_token": "other"}
    assert ROOM.send(REPLY, wrong, table.places).error_class is ErrorClass.CHANNEL
    assert not table.ledger.received()
    assert "Authentication failed" in table.ledger.refused()[0].reason


RIGHT = {"to": ANA, "messages": [{"type": "text", "text": "y"}]}
KEY = "123e4567-e89b-12d3-a456-426614174000"


@pytest.mark.parametrize(
    ("path", "body", "key", "status"),
    [
        ("/v2/bot/message/push", RIGHT, KEY, 200),
        ("/v2/bot/dance", RIGHT, KEY, 404),
        ("/v2/bot/message/push", RIGHT, "not a uuid", 400),
        ("/v2/bot/message/push", RIGHT | {"to": "ana"}, KEY, 400),
        ("/v2/bot/message/push", RIGHT | {"messages": []}, KEY, 400),
        ("/v2/bot/message/push", RIGHT | {"messages": [{"text": "y" * 5001}]}, KEY, 400),
        ("/v2/bot/message/push", RIGHT | {"messages": [{"text": "🙂" * 2501}]}, KEY, 400),
        ("/v2/bot/message/push", RIGHT | {"messages": ["y"]}, KEY, 400),
        ("/v2/bot/message/push", [], KEY, 400),
        ("/v2/bot/message/push", None, KEY, 400),
    ],
)
def test_a_call_that_is_not_right_is_refused(table, path, body, key, status):
    raw = b"nonsense" if body is None else json.dumps(body).encode()
    headers = {"authorization": f"Bearer {KEYS.access_token}", "x-line-retry-key": key}
    assert table.platform.take(Asked("POST", path, {}, headers, raw)).status == status
