"""The stores that the contract is run against, and nouns to put into them."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.agent import Agent, Presence
from chalicelib.domain.case import Case, Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import Clock, ClockName
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.ident import digest
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.warn import Warn
from chalicelib.store.agents import Agents
from chalicelib.store.conversations import Conversations
from chalicelib.store.policies import Policies
from chalicelib.store.table import Table
from chalicelib.store.views import Views
from chalicelib.workflows.ports import Commit
from tests.fakes.store import MemoryStore
from tests.integration import table_engines

NOON = datetime(2026, 11, 2, 12, 0, 0, 123_000, tzinfo=UTC)
MEMORY = "memory"
WHOLE = 100
"""What a public case takes of its agent, in hundredths."""

_numbers = itertools.count(1)


@dataclass(slots=True)
class Store:
    """The four parts of one store. `table` is None in memory."""

    conversations: Any
    agents: Any
    views: Any
    policies: Any
    table: Table | None = None

    def open(self, head: Conversation, **more: Any) -> Conversation:
        """Commit a conversation and return it as it is stored."""
        self.conversations.commit(Commit(conversation=head, **more))
        return self.conversations.get(head.id)


def on_table(engine: str) -> Store:
    """Return the store on a new table of that engine, or skip the test and say what is missing."""
    found = table_engines.engine(engine)
    if found.missing:
        pytest.skip(f"{engine}: {found.missing}")
    table = Table(found.new_table(), region=table_engines.REGION, host=found.endpoint)
    _ = table.connection
    return Store(
        Conversations(table, lambda: NOON),
        Agents(table),
        Views(table),
        Policies(table, lambda: NOON),
        table,
    )


ON_DYNAMODB_LOCAL = pytest.param(table_engines.DYNAMODB_LOCAL, marks=pytest.mark.dynamodb_local)
TABLES = [table_engines.MINISTACK, ON_DYNAMODB_LOCAL]


@pytest.fixture(scope="session")
def engines() -> Iterator[None]:
    """Stop at the end of the run what its tests have started."""
    yield
    table_engines.stop()


@pytest.fixture(params=[MEMORY, *TABLES])
def store(request: pytest.FixtureRequest, engines: None) -> Store:
    """Give an empty store of each kind in turn."""
    if request.param != MEMORY:
        return on_table(request.param)
    memory = MemoryStore()
    return Store(memory.conversations, memory.agents, memory.views, memory.policies)


@pytest.fixture(params=TABLES)
def table_store(request: pytest.FixtureRequest, engines: None) -> Store:
    """Give an empty store on a table of each engine in turn."""
    return on_table(request.param)


def conversation(name: str = "", **more: Any) -> Conversation:
    """Return a conversation that is not stored yet, of its own unless named."""
    made = Conversation(
        id=digest("test", name or str(next(_numbers))),
        channel=Channel.MESSENGER,
        handle="acme-help",
        account_id="page-1",
        public=False,
        contact_id=digest("contact", name),
        contact_ref="customer-1",
        created_at=NOON,
    )
    return replace(made, **more)


def case(**more: Any) -> Case:
    """Return an open case of team `care` whose clock is due a minute after noon."""
    due_at = more.pop("due_at", NOON + timedelta(minutes=1))
    made = Case(
        number=1,
        status=Status.NEW,
        handle="acme-help",
        team="care",
        opened_at=NOON,
        policy_version="1",
    )
    return replace(made, clocks=(clock(due_at),) if due_at else (), **more)


def clock(due_at: datetime) -> Clock:
    """Return a running clock."""
    return Clock(
        ClockName.ASSIGN,
        1,
        NOON,
        60,
        policy_version="1",
        calendar="",
        resumed_at=NOON,
        due_at=due_at,
        warns=(Warn(75, due_at),),
    )


def message(head: Conversation, name: str = "", **more: Any) -> Message:
    """Return an inbound message that is not stored yet."""
    made = Message(
        id=digest("message", name or str(next(_numbers))),
        conversation_id=head.id,
        direction=Direction.INBOUND,
        public=False,
        sent_at=NOON,
        received_at=NOON,
        text="Where is my parcel?",
    )
    return replace(made, **more)


def entry(kind: EntryKind = EntryKind.MESSAGE_RECEIVED, **more: Any) -> Entry:
    """Return a log entry."""
    return Entry(kind, NOON, 1, **more)


def agent(agent_id: str = "ann", **more: Any) -> Agent:
    """Return an agent who is present and can carry eight cases."""
    return replace(
        Agent(agent_id, teams=("care",), presence=Presence.PRESENT, presence_at=NOON), **more
    )
