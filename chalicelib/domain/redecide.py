"""Re-deciding: the clocks of a case as other terms say, from the same starts and pauses.

A policy that changed, or the case's own priority, gives other targets and calendars. The log tells
what happened; replayed under the new terms it gives the clocks as they would be. What comes out
differently takes the place of what was, which is kept as superseded (docs/definitions.md, part 1).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import promise
from chalicelib.domain.clock import Clock, Outcome
from chalicelib.domain.entry import Entry, EntryKind, instants
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.ledger import ledger
from chalicelib.domain.replay import View, replay


def redecide(fold: Fold, history: Sequence[Entry], terms: Terms, at: datetime, actor: str) -> Fold:
    """Return the case with the clocks that `terms` and its priority and VIP mark give it at `at`.

    `history` is the case's whole log, oldest first, without the entries of `fold`. A clock that
    comes out otherwise is superseded: the log keeps its deadline and outcome, and a new one with
    the next number stands in its place, with the warnings and breaches that thereby lie in the
    past, each at its own instant. Clocks that come out the same are left alone. What is looked at
    are the clocks that the case carries, and promises that it had not before. What had come to pass
    of them by `at` is recorded first. Nothing else is noted when nothing changes and the policy
    stays the same.

    Raises LogError when the history does not begin with the case's opening.
    """
    fold = promise.tick(fold, at)
    case, log = fold.case, (*history, *fold.entries)
    view = View(lambda _: terms, held=True, priority=case.priority, vip=case.vip)
    found = replay(log, view, until=at)
    pairs = _pairs(case.clocks, found.clocks, log)
    same = [pair for pair in pairs if pair.same]
    others = [pair for pair in pairs if not pair.same]
    version = terms.policy.version
    if not others and version == case.policy_version:
        return _moved(fold, same)
    facts = {"old": case.policy_version, "new": version, "clocks": str(len(others))}
    fold = fold.change(policy_version=version).note(
        EntryKind.CASE_REDECIDED, at, actor, policy_version=version, value=version, inputs=facts
    )
    fold = _moved(fold, same)
    for pair in sorted(others, key=lambda pair: pair.started_at):
        fold = _replaced(fold, pair, at, found.fold.entries)
    return fold


@dataclass(frozen=True, slots=True)
class Pair:
    """A clock as it was decided and as it comes out now; of the two one may be missing.

    `seq` is the number that the new one gets.
    """

    old: Clock | None
    new: Clock | None
    seq: int = 0

    @property
    def started_at(self) -> datetime:
        """Return when the promise began."""
        found = self.old or self.new
        assert found is not None
        return found.started_at

    @property
    def same(self) -> bool:
        """Return whether it comes out as it was decided."""
        old, new = self.old, self.new
        return old is not None and new is not None and _verdict(old) == _verdict(new)


def _verdict(clock: Clock) -> tuple[object, ...]:
    """Return the promise of a clock and what became of it; when it warns is no part of it."""
    promised = (clock.target_seconds, clock.due_at, clock.paused_at)
    return *promised, clock.breached_at, clock.stopped_at, clock.outcome


def _pairs(carried: Iterable[Clock], found: Iterable[Clock], log: Iterable[Entry]) -> list[Pair]:
    """Return the carried clocks with the new ones of the same beginning, then the new alone."""
    known = ledger(log)
    begun = {(account.name, account.started_at) for account in known.values()}
    left = sorted(found, key=lambda clock: clock.seq)
    pairs: list[Pair] = []
    for old in carried:
        if old.outcome is Outcome.SUPERSEDED:
            continue
        match = (new for new in left if (new.name, new.started_at) == (old.name, old.started_at))
        new = next(match, None)
        left = [clock for clock in left if clock is not new]
        pairs.append(Pair(old, new))
    pairs += [Pair(None, new) for new in left if (new.name, new.started_at) not in begun]
    return pairs


def _moved(fold: Fold, same: Iterable[Pair]) -> Fold:
    """Let clocks that come out the same go on under the calendar of the new terms."""
    for pair in same:
        old, new = pair.old, pair.new
        assert old is not None
        assert new is not None
        fold = promise.keep(fold, replace(new, seq=old.seq))
    return fold


def _replaced(fold: Fold, pair: Pair, at: datetime, made: Iterable[Entry]) -> Fold:
    old, new = pair.old, pair.new
    if old is not None:
        kept = replace(old, outcome=Outcome.SUPERSEDED, stopped_at=at, reason="superseded")
        fold = promise.keep(fold, kept).note(
            EntryKind.CLOCK_SUPERSEDED,
            at,
            clock=old.name,
            seq=old.seq,
            until=old.due_at,
            value=_result(old),
            inputs=_difference(old, new),
        )
    if new is None:
        return fold
    seq = 1 + max((c.seq for c in fold.case.clocks if c.name is new.name), default=0)
    told = [e for e in made if (e.clock, e.seq) == (new.name, new.seq)]
    number = fold.case.number
    entries = tuple(replace(entry, seq=seq, case_number=number) for entry in told)
    fold = promise.keep(fold, replace(new, seq=seq))
    return replace(fold, entries=(*fold.entries, *entries))


def _result(clock: Clock) -> str:
    """Return what had become of a clock, in a word."""
    if clock.outcome is not None:
        return clock.outcome.value
    return "running" if clock.breached_at is None else Outcome.BREACHED.value


def _difference(old: Clock, new: Clock | None) -> dict[str, str]:
    facts = {
        "old_target": str(old.target_seconds),
        "old_policy": old.policy_version,
        **instants(old_due=old.due_at),
    }
    if new is None:
        return facts
    return facts | {
        "new_target": str(new.target_seconds),
        "new_policy": new.policy_version,
        **instants(new_due=new.due_at),
    }
