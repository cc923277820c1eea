"""Fakes of what looks at networks, keeps files and remembers small things."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock

from chalicelib.domain.event import Attachment, ChannelEvent
from chalicelib.domain.personal import Finding
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import (
    Fetched,
    FetchError,
    Health,
    HealthState,
    Missed,
    Polled,
    SendResult,
    SendState,
    Wanted,
)
from chalicelib.workflows.ports import BudgetError, Mark, StaleError, Upload
from tests.fakes.trail import Fragile, Trail


class FakeNetwork(Fragile):
    """The networks: answers what a test put into it."""

    def __init__(self, trail: Trail | None = None) -> None:
        super().__init__(trail)
        self.every: dict[str, int] = {}
        self.looks: list[Polled | Exception] = []
        self.wanted: list[Wanted] = []
        self.health: dict[str, Health] = {}
        self.missed: list[Missed] = []
        self.back: dict[str, list[Sequence[ChannelEvent]]] = {}
        self.files: dict[str, Fetched | Exception] = {}
        self.costs: dict[str, int] = {}

    def polls(self, handle: Handle) -> int:
        return self.every.get(handle.id, 0)

    def poll(self, wanted: Wanted) -> Polled:
        with self.call("network.poll"):
            self.wanted.append(wanted)
            found = self.looks.pop(0) if self.looks else Polled(cursor=wanted.cursor)
        if isinstance(found, Exception):
            raise found
        return found

    def search_cost(self, handle: Handle, most: int) -> int:
        return self.costs.get(handle.id, 0) * most

    def probes(self, handle: Handle) -> int:
        return 86_400 if handle.id in self.health else 0

    def probe(self, handle: Handle) -> Health:
        with self.call("network.probe"):
            return self.health.get(handle.id, Health(HealthState.WELL))

    def fetch_back(self, missed: Missed) -> Iterable[Sequence[ChannelEvent]]:
        with self.call("network.fetch_back"):
            self.missed.append(missed)
            return list(self.back.get(missed.handle.id, []))

    def fetch(self, handle: Handle, attachment: Attachment, most_bytes: int) -> Fetched:
        with self.call("network.fetch"):
            found = self.files.get(attachment.url or attachment.media_id, FetchError("gone"))
        if isinstance(found, Exception):
            raise found
        if len(found.body) > most_bytes:
            raise FetchError("too_large")
        return found


class FakeMedia(Fragile):
    """A bucket of files in memory."""

    def __init__(self, trail: Trail | None = None) -> None:
        super().__init__(trail)
        self.kept: dict[str, tuple[bytes, str, str]] = {}

    def put(self, key: str, body: bytes, mime_type: str, name: str = "") -> None:
        with self.call("media.put"):
            self.kept[key] = (body, mime_type, name)

    def get(self, key: str) -> bytes:
        with self.call("media.get"):
            return self.kept[key][0]

    def size(self, key: str) -> int:
        with self.call("media.size"):
            return len(self.kept[key][0])

    def link(self, key: str, seconds: int, *, name: str = "", mime_type: str = "") -> str:
        return f"https://media.example.com/{key}?for={seconds}&name={name}&type={mime_type}"

    def upload(self, key: str, mime_type: str, most_bytes: int, seconds: int) -> Upload:
        fields = {"key": key, "Content-Type": mime_type, "most": str(most_bytes)}
        return Upload(key, f"https://media.example.com/?for={seconds}", fields)


class FakeTasks(Fragile):
    """A standard queue in memory; `sent` holds (body, delay)."""

    def __init__(self, trail: Trail | None = None, name: str = "tasks") -> None:
        super().__init__(trail)
        self._name = name
        self.sent: list[tuple[bytes, int]] = []
        self.postponed: list[tuple[str, int]] = []

    def send(self, body: bytes, *, delay_seconds: int = 0) -> None:
        with self.call(f"{self._name}.send"):
            self.sent.append((body, delay_seconds))

    def postpone(self, receipt: str, seconds: int) -> None:
        with self.call(f"{self._name}.postpone"):
            self.postponed.append((receipt, seconds))

    def take(self) -> list[bytes]:
        """Return what is there, and empty the queue."""
        taken, self.sent = [body for body, _ in self.sent], []
        return taken


class FakeHookSender(Fragile):
    """The company's own systems: answers with `answers` first, then takes everything."""

    def __init__(self, trail: Trail | None = None) -> None:
        super().__init__(trail)
        self.delivered: list[tuple[str, str, str, bytes]] = []
        self.answers: list[SendResult] = []

    def deliver(self, url: str, secret_name: str, event_id: str, body: bytes) -> SendResult:
        with self.call("hook_sender.deliver"):
            self.delivered.append((url, secret_name, event_id, body))
        return self.answers.pop(0) if self.answers else SendResult(SendState.ACCEPTED)


class FakeMarks(Fragile):
    """Small notes in memory, refused like the table's when they are stale."""

    def __init__(self, trail: Trail | None = None) -> None:
        super().__init__(trail)
        self.kept: dict[str, Mark] = {}

    def get(self, name: str) -> Mark:
        with self.call("marks.get"):
            return self.kept.get(name, Mark(name))

    def put(self, mark: Mark) -> Mark:
        with self.call("marks.put"):
            if self.kept.get(mark.name, Mark(mark.name)).rev != mark.rev:
                raise StaleError(mark.name)
            self.kept[mark.name] = replace(mark, rev=mark.rev + 1)
            return self.kept[mark.name]


class FakeBudgets(Fragile):
    """Sums in memory."""

    def __init__(self, trail: Trail | None = None) -> None:
        super().__init__(trail)
        self.sums: dict[tuple[str, str], int] = {}
        self._lock = Lock()

    def spend(self, name: str, month: str, micros: int, limit_micros: int | None) -> int:
        with self._lock, self.call("budgets.spend"):
            total = self.sums.get((name, month), 0) + micros
            if limit_micros is not None and micros > 0 and total > limit_micros:
                raise BudgetError(name)
            self.sums[name, month] = total
            return total

    def spent(self, name: str, month: str) -> int:
        with self.call("budgets.spent"):
            return self.sums.get((name, month), 0)


class FakeHabits(Fragile):
    """Counts by the hour, in memory."""

    def __init__(self, trail: Trail | None = None) -> None:
        super().__init__(trail)
        self.counts: dict[tuple[str, datetime], int] = {}

    def add(self, handle_id: str, hour: datetime, count: int) -> None:
        with self.call("habits.add"):
            key = (handle_id, hour.replace(minute=0, second=0, microsecond=0))
            self.counts[key] = self.counts.get(key, 0) + count

    def hours(self, handle_id: str, since: datetime) -> Mapping[datetime, int]:
        with self.call("habits.hours"):
            return {
                hour: count
                for (name, hour), count in self.counts.items()
                if name == handle_id and hour >= since
            }


class FakeCodes:
    """Codes as long as the real ones, one after the other."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> str:
        self.made += 1
        return f"Code{self.made:016d}"


class FakeDetector:
    """Finds what a test calls personal: each word with the kind it stands for."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []
        self.also: Callable[[str], Sequence[Finding]] | None = None

    def find(self, text: str, region: str) -> Sequence[Finding]:
        self.asked.append((text, region))
        found = [
            Finding(kind, text.index(word), text.index(word) + len(word))
            for word, kind in self.words.items()
            if word in text
        ]
        return found + list(self.also(text) if self.also else ())
