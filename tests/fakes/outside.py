"""Fakes of all that is outside but the store: each keeps what it is told, and fails if asked.

Every call of every fake passes `Trail.step` twice, before and after it takes effect, so that a test
can end the process at each of those places in turn (`Trail.crash_at`) without knowing where they
are.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chalicelib.channels.places import Places
from chalicelib.domain.alert import Alert
from chalicelib.domain.channel import Capabilities, Channel, LimitUnit
from chalicelib.domain.policy import Handle
from chalicelib.workflows.ladder.ports import Pages
from chalicelib.workflows.letter import Letter
from chalicelib.workflows.networks import Outgoing, SendResult, SendState
from chalicelib.workflows.ports import Agents, Conversations, Policies, Views
from tests.fakes.networks import (
    FakeBudgets,
    FakeCodes,
    FakeDetector,
    FakeHabits,
    FakeHookSender,
    FakeMarks,
    FakeMedia,
    FakeNetwork,
    FakeTasks,
)
from tests.fakes.pager import FakeLinks, FakePager
from tests.fakes.trail import CrashError, Fragile, OutageError, Trail

__all__ = [
    "BEGINNING",
    "DESK_URL",
    "CrashError",
    "FakeAlerts",
    "FakeBlobs",
    "FakeClock",
    "FakeExecutions",
    "FakeMeter",
    "FakeParts",
    "FakeQueue",
    "FakeSecrets",
    "FakeSender",
    "Fragile",
    "OutageError",
    "Sent",
    "Trail",
    "Wake",
]


BEGINNING = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
"""A Monday morning: where the fake clock starts."""

DEDUPE = timedelta(minutes=5)
DAY_SECONDS = 86_400


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = BEGINNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float = 0, *, hours: float = 0, days: float = 0) -> datetime:
        """Move forward and return the new time."""
        self.now += timedelta(seconds=seconds, hours=hours, days=days)
        return self.now

    def set(self, now: datetime) -> None:
        """Move to `now`, forward or back."""
        self.now = now


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that a queue took."""

    body: bytes
    group: str
    key: str
    delay_seconds: int = 0


class FakeQueue(Fragile):
    """A FIFO queue.

    `sent` is what it took, in order; an equal key within five minutes is taken and forgotten, as
    SQS does.

    `refuse` names keys that a batch leaves unsent.
    """

    def __init__(
        self, now: FakeClock | None = None, trail: Trail | None = None, name: str = "queue"
    ) -> None:
        super().__init__(trail)
        self.now = now or FakeClock()
        self.name = name
        self.sent: list[Sent] = []
        self.postponed: list[tuple[str, int]] = []
        self.refuse: set[str] = set()
        self._seen: dict[str, datetime] = {}

    def send(self, body: bytes, *, group: str, key: str, delay_seconds: int = 0) -> None:
        with self.call(f"{self.name}.send"):
            self._take(Sent(body, group, key, delay_seconds))

    def send_many(self, letters: Sequence[Letter]) -> Sequence[Letter]:
        try:
            with self.call(f"{self.name}.send_many"):
                unsent = [letter for letter in letters if letter.key in self.refuse]
                for letter in letters:
                    if letter not in unsent:
                        self._take(Sent(letter.body, letter.group, letter.key))
        except OutageError:
            return letters
        return unsent

    def postpone(self, receipt: str, seconds: int) -> None:
        with self.call(f"{self.name}.postpone"):
            self.postponed.append((receipt, seconds))

    def take(self) -> list[Sent]:
        """Return what is on the queue and empty it."""
        taken, self.sent = self.sent, []
        return taken

    def _take(self, sent: Sent) -> None:
        seen = self._seen.get(sent.key)
        if seen is None or self.now() - seen >= DEDUPE:
            self._seen[sent.key] = self.now()
            self.sent.append(sent)


@dataclass(frozen=True, slots=True)
class Wake:
    """One answer to a waiting task."""

    token: str
    output: Mapping[str, object]


class FakeExecutions(Fragile):
    """The state machine service. A token can be answered once; those in `over` not at all."""

    def __init__(self, trail: Trail | None = None, name: str = "executions") -> None:
        super().__init__(trail)
        self.name = name
        self.started: dict[str, dict[str, object]] = {}
        self.woken: list[Wake] = []
        self.over: set[str] = set()

    def start(self, name: str, payload: Mapping[str, object]) -> bool:
        with self.call(f"{self.name}.start"):
            fresh = name not in self.started
            self.started.setdefault(name, dict(payload))
        return fresh

    def wake(self, token: str, output: Mapping[str, object]) -> bool:
        with self.call(f"{self.name}.wake"):
            alive = token not in self.over
            if alive:
                self.over.add(token)
                self.woken.append(Wake(token, dict(output)))
        return alive


class FakeAlerts(Fragile):
    """The topics. `announced` is every announcement, repeated ones too."""

    def __init__(self, trail: Trail | None = None) -> None:
        super().__init__(trail)
        self.announced: list[Alert] = []

    def announce(self, alert: Alert) -> None:
        with self.call("alerts.announce"):
            self.announced.append(alert)


class FakeSender(Fragile):
    """The channels.

    Answers with the results in `answers` first, then accepts everything as platform-1, platform-2,
    ...
    """

    def __init__(self, trail: Trail | None = None) -> None:
        super().__init__(trail)
        self.sent: list[Outgoing] = []
        self.moderated: list[tuple[str, str, str]] = []
        self.answers: list[SendResult] = []
        self.able: dict[tuple[Channel, bool], Capabilities] = {
            (Channel.MESSENGER, False): Capabilities(
                2000,
                window_seconds=DAY_SECONDS,
                human_window_seconds=7 * DAY_SECONDS,
                after_window="Only words typed by a person may be sent, up to 7 days after.",
                receipts=True,
            ),
            (Channel.INSTAGRAM, False): Capabilities(
                1000, LimitUnit.BYTES, window_seconds=DAY_SECONDS
            ),
            (Channel.WHATSAPP, False): Capabilities(
                4096,
                window_seconds=DAY_SECONDS,
                after_window="Send an approved template.",
                receipts=True,
            ),
            (Channel.INSTAGRAM, True): Capabilities(300),
        }

    def capabilities(self, handle: Handle, *, public: bool) -> Capabilities:
        return self.able.get((handle.channel, public), Capabilities(8000))

    def moderate(self, handle: Handle, platform_id: str, action: str) -> SendResult:
        with self.call("sender.moderate"):
            self.moderated.append((handle.id, platform_id, action))
        return self.answers.pop(0) if self.answers else SendResult(SendState.ACCEPTED)

    def send(self, outgoing: Outgoing) -> SendResult:
        with self.call("sender.send"):
            self.sent.append(outgoing)
            number = len(self.sent)
        return (
            self.answers.pop(0)
            if self.answers
            else SendResult(SendState.ACCEPTED, f"platform-{number}")
        )


class FakeBlobs(Fragile):
    """A bucket in memory."""

    def __init__(self, trail: Trail | None = None) -> None:
        super().__init__(trail)
        self.kept: dict[str, tuple[bytes, Mapping[str, str]]] = {}

    def put(self, key: str, body: bytes, metadata: Mapping[str, str]) -> None:
        with self.call("blobs.put"):
            self.kept[key] = (body, dict(metadata))

    def get(self, key: str) -> tuple[bytes, Mapping[str, str]]:
        """Raises KeyError when there is none."""
        with self.call("blobs.get"):
            return self.kept[key]

    def keys(self, prefix: str, limit: int = 1000) -> Sequence[str]:
        with self.call("blobs.keys"):
            return sorted(key for key in self.kept if key.startswith(prefix))[:limit]

    def delete(self, key: str) -> None:
        with self.call("blobs.delete"):
            self.kept.pop(key, None)


class FakeSecrets(Fragile):
    """Secrets by name: the parsed JSON object of each.

    A name that is not there is empty, as on AWS before it is filled.
    """

    def __init__(
        self, held: Mapping[str, Mapping[str, object]] | None = None, trail: Trail | None = None
    ) -> None:
        super().__init__(trail)
        self.held = dict(held or {})

    def get(self, name: str) -> Mapping[str, object]:
        with self.call("secrets.get"):
            return self.held.get(name, {})


@dataclass
class FakeMeter:
    """Counts. `total("breaches")` sums over all dimensions; `counts` keeps them apart."""

    counts: Counter[tuple[str, tuple[tuple[str, str], ...]]] = field(default_factory=Counter)
    times: list[tuple[str, int]] = field(default_factory=list)

    def count(self, name: str, value: int = 1, **dimensions: str) -> None:
        self.counts[(name, tuple(sorted(dimensions.items())))] += value

    def took(self, name: str, milliseconds: int) -> None:
        self.times.append((name, milliseconds))

    def flush(self) -> None:
        """Keep the counts: a fake has nowhere to send them."""

    def total(self, name: str, **dimensions: str) -> int:
        """Return the sum of every count of that name that has at least these dimensions."""
        wanted = set(dimensions.items())
        return sum(
            value
            for (found, dims), value in self.counts.items()
            if found == name and wanted <= set(dims)
        )


DESK_URL = "https://desk.example.com"


def _pages_of(conversations: Conversations) -> Pages:
    from tests.fakes.store import MemoryStore

    store = getattr(conversations, "_store", None)
    return store.pages if isinstance(store, MemoryStore) else MemoryStore().pages


class FakeParts:
    """All parts at once: the fakes of this file, and the five of the store, handed in.

    `pages` not given: those beside the conversations in memory, else some of their own.
    """

    def __init__(
        self,
        conversations: Conversations,
        agents: Agents,
        views: Views,
        policies: Policies,
        clock: FakeClock | None = None,
        *,
        pages: Pages | None = None,
    ) -> None:
        self.pages = pages or _pages_of(conversations)
        self.conversations, self.agents, self.views, self.policies = (
            conversations,
            agents,
            views,
            policies,
        )
        self.trail = Trail()
        self.now = clock or FakeClock()
        self.executions = FakeExecutions(self.trail)
        self.ladders = FakeExecutions(self.trail, "ladders")
        self.inbox = FakeQueue(self.now, self.trail, "inbox")
        self.outbox = FakeQueue(self.now, self.trail, "outbox")
        self.alerts = FakeAlerts(self.trail)
        self.sender = FakeSender(self.trail)
        self.blobs = FakeBlobs(self.trail)
        self.network = FakeNetwork(self.trail)
        self.media = FakeMedia(self.trail)
        self.files = FakeTasks(self.trail, "files")
        self.hooks = FakeTasks(self.trail, "hooks")
        self.hook_sender = FakeHookSender(self.trail)
        self.marks = FakeMarks(self.trail)
        self.budgets = FakeBudgets(self.trail)
        self.habits = FakeHabits(self.trail)
        self.detector = FakeDetector()
        self.codes = FakeCodes()
        self.pager = FakePager(self.trail)
        self.links = FakeLinks()
        self.places = Places(now=self.now)
        self.secrets = FakeSecrets(trail=self.trail)
        self.meter = FakeMeter()
        self.desk_url = DESK_URL
