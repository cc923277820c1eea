"""The simulated SES: our gateway talks to it, our room reads what it brings."""

import json
import threading
from datetime import UTC, datetime
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import botocore.session
import pytest
from botocore.config import Config

from chalicelib.channels.email.room import EmailRoom
from chalicelib.channels.places import Places
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle
from chalicelib.gateways.mail import Mail
from chalicelib.workflows.networks import ErrorClass, HealthState, Outgoing, SendState
from infra.local.simulator import mails
from infra.local.simulator.email import (
    EmailAccount,
    EmailPlatform,
    Mailbox,
    deliver,
    publish,
    sent_id,
)
from infra.local.simulator.faults import Fault, Faults
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger
from infra.local.simulator.taker import Asked

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
CARE, ANA = "care@example.com", "ana@example.net"
HANDLE = Handle("acme-care", Channel.EMAIL, CARE, "Acme Care", "care")
SECRET = {"reply_keys": ["0123456789abcdef0123456789abcdef"]}
THREAD = "abcdefghijklmnopqrstuvwx23"
OUTGOING = Outgoing(
    "m-1", HANDLE, ANA, public=False, text="On its way.", thread=THREAD, title="Order"
)


class World:
    """A platform on loopback, and our room before it."""

    def __init__(self, account):
        self.ledger, self.faults, self.sent = Ledger(), Faults({}), []
        self.platform = EmailPlatform(
            account, self.ledger, self.faults, self.sent.append, lambda: NOW
        )

    def send(self, outgoing=OUTGOING):
        return EmailRoom().send(outgoing, SECRET, self.places)

    def probe(self):
        return EmailRoom().probe(HANDLE, "", SECRET, self.places)


@pytest.fixture
def world():
    yield from listening(EmailAccount((CARE,)))


@pytest.fixture
def sandbox():
    yield from listening(EmailAccount((CARE,), production=False))


def listening(account):
    it = World(account)

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            told = it.platform.take(Asked(self.command, self.path, {}, headers, body))
            if told.silent:
                return
            self.send_response(told.status)
            for name, value in {**told.headers, "Content-Length": str(len(told.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told.body)

        do_GET = do_POST = answer  # noqa: N815 - the base asks for these names

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    client = botocore.session.Session().create_client(
        "sesv2",
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        endpoint_url=f"http://127.0.0.1:{server.server_port}",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=5),
    )
    it.places = Places(now=lambda: NOW, mailer=lambda: Mail(client, "hearback-local"))
    yield it
    client.close()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_reply_reaches_the_customer_and_the_ledger(world):
    result = world.send()
    (received,) = world.ledger.received()
    assert (result.state, result.platform_id) == (SendState.ACCEPTED, received.platform_id)
    assert (received.account, received.customer, received.text, received.token) == (
        CARE, ANA, "On its way.", "m-1",
    )  # fmt: skip
    assert [one.received for one in world.sent] == [received]
    assert len(world.platform.mails) == 1


def test_a_customers_answer_comes_back_to_its_conversation(world):
    """By its reply address, and by the id of our mail where the client lost that."""
    result = world.send()
    ours = message_from_bytes(world.platform.mails[0], policy=policy.default)
    to = ours["Reply-To"].addresses[0].addr_spec
    one = Happening(to, ANA, NOW, "a@example.net", "Ana", "Thanks", parent=result.platform_id)
    raw = mails.quoting_reply(one, "On its way.")
    body = json.dumps(mails.received(raw, "ses-1", [to], NOW)).encode() + b"\n" + raw
    proven = EmailRoom().verify(body, {}, SECRET, NOW, url=f"mailto:{CARE}")
    (event,) = EmailRoom().parse(body, NOW, account_id=CARE, thread=proven.thread).events
    assert (event.thread, event.answers[0], event.text) == (THREAD, result.platform_id, "Thanks")
    assert event.quoted.endswith("> On its way.")


@pytest.mark.parametrize(
    ("fault", "state", "about"),
    [
        (Fault.THROTTLED, SendState.RETRY, ErrorClass.THROTTLED),
        (Fault.GONE, SendState.FAILED, ErrorClass.RECIPIENT),
        (Fault.WINDOW, SendState.FAILED, ErrorClass.CHANNEL),
        (Fault.SILENT, SendState.UNKNOWN, ErrorClass.UNANSWERED),
    ],
)
def test_every_fault_is_played_as_ses_plays_it(world, fault, state, about):
    world.faults.add(ANA, fault)
    result = world.send()
    assert (result.state, result.error_class) == (state, about)
    assert len(world.ledger.received()) == (fault is Fault.SILENT)
    assert len(world.ledger.refused()) == (fault is not Fault.SILENT)


def test_the_sandbox_sends_to_nobody_and_a_probe_sees_it(sandbox):
    assert sandbox.send().error_code == "sandbox"
    assert sandbox.probe().state is HealthState.BROKEN


def test_a_probe_finds_a_verified_domain_well(world):
    assert world.probe().state is HealthState.WELL


def test_an_address_of_nobody_is_not_verified():
    (it,) = [World(EmailAccount(("other@example.org",)))]
    told = it.platform.take(
        Asked("GET", "/v2/email/identities/example.com", {}, {"authorization": SIGNED})
    )
    assert told.status == 404


SIGNED = "AWS4-HMAC-SHA256 Credential=x/20261121/us-east-1/ses/aws4_request, SignedHeaders=a"


@pytest.mark.parametrize("authorization", ["", "Bearer x", SIGNED.replace("/ses/", "/sns/")])
def test_a_call_that_is_not_signed_for_ses_is_refused(authorization):
    it = World(EmailAccount((CARE,)))
    asked = Asked("POST", "/v2/email/outbound-emails", {}, {"authorization": authorization})
    assert it.platform.take(asked).status == 403


def test_what_it_does_not_know_is_not_found():
    it = World(EmailAccount((CARE,)))
    assert it.platform.take(Asked("GET", "/x", {}, {"authorization": SIGNED})).status == 404


def test_machines_and_other_servers_write_what_our_room_knows():
    one = Happening(CARE, ANA, NOW, "x@example.net", "Ana", "Away", parent=sent_id("1"))
    for build, events in ((mails.auto_reply, 1), (mails.bounce, 2)):
        raw = build(one)
        body = json.dumps(mails.received(raw, "ses-1", [CARE], NOW)).encode() + b"\n" + raw
        found = EmailRoom().parse(body, NOW).events
        assert len(found) == events
        assert found[0].automatic


def test_a_picture_leaves_with_a_customers_mail():
    raw = mails.message(Happening(CARE, ANA, NOW, "x@example.net", text="See", media="cat.png"))
    body = json.dumps(mails.received(raw, "ses-1", [CARE], NOW)).encode() + b"\n" + raw
    (event,) = EmailRoom().parse(body, NOW).events
    assert ("image", "cat.png") in [(one.kind, one.name) for one in event.attachments]


class FakeCloud:
    """Keeps what is stored and told, in its order."""

    def __init__(self):
        self.done, self.s3, self.sns = [], self, self

    def put_object(self, **asked):
        self.done.append(("stored", asked["Bucket"], asked["Key"], asked["Body"]))

    def publish(self, **asked):
        self.done.append(("told", asked["TopicArn"], json.loads(asked["Message"])))


def test_a_mail_is_stored_before_it_is_told_of():
    cloud, where = FakeCloud(), Mailbox("mails", "arn:topic")
    told = mails.received(b"raw", "ses-1", [CARE], NOW)
    deliver(cloud, where, b"raw", told)
    publish(cloud, where, {"eventType": "Delivery"})
    assert cloud.done == [
        ("stored", "mails", "mail/ses-1", b"raw"),
        ("told", "arn:topic", told),
        ("told", "arn:topic", {"eventType": "Delivery"}),
    ]
