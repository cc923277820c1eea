"""The simulated service of Bluesky: who may call, what is answered, what reaches whom."""

import json
from datetime import UTC, datetime

import pytest

from infra.local.simulator.bluesky import BlueskyKeys, BlueskyPlatform
from infra.local.simulator.faults import Fault, Faults
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger
from infra.local.simulator.taker import Asked

NOW = datetime(2026, 3, 6, 10, tzinfo=UTC)
KEYS = BlueskyKeys("did:plc:acme", "acme.example", "local-password")
CHAT = {"atproto-proxy": "did:web:api.bsky.chat#bsky_chat"}
ANA = "did:plc:ana"
MENTIONS = "app.bsky.notification.listNotifications"


class Table:
    """A service with everything around it."""

    def __init__(self):
        self.ledger, self.faults, self.sent = Ledger(), Faults({}), []
        self.platform = BlueskyPlatform(
            KEYS, self.ledger, self.faults, self.sent.append, lambda: NOW
        )
        login = {"identifier": KEYS.handle, "password": KEYS.password}
        self.token = ""
        self.token = self.post("com.atproto.server.createSession", login)[1]["accessJwt"]

    def get(self, method, headers=None, **query):
        return self._take("GET", method, query, headers or {}, b"")

    def post(self, method, fields, headers=None):
        body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
        return self._take("POST", method, {}, headers or {}, body)

    def _take(self, verb, method, query, headers, body):
        given = {"authorization": f"Bearer {self.token}", **headers}
        told = self.platform.take(Asked(verb, f"/xrpc/{method}", query, given, body))
        return told.status, json.loads(told.body)

    def answer(self, parent):
        reply = {"root": {"uri": parent, "cid": "c"}, "parent": {"uri": parent, "cid": "c"}}
        record = {"text": "Hello", "reply": reply}
        return self.post("com.atproto.repo.createRecord", {"record": record})


@pytest.fixture
def table():
    return Table()


def test_a_post_that_names_the_brand_is_told_and_another_is_not(table):
    uri = table.platform.write(Happening("", ANA, NOW, name="Ana", text="hi"))
    table.platform.write(Happening("", ANA, NOW, text="nobody"), named=False)
    _, told = table.get(MENTIONS)
    (row,) = told["notifications"]
    assert (row["uri"], row["reason"], row["record"]["text"]) == (uri, "mention", "hi")


def test_pages_begin_with_the_newest(table):
    for number in range(3):
        table.platform.write(Happening("", ANA, NOW, text=str(number)))
    _, first = table.get(MENTIONS, limit="2")
    _, last = table.get(MENTIONS, limit="2", cursor=first["cursor"])
    texts = [row["record"]["text"] for row in first["notifications"] + last["notifications"]]
    assert texts == ["2", "1", "0"]
    assert "cursor" not in last


def test_an_answer_reaches_who_wrote_the_post(table):
    uri = table.platform.write(Happening("", ANA, NOW, text="hi"))
    status, told = table.answer(uri)
    (received,) = table.ledger.received()
    assert (status, received.customer, received.text) == (200, ANA, "Hello")
    assert (table.sent[0].parent, table.sent[0].post) == (uri, uri)
    _, feed = table.get("app.bsky.feed.getAuthorFeed", actor=KEYS.did)
    assert [one["post"]["uri"] for one in feed["feed"]] == [told["uri"]]


def test_a_private_answer_reaches_the_other_member(table):
    _, talk = table.get("chat.bsky.convo.getConvoForMembers", CHAT, members=ANA)
    fields = {"convoId": talk["convo"]["id"], "message": {"text": "Hello"}}
    table.post("chat.bsky.convo.sendMessage", fields, CHAT)
    (received,) = table.ledger.received()
    assert (received.customer, received.text) == (ANA, "Hello")
    _, log = table.get("chat.bsky.convo.getLog", CHAT)
    assert log["logs"][0]["message"]["sender"]["did"] == KEYS.did
    assert table.get("chat.bsky.convo.getLog", CHAT, cursor=log["cursor"])[1]["logs"] == []


@pytest.mark.parametrize(
    ("fault", "status"), [(Fault.THROTTLED, 429), (Fault.GONE, 400), (Fault.WINDOW, 400)]
)
def test_a_fault_is_a_refusal_and_is_used_up(table, fault, status):
    uri = table.platform.write(Happening("", ANA, NOW, text="hi"))
    table.faults.add(ANA, fault)
    assert table.answer(uri)[0] == status
    assert table.ledger.refused()[-1].customer == ANA
    assert not table.ledger.received()
    assert table.answer(uri)[0] == 200


def test_a_call_that_is_not_right_reaches_nobody(table):
    create, send = "com.atproto.repo.createRecord", "chat.bsky.convo.sendMessage"
    assert table.post(create, b"nonsense")[0] == 400
    assert table.answer("at://nowhere")[0] == 400
    assert table.post(send, {"convoId": "talk-ana", "message": {"text": "x"}})[0] == 404
    assert table.get("app.bsky.elsewhere")[0] == 404
    table.platform.expire()
    assert table.get(MENTIONS)[1]["error"] == "ExpiredToken"
    wrong = {"identifier": KEYS.handle, "password": "other"}
    assert table.post("com.atproto.server.createSession", wrong)[0] == 401
    assert not table.ledger.received()
