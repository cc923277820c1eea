"""The doors on real AWS clients: a local AWS without Lambda, and a record of every call.

The calls are taken from botocore itself, just before each request is made. What AWS would do
between the doors (tell the stream, hand over a queue's messages) is played here, by other clients.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import botocore.client
import pytest

from chalicelib import bootstrap
from chalicelib.config import Config
from chalicelib.gateways import clients
from infra.local import ministack
from infra.local.stack import connect
from tests.fakes import house
from tests.fakes.gateway import FakeContext, FakeGateway
from tests.integration import table_engines

SERVICES = "dynamodb,sqs,sns,s3,secretsmanager,states,iam,sts"
STAGE = "local"
NAME = f"hearback-{STAGE}"

Call = tuple[str, str]
"""An IAM action, and the part of the template it is done to."""

LADDER_TOKEN = "ladder-"
"""What the tokens of waiting pages begin with here. AWS's own say nothing."""

BATCHES = {"sqs:SendMessageBatch": "sqs:SendMessage"}
ITEMS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}


FOLLOWED = {f":{kind}": {"S": kind} for kind in ("head", "message", "log", "agent", "page")}
TOP = (
    "pk, sk, kind, conversation_id, case_number, generation, #token, message_id, delivery, rounds,"
    " alert, kinds, #policy, version, teams, presence, spare, rev, #load, files, personal,"
    " moderation, moderation_rounds, page_id"
)
"""What the stream's door reads of a row: never its body."""


@dataclass
class Clock:
    """A clock that is set by hand."""

    at: datetime = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

    def __call__(self):
        return self.at

    def go(self, **ahead):
        self.at += timedelta(**ahead)


@dataclass
class Record:
    """Every call that a door made, under the door's name."""

    door: str = ""
    calls: dict[str, set[Call]] = field(default_factory=dict)

    @contextmanager
    def of(self, door: str) -> Iterator[None]:
        """Put down calls under this door's name."""
        before, self.door = self.door, door
        try:
            yield
        finally:
            self.door = before

    def note(self, service: str, operation: str, asked: dict[str, Any]) -> None:
        """Put down one request."""
        if self.door:
            self.calls.setdefault(self.door, set()).update(_needed(service, operation, asked))


def _needed(service: str, operation: str, asked: dict[str, Any]) -> Iterator[Call]:
    """Yield the permissions that AWS asks for before it carries out the request."""
    action = f"{ {'stepfunctions': 'states'}.get(service, service) }:{operation}"
    action = BATCHES.get(action, action)
    if service == "dynamodb":
        yield from _kept(action, asked)
    elif service in ("sns", "sqs"):
        yield from _told(action, asked)
    elif service == "s3":
        yield from _stored(action, asked)
    elif service == "secretsmanager":
        yield action, "Secrets/*"
    elif service in ("sesv2", "pinpoint-sms-voice-v2"):
        yield from _sending(operation, asked)
    elif service == "stepfunctions":
        yield action, _machine(asked)
    else:
        yield action, f"unknown part of {service}"


def _kept(action: str, asked: dict[str, Any]) -> Iterator[Call]:
    """Yield what it takes to read or write the table: a transaction, that of each of its parts."""
    for item in asked.get("TransactItems", ()):
        ((kind, _),) = item.items()
        yield f"dynamodb:{ITEMS.get(kind, 'ConditionCheckItem')}", "Table"
    if "TransactItems" not in asked:
        index = asked.get("IndexName")
        yield action, f"Table/index/{index}" if index else "Table"


def _machine(asked: dict[str, Any]) -> str:
    """Return which machine is started, or woken: our own tokens say whose they are."""
    ladder = asked.get("stateMachineArn", "").endswith("-ladder")
    return "Ladder" if ladder or asked.get("taskToken", "").startswith(LADDER_TOKEN) else "Care"


def _told(action: str, asked: dict[str, Any]) -> Iterator[Call]:
    """Yield what it takes to tell a queue, a telephone, or a topic, which is under our key."""
    if "QueueUrl" in asked:
        queue = asked["QueueUrl"].rpartition("-")[2].removesuffix(".fifo")
        yield action, f"{queue.capitalize()}Queue"
    elif "PhoneNumber" in asked:
        yield action, "*"  # a telephone has no ARN
    else:
        yield action, asked["TopicArn"].rpartition("-")[2].capitalize()
        yield "kms:Decrypt", "AlertsKey"
        yield "kms:GenerateDataKey", "AlertsKey"


def _sending(operation: str, asked: dict[str, Any]) -> Iterator[Call]:
    """Yield what SES and AWS End User Messaging ask for: the older right too for a whole mail."""
    if operation == "SendEmail":
        assert asked["ConfigurationSetName"] == NAME
        ours = "configuration-set/hearback-${Stage}"
        verbs = ("ses:SendEmail", *(["ses:SendRawEmail"] if "Raw" in asked["Content"] else []))
        yield from ((verb, f"Sending/{on}") for verb in verbs for on in ("identity/*", ours))
    elif operation == "GetAccount":
        yield "ses:GetAccount", "*"
    elif operation == "GetEmailIdentity":
        yield "ses:GetEmailIdentity", "Sending/identity/*"
    else:
        yield f"sms-voice:{operation}", "Sending/phone-number/*"
        if "ConfigurationSetName" in asked:
            yield f"sms-voice:{operation}", "Sending/configuration-set/*"


def _stored(action: str, asked: dict[str, Any]) -> Iterator[Call]:
    if "Key" in asked:  # without one a form for a browser is signed, and no call is made
        bucket = asked["Bucket"].rpartition("-")[2].capitalize()
        place = asked["Key"].partition("/")[0]
        yield action.replace("HeadObject", "GetObject"), f"{bucket}/{place}/*"


class World:
    """The deployed parts on the local AWS, the doors, and what AWS does between them."""

    def __init__(self, endpoint: str, record: Record, urls: Mapping[str, str]) -> None:
        self.record, self.now = record, Clock()
        self.cloud = connect(endpoint)
        self.dynamodb = self.cloud.client("dynamodb")
        self.config = _made(self.cloud, self.dynamodb, urls)
        self.notices_url = self.cloud.sqs.create_queue(QueueName=f"{NAME}-notices")["QueueUrl"]
        self.parts = self._parts()
        self._processes: dict[str, bootstrap.Parts] = {}
        self._seen: dict[tuple[str, str], dict[str, Any]] = {}
        from app import app

        self._gateway = FakeGateway(app)

    @contextmanager
    def process(self, door: str) -> Iterator[None]:
        """Be the process of this door: what another door has read and kept is not here."""
        bootstrap.install(self._processes.setdefault(door, self._parts()))
        with self.record.of(door):
            yield
        bootstrap.install(self.parts)

    def _parts(self) -> bootstrap.Parts:
        parts = bootstrap.Parts(self.config)
        parts.__dict__["now"] = self.now
        parts.__dict__["places"] = replace(parts.places, now=self.now)
        return parts

    def api(self, method: str, path: str, body: object = None, person: Any = None, **more: Any):
        """Call the door of the API; `body` is JSON, or the bytes of a delivery in `raw`."""
        with self.process("APIHandler"):
            if "raw" in more:
                return self._gateway.call(method, path, more["raw"], more.get("headers"))
            if method == "GET":
                return self._gateway.get(path, person)
            return self._gateway.change(method, path, body, person)

    def step(self, door: str, function: Any, **payload: Any) -> Any:
        """Run a step of the machine."""
        with self.process(door):
            return function(payload, FakeContext())

    def tick(self, door: str) -> None:
        """Run what runs by the clock: Sweep, Poll or Watch."""
        from chalicelib.entrypoints import schedules

        event = dict.fromkeys(
            ("id", "version", "account", "region", "detail-type", "source", "time"), ""
        )
        event |= {"detail": {}, "resources": []}
        with self.process(door):
            getattr(schedules, door.lower())(event, FakeContext())

    def notice(self, body: str) -> None:
        """Let a topic of AWS tell the queue of notices."""
        self.cloud.sqs.send_message(QueueUrl=self.notices_url, MessageBody=body)

    def queue(self, door: str, function: Any, url: str) -> int:
        """Hand a queue's messages to its door, as Lambda does; return how many were worked off."""
        found = self.cloud.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
        ).get("Messages", [])
        records = [
            {
                "messageId": one["MessageId"],
                "receiptHandle": one["ReceiptHandle"],
                "body": one["Body"],
                "attributes": one["Attributes"],
            }
            for one in found
        ]
        if not records:
            return 0
        with self.process(door):
            answer = function({"Records": records}, FakeContext())
        failed = {one["itemIdentifier"] for one in answer["batchItemFailures"]}
        for one in found:
            if one["MessageId"] not in failed:
                self.cloud.sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return len(found) - len(failed)

    def stream(self) -> None:
        """Tell the stream's door what changed, until nothing changes any more."""
        from chalicelib.entrypoints.stream import stream

        while records := self._changes():
            with self.process("Stream"):
                stream({"Records": records}, FakeContext())

    def rest(self) -> None:
        """Let everything follow: what waits on each queue, and the stream."""
        from chalicelib.entrypoints.files import files
        from chalicelib.entrypoints.hooks import hooks
        from chalicelib.entrypoints.inbox import inbox
        from chalicelib.entrypoints.notices import notices
        from chalicelib.entrypoints.outbox import outbox

        doors = (
            ("Notices", notices, self.notices_url),
            ("Inbox", inbox, self.config.inbox_url),
            ("Outbox", outbox, self.config.outbox_url),
            ("Files", files, self.config.files_url),
            ("Hooks", hooks, self.config.hooks_url),
        )
        self.stream()
        while sum(self.queue(*door) for door in doors):
            self.stream()

    def hook(self, body: bytes, event_id: str) -> Any:
        """Deliver a body to the webhook handle, signed as Standard Webhooks says."""
        stamp = str(int(self.now().timestamp()))
        key = base64.b64decode(house.HOOK_SECRET.removeprefix("whsec_"))
        made = hmac.new(key, f"{event_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json",
            "webhook-id": event_id,
            "webhook-timestamp": stamp,
            "webhook-signature": "v1," + base64.b64encode(made).decode(),
        }
        return self.api("POST", "/webhooks/standard/acme-shop", raw=body, headers=headers)

    def forget_changes(self) -> None:
        """Lose what the stream has not told yet."""
        self._changes()

    def executions(self) -> Any:
        """Return the machine's executions."""
        found = self.cloud.stepfunctions.list_executions(stateMachineArn=self.config.machine_arn)
        return found["executions"]

    def head(self, contact: str) -> Any:
        """Return the conversation with the contact of that id on the platform."""
        found = [row for row in self._rows().values() if row["kind"]["S"] == "head"]
        talks = [self.parts.conversations.get(row["conversation_id"]["S"]) for row in found]
        return next(talk for talk in talks if talk and talk.contact_ref == contact)

    def _rows(self) -> dict[tuple[str, str], dict[str, Any]]:
        pages = self.dynamodb.get_paginator("scan").paginate(
            TableName=self.config.table,
            FilterExpression=f"kind IN ({', '.join(FOLLOWED)})",
            ExpressionAttributeValues=FOLLOWED,
            ProjectionExpression=TOP,
            ExpressionAttributeNames={"#token": "token", "#load": "load", "#policy": "policy"},
        )
        rows = [row for page in pages for row in page["Items"]]
        return {(row["pk"]["S"], row["sk"]["S"]): row for row in rows}

    def _changes(self) -> list[dict[str, Any]]:
        now, before = self._rows(), self._seen
        self._seen = now
        return [
            {
                "eventName": "MODIFY" if key in before else "INSERT",
                "dynamodb": {"NewImage": row}
                | ({"OldImage": before[key]} if key in before else {}),
            }
            for key, row in now.items()
            if before.get(key) != row
        ]


def _made(cloud: Any, dynamodb: Any, platforms: Mapping[str, str]) -> Config:
    """Make the parts of a stage that the doors use, by the names that the template gives them."""
    dynamodb.create_table(TableName=NAME, **table_engines.definition())
    fifo = {"FifoQueue": "true"}
    urls = [
        cloud.sqs.create_queue(QueueName=f"{NAME}-{queue}.fifo", Attributes=fifo)["QueueUrl"]
        for queue in ("inbox", "outbox")
    ]
    topics = [
        cloud.sns.create_topic(Name=f"{NAME}-{topic}")["TopicArn"]
        for topic in ("warnings", "breaches")
    ]
    files_url, hooks_url = (
        cloud.sqs.create_queue(QueueName=f"{NAME}-{queue}")["QueueUrl"]
        for queue in ("files", "hooks")
    )
    for bucket in ("quarantine", "media", "mails"):
        cloud.s3.create_bucket(Bucket=f"{NAME}-{bucket}")
    care, ladder = (_machine_made(cloud, name) for name in ("care", "ladder"))
    return Config(
        STAGE, NAME, *urls, care, *topics, f"{NAME}-quarantine",
        f"hearback/{STAGE}", "https://desk.example.com",
        files_url=files_url, hooks_url=hooks_url,
        media_bucket=f"{NAME}-media", mail_bucket=f"{NAME}-mails",
        platform_urls=json.dumps(dict(platforms)), ladder_arn=ladder,
    )  # fmt: skip


def _machine_made(cloud: Any, name: str) -> str:
    """Make a machine that does nothing, and return its ARN: the tests take its steps."""
    made = cloud.stepfunctions.create_state_machine(
        name=f"{NAME}-{name}",
        definition=json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}),
        roleArn=f"arn:aws:iam::{ministack.ACCOUNT}:role/{name}",
    )
    return str(made["stateMachineArn"])


@contextmanager
def recorded(urls: Mapping[str, str] = MappingProxyType({})) -> Iterator[World]:
    """Run the local AWS, note every call, and let the doors use it for a while.

    `urls` are where the simulated networks are, by their names in platform_urls.
    """
    record = Record()
    make = botocore.client.ClientCreator.create_client

    def create(self: Any, *args: Any, **kwargs: Any) -> Any:
        client = make(self, *args, **kwargs)

        def note(params: dict[str, Any], model: Any, **_: Any) -> None:
            record.note(model.service_model.service_name, model.name, params)

        client.meta.events.register("provide-client-params", note)
        return client

    with (
        ministack.start(settings={"SERVICES": SERVICES}) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(botocore.client.ClientCreator, "create_client", create)
        patch.setenv("AWS_ACCESS_KEY_ID", ministack.ACCOUNT)
        patch.setenv("AWS_ENDPOINT_URL", server.endpoint)
        patch.setenv("AWS_REGION", ministack.REGION)
        _forget_clients()
        world = World(server.endpoint, record, urls)
        bootstrap.install(world.parts)
        try:
            yield world
        finally:
            bootstrap.install(None)
            _forget_clients()


def _forget_clients() -> None:
    clients.client.cache_clear()
    clients._session.cache_clear()
