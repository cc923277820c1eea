"""Promises: which clocks of a case start, pause and stop, and what the log says of it."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.domain import clock as clocks
from chalicelib.domain import moment
from chalicelib.domain.calendar import Calendar
from chalicelib.domain.clock import Clock, ClockName, Outcome
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.fold import Fold, Terms

KEPT_PER_NAME = 2
"""How many clocks of one name a case carries; older ones are in the log alone."""

RESPONSES = (ClockName.FIRST_RESPONSE, ClockName.NEXT_RESPONSE)
"""The clocks that a human reply stops."""

ROUND_THE_CLOCK = frozenset({ClockName.EXPOSE})
"""The clocks that no calendar stops: what is public is public at night too."""


def begin(fold: Fold, name: ClockName, at: datetime, terms: Terms) -> Fold:
    """Start the next clock of that name at `at`.

    Nothing if the policy makes no such promise or one is running.
    """
    case = fold.case
    newest = case.clock(name)
    target = terms.policy.target(name, terms.handle, public=terms.public, priority=case.priority)
    if target is None or _running(fold, name) is not None:
        return fold
    hours = "" if name in ROUND_THE_CLOCK else terms.handle.calendar
    clock = clocks.start(
        name,
        (newest.seq if newest else 0) + 1,
        at,
        target.seconds,
        terms.policy.calendar(hours),
        calendar_name=hours,
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
    before = _running(fold, name)
    if before is None:
        return fold
    after = replace(clocks.stop(before, at), reason=message_id)
    fold = _decided(fold, before, after, at)
    if after.outcome is Outcome.BREACHED:
        return fold
    return fold.note(EntryKind.CLOCK_MET, at, message_id=message_id, clock=name, seq=after.seq)


def cancel(fold: Fold, name: ClockName, at: datetime, reason: str) -> Fold:
    """End the running clock of that name without a verdict; one already breached stays breached."""
    before = _running(fold, name)
    if before is None:
        return fold
    after = clocks.cancel(before, at, reason)
    fold = _decided(fold, before, after, at)
    if after.outcome is Outcome.BREACHED:
        return fold
    return fold.note(EntryKind.CLOCK_CANCELLED, at, clock=name, seq=before.seq, reason=reason)


def pause(fold: Fold, name: ClockName, at: datetime, terms: Terms, reason: str) -> Fold:
    """Pause the running clock of that name."""

    def paused(clock: Clock) -> Clock:
        return clocks.pause(clock, at, calendar_of(clock, terms))

    return _changed(fold, name, paused, at, kind=EntryKind.CLOCK_PAUSED, reason=reason)


def resume(fold: Fold, name: ClockName, at: datetime, terms: Terms) -> Fold:
    """Let the paused clock of that name run again."""

    def resumed(clock: Clock) -> Clock:
        return clocks.resume(clock, at, calendar_of(clock, terms))

    return _changed(fold, name, resumed, at, kind=EntryKind.CLOCK_RESUMED)


def reopen(fold: Fold, name: ClockName, at: datetime, terms: Terms) -> Fold:
    """Let the ended clock of that name run again from `at`, the gap since its end excluded."""

    def reopened(clock: Clock) -> Clock:
        return clocks.reopen(clock, at, calendar_of(clock, terms))

    return _changed(fold, name, reopened, at, kind=EntryKind.CLOCK_REOPENED)


def begin_earlier(fold: Fold, name: ClockName, at: datetime, terms: Terms) -> Fold:
    """Move the start of the running clock of that name back to `at`.

    An older message arrived late.
    """
    before = _running(fold, name)
    if before is None or at >= before.started_at:
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


def unmeet(fold: Fold, message_id: str, at: datetime) -> Fold:
    """Take back every stop that this reply made.

    It failed afterwards, so it is as if it had never been sent. Response clocks that began since
    are void: the older one speaks for what they promised.
    """
    stopped = [c for c in fold.case.clocks if c.outcome is not None and c.reason == message_id]
    for clock in stopped:
        if clock.name in RESPONSES:
            fold = _void_since(fold, clock, at)
        fold = _keep(fold, clocks.unstop(clock))
        fold = fold.note(
            EntryKind.CLOCK_REOPENED,
            at,
            clock=clock.name,
            seq=clock.seq,
            reason="the message failed",
            message_id=message_id,
        )
    return fold


def _void_since(fold: Fold, clock: Clock, at: datetime) -> Fold:
    for later in fold.case.clocks:
        if later.name not in RESPONSES or later.started_at < clock.started_at or later == clock:
            continue
        ended = later if later.stopped_at else clocks.cancel(later, at, "")
        reason = "an earlier reply failed"
        void = replace(
            ended, outcome=Outcome.CANCELLED, breached_at=later.breached_at, reason=reason
        )
        fold = _keep(fold, void).note(
            EntryKind.CLOCK_CANCELLED, at, clock=later.name, seq=later.seq, reason=reason
        )
    return fold


def tick(fold: Fold, now: datetime, names: Collection[ClockName] = tuple(ClockName)) -> Fold:
    """Record the warnings and breaches of these clocks that are due at `now` and not recorded yet.

    Each at its own instant.
    """
    for clock in fold.case.clocks:
        if clock.name not in names:
            continue
        warn, breach = moment.due_moments(clock, now)
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


def _changed(  # noqa: PLR0913 - how it changes and what the log calls that
    fold: Fold,
    name: ClockName,
    how: Callable[[Clock], Clock],
    at: datetime,
    *,
    kind: EntryKind,
    reason: str = "",
) -> Fold:
    before = fold.case.clock(name)
    if before is None:
        return fold
    after = how(before)
    if after == before:
        return fold
    return _decided(fold, before, after, at).note(
        kind,
        at,
        clock=name,
        seq=after.seq,
        reason=reason,
        until=None if after.paused_at else after.due_at,
    )


def _running(fold: Fold, name: ClockName) -> Clock | None:
    clock = fold.case.clock(name)
    return clock if clock is not None and clock.outcome is None else None


def _decided(fold: Fold, before: Clock, after: Clock, at: datetime) -> Fold:
    """Keep a clock that was decided anew.

    Note a breach that nobody had recorded, and one that was recorded and is not true any more.
    """
    fold = _keep(fold, after)
    facts: dict[str, Any] = {"clock": after.name, "seq": after.seq}
    if before.breached_at is None and after.breached_at is not None:
        return fold.note(EntryKind.DEADLINE_BREACHED, after.due_at, **facts)
    if before.breached_at is not None and after.breached_at is None:
        return fold.note(EntryKind.BREACH_WITHDRAWN, at, **facts)
    return fold


def _keep(fold: Fold, clock: Clock) -> Fold:
    others = [c for c in fold.case.clocks if (c.name, c.seq) != (clock.name, clock.seq)]
    same = sorted((c for c in (*others, clock) if c.name is clock.name), key=lambda c: c.seq)
    kept = [c for c in others if c.name is not clock.name] + same[-KEPT_PER_NAME:]
    return fold.change(clocks=tuple(sorted(kept, key=lambda c: (c.name, c.seq))))
