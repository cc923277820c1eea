"""The simulator's socket and its post office, over loopback."""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
import urllib3

from infra.local.simulator import server
from infra.local.simulator.faults import Fault
from infra.local.simulator.platforms import Platforms
from infra.local.simulator.post import Door, Doors, Post, Webhook
from infra.local.simulator.signing import app_proof, standard_headers
from tests.unit.local.world import ACCOUNTS, BRAND

DEADLINE = 10.0


@pytest.fixture
def platforms():
    made = Platforms(BRAND)
    yield made
    made.close()


@pytest.fixture
def http():
    pool = urllib3.PoolManager(retries=False)
    yield pool
    pool.clear()


class Ours:
    """A server that answers webhooks with the given statuses, then 200, and keeps what came."""

    def __init__(self, statuses=()):
        self.came, left = [], list(statuses)
        ours = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                ours.came.append((self.path, dict(self.headers), body))
                self.send_response(left.pop(0) if left else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever)
        self.thread.start()
        base = f"http://127.0.0.1:{self.server.server_port}"
        self.doors = Doors(f"{base}/meta", f"{base}/standard", base)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def office():
    """Return a maker of post offices in front of a server of ours."""
    made = []

    def make(statuses=()):
        ours = Ours(statuses)
        post = Post(ours.doors, ACCOUNTS, threads=2)
        made.append((ours, post))
        return ours, post

    yield make
    for ours, post in made:
        post.close()
        ours.close()


def test_a_direct_message_is_taken_over_the_socket(platforms, http):
    heard = []
    platforms.on_sent = lambda sent, follows: heard.append((sent, follows))
    token = ACCOUNTS.tokens[ACCOUNTS.page]
    answer = http.request(
        "POST",
        f"{platforms.graph_url}/v26.0/{ACCOUNTS.page}/messages",
        fields={"appsecret_proof": app_proof(ACCOUNTS.app_secret, token)},
        encode_multipart=False,
    )
    assert answer.status == 401
    answer = http.request(
        "POST",
        f"{platforms.graph_url}/v26.0/{ACCOUNTS.page}/messages"
        f"?appsecret_proof={app_proof(ACCOUNTS.app_secret, token)}",
        json={"recipient": {"id": "7"}, "message": {"text": "Hi"}},
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    assert answer.status == 200
    ((sent, follows),) = heard
    assert sent.received.text == "Hi"
    assert [webhook.door for _, webhook in follows] == [Door.META] * 3


def test_a_silent_platform_drops_the_line(platforms, http, monkeypatch):
    monkeypatch.setattr(server, "SILENCE_SECONDS", 0.01)
    platforms.faults.add("u1", Fault.SILENT)
    with pytest.raises(urllib3.exceptions.ProtocolError):
        standard(platforms, http)
    assert len(platforms.ledger.received()) == 1


def standard(platforms, http, secret=ACCOUNTS.standard_out_secret):
    data = {"contact": {"id": "u1"}, "text": "Hi"}
    body = json.dumps({"type": "message.reply", "data": data}).encode()
    headers = standard_headers("msg1", int(time.time()), body, secret)
    return http.request("POST", platforms.standard_url, body=body, headers=headers)


def test_a_generic_reply_is_taken_only_with_its_signature(platforms, http):
    assert standard(platforms, http, ACCOUNTS.standard_secret).status == 401
    assert not platforms.ledger.received()
    assert standard(platforms, http).status == 200
    (received,) = platforms.ledger.received()
    assert (received.customer, received.text, received.platform_id) == ("u1", "Hi", "msg1")


def test_a_generic_reply_sent_again_is_received_once(platforms, http):
    assert [standard(platforms, http).status for _ in range(3)] == [200, 200, 200]
    assert len(platforms.ledger.received()) == 1


def test_a_webhook_is_delivered_again_until_it_is_taken(office):
    ours, post = office([500, 503])
    done = post.now(Webhook("one", Door.META, b"{}")).result(DEADLINE)
    assert (done.status, done.attempts) == (200, 3)
    assert [body for _, _, body in ours.came] == [b"{}"] * 3
    assert len({headers["X-Hub-Signature-256"] for _, headers, _ in ours.came}) == 1


def test_a_forgery_is_delivered_once_and_wrongly_signed(office):
    ours, post = office([403])
    done = post.now(Webhook("one", Door.META, b"{}", forged=True)).result(DEADLINE)
    assert (done.status, done.attempts, len(ours.came)) == (403, 1, 1)
    right = post.now(Webhook("one", Door.META, b"{}")).result(DEADLINE)
    assert right.status == 200
    assert ours.came[0][1]["X-Hub-Signature-256"] != ours.came[1][1]["X-Hub-Signature-256"]


def test_instagram_signs_with_its_own_secret(office):
    ours, post = office()
    for door in (Door.META, Door.INSTAGRAM):
        post.now(Webhook("one", door, b"{}")).result(DEADLINE)
    assert [path for path, _, _ in ours.came] == ["/meta", "/meta"]
    assert len({headers["X-Hub-Signature-256"] for _, headers, _ in ours.came}) == 2


def test_generic_webhooks_keep_their_id_over_attempts(office):
    ours, post = office([500])
    post.now(Webhook("one", Door.STANDARD, b"{}", event_id="evt1")).result(DEADLINE)
    assert [headers["webhook-id"] for _, headers, _ in ours.came] == ["evt1", "evt1"]
    assert {path for path, _, _ in ours.came} == {"/standard"}


def test_what_a_network_signed_goes_to_its_own_path_unchanged(office):
    ours, post = office([500])
    headers = {"X-Proof": "signed", "Content-Type": "application/json"}
    one = Webhook("one", Door.OWN, b"body", path="/webhooks/x/acme-x", headers=headers)
    assert post.now(one).result(DEADLINE).attempts == 2
    for path, came, body in ours.came:
        assert (path, body, came["X-Proof"]) == ("/webhooks/x/acme-x", b"body", "signed")


def test_a_topic_is_told_again_until_it_takes_it():
    answers = [0, 503, 200]
    doors = Doors("", "", topics={Door.MAIL: lambda _: answers.pop(0)})
    post = Post(doors, ACCOUNTS, threads=1)
    try:
        done = post.now(Webhook("mail", Door.MAIL, b"raw")).result(DEADLINE)
    finally:
        post.close()
    assert (done.status, done.attempts) == (200, 3)


def test_planned_webhooks_are_delivered_in_order_of_time(office):
    ours, post = office()
    both = Event()
    post._watch = lambda done: both.set() if done.webhook.name == "late" else None
    post.later(0.05, Webhook("late", Door.META, b"2"))
    post.later(0.0, Webhook("early", Door.META, b"1"))
    assert both.wait(DEADLINE)
    assert [body for _, _, body in ours.came] == [b"1", b"2"]
    assert post.idle()


def test_closing_drops_what_was_planned(office):
    ours, post = office()
    post.later(3600, Webhook("never", Door.META, b"{}"))
    assert not post.idle()
    post.close()
    assert not ours.came
