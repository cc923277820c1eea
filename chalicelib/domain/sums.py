"""Sums: what many cases would have come to, counted so that parts can be added up.

Every number has the ids of its cases: all of them, or the first `keep` and how many there are.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.domain.clock import Outcome
from chalicelib.domain.dry_run import Difference, Judgement, Notice
from chalicelib.domain.ladder import Medium, Rung
from chalicelib.domain.ledger import Account
from chalicelib.domain.policy import Policy

Key = tuple[str, str, str]
"""Team, channel and clock."""


@dataclass(slots=True)
class Cases:
    """Which cases a number counts: how many, and the ids of the first of them."""

    count: int = 0
    ids: list[str] = field(default_factory=list)

    def add(self, case_id: str, keep: int | None) -> None:
        """Count one case."""
        self.count += 1
        if keep is None or len(self.ids) < keep:
            self.ids.append(case_id)

    def join(self, other: "Cases", keep: int | None) -> None:
        """Count those of another part too."""
        self.count += other.count
        self.ids = [*self.ids, *other.ids][:keep]


@dataclass(slots=True)
class Tally:
    """What became of one clock of a team and a channel: as tried, and as it was recorded."""

    started: int = 0
    met: int = 0
    cancelled: int = 0
    running: int = 0
    warned: int = 0
    moved: int = 0
    breached: Cases = field(default_factory=Cases)
    recorded: Cases = field(default_factory=Cases)
    newly: Cases = field(default_factory=Cases)
    no_longer: Cases = field(default_factory=Cases)

    def join(self, other: "Tally", keep: int | None) -> None:
        """Count what another part counted too."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in LISTS:
            getattr(self, name).join(getattr(other, name), keep)


COUNTS = ("started", "met", "cancelled", "running", "warned", "moved")
LISTS = ("breached", "recorded", "newly", "no_longer")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch in which a queue's page would be open, and of how much it would tell."""

    since: datetime
    until: datetime
    members: int = 1


@dataclass(slots=True)
class Sums:
    """What the cases of a period would have come to.

    `keep`: how many ids and differences are kept of each kind (None: all). `spans` are the pages of
    each queue, `rules` how often each rule would have fired and in which cases, `unread` the cases
    whose log does not begin with their opening.
    """

    keep: int | None = None
    cases: int = 0
    tallies: dict[Key, Tally] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    spans: dict[str, list[Span]] = field(default_factory=dict)
    rules: dict[str, int] = field(default_factory=dict)
    rule_cases: dict[str, Cases] = field(default_factory=dict)
    unread: Cases = field(default_factory=Cases)

    def add(self, found: Judgement) -> None:
        """Count one case."""
        self.cases += 1
        for account in found.clocks:
            self._tally(found, account.name.value).started += 1
            _count(self._tally(found, account.name.value), account, found.case_id, self.keep)
        for account in found.recorded:
            if account.breached:
                self._tally(found, account.name.value).recorded.add(found.case_id, self.keep)
        for difference in found.differences:
            self._differ(found, difference)
        for rule, times in found.rules.items():
            self.rules[rule] = self.rules.get(rule, 0) + times
            self.rule_cases.setdefault(rule, Cases()).add(found.case_id, self.keep)
        self._notice(found.notices)

    def join(self, other: "Sums") -> None:
        """Count what another part of the period counted too."""
        self.cases += other.cases
        for key, tally in other.tallies.items():
            self.tallies.setdefault(key, Tally()).join(tally, self.keep)
        self.differences = [*self.differences, *other.differences][: self.keep]
        for name, spans in other.spans.items():
            self.spans[name] = merged([*self.spans.get(name, ()), *spans])
        for rule, times in other.rules.items():
            self.rules[rule] = self.rules.get(rule, 0) + times
            self.rule_cases.setdefault(rule, Cases()).join(other.rule_cases[rule], self.keep)
        self.unread.join(other.unread, self.keep)

    def _tally(self, found: Judgement, clock: str) -> Tally:
        return self.tallies.setdefault((found.team, found.channel, clock), Tally())

    def _differ(self, found: Judgement, difference: Difference) -> None:
        tally = self._tally(found, difference.clock.value)
        tally.moved += 1
        if difference.flips:
            broken = difference.would is not None and difference.would.breached
            (tally.newly if broken else tally.no_longer).add(found.case_id, self.keep)
            if self.keep is None or len(self.differences) < self.keep:
                self.differences.append(difference)

    def _notice(self, notices: Iterable[Notice]) -> None:
        for notice in notices:
            known = self.spans.setdefault(notice.queue, [])
            known.append(Span(notice.since, notice.until))
            if len(known) >= PILE and not len(known) & (len(known) - 1):
                self.spans[notice.queue] = merged(known)

    def pages(self) -> dict[str, list[Span]]:
        """Return the pages of each queue: what overlaps is one."""
        return {name: merged(spans) for name, spans in sorted(self.spans.items())}


PILE = 1024
"""How many stretches of a queue are gathered before those that overlap are made one."""


def _count(tally: Tally, account: Account, case_id: str, keep: int | None) -> None:
    tally.warned += len(account.warned_at)
    if account.breached:
        tally.breached.add(case_id, keep)
    elif account.outcome is None:
        tally.running += 1
    elif account.outcome is Outcome.MET:
        tally.met += 1
    else:
        tally.cancelled += 1


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return stretches with those that overlap or touch made one, oldest first."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda one: one.since):
        if found and span.since <= found[-1].until:
            last = found[-1]
            members = last.members + span.members
            found[-1] = Span(last.since, max(last.until, span.until), members)
        else:
            found.append(span)
    return found


def tellings(spans: Iterable[Span], policy: Policy, queue: str) -> dict[tuple[int, Medium], int]:
    """Return how often each rung would have told somebody by each medium: an estimate.

    It takes it that nobody acknowledges, that every name of a rung is one person with that medium,
    and that a page climbs while something of it is not settled. Repeats of the last rung are left
    out. A page of warnings climbs no further than the rungs without delay.
    """
    team, _, kind = queue.rpartition("/")
    ladder = policy.ladder(team)
    found: dict[tuple[int, Medium], int] = {}
    for span in spans:
        lasts = span.until - span.since if kind == "breach" else timedelta(0)
        for number, rung, medium in _rungs(ladder.rungs):
            fits = not rung.severities or kind in rung.severities
            if fits and rung.after_seconds <= lasts.total_seconds():
                found[number, medium] = found.get((number, medium), 0) + len(rung.to)
    return found


def _rungs(rungs: Iterable[Rung]) -> Iterator[tuple[int, Rung, Medium]]:
    for number, rung in enumerate(rungs):
        for medium in rung.by:
            yield number, rung, medium
