"""Growth: the same message and the same page, however much there is.

Small sizes stand in AWS's own DynamoDB Local. What is larger is made up at the HTTP layer: the
stand-in answers as DynamoDB would with that many rows, so the store's code, the requests and their
bytes are real, and the rows are not. The stand-in also plays the small sizes, and the two must
agree there; else no figure is given.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from unittest import mock

from bench import company
from bench.aws import Answer, Aws, Item
from bench.case import grown, message, opened
from bench.engine import CREDENTIALS, Count, counted, fill, new_table
from bench.figures import Figure
from chalicelib.domain.ident import digest
from chalicelib.store import keys, records
from chalicelib.store.conversations import Conversations
from chalicelib.store.table import Table
from chalicelib.store.views import Views
from chalicelib.workflows.intake.ingest import ingest
from chalicelib.workflows.ports import Query
from tests.fakes.outside import FakeParts
from tests.integration.table_engines import Engine

MESSAGES = (10, 1_000, 100_000)
OPEN_CASES = (100, 10_000, 1_000_000)
REAL_MESSAGES = 1_000
REAL_OPEN_CASES = 10_000
PAGE = 25


@dataclass(frozen=True, slots=True)
class Cost:
    """What one message or one page asked."""

    requests: Mapping[str, int]
    sent_bytes: int
    got_bytes: int

    @property
    def total(self) -> int:
        """Return the number of requests."""
        return sum(self.requests.values())

    @property
    def bytes(self) -> int:
        """Return the bytes of all bodies, both ways."""
        return self.sent_bytes + self.got_bytes

    @property
    def words(self) -> str:
        """Return the requests by operation."""
        return ", ".join(f"{name} {number}" for name, number in sorted(self.requests.items()))


class UnlikeError(Exception):
    """Raised when the stand-in and the real table do not ask the same: neither proves anything."""


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of growth: its sizes, and how each is measured."""

    name: str
    sizes: Sequence[int]
    made_up: Callable[[int], Cost]
    real: Callable[[Engine, int], Cost]
    largest_real: int


def figures(found: Engine | None) -> list[Figure]:
    """Measure both kinds of growth; without an engine by the stand-in alone, and say so."""
    series = (
        Series("per_message", MESSAGES, message_made_up, message_real, REAL_MESSAGES),
        Series("inbox_page", OPEN_CASES, page_made_up, page_real, REAL_OPEN_CASES),
    )
    with mock.patch.dict(os.environ, CREDENTIALS):
        return [figure for one in series for figure in _figures(one, found)]


def _figures(series: Series, found: Engine | None) -> Iterator[Figure]:
    first: Cost | None = None
    for size in series.sizes:
        cost, where = series.made_up(size), "answers made up at the HTTP layer"
        if found and size <= series.largest_real:
            cost, where = _agreed(series.real(found, size), cost), "DynamoDB Local"
        first = first or cost
        how = f"{size:,} rows with synthetic keys, {where}; {cost.words}"
        smallest = f"at {series.sizes[0]:,}"
        yield Figure(
            f"requests_{series.name}_at_{size}",
            cost.total,
            "requests",
            f"{first.total} {smallest}; {where}",
            how,
            first.total,
        )
        yield Figure(
            f"bytes_{series.name}_at_{size}",
            cost.bytes,
            "bytes",
            f"{first.bytes:,} {smallest}; {where}",
            how,
        )


def _agreed(real: Cost, made_up: Cost) -> Cost:
    if real.requests != made_up.requests:
        raise UnlikeError(f"{real.words} on the table, {made_up.words} on the stand-in")
    return real


def message_real(found: Engine, size: int) -> Cost:
    """Take in a message into a conversation that has `size` of them in DynamoDB Local."""
    scene = opened(found)
    message(scene, 1)
    scene.loop.rest()
    store = scene.parts.conversations
    with scene.count.aside():
        told = store.message(scene.where, company.first_message(scene.policy))
    assert told is not None
    base = company.item(records.message(told))
    fill(found, scene.table, [_message(base, number) for number in range(1, size)])
    grown(scene, found, size)
    return _cost(message(scene, 2))


def _message(base: Item, number: int) -> Item:
    name = digest("grown", str(number))
    return {
        **base,
        "sk": {"S": keys.message(name)},
        "at": {"S": f"{number:015d}#{name}"},
    }


def message_made_up(size: int) -> Cost:
    """Take in a message where the table answers that the conversation has `size` of them."""
    at = company.assigned()
    at.store.heads[at.where] = replace(at.head, messages=size)
    table, count = _stand_in(Aws(at.items()))
    store = Conversations(table, at.parts.now)
    parts = FakeParts(store, at.store.agents, Views(table), at.store.policies, at.parts.now)
    ingest(parts, company.event(at.policy, 2, at.parts.now()))
    return _cost(count)


def page_real(found: Engine, size: int) -> Cost:
    """Read the first page of an inbox of `size` open cases in DynamoDB Local."""
    table = new_table(found)
    count = counted(table)
    make = _heads()
    fill(found, table, [make(number) for number in range(size)])
    count.begin()
    page = Views(table).open_cases(Query(team="care", limit=PAGE))
    assert len(page.rows) == PAGE
    assert page.cursor
    return _cost(count)


def page_made_up(size: int) -> Cost:
    """Read the first page where the index answers as one of `size` open cases does."""
    make = _heads()
    aws = Aws({}, query=lambda asked: _index(aws, make, asked, size))
    table, count = _stand_in(aws)
    page = Views(table).open_cases(Query(team="care", limit=PAGE))
    assert len(page.rows) == PAGE
    assert page.cursor
    return _cost(count)


def _heads() -> Callable[[int], Item]:
    """Return what makes the row of the n-th open case: a real head with other keys."""
    at = company.assigned()
    base = company.item(records.head(at.head))
    body = base["body"]["S"]

    def make(number: int) -> Item:
        name = digest("grown", str(number))
        return {
            **base,
            "pk": {"S": keys.conversation(name)},
            "body": {"S": body.replace(at.where, name)},
            "conversation_id": {"S": name},
            "open_pk": {"S": keys.open_cases("care", number % keys.SHARDS)},
            "due": {"S": f"{number:015d}#{name}"},
        }

    return make


def _index(aws: Aws, make: Callable[[int], Item], asked: Answer, size: int) -> Answer:
    """Answer a query of the index as DynamoDB would: the first rows, and where it stopped."""
    (partition,) = (value["S"] for value in asked["ExpressionAttributeValues"].values())
    shard, limit = int(partition.rpartition("#")[2]), int(asked["Limit"])
    numbers = range(shard, size, keys.SHARDS)[:limit]
    rows = [make(number) for number in numbers]
    aws.rows |= {(row["pk"]["S"], row["sk"]["S"]): row for row in rows}
    held = ("pk", "sk", "open_pk", "due", "channel")
    entries = [{name: row[name] for name in held} for row in rows]
    number = len(entries)
    answer: dict[str, object] = {"Items": entries, "Count": number, "ScannedCount": number}
    if len(range(shard, size, keys.SHARDS)) > limit:
        answer["LastEvaluatedKey"] = {name: entries[-1][name] for name in held[:-1]}
    return answer


def _stand_in(aws: Aws) -> tuple[Table, Count]:
    table = Table(company.TABLE, region="us-east-1")
    count = counted(table)
    table.connection.client.meta.events.register_last("before-send.dynamodb", aws.before_send)
    return table, count


def _cost(count: Count) -> Cost:
    return Cost(dict(count.requests), count.sent_bytes, count.got_bytes)
