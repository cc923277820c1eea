"""The simulated instance of Mastodon: who may call, what is answered, what reaches whom."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from infra.local.simulator.faults import Fault, Faults
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger
from infra.local.simulator.mastodon import MastodonKeys, MastodonPlatform
from infra.local.simulator.taker import Asked

NOW = datetime(2026, 3, 6, 10, tzinfo=UTC)
KEYS = MastodonKeys("14715", "local-token", "acme", "social.example")
ANA = "ana@social.example"


class Table:
    """An instance with everything around it."""

    def __init__(self):
        self.ledger, self.faults, self.sent = Ledger(), Faults({}), []
        self.platform = MastodonPlatform(
            KEYS, self.ledger, self.faults, self.sent.append, lambda: NOW
        )

    def get(self, path, token=KEYS.token, **query):
        headers = {"authorization": f"Bearer {token}"}
        told = self.platform.take(Asked("GET", path, query, headers))
        return told.status, json.loads(told.body)

    def post(self, fields, key="k1"):
        headers = {"authorization": f"Bearer {KEYS.token}", "idempotency-key": key}
        body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
        return self.platform.take(Asked("POST", "/api/v1/statuses", {}, headers, body))


@pytest.fixture
def table():
    return Table()


def test_a_post_that_names_the_brand_is_told_and_another_is_not(table):
    number = table.platform.write(Happening("", ANA, NOW, name="Ana", text="hi"))
    table.platform.write(Happening("", ANA, NOW, text="nobody"), named=False)
    _, (notice,) = table.get("/api/v1/notifications")
    assert notice["status"]["id"] == number
    assert notice["status"]["account"]["acct"] == "ana"
    assert notice["status"]["content"] == "<p>hi</p>"
    assert int(number) > 2**53


def test_pages_begin_right_after_the_id_that_was_seen(table):
    numbers = [table.platform.write(Happening("", ANA, NOW, text=str(i))) for i in range(5)]
    _, newest = table.get("/api/v1/notifications", limit="2")
    assert [row["status"]["id"] for row in newest] == [numbers[4], numbers[3]]
    _, page = table.get("/api/v1/notifications", limit="2", min_id="1")
    assert [row["status"]["id"] for row in page] == [numbers[1], numbers[0]]


def test_a_thread_is_told_from_its_first_post(table):
    root = table.platform.write(Happening("", ANA, NOW, text="root"))
    leaf = table.platform.write(Happening("", ANA, NOW, text="leaf", parent=root))
    _, told = table.get(f"/api/v1/statuses/{leaf}/context")
    assert [one["id"] for one in told["ancestors"]] == [root]
    assert table.get("/api/v1/statuses/9/context")[0] == 404


def test_an_edit_shows_when_it_was_made(table):
    number = table.platform.write(Happening("", ANA, NOW, text="tpyo"))
    table.platform.edit(number, "typo", NOW + timedelta(minutes=1))
    _, (notice,) = table.get("/api/v1/notifications")
    assert notice["status"]["content"] == "<p>typo</p>"
    assert notice["status"]["edited_at"] == "2026-03-06T10:01:00+00:00"


def test_an_answer_reaches_the_one_it_names_once(table):
    root = table.platform.write(Happening("", ANA, NOW, text="root"))
    fields = {"status": f"@{ANA} Hello", "in_reply_to_id": root, "visibility": "unlisted"}
    first, again = table.post(fields), table.post(fields)
    (received,) = table.ledger.received()
    assert (received.customer, received.text, received.token) == (ANA, "Hello", "k1")
    assert json.loads(first.body)["id"] == json.loads(again.body)["id"] == received.platform_id
    assert (table.sent[0].parent, table.sent[0].post) == (root, root)
    _, (own,) = table.get("/api/v1/accounts/14715/statuses")
    assert own["content"].endswith("</span> Hello</p>")
    assert own["mentions"][0]["acct"] == ANA


def test_what_follows_a_sending_may_write_there_at_once(table):
    table.platform._after = lambda sent: table.platform.write(
        Happening("", ANA, NOW, text="thanks", parent=sent.received.platform_id)
    )
    assert table.post({"status": f"@{ANA} Hello", "visibility": "direct"}).status == 200
    assert len(table.get("/api/v1/notifications")[1]) == 1


@pytest.mark.parametrize(
    ("fault", "status"), [(Fault.THROTTLED, 429), (Fault.GONE, 404), (Fault.WINDOW, 422)]
)
def test_a_fault_is_a_refusal_and_is_used_up(table, fault, status):
    table.faults.add(ANA, fault)
    told = table.post({"status": f"@{ANA} Hello"})
    assert told.status == status
    assert ("X-RateLimit-Reset" in told.headers) == (fault is Fault.THROTTLED)
    assert not table.ledger.received()
    assert table.ledger.refused()[0].customer == ANA
    assert table.post({"status": f"@{ANA} Hello"}).status == 200


def test_silence_comes_after_the_answer_was_published(table):
    table.faults.add(ANA, Fault.SILENT)
    assert table.post({"status": f"@{ANA} Hello"}).silent
    assert not table.post({"status": f"@{ANA} Hello"}).silent
    assert len(table.ledger.received()) == 1


def test_words_find_public_posts_only(table):
    table.platform.write(Happening("", ANA, NOW, text="Acme!"), named=False)
    table.platform.write(Happening("", ANA, NOW, text="acme, secretly"), public=False)
    _, told = table.get("/api/v2/search", q="acme")
    assert [one["content"] for one in told["statuses"]] == ["<p>Acme!</p>"]


def test_a_call_that_is_not_right_reaches_nobody(table):
    assert table.get("/api/v1/notifications", token="other")[0] == 401
    assert table.get("/api/v1/elsewhere")[0] == 404
    assert table.post(b"nonsense").status == 400
    assert table.post({"status": "x", "in_reply_to_id": "9"}).status == 404
    assert not table.ledger.received()
    assert table.get("/api/v1/accounts/verify_credentials")[1]["id"] == "14715"
