"""Collecting the facts.

They are in the table, the machine's histories, the queues and the bucket: read by the AWS APIs.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry
from chalicelib.domain.message import Message
from chalicelib.domain.page import Member, Page
from infra.local.day.facts import Machine, Paged, Talk

FUNCTIONS = "/aws/lambda/"

T = TypeVar("T")
Row = Mapping[str, Any]


def talks(client: Any, table: str) -> Mapping[str, Sequence[Talk]]:
    """Return every conversation in the table, by the customer's platform id.

    A private talk that belongs to a public conversation is part of that one.
    """
    return talks_of(rows(client, table))


def talks_of(table: Sequence[Row]) -> Mapping[str, Sequence[Talk]]:
    """Return the conversations among a table's rows, by the customer's platform id."""
    partitions: dict[str, list[Row]] = defaultdict(list)
    for row in table:
        if row["pk"]["S"].startswith("CONV#"):
            partitions[row["pk"]["S"]].append(row)
    found: dict[str, list[Talk]] = defaultdict(list)
    for rows in partitions.values():
        talk = _talk(rows)
        if talk is not None and not talk.conversation.joined:
            found[talk.conversation.contact_ref].append(talk)
    return found


def pages(table: Sequence[Row]) -> Sequence[Paged]:
    """Return the pages among a table's rows, each with its members, oldest first."""
    partitions: dict[str, list[Row]] = defaultdict(list)
    for row in table:
        if row["kind"]["S"] in ("page", "member"):
            partitions[row["pk"]["S"]].append(row)
    found = []
    for rows in partitions.values():
        heads = [_read(row, Page) for row in rows if row["kind"]["S"] == "page"]
        members = tuple(_read(row, Member) for row in rows if row["kind"]["S"] == "member")
        found += [Paged(head, members) for head in heads]
    return sorted(found, key=lambda one: one.page.opened_at)


def spent(table: Sequence[Row]) -> Mapping[str, int]:
    """Return what each handle has cost, in millionths of a dollar, as the table's rows say."""
    sums: Counter[str] = Counter()
    for row in table:
        if row["pk"]["S"].startswith("BUDGET#"):
            sums[row["pk"]["S"].split("#")[1]] += int(row["amount"]["N"])
    return sums


def health(table: Sequence[Row]) -> Mapping[str, str]:
    """Return the state of each handle's connection that was asked for, and what is wrong."""
    found = {}
    for row in table:
        kind, _, name = row["pk"]["S"].partition("#")
        if kind == "MARK" and name.startswith("watch"):
            told = json.loads(row["body"]["S"])
            handle = re.split(r"#|%23", name)[-1]
            if told.get("probed_at"):
                found[handle] = f"{told['state']} {told['problem']}".strip()
    return found


def counted(client: Any, function: str, name: str, since: datetime) -> int:
    """Return how many lines of a function's log count this metric."""
    pages = client.get_paginator("filter_log_events").paginate(
        logGroupName=f"{FUNCTIONS}{function}",
        filterPattern=name,
        startTime=int(since.timestamp() * 1000),
    )
    return sum(name in event["message"] for page in pages for event in page["events"])


def files(client: Any, bucket: str) -> Mapping[str, int]:
    """Return the size of every file in a bucket, by key."""
    return {row["Key"]: int(row["Size"]) for row in _objects(client, bucket)}


def machine(client: Any, arn: str, conversations: frozenset[str]) -> Machine:
    """Return what the state machine did for these conversations.

    An AWS state transition is a state that was entered.
    """
    statuses: Counter[str] = Counter()
    transitions = 0
    for execution in _executions(client, arn):
        if execution["name"].split("-")[0] not in conversations:
            continue
        statuses[execution["status"]] += 1
        transitions += sum(
            1
            for event in _history(client, execution["executionArn"])
            if event["type"].endswith("StateEntered")
        )
    return Machine(dict(statuses), transitions)


def invocations(client: Any, since: datetime) -> Mapping[str, int]:
    """Return how often each Lambda function ran: each run begins with a START line in its log."""
    found = client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=FUNCTIONS)
    names = [group["logGroupName"] for page in found for group in page["logGroups"]]
    return {name.removeprefix(FUNCTIONS): _runs(client, name, since) for name in names}


def _runs(client: Any, name: str, since: datetime) -> int:
    pages = client.get_paginator("filter_log_events").paginate(
        logGroupName=name, filterPattern="START", startTime=int(since.timestamp() * 1000)
    )
    return sum(len(page["events"]) for page in pages)


def waiting(client: Any, queues: Mapping[str, str]) -> Mapping[str, int]:
    """Return how many messages lie in each of these queues, by name."""
    return {name: _depth(client, url) for name, url in queues.items()}


def quarantined(client: Any, bucket: str) -> Sequence[bytes]:
    """Return every body that was set aside."""
    keys = [row["Key"] for row in _objects(client, bucket)]
    return [client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]


def rows(client: Any, table: str) -> Sequence[Row]:
    """Return every row of the table."""
    pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [row for page in pages for row in page["Items"]]


def _objects(client: Any, bucket: str) -> Iterator[Row]:
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        yield from page.get("Contents", [])


def _talk(rows: Sequence[Row]) -> Talk | None:
    head = next((row for row in rows if row["sk"]["S"] == "HEAD"), None)
    if head is None:
        return None
    entries = [entry for row in _of(rows, "LOG#") for entry in _entries(row)]
    return Talk(
        conversation=_read(head, Conversation),
        messages=tuple(_read(row, Message) for row in _of(rows, "MSG#")),
        entries=tuple(entries),
    )


def _of(rows: Sequence[Row], prefix: str) -> Sequence[Row]:
    return sorted(
        (row for row in rows if row["sk"]["S"].startswith(prefix)),
        key=lambda row: str(row["sk"]["S"]),
    )


def _entries(row: Row) -> Sequence[Entry]:
    body = json.loads(row["body"]["S"])
    return msgspec.convert(
        body["entries"] if isinstance(body, dict) else body, list[Entry], strict=False
    )


def _read(row: Row, shape: type[T]) -> T:
    return msgspec.json.decode(row["body"]["S"], type=shape)


def _executions(client: Any, arn: str) -> Iterator[Row]:
    for page in client.get_paginator("list_executions").paginate(stateMachineArn=arn):
        yield from page["executions"]


def _history(client: Any, arn: str) -> Iterator[Row]:
    for page in client.get_paginator("get_execution_history").paginate(
        executionArn=arn, PaginationConfig={"PageSize": 1000}
    ):
        yield from page["events"]


def _depth(client: Any, url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)
