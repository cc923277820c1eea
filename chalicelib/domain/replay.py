"""Replay: a case once more from its log, by the same functions that decided it.

The log holds what happened (facts: a message, a reply, a pause) and what followed from it (clocks
that start and stop, deadlines that pass). A replay takes the facts alone, in the order in which
they were learnt, lets time pass between them, and so finds what follows under any terms:

    replay(log, the terms it was made under) = the clocks and clock events of the log

Three things are facts though a policy led to them once: what rules and people did to the case,
whether a message reopened it, and what a survey's score led to. Nobody knows what people would have
done otherwise. A fact that a step of the replay brings about by itself is not taken twice.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import lifecycle, moment, outlook, promise
from chalicelib.domain.case import Case, Status
from chalicelib.domain.clock import MILLISECOND, Clock, ClockName
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.facts import FACTS
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.ground import Ground, known_at, unopened
from chalicelib.domain.outlook import Phase

LOOKED_AHEAD = 12
"""How many entries after a fact are looked at for what it led to."""

TIMED = {
    EntryKind.DEADLINE_WARNED: MILLISECOND * 0,
    EntryKind.DEADLINE_BREACHED: MILLISECOND,
    EntryKind.SNOOZE_ENDED: MILLISECOND * 0,
}
"""What time alone brings about, and how long after its instant a look finds it first.

Such an entry in the log proves that time had come so far before the next one was learnt.
"""


@dataclass(frozen=True, slots=True)
class View:
    """Under what a log is replayed.

    `terms` gives the terms of a policy version. `held`: one policy, and `priority` and `vip` where
    they are given, from the beginning to the end, whatever the log says of changes.
    """

    terms: Callable[[str], Terms]
    held: bool = False
    priority: str | None = None
    vip: bool | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a replay: the case after it with the entries it made, and the fact it took.

    `cause` None: time passed until `at`.
    """

    fold: Fold
    at: datetime
    cause: Entry | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """A case replayed: how it stands, its log made anew, and every clock that it has had."""

    fold: Fold
    clocks: tuple[Clock, ...]


def replay(entries: Sequence[Entry], view: View, until: datetime | None = None) -> Replayed:
    """Return a case's replay; `entries` are its whole log, oldest first.

    At the end time passes up to `until`; None: no further than the log goes. Raises LogError for a
    log that does not begin with the case's opening.
    """
    return gathered(walk(entries, view, until))


def gathered(steps: Iterable[Step]) -> Replayed:
    """Return what the steps of a replay give together. Raises LogError when there are none."""
    made: list[Entry] = []
    clocks: dict[tuple[ClockName, int], Clock] = {}
    case = None
    for step in steps:
        case = step.fold.case
        made += step.fold.entries
        clocks |= {(clock.name, clock.seq): clock for clock in case.clocks}
    if case is None:
        raise LogError("the log is empty")
    return Replayed(Fold(case, tuple(made)), tuple(clocks.values()))


def walk(entries: Sequence[Entry], view: View, until: datetime | None = None) -> Iterator[Step]:
    """Yield each step of a replay as `replay` makes it. Raises LogError."""
    run = _Run(view, entries)
    for number, entry in enumerate(entries):
        yield from run.take(number, entry)
    if until is not None:
        yield from run.pass_time(until)


class LogError(ValueError):
    """Raised for a log that does not begin with the opening of its case."""


class _Run:
    """A replay on its way: the case so far, and the facts that its own steps have made."""

    def __init__(self, view: View, entries: Sequence[Entry]) -> None:
        self.view = view
        self.entries = entries
        self.case: Case | None = None
        self.made: list[tuple[EntryKind, datetime, str]] = []
        self.plain: dict[str, Terms] = {}

    def take(self, number: int, entry: Entry) -> Iterator[Step]:
        """Yield the steps that one entry of the log stands for."""
        after = TIMED.get(entry.kind)
        if self.case is not None and after is not None:
            yield from self.pass_time(entry.at + after)
        if self._is_made(entry) or entry.kind not in FACTS:
            return
        if self.case is not None:
            yield from self.pass_time(known_at(entry) - MILLISECOND)
        yield self._stepped(self._taken(number, entry), known_at(entry), entry)

    def pass_time(self, until: datetime) -> Iterator[Step]:
        """Yield what time alone brings about until then, each at its own instant."""
        case = self.case
        at = next_moment(case) if case is not None else None
        while case is not None and at is not None and at <= until:
            fold = elapsed(Fold(case), self._terms(case.policy_version), at)
            if fold.case == case:
                return
            yield self._stepped(fold, at)
            case, at = fold.case, next_moment(fold.case)

    def _taken(self, number: int, entry: Entry) -> Fold:
        if self.case is None and entry.kind is not EntryKind.CASE_OPENED:
            raise LogError(f"the log begins with {entry.kind.value}")
        case = self.case or unopened(entry)
        ground = Ground(
            terms=self._terms(case.policy_version),
            before=self.entries[:number],
            after=self.entries[number + 1 : number + 1 + LOOKED_AHEAD],
            terms_of=self._terms,
            held=self.view.held,
            priority=self.view.priority,
            vip=self.view.vip,
        )
        return FACTS[entry.kind](Fold(case), ground, entry)

    def _stepped(self, fold: Fold, at: datetime, cause: Entry | None = None) -> Step:
        """Keep the case after a step, and the facts that the step made beside its cause."""
        facts = [_key(entry) for entry in fold.entries if entry.kind in FACTS]
        if cause is not None and _key(cause) in facts:
            facts.remove(_key(cause))
        self.made += facts
        self.case = fold.case
        return Step(fold, at, cause)

    def _is_made(self, entry: Entry) -> bool:
        """Return whether a step has made this fact already; it is then expected no more."""
        if _key(entry) not in self.made:
            return False
        self.made.remove(_key(entry))
        return True

    def _terms(self, version: str) -> Terms:
        """Return the terms of a version without its rules: what they did is in the log."""
        if version not in self.plain:
            terms = self.view.terms(version)
            self.plain[version] = replace(terms, policy=replace(terms.policy, rules=()))
        return self.plain[version]


def next_moment(case: Case) -> datetime | None:
    """Return the nearest instant at which time alone changes the case, or None.

    Offers and requeueing are people's and the queue's: the log has them as facts.
    """
    phase = outlook.phase(case)
    if phase is Phase.CLOSED:
        return None
    if phase is Phase.RESOLVED:
        return moment.next_moment(case.clocks)
    until = case.snoozed_until if case.status is Status.SNOOZED else None
    found = (moment.next_moment(case.clocks), until)
    return min((at for at in found if at is not None), default=None)


def elapsed(fold: Fold, terms: Terms, now: datetime) -> Fold:
    """Let time pass up to `now`, as the machine of such a case does (workflows breach, survey)."""
    if outlook.phase(fold.case) is Phase.RESOLVED:
        return promise.tick(fold, now)
    return lifecycle.tick(fold, terms, now)


def _key(entry: Entry) -> tuple[EntryKind, datetime, str]:
    return entry.kind, entry.at, entry.message_id
