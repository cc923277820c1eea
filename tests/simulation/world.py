"""The world of one history: the company on the fakes, the loop that follows, and what it is told.

It is the loop of the other tests (tests/fakes/loop.py) with a stream that fails, timers that are
late, an inbox that is told twice, and a sweep that finds what got lost.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.case import Case
from chalicelib.domain.channel import Capabilities, Channel
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry
from chalicelib.domain.event import ChannelEvent
from chalicelib.domain.outlook import Phase, phase
from chalicelib.domain.page import Page
from chalicelib.workflows import stuck
from chalicelib.workflows.errors import RetryLaterError
from chalicelib.workflows.intake import ingest
from chalicelib.workflows.ladder import late
from chalicelib.workflows.networks import Outgoing, SendResult, SendState
from chalicelib.workflows.ports import Commit
from tests.fakes.loop import FAULTS, REDELIVERY, Execution, Letter, Loop, LoopError
from tests.fakes.outside import FakeClock, FakeParts, FakeSender, Trail
from tests.fakes.store import MemoryStore
from tests.fakes.store_views import MemoryViews
from tests.simulation import company as companies
from tests.simulation.faults import FaultyStream, FaultyTrail
from tests.simulation.history import Company, Fault, Step

TAKEN = (SendState.ACCEPTED, SendState.UNKNOWN)
"""How a platform answers that has, or may have, sent a message on."""

SWEEP = timedelta(minutes=1)
AGAIN = timedelta(seconds=30)
MOST_ROUNDS = 2500
"""How often time may stand still for something in one step: then something spins."""

MOST_TELLINGS = 12
"""How often the inbox tells of an event: then it is on the dead-letter queue."""

MOST_REDRIVES = 2
"""How often a person moves a dead letter back before it is a fault of ours and not of the parts."""

REDRIVEN = timedelta(minutes=2)
"""After how long."""


@dataclass(slots=True)
class Post:
    """An event on its way through the inbox."""

    event: ChannelEvent
    at: datetime
    tries: int = 0
    redriven: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """One committed change of a conversation's head."""

    old: Conversation | None
    new: Conversation


class CountingSender(FakeSender):
    """The platforms, which count how often each reply really left in each of its rounds."""

    def __init__(self, store: MemoryStore, trail: Trail) -> None:
        super().__init__(trail)
        self.store, self.left = store, Counter()

    def send(self, outgoing: Outgoing) -> SendResult:
        before = len(self.sent)
        takes = not self.answers or self.answers[0].state in TAKEN
        try:
            return super().send(outgoing)
        finally:
            if takes and len(self.sent) > before:
                message = self.store.messages[(outgoing.thread, outgoing.token)]
                self.left[(outgoing.token, message.rounds)] += 1


class Snapshot:
    """What the views showed some time ago."""

    def __init__(self, store: MemoryStore) -> None:
        self.heads, self.around = dict(store.heads), store.around
        self.messages, self.logs = store.messages, store.logs
        self.contacts, self.identities_of = store.contacts, store.identities_of


class LaggingViews:
    """The views, or for a while what they showed when they began to lag."""

    def __init__(self, store: MemoryStore, now: FakeClock) -> None:
        self.store, self.now, self.fresh = store, now, store.views
        self.old, self.until = store.views, now()

    def lag(self, seconds: int) -> None:
        """Show what there is now for so long."""
        self.until = self.now() + timedelta(seconds=seconds)
        self.old = MemoryViews(Snapshot(self.store))

    def __getattr__(self, name: str) -> Any:
        lists = ("queued", "overdue", "open_cases", "stuck")
        late = name in lists and self.now() < self.until
        return getattr(self.old if late else self.fresh, name)


class World(Loop):
    """One company, living through one history."""

    def __init__(self, company: Company) -> None:
        self.company, self.store = company, MemoryStore()
        store, clock = self.store, FakeClock(companies.begins(company))
        parts = FakeParts(store.conversations, store.agents, store.views, store.policies, clock)
        super().__init__(parts, store)
        self._fragile()
        self.policy = companies.policy(company)
        store.policies.publish(self.policy)
        store.policies.make_current("v1")
        self.parts.sender = CountingSender(store, parts.trail)
        self.parts.sender.able[(Channel.FACEBOOK_PAGE, True)] = Capabilities(8000)
        self.number = 0
        self.posts: list[Post] = []
        self.taken: dict[str, ChannelEvent] = {}
        self.stored_at: dict[str, datetime] = {}
        self.written_at: dict[str, datetime] = {}
        self.done: list[tuple[str, str]] = []
        self.wrongs: list[str] = []
        self.trace: list[tuple[datetime, str]] = []
        self.narrates = False
        self.asks_twice, self.asks_stale = False, True
        self.early = self.late = 0
        self.broken: set[tuple[str, int]] = set()
        self.sweeps: list[datetime] = []
        self.disturbed_until = clock()
        self.changes: list[Change] = []
        self.commits: list[Commit] = []
        self.touched: dict[str, None] = {}
        self.told_at: dict[tuple[str, int], datetime] = {}
        self.rounds = 0
        self.claims: dict[tuple[str, datetime], int] = {}
        for agent in companies.staff(company):
            store.agents.save(agent)

    def _fragile(self) -> None:
        """Let every port fail as the faults of a step say."""
        trail = self.parts.trail
        trail.__class__ = FaultyTrail
        FaultyTrail.__init__(trail)
        self.trail, self.store.around = trail, trail.around
        trail.hit, trail.act = self.disturb, self._meanwhile
        self.records = FaultyStream(self.parts.now)
        self.records.hit = self._told_late
        self.ladder._told = self.records.append
        self.store.page_changed.insert(0, self._page_changed)
        self.views = self.parts.views = LaggingViews(self.store, self.parts.now)
        self.perform: Callable[[Step], None] = lambda _: None
        self.store.changed.append(self._changed)
        self.store.after_commit.append(self._committed)

    # What is noted of all that happens.

    def say(self, words: str) -> None:
        """Note what happened, where somebody will read it."""
        if self.narrates:
            self.trace.append((self.parts.now(), words))

    def _dead(self, due: Post) -> None:
        """Let a person move the dead letter back, as the alarm asks; not for ever."""
        due.tries, due.redriven = 0, due.redriven + 1
        due.at = self.parts.now() + REDRIVEN
        self.disturb("a dead letter of the inbox is moved back", int(REDRIVEN.total_seconds()))
        if due.redriven > MOST_REDRIVES:
            self.wrongs.append(f"the inbox gave up on {due.event.key}")
            self.posts.remove(due)

    def disturb(self, what: str, seconds: int = 0) -> None:
        """Note that something went wrong, and until when things may be late for it."""
        self.say(f"    ! {what}")
        until = self.parts.now() + timedelta(seconds=seconds)
        self.disturbed_until = max(self.disturbed_until, until)

    def _told_late(self, what: str, seconds: int) -> None:
        self.disturb(f"{what}, after {seconds} s", seconds)

    def _meanwhile(self, step: Step) -> None:
        self.say(f"    ! meanwhile: {step}")
        calls, before, after = self.trail.calls, self.trail.before, self.trail.after
        count, writes = self.trail.count, self.trail.writes
        self.trail.calls, self.trail.before, self.trail.after = {}, {}, set()
        about = self.records.about
        self.perform(step)
        self.records.about = about
        self.trail.calls, self.trail.before, self.trail.after = calls, before, after
        self.trail.count, self.trail.writes = count, writes

    def _changed(self, old: Conversation | None, new: Conversation) -> None:
        self.changes.append(Change(old, new))
        self.touched[new.id] = None

    def _page_changed(self, old: Page | None, new: Page) -> None:
        self.records.about = new.id
        if self.narrates and (old is None or (old.state, old.told) != (new.state, new.told)):
            told = ", ".join(f"{one.to} by {one.medium} {one.state}" for one in new.told)
            self.say(f"    page {new.queue} {new.state} rung {new.rung} told {told or 'nobody'}")

    def _committed(self, commit: Commit) -> None:
        self.commits.append(commit)
        for load in commit.load:
            agent = self.store.people.get(load.agent_id)
            if load.claim and agent is not None:
                self.claims[(load.agent_id, load.at)] = agent.load - agent.capacity
        if commit.conversation is not None and commit.entries:
            row = (commit.conversation.id, commit.conversation.version)
            self.told_at[row] = self.parts.now()
        for message in commit.insert:
            self.stored_at.setdefault(message.id, self.parts.now())
        if self.narrates:
            for entry in commit.entries:
                self.say(f"    {said(entry)}")

    # What the stream, the queues and the machine do, and fail to do.

    def _head(self, old: Conversation | None, new: Conversation) -> None:
        self.records.about = new.id
        super()._head(old, new)

    def _log(self, commit: Commit) -> None:
        self.records.about = commit.conversation.id if commit.conversation else ""
        super()._log(commit)

    def plan(self, faults: tuple[Fault, ...]) -> None:
        """Let these faults happen from here on, and those of the step before no more."""
        self.rounds = 0
        self.trail.plan(faults)
        self.records.plan(faults)
        self.late = sum(fault.seconds for fault in faults if fault.kind == "late timer")
        self.early = sum(fault.seconds for fault in faults if fault.kind == "early timer")
        for fault in faults:
            if fault.kind == "views lag":
                self.views.lag(fault.seconds)
                self.disturb("the views lag", fault.seconds)
                self.sweeps.append(self.parts.now() + timedelta(seconds=fault.seconds) + SWEEP)

    def post(self, event: ChannelEvent, seconds: int = 0) -> None:
        """Let the platform tell of an event, so long from now."""
        self.posts.append(Post(event, self.parts.now() + timedelta(seconds=seconds)))

    def rest(self) -> None:
        """Do all that can be done now."""
        super().rest()
        while self._post_due() or self._sweep_due():
            super().rest()

    def _post_due(self) -> bool:
        due = next((post for post in self.posts if post.at <= self.parts.now()), None)
        if due is None:
            return False
        due.tries += 1
        received = replace(due.event, received_at=self.parts.now())
        try:
            outcome = ingest.ingest(self.parts, received)
        except (*FAULTS, RetryLaterError) as fault:
            due.at = self.parts.now() + AGAIN
            self.disturb(f"the inbox tells again: {type(fault).__name__}", 30)
            if due.tries >= MOST_TELLINGS:
                self._dead(due)
            return True
        self.posts.remove(due)
        self.say(f"    inbox: {due.event.kind.value} {due.event.message_id}: {outcome}")
        self.taken.setdefault(due.event.key, received)
        return True

    def _sweep_due(self) -> bool:
        due = [at for at in self.sweeps if at <= self.parts.now()]
        if not due:
            return False
        self.sweeps = [at for at in self.sweeps if at > self.parts.now()]
        try:
            found = stuck.sweep(self.parts) + late.restart_late(self.parts)
        except FAULTS:
            self.sweeps.append(self.parts.now() + SWEEP)
            return True
        self.say(f"    the sweep found {found}")
        return True

    def _deliver(self, letter: Letter) -> None:
        super()._deliver(letter)
        if letter in self.letters:
            wait = letter.visible_at - self.parts.now()
            self.disturb("the outbox tells again", min(int(wait.total_seconds()), 560))

    def _next(self) -> datetime | None:
        self.rounds += 1
        if self.rounds > MOST_ROUNDS:
            raise LoopError("something looks again and again, and nothing changes")
        moments = [post.at for post in self.posts] + self.sweeps
        if self.records.waiting:
            moments.append(self.records.waiting[0].at)
        known = super()._next()
        if known is not None:
            moments.append(known)
        return min((max(at, self.parts.now()) for at in moments), default=None)

    def _task(self, name: str, made: Any) -> None:
        super()._task(name, made)
        one = self.executions[name]
        if one.ends_at is not None and (self.late or self.early):
            off = timedelta(seconds=self.late or -self.early)
            one.ends_at = max(self.parts.now() + timedelta(seconds=1), one.ends_at + off)
            wait = int((one.ends_at - self.parts.now()).total_seconds())
            self.disturb(f"a timer of {name} is off by {off}", min(wait, 86_400))

    def _enter(self, name: str, state: str) -> None:
        self.say(f"    machine {name}: {state}")
        super()._enter(name, state)
        one = self.executions[name]
        if state in ("Stuck", "Failed"):
            self.broken.add((one.case.conversation_id, one.case.generation))

    def vanish(self, conversation: Conversation) -> None:
        """Let the machine of a case vanish; the sweep finds out once something is overdue."""
        for name, one in self.executions.items():
            if one.token and one.token == conversation.token:
                self.parts.executions.over.add(one.token)
                one.token, one.ends_at = "", None
                self.ended[name] = "vanished"
                self.broken.add((conversation.id, one.case.generation))
                self.say(f"    ! the machine {name} vanishes")

    # What is there.

    def living(self, conversation: Conversation, case: Case) -> Execution | None:
        """Return the execution that works for a case and waits."""
        wanted = (conversation.id, case.number, case.generation)
        for one in self.executions.values():
            ref = one.case
            if one.token and (ref.conversation_id, ref.case_number, ref.generation) == wanted:
                return one
        return None

    def is_broken(self, conversation: Conversation) -> bool:
        """Return whether the machine of a case has failed and a person has to start it again."""
        case = conversation.case
        return case is not None and (
            bool(case.stuck) or (conversation.id, case.generation) in self.broken
        )

    def awaited(self, conversation_id: str) -> bool:
        """Return whether the stream has still to tell of a conversation."""
        return any(record.about == conversation_id for record in self.records.waiting)

    def cases(self) -> list[tuple[Conversation, Case]]:
        """Return the newest case of every conversation."""
        return [(head, head.case) for head in self.store.heads.values() if head.case is not None]

    def unsettled(self) -> list[Conversation]:
        """Return the conversations whose case is not closed."""
        return [head for head, case in self.cases() if phase(case) is not Phase.CLOSED]


def said(entry: Entry) -> str:
    """Return an entry of the log in words."""
    facts = [
        f"{name} {value}"
        for name, value in (
            ("clock", f"{entry.clock} {entry.seq}" if entry.clock else ""),
            ("agent", entry.agent_id),
            ("because", entry.reason),
            ("at", entry.at.isoformat()),
            ("until", entry.until.isoformat() if entry.until else ""),
            ("percent", entry.percent),
            ("value", entry.value),
            ("rule", entry.rule),
        )
        if value
    ]
    return f"case {entry.case_number} v{entry.version} {entry.kind.value}: {', '.join(facts)}"


__all__ = ["REDELIVERY", "World", "said"]
