"""What one message and one ordinary case ask of AWS: the real workflows, on a real table.

The table is AWS's own DynamoDB Local, whose answers tell the units. The stream, the queues and the
state machine are played by the tests' loop, which reads care.asl.json; the clock is virtual, so
that days pass at once.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bench import company, prices
from bench.engine import Count, counted, fill, new_table
from bench.figures import Figure
from bench.prices import Work
from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Agent, Presence, Role
from chalicelib.domain.channel import Channel
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.event import ChannelEvent, EventKind, ReceiptState
from chalicelib.domain.page import Page
from chalicelib.domain.policy import Policy
from chalicelib.store import records
from chalicelib.store.agents import Agents
from chalicelib.store.conversations import Conversations
from chalicelib.store.pages import Pages
from chalicelib.store.policies import Policies
from chalicelib.store.table import Table
from chalicelib.store.views import Views
from chalicelib.workflows import resolve
from chalicelib.workflows.answering import reply
from chalicelib.workflows.change import Ask
from chalicelib.workflows.ports import Commit, Query
from tests.fakes.loop import Loop
from tests.fakes.outside import FakeClock, FakeParts
from tests.integration.table_engines import Engine

QUEUE_TRIP = 3  # requests: sent, received and deleted, each message for itself
SECONDS = 0.06
"""Billed seconds of an ordinary invocation: an assumption, as no AWS account was used."""
OUTBOX_SECONDS = 0.5  # the platform's answer is waited for
GB = 0.5
GB_WAITED_FOR = 1.0  # api_handler and inbox, as infra/functions.yaml has them
LOG_BYTES = 1000
"""Bytes of log an invocation: Lambda's own three lines and one or two of metrics."""

MINIMUM_UNITS = 6.0
"""Write units that storing a message needs at the least.

One transaction (2 units a row up to 1 KB) of the message and the conversation, the message's copy
by time (1), and the conversation's place in the inbox (1).
"""
OTHER_STATES = frozenset({"Route", "Done", "Failed"})
CASES = 1000


class LiveStore:
    """The store on a table, with what the loop follows: changes of heads, commits, and people."""

    def __init__(self, table: Table, count: Count, now: Callable[[], datetime]) -> None:
        self.conversations = Told(table, now, self)
        self.agents = Agents(table)
        self.views = Views(table)
        self.policies = Policies(table, now)
        self.pages = ToldPages(table, now, self)
        self.count = count
        self.changed: list[Callable[[Conversation | None, Conversation], None]] = []
        self.after_commit: list[Callable[[Commit], None]] = []
        self.page_changed: list[Callable[[Page | None, Page], None]] = []

    @property
    def people(self) -> Mapping[str, Agent]:
        """Return who works, as the stream's images would tell."""
        with self.count.aside():
            return {agent.id: agent for agent in self.agents.all()}


class Told(Conversations):
    """Conversations that tell the loop of every change, as the table's stream does."""

    def __init__(self, table: Table, now: Callable[[], datetime], store: LiveStore) -> None:
        super().__init__(table, now)
        self._store = store

    def commit(self, commit: Commit) -> None:
        head = commit.conversation
        before = self._now_stored(head.id) if head else None
        super().commit(commit)
        if head:
            for changed in self._store.changed:
                changed(before, replace(head, rev=head.rev + 1))
        for committed in self._store.after_commit:
            committed(commit)

    def arm(self, conversation_id: str, rev: int, token: str, armed_for: datetime) -> None:
        before = self._now_stored(conversation_id)
        super().arm(conversation_id, rev, token, armed_for)
        after = self._now_stored(conversation_id)
        assert after is not None
        for changed in self._store.changed:
            changed(before, after)

    def _now_stored(self, conversation_id: str) -> Conversation | None:
        with self._store.count.aside():
            return self.get(conversation_id)


class ToldPages(Pages):
    """Pages that tell the loop of every change, as the table's stream does."""

    def __init__(self, table: Table, now: Callable[[], datetime], store: LiveStore) -> None:
        super().__init__(table, now)
        self._store = store

    def open(self, page: Page, replaces: Page | None) -> Page:
        made = super().open(page, replaces)
        self._tell(None, made)
        return made

    def save(self, page: Page) -> Page:
        before = self._stored(page.id)
        made = super().save(page)
        self._tell(before, made)
        return made

    def arm(self, page_id: str, rev: int, token: str, armed_for: datetime) -> None:
        before = self._stored(page_id)
        super().arm(page_id, rev, token, armed_for)
        after = self._stored(page_id)
        assert after is not None
        self._tell(before, after)

    def _tell(self, before: Page | None, after: Page) -> None:
        for changed in self._store.page_changed:
            changed(before, after)

    def _stored(self, page_id: str) -> Page | None:
        with self._store.count.aside():
            return self.get(page_id)


class Records(deque[Callable[[], object]]):
    """The stream's records, counted: each is one that reaches the function."""

    taken = 0

    def popleft(self) -> Callable[[], object]:
        self.taken += 1
        return super().popleft()


@dataclass
class Scene:
    """The company on a table, with its loop."""

    parts: FakeParts
    loop: Loop
    count: Count
    records: Records
    policy: Policy
    table: Table
    where: str = ""
    events: int = 0
    calls: int = 0

    def tell(self, event: ChannelEvent) -> None:
        """Take in an event, as a webhook of its own."""
        self.events += 1
        outcome = self.loop.ingest(event)
        assert outcome != "dead", event

    def ask(self) -> Ask:
        """Return the agent's request to change the conversation as the agent saw it."""
        with self.count.aside():
            head = self.parts.conversations.get(self.where)
        assert head is not None
        self.calls += 1
        actor = Actor("ana", Role.AGENT, ("care",))
        return Ask(actor, self.where, head.version, f"key-{head.version:08d}")


def opened(found: Engine) -> Scene:
    """Return a company on a new table, with one agent present and nothing else."""
    table = new_table(found)
    count = counted(table)
    clock = FakeClock(company.NOON)
    store = LiveStore(table, count, clock)
    kept = (store.conversations, store.agents, store.views, store.policies, clock)
    parts = FakeParts(*kept, pages=store.pages)
    policy = company.policy()
    store.policies.publish(policy)
    store.policies.make_current(policy.version)
    store.agents.save(Agent("ana", "Ana", teams=("care",)))
    store.agents.set_presence("ana", Presence.PRESENT, clock())
    loop = Loop(parts, store)  # type: ignore[arg-type]  # it looks at three things, which are here
    records = Records()
    loop.records = records
    scene = Scene(parts, loop, count, records, policy, table)
    scene.loop.rest()
    records.taken = 0
    count.begin()
    return scene


def message(scene: Scene, number: int) -> Count:
    """Let the customer write; return the count of taking that in."""
    scene.count.begin()
    scene.tell(company.event(scene.policy, number, scene.parts.now()))
    if not scene.where:
        scene.where = next(iter(scene.parts.views.open_cases(Query(team="care")).rows)).id
    return scene.count


def grown(scene: Scene, found: Engine, messages: int) -> None:
    """Give the conversation a token as long as AWS's are, and a number of messages."""
    with scene.count.aside():
        head = scene.parts.conversations.get(scene.where)
    assert head is not None
    changed = replace(head, token=company.TOKEN, messages=messages, rev=head.rev - 1)
    fill(found, scene.table, [company.item(records.head(changed))])


def message_figures(found: Engine) -> list[Figure]:
    """Measure an ordinary message: the second of a customer whose case is with an agent."""
    scene = opened(found)
    message(scene, 1)
    scene.loop.rest()
    grown(scene, found, 1)
    scene.parts.now.advance(10)  # shorter than the 30 s after which the policy is looked at again
    count = message(scene, 2)
    how = "ReturnConsumedCapacity of DynamoDB Local, a message in a case that is with an agent"
    least = f"at least {MINIMUM_UNITS:g}: two rows in one transaction, two index rows"
    return [
        Figure("write_units_per_message", count.write_units, "units", least, how),
        Figure(
            "write_units_over_minimum",
            count.write_units - MINIMUM_UNITS,
            "units",
            f"{count.write_units:g} units less {MINIMUM_UNITS:g}",
            how,
            3,
        ),
        Figure("read_units_per_message", count.read_units, "units", "0 without reading", how),
        Figure(
            "requests_per_message",
            count.total,
            "requests",
            _listed(count),
            "requests to the table, counted below botocore",
        ),
        Figure(
            "queue_requests_per_message",
            QUEUE_TRIP,
            "requests",
            "SendMessageBatch, ReceiveMessage, DeleteMessage",
            "counted at the door (1) and from Lambda's manner of reading a queue (2)",
        ),
    ]


def case_figures(found: Engine, *, receipts: bool) -> list[Figure]:
    """Play an ordinary case and say what it asked, in units and dollars."""
    scene = opened(found)
    ordinary(scene, receipts=receipts)
    work = worked(scene)
    cost = prices.dollars(work)
    suffix = "" if receipts else "_without_receipts"
    told = "with" if receipts else "without"
    how = (
        f"one Messenger case on DynamoDB Local through the tests' loop: a message, assigned, a "
        f"reply, resolved, survey sent, closed; {told} echoes and receipts; seven calls of the API"
    )
    parts = ", ".join(f"{name} {value * CASES:.3f}" for name, value in cost.items())
    against = f"{parts} ({prices.SOURCE.split(' (')[0]}, {prices.READ_ON})"
    dollars = Figure(
        f"dollars_per_1000_cases{suffix}",
        round(prices.total(work) * CASES, 3),
        "dollars",
        against,
        how,
    )
    if not receipts:
        return [dollars]
    states = scene.loop.states()
    return [
        Figure("transitions_ordinary_case", len(states), "states", " ".join(states), how, 10),
        dollars,
        Figure("write_units_per_case", work.write_units, "units", _listed(scene.count), how),
        Figure("read_units_per_case", work.read_units, "units", _listed(scene.count), how),
        Figure("table_requests_per_case", scene.count.total, "requests", _listed(scene.count), how),
        Figure("queue_requests_per_case", work.queue_requests, "requests", "inbox, outbox", how),
        Figure("invocations_per_case", work.invocations, "calls", "each for one thing only", how),
    ]


def ordinary(scene: Scene, *, receipts: bool) -> None:
    """Let one case happen, from its first message until it is closed."""
    message(scene, 1)
    count, parts = scene.count, scene.parts
    # The count goes on: message() began it. What finds the conversation is the agent's first list.
    scene.calls += 1
    scene.loop.rest()
    parts.now.advance(300)
    _looked_at(scene)
    reply.reply(parts, scene.ask(), "It is on its way and will be with you tomorrow. Sorry!")
    scene.loop.rest()
    if receipts:
        _receipts(scene, 1)
    parts.now.advance(300)
    resolve.resolve(parts, scene.ask(), "answered")
    scene.loop.rest()
    scene.loop.run(hours=26)
    if receipts:
        _receipts(scene, 2)
    scene.loop.run(days=5)
    with count.aside():
        head = parts.conversations.get(scene.where)
    assert head is not None
    assert head.case is not None
    assert head.case.status.value == "closed", head.case.status


def _looked_at(scene: Scene) -> None:
    """Read what a person reads: the list, the conversation with its messages, and its history."""
    scene.calls += 4
    scene.parts.views.open_cases(Query(team="care", limit=25))
    scene.parts.conversations.get(scene.where)
    scene.parts.views.messages(scene.where, 25)
    scene.parts.views.history(scene.where, 25)


def _receipts(scene: Scene, number: int) -> None:
    sent = scene.parts.sender.sent[number - 1]
    now, page = scene.parts.now(), company.account(scene.policy)
    base = ChannelEvent(
        key=f"echo-{number}",
        kind=EventKind.ECHO,
        channel=Channel.MESSENGER,
        account_id=page,
        public=False,
        received_at=now,
        occurred_at=now,
        contact=company.CUSTOMER,
        message_id=f"platform-{number}",
        text=sent.text,
        reply_token=sent.token,
    )
    scene.tell(base)
    for state in (ReceiptState.DELIVERED, ReceiptState.READ):
        at = scene.parts.now.advance(5)
        receipt = replace(base, key=f"{state}-{number}", kind=EventKind.RECEIPT, receipt=state)
        scene.tell(replace(receipt, received_at=at, occurred_at=at, text="", watermark_at=at))
    scene.loop.rest()


def worked(scene: Scene) -> Work:
    """Return what was asked of AWS, one thing an invocation: the dearest way that it can go."""
    states = scene.loop.states()
    steps = sum(1 for state in states if state not in OTHER_STATES)
    sends = len(scene.parts.sender.sent)
    waited_for = scene.events * 2 + scene.calls
    short = steps + scene.records.taken
    return Work(
        api_requests=scene.events + scene.calls,
        invocations=waited_for + short + sends,
        gb_seconds=SECONDS * (waited_for * GB_WAITED_FOR + short * GB)
        + sends * OUTBOX_SECONDS * GB,
        write_units=scene.count.write_units,
        read_units=scene.count.read_units,
        queue_requests=QUEUE_TRIP * (scene.events + sends),
        transitions=len(states),
        log_bytes=LOG_BYTES * (waited_for + short + sends),
    )


def _listed(count: Count) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(count.requests.items()))
