"""Commands: dead letters go back in order, what can be read again is replayed, the rest stays."""

import io
import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from chalicelib.channels.contract import Parsed, PayloadError, Unreadable
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent, EventKind
from chalicelib.entrypoints import receiving
from chalicelib.entrypoints.receiving import written_event
from infra import operations
from infra.errors import InfraError

OUTPUTS = {"InboxDeadUrl": "dead", "InboxUrl": "alive"}


class FakeQueues:
    """A dead-letter queue with its letters, and what its living queue was sent."""

    def __init__(self, bodies):
        self.dead = [
            {"Body": body, "ReceiptHandle": body, "Attributes": {"MessageGroupId": f"group-{body}"}}
            for body in bodies
        ]
        self.done = []

    def receive_message(self, **arguments):
        assert arguments["QueueUrl"] == "dead"
        return {"Messages": self.dead[:2]} if self.dead else {}

    def send_message(self, **letter):
        self.done.append(("send", letter))

    def delete_message(self, QueueUrl, ReceiptHandle):
        self.dead = [one for one in self.dead if one["ReceiptHandle"] != ReceiptHandle]
        self.done.append(("delete", ReceiptHandle))


def test_dead_letters_go_back_in_order():
    queues = FakeQueues(["a", "b", "c"])
    assert operations.redrive(SimpleNamespace(sqs=queues), OUTPUTS, "inbox") == 3
    sent = [letter for step, letter in queues.done if step == "send"]
    assert [letter["MessageBody"] for letter in sent] == ["a", "b", "c"]
    assert [letter["MessageGroupId"] for letter in sent] == ["group-a", "group-b", "group-c"]
    assert {letter["QueueUrl"] for letter in sent} == {"alive"}


def test_a_letter_is_deleted_only_after_it_was_sent():
    queues = FakeQueues(["a", "b"])
    operations.redrive(SimpleNamespace(sqs=queues), OUTPUTS, "inbox")
    assert [step for step, _ in queues.done] == ["send", "delete", "send", "delete"]


def test_a_redriven_letter_is_not_taken_for_a_repeat():
    """SQS drops an equal key within five minutes without a word."""
    queues = FakeQueues(["a", "b"])
    operations.redrive(SimpleNamespace(sqs=queues), OUTPUTS, "inbox")
    keys = [letter["MessageDeduplicationId"] for step, letter in queues.done if step == "send"]
    assert len(set(keys)) == 2
    assert not set(keys) & {"a", "b"}


class FakeBucket:
    """A versioned bucket."""

    def __init__(self, objects):
        self.objects = objects
        self.deleted = []

    def get_paginator(self, name):
        def paginate(Bucket, Prefix):
            found = [{"Key": key} for key in self.objects if key.startswith(Prefix)]
            return [{"Contents": found}] if found else [{}]

        return SimpleNamespace(paginate=paginate)

    def get_object(self, Bucket, Key):
        body, facts = self.objects[Key]
        return {"Body": io.BytesIO(body), "Metadata": facts, "VersionId": f"version of {Key}"}

    def delete_object(self, **arguments):
        self.deleted.append((arguments["Key"], arguments.get("VersionId")))


@pytest.fixture
def deployed(monkeypatch):
    """The deployed parts, with an inbox that notes what it was sent."""
    sent = []
    parts = SimpleNamespace(
        now=lambda: datetime(2026, 11, 22, tzinfo=UTC),
        inbox=SimpleNamespace(
            send=lambda body, group, key: sent.append((body, group)),
            send_many=lambda letters: sent.extend((one.body, one.group) for one in letters) or (),
        ),
        policies=SimpleNamespace(
            current=lambda: SimpleNamespace(
                handle_of=lambda channel, account: "handle" if account == "known" else None
            )
        ),
        meter=SimpleNamespace(count=lambda *_, **__: None),
        sent=sent,
    )
    monkeypatch.setattr(operations, "parts", lambda: parts)
    return parts


def event(account):
    return ChannelEvent(
        kind=EventKind.MESSAGE,
        public=False,
        channel=Channel.MESSENGER,
        account_id=account,
        key="k",
        received_at=datetime(2026, 11, 22, tzinfo=UTC),
        occurred_at=datetime(2026, 11, 22, tzinfo=UTC),
        message_id="m",
    )


def replayed(objects):
    bucket = FakeBucket(objects)
    return list(operations.replay(SimpleNamespace(s3=bucket), "bucket")), bucket.deleted


def parser(monkeypatch, outcome):
    """Let every room's parser give this outcome."""

    def parse(raw, now, **_):
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    room = SimpleNamespace(parse=parse)
    monkeypatch.setattr(operations, "room", lambda name: room)
    monkeypatch.setattr(receiving, "room", lambda name: room)


BODY = {"body/meta/2026/11/22/x": (b"{}", {"room": "meta", "account": "1"})}


def test_a_body_that_can_be_read_now_is_queued(monkeypatch, deployed):
    """And that very version of it is deleted: what was set aside meanwhile stays."""
    parser(monkeypatch, Parsed(events=(event("1"),)))
    lines, deleted = replayed(BODY)
    assert lines == ["queued body/meta/2026/11/22/x"]
    assert deleted == [("body/meta/2026/11/22/x", "version of body/meta/2026/11/22/x")]
    assert [json.loads(body)["key"] for body, _ in deployed.sent] == ["k"]


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (PayloadError("odd"), "PayloadError"),
        (ValueError("bug"), "ValueError"),
        (Parsed(unreadable=(Unreadable("no_id", b"{}"),)), "no_id"),
    ],
)
def test_a_body_that_is_still_unreadable_stays(monkeypatch, deployed, outcome, reason):
    parser(monkeypatch, outcome)
    (line,), deleted = replayed(BODY)
    assert line == f"stays  body/meta/2026/11/22/x: still unreadable ({reason})"
    assert deleted == []
    assert deployed.sent == []


def test_an_event_of_a_handle_that_is_known_now_is_queued(deployed):
    lines, deleted = replayed({"event/no_handle/x.json": (written_event(event("known")), {})})
    assert lines == ["queued event/no_handle/x.json"]
    assert len(deleted) == len(deployed.sent) == 1
    assert json.loads(deployed.sent[0][0])["account_id"] == "known"


def test_an_event_of_a_handle_that_nobody_runs_stays(deployed):
    """Or it would come back into quarantine for ever."""
    (line,), deleted = replayed({"event/no_handle/x.json": (written_event(event("other")), {})})
    assert "no handle in care.yaml is the messenger account other" in line
    assert deleted == deployed.sent == []


def test_events_too_long_for_the_queue_are_left_alone(deployed):
    """They are not in quarantine: a letter on the queue points to them."""
    assert replayed({"large/2026/11/22/x.json": (b"{}", {})}) == ([], [])


def test_secrets_are_objects():
    """A typing error must not put an unusable secret in place, nor show it."""
    with pytest.raises(InfraError) as raised:
        operations.set_secret(SimpleNamespace(), "dev", "meta", "hunter2")
    assert "hunter2" not in str(raised.value)


def test_secrets_are_put_under_the_stage():
    put = []
    vault = SimpleNamespace(
        put_secret_value=lambda **one: put.append(one),
        exceptions=SimpleNamespace(ResourceNotFoundException=KeyError),
    )
    cloud = SimpleNamespace(secretsmanager=vault)
    assert operations.set_secret(cloud, "dev", "meta", '{"a": 1}') == "hearback/dev/meta"
    assert put == [{"SecretId": "hearback/dev/meta", "SecretString": '{"a": 1}'}]
