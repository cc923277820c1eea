"""The simulated Telegram and Hearback's own room understand each other."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.channels.places import Places
from chalicelib.channels.telegram.room import TelegramRoom
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import EventKind
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import ErrorClass, File, HealthState, Outgoing, SendState
from infra.local.simulator import telegram
from infra.local.simulator.faults import Fault, Faults
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger
from infra.local.simulator.taker import Asked
from tests.fakes.listening import listening

NOW = datetime(2026, 3, 6, 10, tzinfo=UTC)
KEYS = telegram.TelegramKeys("111", "111:local-token_1", "local-secret-1", "acmebot", "acme-tg")
SECRET = {"token": KEYS.token, "secret_token": KEYS.secret_token}
HANDLE = Handle("acme-tg", Channel.TELEGRAM, "111", "Acme", "care")
ROOM = TelegramRoom()
HI = Happening("111", "23", NOW, id="77", name="Ana", text="Hi")
REPLY = Outgoing("t", HANDLE, "23", False, "Hello", reply_to_id="23/77")


class Table:
    """The platform with everything around it."""

    def __init__(self):
        self.ledger, self.faults, self.sent = Ledger(), Faults({}), []
        self.platform = telegram.TelegramPlatform(
            KEYS, self.ledger, self.faults, self.sent.append, lambda: NOW
        )


@pytest.fixture
def table():
    it = Table()
    with listening(it.platform) as url:
        it.places = Places(urls={"telegram": url}, private_urls=True, now=lambda: NOW)
        yield it


def read(posting):
    assert posting.path == "/webhooks/telegram/acme-tg"
    proven = ROOM.verify(posting.body, posting.headers, SECRET, NOW)
    (event,) = ROOM.parse(proven.body, NOW, account_id="111").events
    return event


def test_what_customers_do_there_is_understood_here():
    said = read(telegram.message(HI, KEYS))
    assert (said.kind, said.text, said.occurred_at) == (EventKind.MESSAGE, "Hi", NOW)
    group = read(telegram.message(replace(HI, post="-100", parent="70", media="pic"), KEYS))
    assert (group.public, group.parent_id, group.attachments[0].media_id) == (
        True,
        "-100/70",
        "pic-1280",
    )
    assert read(telegram.edited(HI, KEYS)).kind is EventKind.EDIT
    assert read(telegram.started(replace(HI, token="abc"), KEYS)).ref == "abc"
    assert read(telegram.business(HI, KEYS, "B1")).contact.id == "B1/23"
    assert read(telegram.reacted(replace(HI, text="👍"), KEYS)).emoji == "👍"
    assert read(telegram.blocked(HI, KEYS)).detail == "blocked"


def test_each_thing_done_is_an_update_of_its_own_and_the_same_whenever_it_is_told():
    made = [telegram.message(HI, KEYS), telegram.edited(HI, KEYS), telegram.blocked(HI, KEYS)]
    assert len({read(one).key for one in made}) == 3
    assert read(telegram.message(HI, KEYS)).key == read(made[0]).key


def test_a_reply_reaches_the_customer(table):
    result = ROOM.send(REPLY, SECRET, table.places)
    (received,) = table.ledger.received()
    assert (received.customer, received.text, received.platform_id) == (
        "23",
        "Hello",
        result.platform_id,
    )
    assert table.sent[0].post == ""


def test_a_public_reply_reaches_who_wrote_what_it_answers(table):
    table.platform.wrote("-100", "77", "23")
    public = replace(REPLY, public=True, post_id="-100", reply_to_id="-100/77")
    assert ROOM.send(public, SECRET, table.places).state is SendState.ACCEPTED
    (sent,) = table.sent
    assert (sent.received.customer, sent.parent, sent.post) == ("23", "77", "-100")


def test_a_file_and_a_business_reply_reach_the_customer_too(table):
    picture = File("a.jpg", "image/jpeg", 9, "https://files.example.com/a", lambda: b"\xff\xd8")
    there = replace(REPLY, recipient="B1/23", reply_to_id="B1/23/77", files=(picture,))
    result = ROOM.send(there, SECRET, table.places)
    (received,) = table.ledger.received()
    assert (received.text, received.platform_id) == ("Hello", result.platform_id)
    assert result.platform_id.startswith("B1/23/")


@pytest.mark.parametrize(
    ("fault", "state", "error_class"),
    [
        (Fault.THROTTLED, SendState.RETRY, ErrorClass.THROTTLED),
        (Fault.GONE, SendState.FAILED, ErrorClass.RECIPIENT),
        (Fault.WINDOW, SendState.FAILED, ErrorClass.WINDOW),
        (Fault.SILENT, SendState.UNKNOWN, ErrorClass.UNANSWERED),
    ],
)
def test_what_goes_wrong_there_is_understood_here(table, fault, state, error_class):
    table.faults.add("23", fault)
    result = ROOM.send(REPLY, SECRET, table.places)
    assert (result.state, result.error_class) == (state, error_class)
    assert len(table.ledger.received()) == (fault is Fault.SILENT)
    assert ROOM.send(REPLY, SECRET, table.places).state is SendState.ACCEPTED


def test_the_first_probe_sets_the_webhook_and_the_next_finds_it_well(table):
    url = "https://care.example.com/webhooks/telegram/acme-tg"
    states = [ROOM.probe(HANDLE, url, SECRET, table.places).state for _ in range(2)]
    assert states == [HealthState.REPAIRED, HealthState.WELL]
    wrong = SECRET | {"secret_token": "other"}
    other = "https://care.example.com/elsewhere"
    assert ROOM.probe(HANDLE, other, wrong, table.places).state is HealthState.BROKEN


def test_a_picture_can_be_fetched_and_a_message_deleted(table):
    picture = read(telegram.message(replace(HI, media="pic"), KEYS)).attachments[0]
    found = ROOM.fetch(HANDLE, picture, 1000, secret=SECRET, places=table.places)
    assert found.mime_type == "image/jpeg"
    done = ROOM.moderate(HANDLE, "-100/77", "delete", secret=SECRET, places=table.places)
    assert done.state is SendState.ACCEPTED
    assert table.platform.deleted == [("-100", "77")]


def test_another_token_reaches_nobody(table):
    wrong = SECRET | {"token": "111:other"}
    assert ROOM.send(REPLY, wrong, table.places).error_class is ErrorClass.CHANNEL
    assert not table.ledger.received()
    assert table.ledger.refused()[0].reason == "Unauthorized"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"/bot{KEYS.token}/dance", b"{}", 404),
        ("/elsewhere", b"{}", 404),
        (f"/bot{KEYS.token}/sendMessage", b'{"chat_id":"x","text":"y"}', 400),
        (f"/bot{KEYS.token}/sendMessage", b'{"chat_id":23,"text":""}', 400),
        (f"/bot{KEYS.token}/sendMessage", b"nonsense", 400),
        (f"/bot{KEYS.token}/sendMessage", b"[]", 400),
    ],
)
def test_a_call_that_is_not_right_is_refused(table, path, body, status):
    told = table.platform.take(Asked("POST", path, body=body))
    assert told.status == status
    assert json.loads(told.body)["ok"] is False
