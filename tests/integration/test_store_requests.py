"""What the store costs.

A page is a constant number of requests, a commit is one, and both are counted.
"""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.alert import Severity
from chalicelib.domain.case import Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.contact import Contact, Identity
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.page import Member, Page
from chalicelib.store import past, views
from chalicelib.store.keys import SHARDS
from chalicelib.store.pages import Pages
from chalicelib.workflows.ports import Commit, Load, Query, Request
from tests.contract.store_engines import (
    NOON,
    WHOLE,
    agent,
    case,
    conversation,
    engines,
    entry,
    message,
    table_store,
)

__all__ = ["engines", "table_store"]


class Counted:
    """Counts what leaves the process, and what the table says it cost."""

    def __init__(self, store):
        self.requests = Counter()
        self.units = 0.0
        events = store.table.connection.client.meta.events
        events.register("before-send.dynamodb", self._sent)
        events.register("after-call.dynamodb", self._answered)

    def _sent(self, event_name, **_):
        self.requests[event_name.rpartition(".")[2]] += 1

    def _answered(self, parsed, **_):
        consumed = parsed.get("ConsumedCapacity") or []
        for each in consumed if isinstance(consumed, list) else [consumed]:
            self.units += each["CapacityUnits"]

    def of(self, read):
        self.requests.clear()
        self.units = 0.0
        read()
        return dict(self.requests)


def many(store, number):
    """Commit that many conversations of one contact, all open, and as much into one of them."""
    heads = [
        conversation(
            contact_id="c",
            case=case(
                status=Status.ASSIGNED,
                assignee="ann",
                stuck="x",
                due_at=NOON + timedelta(seconds=at),
            ),
        )
        for at in range(number)
    ]
    for head in heads:
        store.conversations.commit(Commit(conversation=head))
    long = heads[0]
    for version in range(1, number + 1):
        long = store.open(
            replace(long, version=version, rev=version), insert=(message(long),), entries=(entry(),)
        )
    return long


def test_a_page_is_the_same_number_of_requests_whatever_there_is(table_store):
    counted = Counted(table_store)
    lists = table_store.views
    seen = []
    for number in (3, 12):
        long = many(table_store, number)
        reads = {
            "inbox": lambda: lists.open_cases(Query(team="care", limit=2)),
            "one channel": lambda: lists.open_cases(
                Query(team="care", channel=Channel.MESSENGER, limit=2)
            ),
            "one status": lambda: lists.open_cases(
                Query(team="care", status=Status.ASSIGNED, limit=2)
            ),
            "agent": lambda: lists.open_cases(Query(assignee="ann", limit=2)),
            "overdue": lambda: lists.overdue("care", NOON + timedelta(days=1), 2),
            "stuck": lambda: lists.stuck(2),
            "contact": lambda: lists.conversations_of("c", 2),
            "messages": lambda long=long: lists.messages(long.id, 2),
            "history": lambda long=long: lists.history(long.id, 2),
        }
        seen.append({name: counted.of(read) for name, read in reads.items()})
    assert seen[0] == seen[1]
    assert seen[0]["inbox"] == seen[0]["one channel"] == {"Query": SHARDS, "BatchGetItem": 1}
    assert (
        seen[0]["agent"]
        == seen[0]["contact"]
        == seen[0]["stuck"]
        == {"Query": 1, "BatchGetItem": 1}
    )
    assert seen[0]["messages"] == seen[0]["history"] == {"Query": 1}


def test_a_list_of_a_rare_channel_is_no_more_requests(table_store):
    many(table_store, 10)
    rare = table_store.open(
        conversation(channel=Channel.SMS, case=case(due_at=NOON + timedelta(days=1)))
    )
    counted = Counted(table_store)
    query = Query(team="care", channel=Channel.SMS, limit=1)
    assert counted.of(lambda: table_store.views.open_cases(query)) == {
        "Query": SHARDS,
        "BatchGetItem": 1,
    }
    assert table_store.views.open_cases(query).rows == (rare,)


def test_a_list_of_one_channel_is_whole_however_little_is_looked_at(table_store, monkeypatch):
    """Partitions are left at different places: what lies beyond the nearest one waits."""
    monkeypatch.setattr(views, "LOOKED_AT", 2)
    opened = [
        table_store.open(
            conversation(
                channel=Channel.SMS if at % 5 == 0 else Channel.X,
                case=case(due_at=NOON + timedelta(seconds=at)),
            )
        )
        for at in range(40)
    ]
    found, cursor = [], None
    while cursor != "":
        query = Query(team="care", channel=Channel.SMS, limit=3, cursor=cursor or "")
        page = table_store.views.open_cases(query)
        found += page.rows
        cursor = page.cursor
        assert len(found) < 40
    assert found == opened[::5]


def test_every_write_is_one_request_and_every_decision_one_read(table_store):
    table_store.agents.save(agent())
    head = table_store.open(conversation(case=case()))
    counted = Counted(table_store)
    told = message(head)
    everything = Commit(
        conversation=replace(head, version=1),
        insert=(told, message(head)),
        entries=(entry(), entry()),
        snapshot=case(),
        contact=Contact("c", "Ann", NOON),
        identities=(Identity(Channel.SMS, "", "1", "c", NOON),),
        load=(Load("ann", WHOLE, NOON, claim=True),),
        request=Request("key", "print"),
    )
    conversations = table_store.conversations
    assert counted.of(lambda: conversations.commit(everything)) == {"TransactWriteItems": 1}
    assert counted.of(lambda: conversations.commit(Commit())) == {}
    assert counted.of(lambda: conversations.arm(head.id, 2, "t", NOON)) == {"UpdateItem": 1}
    assert counted.of(lambda: conversations.get(head.id)) == {"GetItem": 1}
    assert counted.of(lambda: conversations.message(head.id, told.id)) == {"GetItem": 1}
    assert counted.of(table_store.agents.all) == {"Query": 1}


def test_reading_the_past_is_as_many_requests_whatever_there_is(table_store):
    """However long the period is, and however full its days: a page of it has a most."""
    counted, lists = Counted(table_store), table_store.views
    until, later = NOON + timedelta(days=1), NOON + timedelta(days=400)
    for number in (3, 12):
        for _ in range(number):
            began = entry(EntryKind.CASE_OPENED)
            head = table_store.open(conversation(case=case(due_at=None)), entries=(began,))
        for version in range(1, number):
            head = table_store.open(replace(head, version=version), entries=(entry(),))
        full = counted.of(lambda: lists.opened(NOON, until, 2))
        assert set(full) == {"Query"}
        assert full["Query"] <= past.PARTITIONS
        assert counted.of(lambda: lists.opened(until, later, 2)) == {"Query": past.PARTITIONS}
        assert counted.of(lambda head=head: lists.log(head.id, 0, 100)) == {"Query": 1}


def page(name):
    return Page(name, "care/breach", "care", "usual", "v1", Severity.BREACH, NOON, NOON)


def member(head, at):
    due_at = NOON + timedelta(seconds=at)
    return Member(f"k{at}", head.id, 1, "assign", Severity.BREACH, "acme-help", "sms", due_at, "")


def test_pages_are_the_same_number_of_requests_whatever_is_on_them(table_store):
    pages, several = Pages(table_store.table, lambda: NOON), table_store.conversations.several
    heads = [table_store.open(conversation(case=case())) for _ in range(12)]
    current = pages.open(page("first"), None)
    for at in range(11):
        current = pages.open(page(f"page-{at}"), current)
    counted, seen = Counted(table_store), []
    for number in (3, 12):
        for at in range(number):
            pages.join(current.id, member(heads[at], at))
        reads = {
            "current": lambda: pages.current("care/breach"),
            "members": lambda: pages.members(current.id),
            "listed": lambda: pages.listed("care", 2),
            "several": lambda number=number: several([head.id for head in heads[:number]]),
        }
        seen.append({name: counted.of(read) for name, read in reads.items()})
    assert seen[0] == seen[1]
    assert seen[0]["current"] == {"GetItem": 2}
    assert seen[0]["members"] == {"Query": 1}
    assert seen[0]["listed"] == {"Query": 1, "BatchGetItem": 1}
    assert seen[0]["several"] == {"BatchGetItem": 1}
    assert counted.of(lambda: several([f"none-{at}" for at in range(101)])) == {"BatchGetItem": 2}


def test_every_write_of_a_page_is_one_request(table_store):
    """Where a queue has no page, it is read before whether it had one that is gone by its age."""
    pages, counted = Pages(table_store.table, lambda: NOON), Counted(table_store)
    head = table_store.open(conversation(case=case()))
    first = counted.of(lambda: pages.open(page("one"), None))
    assert first == {"TransactWriteItems": 1, "GetItem": 1}
    one = pages.get("one")
    assert counted.of(lambda: pages.open(page("two"), one)) == {"TransactWriteItems": 1}
    assert counted.of(lambda: pages.join("two", member(head, 1))) == {"PutItem": 1}
    assert counted.of(lambda: pages.save(one)) == {"PutItem": 1}
    assert counted.of(lambda: pages.arm("one", 2, "token", NOON)) == {"UpdateItem": 1}


@pytest.mark.parametrize(
    "engine", [pytest.param("dynamodb-local", marks=pytest.mark.dynamodb_local)]
)
def test_an_ordinary_inbound_message_costs_at_most_fourteen_units(engine, engines):
    """A message in an open case: the message and its copy by time, the conversation, the log."""
    from tests.contract.store_engines import on_table

    store = on_table(engine)
    head = conversation(
        contact_name="Zoë Müller",
        last_message_at=NOON,
        last_inbound_at=NOON,
        last_inbound_id="m_" + "x" * 60,
        token="t" * 800,
        armed_for=NOON,
        case=case(status=Status.ASSIGNED, assignee="ann", assigned_at=NOON),
    )
    head = store.open(head, insert=(message(head),))
    counted = Counted(store)
    text = "Hello, my parcel was to arrive on Monday and nobody can tell me where it is. " * 3
    ordinary = Commit(
        conversation=replace(head, version=1, messages=2),
        insert=(
            message(
                head, text=text, platform_id="m_" + "x" * 60, author_id="1" * 17, author_name="Zoë"
            ),
        ),
        entries=(entry(),),
    )
    counted.of(lambda: store.conversations.commit(ordinary))
    assert 0 < counted.units <= 14
