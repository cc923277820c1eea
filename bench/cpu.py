"""CPU of one inbound message: ours, and the same work without us, turn and turn about.

Both talk to the same stand-in at the HTTP layer, so both pay for serialising, signing and parsing.
The floor's botocore clients do not validate parameters, which is the cheaper of their two settings.
"""

import hashlib
import hmac
import json
import os
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from http import HTTPStatus
from io import StringIO
from statistics import median
from typing import Any
from unittest import mock

import botocore.session
from botocore.config import Config

from app import app
from bench import company, imports
from bench.aws import Aws
from bench.company import SECRET, SECRETS, Company
from bench.figures import Figure
from chalicelib import bootstrap
from chalicelib.config import read_config
from chalicelib.entrypoints.inbox import inbox
from chalicelib.entrypoints.receiving import group_of, written_event
from chalicelib.gateways.clients import client
from chalicelib.store.table import Table
from tests.fakes.gateway import FakeContext, FakeGateway

ROUNDS = 15
EACH = 40
AIM = 2.0
HOW = f"in process, CPU time, {ROUNDS} interleaved rounds of {EACH} messages, median ratio"

Turn = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Against:
    """What is measured, what without us, and in words what that is."""

    name: str
    ours: Turn
    floor: Turn
    words: str


def figures(rounds: int = ROUNDS, each: int = EACH) -> list[Figure]:
    """Measure both doors of an inbound message, each for itself and together."""
    at = company.assigned()
    aws = Aws(at.items(), SECRETS)
    with installed(aws):
        pairs = _pairs(at, aws, rounds * each + each)
        return [one for pair in pairs for one in _figures(pair, rounds, each)]


@contextmanager
def installed(aws: Aws) -> Any:
    """Let the doors use real parts, whose clients are answered by the stand-in."""
    environment = imports.environment("https://example.invalid")
    with mock.patch.dict(os.environ, environment), redirect_stdout(StringIO()):
        parts = bootstrap.Parts(read_config(os.environ))
        table = Table(company.TABLE, region="us-east-1")
        vars(parts)["_table"] = table  # where bootstrap keeps it once it is made
        made = [client("sqs"), client("secretsmanager"), table.connection.client]
        for one in made:
            one.meta.events.register("before-send", aws.before_send, unique_id="bench")
        bootstrap.install(parts)
        try:
            yield
        finally:
            bootstrap.install(None)
            for one in made:
                one.meta.events.unregister("before-send", unique_id="bench")
            client.cache_clear()


def _pairs(at: Company, aws: Aws, number: int) -> list[Against]:
    gateway, now = FakeGateway(app), company.NOON
    signed = [company.delivery(at.policy, 10 + one, now) for one in range(number)]
    requests = [gateway.event("POST", "/webhooks/meta", *one) for one in signed]
    told = [company.event(at.policy, 10 + one, now) for one in range(number)]
    batches = [{"Records": [company.record(written_event(one), group_of(one))]} for one in told]
    context = FakeContext()

    def receive(one: int) -> None:
        assert app(requests[one], context)["statusCode"] == HTTPStatus.OK

    def ingest(one: int) -> None:
        assert inbox(batches[one], context) == {"batchItemFailures": []}

    def both(one: int) -> None:
        receive(one)
        ingest(one)

    receive(0)
    ingest(0)  # so that the stand-in has seen what the floor is to send
    bare = _Bare(aws, dict(aws.last))
    return [
        Against(
            "receive",
            receive,
            lambda one: bare.receive(*signed[one]),
            "HMAC, one parse, one SendMessageBatch",
        ),
        Against(
            "ingest",
            ingest,
            lambda one: bare.ingest(batches[one]),
            "one parse, the same GetItem and TransactWriteItems",
        ),
        Against(
            "message",
            both,
            lambda one: bare.message(*signed[one]),
            "HMAC, one parse, two requests: SendMessageBatch and TransactWriteItems",
        ),
    ]


class _Bare:
    """The same work without us: a hash, a parse, and the requests, by botocore alone."""

    def __init__(self, aws: Aws, last: dict[str, Any]) -> None:
        session: Any = botocore.session.get_session()
        session.register("before-send", aws.before_send)
        config = Config(parameter_validation=False)
        self._queue: Any = session.create_client("sqs", config=config)
        self._table: Any = session.create_client("dynamodb", config=config)
        self._last = last

    def receive(self, body: bytes, headers: dict[str, str]) -> None:
        self._proven(body, headers)
        self._queue.send_message_batch(**self._last["SendMessageBatch"])

    def ingest(self, batch: dict[str, Any]) -> None:
        json.loads(batch["Records"][0]["body"])
        self._table.get_item(**self._last["GetItem"])
        self._table.transact_write_items(**self._last["TransactWriteItems"])

    def message(self, body: bytes, headers: dict[str, str]) -> None:
        self.receive(body, headers)
        self._table.transact_write_items(**self._last["TransactWriteItems"])

    def _proven(self, body: bytes, headers: dict[str, str]) -> None:
        made = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert hmac.compare_digest("sha256=" + made, headers["X-Hub-Signature-256"])
        json.loads(body)


def _figures(pair: Against, rounds: int, each: int) -> list[Figure]:
    ours, floor = interleaved(pair.ours, pair.floor, rounds, each)
    ratio = median(mine / other for mine, other in zip(ours, floor, strict=True))
    own, bare = median(ours) * 1000, median(floor) * 1000
    against = f"{own:.2f} ms to {bare:.2f} ms: {pair.words}"
    return [
        Figure(f"cpu_ratio_{pair.name}", round(ratio, 2), "ratio", against, HOW, AIM),
        Figure(f"cpu_ms_{pair.name}", round(own, 2), "ms", f"{bare:.2f} ms without us", HOW),
    ]


def interleaved(
    ours: Turn, floor: Turn, rounds: int, each: int
) -> tuple[Sequence[float], Sequence[float]]:
    """Return CPU seconds a message of both, by round, after one round that warms everything."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        for into, turn in zip(taken, (ours, floor), strict=True):
            began = time.process_time()
            for one in range(number * each, (number + 1) * each):
                turn(one)
            if number:
                into.append((time.process_time() - began) / each)
    return taken
