"""Dry runs: what one case would have come to under a policy, beside what was recorded of it.

What customers and people did is taken as it was: nobody knows what they would have done otherwise.
Clocks, warnings and breaches are exact. How often rules would have fired, and what pages would have
been sent, are estimates: what a rule does, and whom a page moves, changes what comes after it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.domain import acting, firing
from chalicelib.domain.alert import span
from chalicelib.domain.case import Case
from chalicelib.domain.clock import Clock, ClockName, Outcome
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.firing import NOTHING, Facts
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.ledger import Account, ledger
from chalicelib.domain.page import ASSIGNEE_PERCENT, What, queue
from chalicelib.domain.replay import Replayed, Step, View, gathered, replay, walk

ALWAYS = "always open"

MOST_ROUNDS = 1000
"""How often time rules are looked at between two facts, whatever they repeat."""


@dataclass(frozen=True, slots=True)
class Past:
    """One case of the past: which it is, its log oldest first, and the terms of each version.

    `facts_of` tells what an event rule may ask of a message or an answer.
    """

    conversation_id: str
    number: int
    entries: tuple[Entry, ...]
    terms_of: Callable[[str], Terms]
    facts_of: Callable[[Entry], Facts] = lambda _: NOTHING

    @property
    def id(self) -> str:
        """Return the case's id: its conversation's and its number."""
        return f"{self.conversation_id}-{self.number}"


@dataclass(frozen=True, slots=True)
class Difference:
    """A clock that would have come to something else. `why` says it in a sentence.

    `was` is as it was recorded, `would` as it would have been; None: there was no such promise.
    """

    case_id: str
    clock: ClockName
    was: Account | None
    would: Account | None
    why: str

    @property
    def flips(self) -> bool:
        """Return whether it breaks a promise that was kept, or keeps one that was broken."""
        return _broken(self.was) != _broken(self.would)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that people would be told of: on which queue of pages, and while it lasts."""

    queue: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one case would have come to. `clocks` are the promises that stand in the end."""

    case_id: str
    team: str
    channel: str
    clocks: tuple[Account, ...]
    recorded: tuple[Account, ...]
    differences: tuple[Difference, ...]
    notices: tuple[Notice, ...]
    rules: dict[str, int] = field(default_factory=dict)


def judge(past: Past, trial: Terms | None, until: datetime) -> Judgement:
    """Return what a case would have come to by `until` under the terms tried.

    `trial` None: under those in force, each version of its own time. Raises LogError for a log that
    does not begin with the case's opening, as those of before this version may not.
    """
    view = View((lambda _: trial) if trial is not None else past.terms_of)
    rules: dict[str, int] = {}
    steps = _watched(walk(past.entries, view, until), past, view, rules)
    would = gathered(steps)
    case, terms = would.fold.case, view.terms(would.fold.case.policy_version)
    tried = _standing(would.fold.entries)
    recorded = _standing(past.entries)
    return Judgement(
        case_id=past.id,
        team=case.team,
        channel=terms.handle.channel.value,
        clocks=tried,
        recorded=recorded,
        differences=tuple(_differences(past, would, recorded, tried)),
        notices=tuple(_notices(terms, case.team, would.fold.entries, tried, until)),
        rules=rules,
    )


def _standing(entries: Sequence[Entry]) -> tuple[Account, ...]:
    """Return what became of each clock, without those that others have taken the place of."""
    return tuple(a for a in ledger(entries).values() if a.outcome is not Outcome.SUPERSEDED)


def _watched(
    steps: Iterator[Step], past: Past, view: View, rules: dict[str, int]
) -> Iterator[Step]:
    """Pass the steps of a replay on, and count which rules would have fired beside them.

    What a rule does is not done: its firings alone are carried along, so that the cuts that end
    loops count as they do in production.
    """
    fired: dict[str, object] = {"fired": (), "firings": ()}
    before: Case | None = None
    for step in steps:
        if before is not None:
            fired = _rest(before, view, step.at, fired, rules)
        case = step.fold.case
        terms = view.terms(case.policy_version)
        if terms.policy.rules:
            shadow = Fold(replace(case, **fired))  # type: ignore[arg-type]
            facts = past.facts_of(step.cause) if step.cause is not None else NOTHING
            after = acting.react(shadow, step.fold.entries, terms, step.at, facts=facts)
            fired = _counted(after, rules)
        before = case
        yield step


def _rest(
    case: Case, view: View, until: datetime, fired: dict[str, object], rules: dict[str, int]
) -> dict[str, object]:
    """Let the time rules of a case that stays as it is fire up to `until`; return what fired."""
    terms = view.terms(case.policy_version)
    for _ in range(MOST_ROUNDS if terms.policy.rules else 0):
        shadow = replace(case, **fired)  # type: ignore[arg-type]
        at = firing.next_at(shadow, terms)
        if at is None or at > until:
            break
        after = acting.elapse(Fold(shadow), terms, at)
        if after.case.fired == shadow.fired:
            break
        fired = _counted(after, rules)
    return fired


def _counted(fold: Fold, rules: dict[str, int]) -> dict[str, object]:
    for entry in fold.entries:
        if entry.kind is EntryKind.RULE_FIRED:
            rules[entry.rule] = rules.get(entry.rule, 0) + 1
    return {"fired": fold.case.fired, "firings": fold.case.firings}


def _notices(
    terms: Terms,
    team: str,
    entries: Sequence[Entry],
    tried: Sequence[Account],
    until: datetime,
) -> Iterator[Notice]:
    """Give what people would be told of: a breach until its clock ends, a warning at once."""
    standing = {(account.name, account.seq): account for account in tried}
    gather = timedelta(seconds=terms.policy.ladder(team).gather_seconds)
    for account in standing.values():
        if account.breached_at is not None:
            over = max(account.ended_at or until, account.breached_at)
            yield Notice(queue(team, What.BREACH), account.breached_at, over)
    for entry in entries:
        told = entry.kind is EntryKind.DEADLINE_WARNED and entry.percent >= ASSIGNEE_PERCENT
        if told and (entry.clock, entry.seq) in standing:
            yield Notice(queue(team, What.WARNING), entry.at, entry.at + gather)


def _differences(
    past: Past, would: Replayed, recorded: Sequence[Account], tried: Sequence[Account]
) -> Iterator[Difference]:
    """Give the clocks that come out otherwise than they were recorded."""
    pairs = _paired(recorded, tried)
    unlike = [(was, new) for was, new in pairs if _seen(was) != _seen(new)]
    if not unlike:
        return
    now = {(clock.name, clock.seq): clock for clock in would.clocks}
    then = _as_it_was(past)
    for was, new in unlike:
        old_clock = then.get((was.name, was.seq)) if was else None
        new_clock = now.get((new.name, new.seq)) if new else None
        one = was or new
        assert one is not None
        yield Difference(past.id, one.name, was, new, why(old_clock, new_clock))


def _seen(account: Account | None) -> tuple[object, ...]:
    """Return what of a promise anybody would notice: its deadline, and whether it was kept."""
    if account is None:
        return ()
    paused = account.due_at if account.breached_at is None else account.breached_at
    return paused, account.breached_at


def _paired(
    recorded: Sequence[Account], tried: Sequence[Account]
) -> list[tuple[Account | None, Account | None]]:
    """Return recorded promises with those that began at the same instant, then the new alone."""
    left = list(tried)
    pairs: list[tuple[Account | None, Account | None]] = []
    for was in recorded:
        same = [n for n in left if (n.name, n.started_at) == (was.name, was.started_at)]
        if same:
            left.remove(same[0])
        pairs.append((was, same[0] if same else None))
    return pairs + [(None, new) for new in left]


def _as_it_was(past: Past) -> dict[tuple[ClockName, int], Clock]:
    """Return the clocks as they were decided, with targets and calendars, which the log has not."""
    found = replay(past.entries, View(past.terms_of))
    return {(clock.name, clock.seq): clock for clock in found.clocks}


def why(old: Clock | None, new: Clock | None) -> str:
    """Return in a sentence why a promise comes out otherwise."""
    if new is None:
        return "there would be no such promise"
    if old is None:
        return f"there was no such promise; it would be kept within {span(new.target_seconds)}"
    if old.target_seconds != new.target_seconds:
        return f"target {span(new.target_seconds)} instead of {span(old.target_seconds)}"
    if old.calendar != new.calendar:
        return (
            f"calendar {new.calendar or 'always open'} instead of {old.calendar or 'always open'}"
        )
    return f"other opening hours in calendar {new.calendar or 'always open'}, or another pause"


def _broken(account: Account | None) -> bool:
    return account is not None and account.breached
