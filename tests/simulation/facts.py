"""Facts: what the log of a case says of its clocks, read without any function of chalicelib."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.domain.clock import ClockName
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry, EntryKind
from tests.simulation import oracle
from tests.simulation.world import World

K = EntryKind
FAILED = "the message failed"
VOID = "an earlier reply failed"
"""Why a clock ended as if it had never begun."""

ROUND_THE_CLOCK = frozenset({ClockName.EXPOSE})
SELECTORS = ("team", "channel", "handle", "public", "priority", "vip")


@dataclass(slots=True)
class Run:
    """One clock as the log tells of it: `running` are the spans in which it ran, the last open."""

    name: ClockName
    seq: int
    promised: datetime | None
    running: list[oracle.Span] = field(default_factory=list)
    begun_at: datetime | None = None
    ended: Entry | None = None
    breached: Entry | None = None
    warned: list[Entry] = field(default_factory=list)
    unclear: bool = False
    voided: bool = False
    priority: str = ""
    before: list[oracle.Span] = field(default_factory=list)

    def take(self, entry: Entry) -> None:
        """Take in what happened next."""
        how = {
            K.CLOCK_STARTED: self._started,
            K.CLOCK_PAUSED: self._held,
            K.CLOCK_MET: self._ended,
            K.CLOCK_CANCELLED: self._ended,
            K.CLOCK_SUPERSEDED: self._ended,
            K.CLOCK_RESUMED: self._resumed,
            K.CLOCK_REOPENED: self._reopened,
            K.DEADLINE_WARNED: self.warned.append,
            K.DEADLINE_BREACHED: self._breached,
            K.BREACH_WITHDRAWN: self._withdrawn,
        }.get(entry.kind)
        if how is not None:
            how(entry)

    def _started(self, entry: Entry) -> None:
        # A warning for the later start stays in the log; its clock has moved on.
        self.unclear = self.unclear or len(self.running) > 1
        self.warned.clear()
        end = self.running[0][1] if self.running else None
        self.running[:1] = [(entry.at, end)]
        self.promised, self.begun_at = entry.until, entry.at

    def _held(self, entry: Entry) -> None:
        begin, _ = self.running[-1]
        self.running[-1] = (begin, max(begin, entry.at))

    def _ended(self, entry: Entry) -> None:
        self.ended, self.before = entry, list(self.running)
        self.voided = self.unclear
        self.unclear = self.unclear or entry.reason == VOID
        if self.running and self.running[-1][1] is None:
            self._held(entry)

    def _resumed(self, entry: Entry) -> None:
        end = self.running[-1][1]
        self.running.append((max(entry.at, end or entry.at), None))
        self.promised = entry.until or self.promised

    def _reopened(self, entry: Entry) -> None:
        if entry.reason == FAILED:  # as if it had never been stopped
            if self.ended is None or self.running[-1][1] != self.ended.at:
                self.unclear = True
            else:
                self.running[-1] = (self.running[-1][0], None)
        elif self.ended is None:
            self.unclear = True  # it ran out: when it stopped is not in its own log
        else:
            self.running.append((max(entry.at, self.running[-1][1] or entry.at), None))
        self.ended = None
        self.promised = entry.until or self.promised

    def _breached(self, entry: Entry) -> None:
        self.breached = entry

    def _withdrawn(self, entry: Entry) -> None:
        self.breached = None

    @property
    def live(self) -> bool:
        """Return whether it runs now."""
        return self.ended is None and bool(self.running) and self.running[-1][1] is None


def runs(world: World, head: Conversation) -> dict[tuple[int, ClockName, int], Run]:
    """Return every clock of every case of a conversation, as the log tells of it."""
    found: dict[tuple[int, ClockName, int], Run] = {}
    priority: dict[int, str] = {}
    for entry in log(world, head.id):
        if entry.kind is K.PRIORITY_CHANGED:
            priority[entry.case_number] = entry.value
        if entry.clock is None or not entry.seq:
            continue
        key = (entry.case_number, entry.clock, entry.seq)
        if key not in found:
            found[key] = Run(entry.clock, entry.seq, entry.until)
            found[key].priority = priority.get(entry.case_number, "")
            earlier = found.get((entry.case_number, entry.clock, entry.seq - 1))
            if earlier is not None and _decided_anew(earlier, entry):
                found[key].running = earlier.before
                found[key].unclear = earlier.voided
                found[key].promised, found[key].begun_at = entry.until, entry.at
                continue
        found[key].take(entry)
    return found


def _decided_anew(earlier: Run, started: Entry) -> bool:
    """Return whether a clock takes the place of one from the same start, with the same pauses."""
    ended = earlier.ended
    return ended is not None and (ended.kind, ended.version) == (
        K.CLOCK_SUPERSEDED,
        started.version,
    )


def log(world: World, conversation_id: str) -> list[Entry]:
    """Return the entries of a conversation in the order they were written."""
    rows = world.store.logs.get(conversation_id, {})
    return [entry for version in sorted(rows) for entry in rows[version]]


def target(world: World, head: Conversation, name: ClockName, priority: str) -> timedelta | None:
    """Return what the company promises: the target with most selectors that all fit, first wins."""
    here = {
        "team": "care",
        "channel": head.channel.value,
        "public": head.public,
        "priority": priority,
    }
    found: tuple[int, timedelta] | None = None
    for clock, seconds, *narrowed in world.company.targets:
        fits = not narrowed or here[str(narrowed[0])] == narrowed[1]
        weight = len(narrowed) // 2
        if clock == name.value and fits and (found is None or weight > found[0]):
            found = (weight, timedelta(seconds=int(seconds)))
    return found[1] if found else None


def hours(world: World, name: ClockName) -> str:
    """Return whose opening hours a clock of that name runs by."""
    return "" if name in ROUND_THE_CLOCK else world.company.hours
