"""How customers arrive: by a link of an invitation, or in a comment that nobody else sees."""

import json

import pytest

from chalicelib.channels.meta.envelope import parse
from chalicelib.domain.event import EventKind
from tests.unit.channels.conftest import RECEIVED

CODE = "AbCdEfGhIjKlMnOpQrSt"


def test_a_link_with_a_code_is_known_by_it_however_the_customer_begins(read):
    events = read("referrals").events
    assert [(event.kind, event.message_id, event.ref) for event in events] == [
        (EventKind.NOTICE, "", CODE),
        (EventKind.MESSAGE, "m_ref", CODE),
        (EventKind.MESSAGE, "m_begin", CODE),
        (EventKind.NOTICE, "", "from-the-shop"),
        (EventKind.MESSAGE, "m_odd", ""),
    ]
    assert events[0].contact.id == "7000000000000001"


def test_a_code_that_is_too_long_to_be_one_is_none():
    item = {"sender": {"id": "7"}, "timestamp": 1764000000, "referral": {"ref": "x" * 513}}
    body = {"object": "page", "entry": [{"id": "P", "time": 1, "messaging": [item]}]}
    (event,) = parse(json.dumps(body).encode(), RECEIVED).events
    assert event.ref == ""


def test_a_comment_that_arrives_hidden_is_a_message_and_its_hiding(read):
    found = [(event.kind, event.message_id) for event in read("page_hidden").events]
    assert found == [
        (EventKind.MESSAGE, "55501_9010"),
        (EventKind.HIDE, "55501_9010"),
        (EventKind.MESSAGE, "55501_9011"),
    ]
    assert len({event.key for event in read("page_hidden").events}) == 3


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        (CODE, CODE),
        (f"{CODE} hello", ""),
        (CODE[:-1], ""),
        (f"{CODE}x", ""),
        (f"{CODE}\n", ""),
        ("ÄbCdEfGhIjKlMnOpQrSt", ""),
        ("Where is my order??!", ""),
    ],
)
def test_a_code_alone_is_what_a_whatsapp_link_lets_the_customer_send(text, ref):
    value = {
        "metadata": {"phone_number_id": "PN1"},
        "messages": [
            {"id": "w", "from": "49", "timestamp": "1", "type": "text", "text": {"body": text}}
        ],
    }
    change = {"field": "messages", "value": value}
    entry = {"id": "WABA", "time": 1, "changes": [change]}
    body = {"object": "whatsapp_business_account", "entry": [entry]}
    (event,) = parse(json.dumps(body).encode(), RECEIVED).events
    assert (event.text, event.ref) == (text, ref)
