"""The simulated Graph API: who may call, what is answered, what reaches whom."""

from datetime import UTC, datetime

import pytest

from infra.local.simulator.faults import Fault, Faults
from infra.local.simulator.graph import INSTAGRAM_HOST, Call, Graph
from infra.local.simulator.ledger import Ledger
from infra.local.simulator.signing import app_proof
from infra.local.simulator.world import World
from tests.unit.local.world import ACCOUNTS

NOW = datetime(2026, 3, 6, 10, tzinfo=UTC)


class Table:
    """A Graph API with everything around it."""

    def __init__(self):
        self.world, self.ledger, self.faults = World(ACCOUNTS), Ledger(), Faults({})
        self.sent = []
        self.graph = Graph(self.world, self.ledger, self.faults, self.sent.append, lambda: NOW)

    def call(self, node, edge, fields, account=ACCOUNTS.page, **changes):
        instagram = account == ACCOUNTS.instagram
        host = INSTAGRAM_HOST if instagram else ""
        secret = ACCOUNTS.instagram_secret if instagram else ACCOUNTS.app_secret
        token = ACCOUNTS.tokens[account]
        keys = {"access_token": token, "appsecret_proof": app_proof(secret, token)}
        path = f"{host}/v26.0/{node}/{edge}"
        return self.graph.answer(Call(path, {**fields, **keys, **changes}))


@pytest.fixture
def table():
    return Table()


def direct(text="Hi", to="7"):
    return {"recipient": {"id": to}, "message": {"text": text, "metadata": "our-1"}}


def whatsapp(text="Hi", to="49151"):
    return {
        "messaging_product": "whatsapp",
        "to": to,
        "text": {"body": text},
        "biz_opaque_callback_data": "our-2",
    }


def test_a_direct_message_reaches_its_customer_with_our_token(table):
    answer = table.call(ACCOUNTS.page, "messages", direct())
    (received,) = table.ledger.received()
    assert answer.status == 200
    assert answer.body == {"recipient_id": "7", "message_id": received.platform_id}
    assert (received.customer, received.text, received.token) == ("7", "Hi", "our-1")
    assert table.sent[0].received == received


def test_a_whatsapp_message_is_accepted(table):
    answer = table.call(ACCOUNTS.phone, "messages", whatsapp(), ACCOUNTS.phone)
    (received,) = table.ledger.received()
    (message,) = answer.body["messages"]
    assert message == {"id": received.platform_id, "message_status": "accepted"}
    assert received.token == "our-2"


def test_a_comment_reply_reaches_the_author_of_the_comment(table):
    table.world.wrote("7", "555_9", "104_555")
    answer = table.call("555_9", "comments", {"message": "Hello"})
    (received,) = table.ledger.received()
    assert answer.body == {"id": received.platform_id}
    assert (received.customer, table.sent[0].parent, table.sent[0].post) == (
        "7",
        "555_9",
        "104_555",
    )


def test_an_instagram_comment_is_answered_by_replies(table):
    table.world.wrote("9", "1791", "1817")
    answer = table.call("1791", "replies", {"message": "Hello"}, ACCOUNTS.instagram)
    assert answer.status == 200
    assert table.ledger.received()[0].account == ACCOUNTS.instagram


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"access_token": "other"}, 190),
        ({"access_token": ""}, 190),
        ({"appsecret_proof": ""}, 100),
        ({"appsecret_proof": "é"}, 100),
        ({"message": {"text": ""}}, 100),
    ],
)
def test_a_call_that_is_not_right_reaches_nobody(table, changes, code):
    answer = table.call(ACCOUNTS.page, "messages", direct(), **changes)
    assert answer.status >= 400
    assert answer.body["error"]["code"] == code
    assert not table.ledger.received()
    assert not table.sent


def test_instagram_login_has_a_host_and_a_secret_of_its_own(table):
    node, token = ACCOUNTS.instagram, ACCOUNTS.tokens[ACCOUNTS.instagram]
    proof = app_proof(ACCOUNTS.app_secret, token)
    wrong = table.call(node, "messages", direct(), node, appsecret_proof=proof)
    assert wrong.body["error"]["code"] == 100
    assert table.call(node, "messages", direct(), node).status == 200
    assert table.call(ACCOUNTS.page, "messages", direct(), node).status == 400


def test_what_does_not_exist_is_refused(table):
    assert table.call("nobody_9", "comments", {"message": "Hi"}).body["error"]["code"] == 100
    assert table.graph.answer(Call("/v26.0/me/friends", {})).status == 404
    both = whatsapp() | {"recipient": "US.1"}
    assert table.call(ACCOUNTS.phone, "messages", both, ACCOUNTS.phone).status == 400


@pytest.mark.parametrize(
    ("fault", "meta", "whats"),
    [(Fault.THROTTLED, 613, 130429), (Fault.GONE, 551, 131026), (Fault.WINDOW, 10, 131047)],
)
def test_a_fault_refuses_one_call_with_the_platforms_code(table, fault, meta, whats):
    table.faults.add("7", fault)
    table.faults.add("49151", fault)
    first = table.call(ACCOUNTS.page, "messages", direct())
    other = table.call(ACCOUNTS.phone, "messages", whatsapp(), ACCOUNTS.phone)
    assert (first.body["error"]["code"], other.body["error"]["code"]) == (meta, whats)
    assert not table.ledger.received()
    assert table.call(ACCOUNTS.page, "messages", direct()).status == 200


def test_a_silent_platform_has_sent_the_message(table):
    table.faults.add("7", Fault.SILENT)
    assert table.call(ACCOUNTS.page, "messages", direct()).silent
    assert len(table.ledger.received()) == 1


def test_the_ledger_knows_what_was_received_twice(table):
    table.call(ACCOUNTS.page, "messages", direct())
    table.call(ACCOUNTS.page, "messages", direct("Other"))
    table.call(ACCOUNTS.page, "messages", direct())
    assert table.ledger.twice() == (("7", "Hi"),)
