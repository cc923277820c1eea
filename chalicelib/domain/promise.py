"""Promises: which clocks of a case start, pause and stop, and what the log says of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.domain import clock as clocks
from chalicelib.domain.calendar import Calendar
from chalicelib.domain.case import Case
from chalicelib.domain.clock import Clock, ClockName, Outcome
from chalicelib.domain.entry import MACHINE, Entry, EntryKind
from chalicelib.domain.policy import Handle, Policy

KEPT_PER_NAME = 2
"""How many clocks of one name a case carries; older ones are in the log alone."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a case's promises are read from.

    One policy version and the handle the case came in by.
    """

    policy: Policy
    handle: Handle
    public: bool

    @property
    def calendar(self) -> Calendar:
        """Return the calendar in force for the handle."""
        return self.policy.calendar(self.handle.calendar)


@dataclass(frozen=True, slots=True)
class Fold:
    """A case after some events, with the entries they made."""

    case: Case
    entries: tuple[Entry, ...] = ()

    def change(self, **changes: object) -> "Fold":
        """Return the fold with fields of its case changed."""
        return replace(self, case=replace(self.case, **changes))  # type: ignore[arg-type]

    def note(self, kind: EntryKind, at: datetime, actor: str = MACHINE, **facts: object) -> "Fold":
        """Return the fold with one more entry."""
        entry = Entry(kind=kind, at=at, case_number=self.case.number, actor=actor, **facts)  # type: ignore[arg-type]
        return replace(self, entries=(*self.entries, entry))


def begin(fold: Fold, name: ClockName, at: datetime, terms: Terms) -> Fold:
    """Start the next clock of that name at `at`.

    Nothing if the policy makes no such promise or one is running.
    """
    case = fold.case
    newest = case.clock(name)
    if newest is not None and newest.outcome is None:
        return fold
    target = terms.policy.target(name, terms.handle, public=terms.public, priority=case.priority)
    if target is None:
        return fold
    clock = clocks.start(
        name,
        (newest.seq if newest else 0) + 1,
        at,
        target.seconds,
        terms.calendar,
        calendar_name=terms.handle.calendar,
        policy_version=terms.policy.version,
        warn_percent=terms.policy.warn_percent,
    )
    return _keep(fold, clock).note(
        EntryKind.CLOCK_STARTED, at, clock=name, seq=clock.seq, until=clock.due_at
    )


def meet(fold: Fold, name: ClockName, at: datetime, message_id: str = "") -> Fold:
    """Stop the running clock of that name at `at`: met, or breached at its deadline.

    `message_id`: the reply that stopped it.
    """
    before = fold.case.clock(name)
    if before is None or before.outcome is not None:
        return fold
    after = replace(clocks.stop(before, at), reason=message_id)
    fold = _keep(fold, after)
    facts: dict[str, Any] = {"clock": name, "seq": after.seq}
    if after.outcome is Outcome.MET:
        if before.breached_at is not None:
            fold = fold.note(EntryKind.BREACH_WITHDRAWN, at, **facts)
        return fold.note(EntryKind.CLOCK_MET, at, message_id=message_id, **facts)
    if before.breached_at is None:
        fold = fold.note(EntryKind.DEADLINE_BREACHED, after.due_at, **facts)
    return fold


def cancel(fold: Fold, name: ClockName, at: datetime, reason: str) -> Fold:
    """End the running clock of that name without a verdict; one already breached stays breached."""
    before = fold.case.clock(name)
    if before is None or before.outcome is not None:
        return fold
    fold = _keep(fold, clocks.cancel(before, at, reason))
    return fold.note(EntryKind.CLOCK_CANCELLED, at, clock=name, seq=before.seq, reason=reason)


def pause(fold: Fold, name: ClockName, at: datetime, terms: Terms, reason: str) -> Fold:
    """Pause the running clock of that name."""

    def paused(clock: Clock) -> Clock:
        return clocks.pause(clock, at, calendar_of(clock, terms))

    return _changed(fold, name, paused, EntryKind.CLOCK_PAUSED, at, reason)


def resume(fold: Fold, name: ClockName, at: datetime, terms: Terms) -> Fold:
    """Let the paused clock of that name run again."""

    def resumed(clock: Clock) -> Clock:
        return clocks.resume(clock, at, calendar_of(clock, terms))

    return _changed(fold, name, resumed, EntryKind.CLOCK_RESUMED, at, "")


def reopen(fold: Fold, name: ClockName, at: datetime, terms: Terms) -> Fold:
    """Let the ended clock of that name run again from `at`, the gap since its end excluded."""

    def reopened(clock: Clock) -> Clock:
        return clocks.reopen(clock, at, calendar_of(clock, terms))

    return _changed(fold, name, reopened, EntryKind.CLOCK_REOPENED, at, "")


def begin_earlier(fold: Fold, name: ClockName, at: datetime, terms: Terms) -> Fold:
    """Move the start of the running clock of that name back to `at`.

    An older message arrived late.
    """
    before = fold.case.clock(name)
    if before is None or before.outcome is not None or at >= before.started_at:
        return fold
    after = clocks.move_start(before, at, calendar_of(before, terms))
    return _keep(fold, after).note(
        EntryKind.CLOCK_STARTED,
        at,
        clock=name,
        seq=after.seq,
        until=after.due_at,
        reason="earlier message",
    )


def unmeet(fold: Fold, message_id: str, at: datetime, terms: Terms) -> Fold:
    """Take back every stop that this reply made.

    It failed afterwards, so it is as if it had never been sent.

    A later clock of the same kind of promise is cancelled, since the older one speaks for it again.
    """
    for clock in fold.case.clocks:
        if clock.reason != message_id or clock.outcome not in (Outcome.MET, Outcome.BREACHED):
            continue
        for name in (ClockName.FIRST_RESPONSE, ClockName.NEXT_RESPONSE):
            later = fold.case.clock(name)
            if later is not None and later.started_at >= clock.started_at and later != clock:
                fold = cancel(fold, name, at, "earlier reply failed")
        fold = _keep(fold, replace(clocks.unstop(clock, calendar_of(clock, terms)), reason=""))
        fold = fold.note(
            EntryKind.CLOCK_REOPENED,
            at,
            clock=clock.name,
            seq=clock.seq,
            reason="reply failed",
            message_id=message_id,
        )
    return fold


def tick(fold: Fold, now: datetime) -> Fold:
    """Record the warnings and breaches that are due at `now` and not recorded yet.

    Each at its own instant.
    """
    for clock in fold.case.clocks:
        warn, breach = clocks.due_moments(clock, now)
        facts: dict[str, Any] = {"clock": clock.name, "seq": clock.seq}
        if breach:
            fold = _keep(fold, replace(clock, breached_at=clock.due_at))
            fold = fold.note(EntryKind.DEADLINE_BREACHED, clock.due_at, **facts)
        elif warn:
            fold = _keep(fold, replace(clock, warned_at=clock.warn_at))
            fold = fold.note(EntryKind.DEADLINE_WARNED, clock.warn_at, until=clock.due_at, **facts)
    return fold


def calendar_of(clock: Clock, terms: Terms) -> Calendar:
    """Return the calendar a clock began under."""
    return terms.policy.calendar(clock.calendar)


def _changed(
    fold: Fold,
    name: ClockName,
    how: Callable[[Clock], Clock],
    kind: EntryKind,
    at: datetime,
    reason: str,
) -> Fold:
    before = fold.case.clock(name)
    if before is None:
        return fold
    after = how(before)
    if after == before:
        return fold
    fold = _keep(fold, after)
    return fold.note(
        kind,
        at,
        clock=name,
        seq=after.seq,
        reason=reason,
        until=None if after.paused_at else after.due_at,
    )


def _keep(fold: Fold, clock: Clock) -> Fold:
    others = [c for c in fold.case.clocks if (c.name, c.seq) != (clock.name, clock.seq)]
    same = sorted((c for c in (*others, clock) if c.name is clock.name), key=lambda c: c.seq)
    kept = [c for c in others if c.name is not clock.name] + same[-KEPT_PER_NAME:]
    return fold.change(clocks=tuple(sorted(kept, key=lambda c: (c.name, c.seq))))
