"""Faults: what goes wrong at a port call, with a stream record, a timer or a view."""

import heapq
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from chalicelib.workflows.ports import BusyError, StaleError
from tests.fakes.outside import FakeClock
from tests.fakes.trail import CrashError, OutageError, Trail
from tests.simulation.history import Fault, Step

WRITES = frozenset(
    {
        "conversations.commit",
        "conversations.arm",
        "agents.save",
        "agents.set_presence",
        "pages.open",
        "pages.save",
        "pages.arm",
    }
)
CONDITIONAL = WRITES - {"agents.save", "agents.set_presence"}


class FaultyTrail(Trail):
    """Raises what the faults of the running step say, at the port call they name."""

    def __init__(self) -> None:
        super().__init__()
        self.count = self.writes = 0
        self.calls: dict[int, type[BaseException]] = {}
        self.before: dict[int, type[BaseException]] = {}
        self.after: set[int] = set()
        self.sendings = 0
        self.meanwhile: dict[int, Step] = {}
        self.act: Callable[[Step], None] = lambda _: None
        self.hit: Callable[[str], None] = lambda _: None

    def plan(self, faults: Iterable[Fault]) -> None:
        """Count calls and writes from here on, and let these faults happen."""
        self.calls, self.before, self.after, self.meanwhile = {}, {}, set(), {}
        self.count = self.writes = 0
        self.sendings = sum(fault.kind == "dies after sending" for fault in faults)
        for fault in faults:
            span = range(fault.at, fault.at + fault.times)
            if fault.kind == "dies":
                self.calls |= dict.fromkeys(span, CrashError)
            elif fault.kind == "outage":
                self.calls |= dict.fromkeys(span, OutageError)
            elif fault.kind == "throttled":
                self.before |= dict.fromkeys(span, BusyError)
            elif fault.kind == "stale":
                self.before |= dict.fromkeys(span, StaleError)
            elif fault.kind == "timed out":
                self.after |= set(span)
            elif fault.kind == "meanwhile" and fault.meanwhile is not None:
                self.meanwhile[fault.at] = fault.meanwhile

    def around(self, site: str) -> "Around":
        """Guard one port call."""
        return Around(self, site)

    def call(self, site: str) -> None:
        """Count a port call; raise what is planned for it."""
        number = self.count
        self.count += 1
        if self.calls and (error := self.calls.pop(number, None)):
            self.hit(f"{error.__name__} at {site}")
            raise error(site)

    def write(self, site: str) -> int:
        """Count a write; raise what is planned before it, or let something be faster."""
        number = self.writes
        self.writes += 1
        if self.meanwhile and (step := self.meanwhile.pop(number, None)):
            self.act(step)
        error = self.before.pop(number, None) if self.before else None
        if error is not None and (error is not StaleError or site in CONDITIONAL):
            self.hit(f"{error.__name__} before {site}")
            raise error(site)
        return number


class Around:
    """One port call: before and after it."""

    __slots__ = ("number", "site", "trail")

    def __init__(self, trail: FaultyTrail, site: str) -> None:
        self.trail, self.site, self.number = trail, site, -1

    def __enter__(self) -> None:
        self.trail.call(self.site)
        if self.site in WRITES:
            self.number = self.trail.write(self.site)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is not None:
            return
        if self.site == "sender.send" and self.trail.sendings:
            self.trail.sendings -= 1
            self.trail.hit("CrashError after sender.send")
            raise CrashError(self.site)
        if self.number in self.trail.after:
            self.trail.after.discard(self.number)
            self.trail.hit(f"time-out after {self.site}")
            raise BusyError(self.site)
        self.trail.call(self.site)


class Record:
    """What the stream tells once: `about` a conversation, not before `at`."""

    __slots__ = ("about", "at", "follow", "number")

    def __init__(self, at: datetime, number: int, follow: Callable[[], object], about: str) -> None:
        self.at, self.number, self.follow, self.about = at, number, follow, about

    def __lt__(self, other: "Record") -> bool:
        return (self.at, self.number) < (other.at, other.number)


class FaultyStream:
    """The stream: tells records late, twice, or after others, as the faults say.

    Looks like the loop's queue of records: true when one may be told now, `[0]` is that one.
    """

    def __init__(self, now: FakeClock) -> None:
        self.now = now
        self.waiting: list[Record] = []
        self.count = self.told = 0
        self.delayed: dict[int, int] = {}
        self.repeated: dict[int, int] = {}
        self.about = ""
        self.hit: Callable[[str, int], None] = lambda *_: None

    def plan(self, faults: Iterable[Fault]) -> None:
        """Count records from here on, and let these faults happen."""
        self.count, self.delayed, self.repeated = 0, {}, {}
        for fault in faults:
            if fault.kind in ("delayed", "repeated"):
                kept = self.delayed if fault.kind == "delayed" else self.repeated
                span = range(fault.at, fault.at + fault.times)
                kept.update(dict.fromkeys(span, fault.seconds))

    def append(self, follow: Callable[[], object]) -> None:
        """Take a record."""
        late, again = self.delayed.get(self.count, 0), self.repeated.get(self.count)
        self.count += 1
        self._put(follow, late)
        if late:
            self.hit("a stream record comes late", late)
        if again is not None:
            self.hit("a stream record comes twice", again)
            self._put(follow, late + again)

    def _put(self, follow: Callable[[], object], seconds: int) -> None:
        self.told += 1
        at = self.now() + timedelta(seconds=seconds)
        heapq.heappush(self.waiting, Record(at, self.told, follow, self.about))

    def __bool__(self) -> bool:
        return bool(self.waiting) and self.waiting[0].at <= self.now()

    def __getitem__(self, index: int) -> Callable[[], object]:
        first = self.waiting[index]
        self.about = first.about
        return first.follow

    def popleft(self) -> None:
        """Forget the record that was followed: the first one."""
        heapq.heappop(self.waiting)
