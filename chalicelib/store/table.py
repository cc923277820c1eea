"""Table: the few requests that the store makes, each with its retries and its refusals.

Knows rows, not what they mean. Every fault that may pass by itself becomes BusyError; every refused
condition becomes WritesRefusedError with the row that stood in the way.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from threading import Lock
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError
from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist, PynamoDBException
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.store.faults import CONFLICT, REFUSED, code, passing_faults
from chalicelib.store.rows import Row, bound
from chalicelib.workflows.ports import BusyError

CONFLICTS = 5
"""How often a transaction that met another one is tried again before BusyError is raised."""

USER_AGENT = "hearback"
"""What AWS's logs call us.

Left to itself, botocore puts a longer name together anew for each request: a tenth of its CPU.
"""

CONFLICT_BASE_SECONDS = 0.025
CONFLICT_CAP_SECONDS = 0.4

LARGEST_BATCH = 100
"""How many rows one BatchGetItem reads."""


class Refusal(IntEnum):
    """What it means when a row's condition is refused.

    The lowest says most and is told when there are several.
    """

    REQUEST = 1
    MESSAGE = 2
    STALE = 3
    CAPACITY = 4
    LOG = 5
    PRESENT = 6


@dataclass(frozen=True, slots=True)
class Write:
    """One row to write.

    Whole, or changed by `actions`. `values` holds the key and, without actions, everything.
    """

    values: Mapping[str, Any]
    refusal: Refusal = Refusal.STALE
    condition: Condition | None = None
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A write whose condition did not hold, and the row that was there (None: no row)."""

    write: Write
    found: Row | None


class WritesRefusedError(Exception):
    """Raised when conditions did not hold.

    Nothing was written. `refused` begins with the one that says most.
    """

    def __init__(self, refused: Sequence[Refused]) -> None:
        super().__init__(", ".join(each.write.refusal.name for each in refused))
        self.refused = sorted(refused, key=lambda each: each.write.refusal)


class Table:
    """The table of that name. Connects at the first request and keeps that one client.

    `region` and `host` None: what the AWS SDK finds itself (AWS_REGION, AWS_ENDPOINT_URL).
    """

    def __init__(
        self,
        name: str,
        *,
        region: str | None = None,
        host: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.row = bound(name, region, host)
        self._sleep = sleep
        self._chance = chance
        self._lock = Lock()
        self._made = False

    @property
    def connection(self) -> Connection:
        """The one connection of this process.

        PynamoDB makes it, and keeps it behind this name only.
        """
        with self._lock:
            connection = self.row._get_connection().connection  # noqa: SLF001
            if not self._made:
                connection.session.set_default_client_config(Config(user_agent=USER_AGENT))
                self._made = True
            _ = connection.client  # making a client is not safe in threads
            return connection

    @property
    def _ready(self) -> type[Row]:
        """The model, once its client is there."""
        _ = self.connection
        return self.row

    def get(self, pk: str, sk: str) -> Row | None:
        """Return the row as it is now. Raises BusyError."""
        with passing_faults():
            try:
                return self._ready.get(pk, sk, consistent_read=True)
            except DoesNotExist:
                return None

    def batch(self, keys: Sequence[tuple[str, str]]) -> list[Row]:
        """Return those rows that are there, in the order of `keys`, as they are now.

        Raises BusyError.
        """
        if not keys:
            return []
        with passing_faults():
            found = {
                (row.pk, row.sk): row for row in self._ready.batch_get(keys, consistent_read=True)
            }
        return [found[key] for key in keys if key in found]

    def page(
        self, pk: str, limit: int, within: Condition | None = None, **options: Any
    ) -> tuple[list[Row], str]:
        """Return the rows that one request gives, and the sort position it ended at.

        The position is empty when there are no more.
        `options` are those of PynamoDB's query: index_name, scan_index_forward, filter_condition,
        consistent_read. Raises BusyError.
        """
        result = self._ready.query(pk, within, page_size=limit, **options)
        with passing_faults():
            page: Any = next(result.page_iter)
        ended = page.get("LastEvaluatedKey") or {}
        rows = [self.row.from_raw_data(item) for item in page["Items"]]
        return rows, _position(ended, options.get("index_name"))

    def write(self, write: Write) -> Row | None:
        """Write one row.

        Return it as it is now when it was changed by actions. Raises WritesRefusedError, BusyError.
        """
        operation, arguments = self._operation(write)
        connection = self.connection
        try:
            with passing_faults():
                answer = connection.dispatch(operation, arguments)
        except ClientError as error:
            if code(error) != "ConditionalCheckFailedException":
                raise
            cause: Any = error.__cause__
            raise WritesRefusedError([self._refused(write, cause.response.get("Item"))]) from error
        return self.row.from_raw_data(answer["Attributes"]) if write.actions else None

    def transact(self, writes: Sequence[Write]) -> None:
        """Write all rows or none.

        Raises WritesRefusedError, and BusyError when others kept writing the same rows.
        """
        for attempt in range(CONFLICTS + 1):
            if attempt:
                longest = min(CONFLICT_CAP_SECONDS, CONFLICT_BASE_SECONDS * 2**attempt)
                self._sleep(self._chance() * longest)
            try:
                self._transact(writes)
            except _ConflictError:
                continue
            return
        raise BusyError(f"the same rows were being written {CONFLICTS + 1} times over")

    def _transact(self, writes: Sequence[Write]) -> None:
        # PynamoDB sends puts before updates, and the reasons come back in the order sent.
        sent = [write for write in writes if not write.actions] + [
            write for write in writes if write.actions
        ]
        connection = self.connection
        try:
            with passing_faults(), TransactWrite(connection=connection) as transaction:
                for write in sent:
                    self._add(transaction, write)
        except PynamoDBException as error:
            reasons = getattr(error.cause, "cancellation_reasons", [])
            codes = [reason.code if reason else "" for reason in reasons]
            if REFUSED in codes:
                refused = [
                    self._refused(write, reason.raw_item)
                    for write, reason in zip(sent, reasons, strict=True)
                    if reason and reason.code == REFUSED
                ]
                raise WritesRefusedError(refused) from error
            if CONFLICT in codes:
                raise _ConflictError from error
            raise

    def _add(self, transaction: TransactWrite, write: Write) -> None:
        row = self.row(**write.values)
        if write.actions:
            transaction.update(row, list(write.actions), write.condition, return_values="ALL_OLD")
        else:
            transaction.save(row, write.condition, return_values="ALL_OLD")

    def _operation(self, write: Write) -> tuple[str, dict[str, Any]]:
        row = self.row(**write.values)
        if write.actions:
            arguments = row.get_update_kwargs_from_instance(
                list(write.actions), write.condition, "ALL_OLD"
            )
            return "UpdateItem", arguments | {"ReturnValues": "ALL_NEW"}
        return "PutItem", row.get_save_kwargs_from_instance(write.condition, "ALL_OLD")

    def _refused(self, write: Write, item: dict[str, Any] | None) -> Refused:
        return Refused(write, self.row.from_raw_data(item) if item else None)


class _ConflictError(Exception):
    """Raised when another transaction was writing the same rows."""


def _position(ended: Mapping[str, Any], index: str | None) -> str:
    by = {None: "sk", "contact": "created", "opened": "created", "by_time": "at"}
    return str(ended.get(by.get(index, "due"), {}).get("S", ""))
