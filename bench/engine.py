"""AWS's own DynamoDB Local, as the store's tests start it, and a count of what the store asks."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from bench.aws import Item
from chalicelib.store.table import Table
from tests.integration import table_engines

WRITERS = 4
BATCH = 25
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "none"}
WRITES = frozenset({"TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem"})


class NoEngineError(Exception):
    """Raised when DynamoDB Local cannot run here. The message says what is missing."""


@dataclass
class Count:
    """What a table's client asked: requests by operation, bytes both ways, units as told by it."""

    requests: Counter[str] = field(default_factory=Counter)
    sent_bytes: int = 0
    got_bytes: int = 0
    write_units: float = 0
    read_units: float = 0
    paused: bool = False

    @property
    def total(self) -> int:
        """Return the number of requests."""
        return sum(self.requests.values())

    def begin(self) -> None:
        """Begin counting again."""
        self.requests.clear()
        self.sent_bytes = self.got_bytes = 0
        self.write_units = self.read_units = 0

    def sent(self, request: Any, event_name: str, **_: object) -> None:
        """Count a request: for botocore's event before-send."""
        if not self.paused:
            self.requests[event_name.rpartition(".")[2]] += 1
            self.sent_bytes += len(request.body)

    def answered(
        self, http_response: Any, parsed: Mapping[str, Any], model: Any, **_: object
    ) -> None:
        """Count an answer and what it says it cost: for botocore's event after-call."""
        if self.paused:
            return
        self.got_bytes += len(http_response.content)
        consumed = parsed.get("ConsumedCapacity") or []
        told = consumed if isinstance(consumed, list) else [consumed]
        units = sum(float(each.get("CapacityUnits", 0)) for each in told)
        if model.name in WRITES:
            self.write_units += units
        else:
            self.read_units += units

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Count nothing in this block: it looks on, and nothing on AWS would ask it."""
        before, self.paused = self.paused, True
        try:
            yield
        finally:
            self.paused = before


def _ask_the_cost(params: dict[str, Any], **_: object) -> None:
    """Ask every request what it cost, those too that the store does not ask."""
    body = params["body"]
    text = body.decode() if isinstance(body, bytes) else body
    if "ReturnConsumedCapacity" not in text:
        told = text.rstrip()[:-1] + ', "ReturnConsumedCapacity": "TOTAL"}'
        params["body"] = told.encode() if isinstance(body, bytes) else told


def counted(table: Table) -> Count:
    """Return the count of everything that this table's client asks from now on."""
    count = Count()
    events = table.connection.client.meta.events

    events.register("before-call.dynamodb", _ask_the_cost)
    events.register("before-send.dynamodb", count.sent)
    events.register("after-call.dynamodb", count.answered)
    return count


@contextmanager
def engine() -> Iterator[table_engines.Engine]:
    """Yield a running DynamoDB Local, gone afterwards. Raises NoEngineError."""
    found = table_engines.engine(table_engines.DYNAMODB_LOCAL)
    try:
        if found.missing:
            raise NoEngineError(found.missing)
        with mock.patch.dict(os.environ, CREDENTIALS):
            yield found
    finally:
        table_engines.stop()


def new_table(found: table_engines.Engine) -> Table:
    """Return the store's table on a new one of the engine."""
    return Table(found.new_table(), region=table_engines.REGION, host=found.endpoint)


def fill(found: table_engines.Engine, table: Table, rows: Iterable[Item]) -> None:
    """Write rows in bulk, uncounted, by another client than the store's."""
    client, name = table_engines.client(found.endpoint), table.row.Meta.table_name
    all_rows = list(rows)

    def put(start: int) -> None:
        batch = all_rows[start : start + BATCH]
        client.batch_write_item(
            RequestItems={name: [{"PutRequest": {"Item": row}} for row in batch]}
        )

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(put, range(0, len(all_rows), BATCH)))
