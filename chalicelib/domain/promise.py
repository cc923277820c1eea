"""Promises: which clocks of a case start, pause and stop, and what the log says of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.domain import clock as clocks
from chalicelib.domain import moment
from chalicelib.domain.calendar import Calendar
from chalicelib.domain.case import Case
from chalicelib.domain.clock import Clock, ClockName, Outcome
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.pausing import paused_clocks
from chalicelib.domain.policy import Target

KEPT_PER_NAME = 2
"""How many clocks of one name a case carries; older ones are in the log alone."""

RESPONSES = (ClockName.FIRST_RESPONSE, ClockName.NEXT_RESPONSE)
"""The clocks of an answer that the customer is owed: a human reply stops them."""

ANSWERS = (*RESPONSES, ClockName.FIRST_RESPONSE_HUMAN)
"""With the one that counts from when people were handed the case."""

WAIVED = "no answer needed"
POSITIVE = "only praise"
"""Why a response clock ended without a verdict and begins anew with the next message."""

ROUND_THE_CLOCK = frozenset({ClockName.EXPOSE})
"""The clocks that no calendar stops: what is public is public at night too."""


def begin(fold: Fold, name: ClockName, at: datetime, terms: Terms) -> Fold:
    """Start the next clock of that name at `at`.

    Nothing if the policy makes no such promise or one is running.
    """
    case = fold.case
    newest = case.clock(name)
    target = target_of(case, name, terms)
    if target is None or running(fold, name) is not None:
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
        warn_percents=terms.policy.warn_percents,
    )
    fold = keep(fold, clock).note(
        EntryKind.CLOCK_STARTED,
        at,
        clock=name,
        seq=clock.seq,
        until=clock.due_at,
        value=str(target.seconds),
        policy_version=terms.policy.version,
    )
    waits = name in paused_clocks(case)
    return pause(fold, name, at, terms, case.status.value) if waits else fold


def target_of(case: Case, name: ClockName, terms: Terms) -> Target | None:
    """Return the promise of that name that is made for a case as it is now, or None."""
    return terms.policy.target(
        name,
        terms.handle,
        public=terms.public,
        priority=case.priority,
        vip=case.vip,
        team=case.team,
    )


def meet(fold: Fold, name: ClockName, at: datetime, message_id: str = "") -> Fold:
    """Stop the running clock of that name at `at`: met, or breached at its deadline.

    `message_id`: the reply that stopped it.
    """
    before = running(fold, name)
    return fold if before is None else met(fold, before, at, message_id)


def met(fold: Fold, before: Clock, at: datetime, message_id: str = "") -> Fold:
    """Stop this clock of the case, whether or not it is the one that runs."""
    after = replace(clocks.stop(before, at), reason=message_id)
    fold = _decided(fold, before, after, at)
    if after.outcome is Outcome.BREACHED:
        return fold
    name, seq = after.name, after.seq
    return fold.note(EntryKind.CLOCK_MET, at, message_id=message_id, clock=name, seq=seq)


def cancel(fold: Fold, name: ClockName, at: datetime, reason: str) -> Fold:
    """End the running clock of that name without a verdict; one already breached stays breached."""
    before = running(fold, name)
    if before is None:
        return fold
    after = clocks.cancel(before, at, reason)
    fold = _decided(fold, before, after, at)
    if after.outcome is Outcome.BREACHED:
        return fold
    return fold.note(EntryKind.CLOCK_CANCELLED, at, clock=name, seq=before.seq, reason=reason)


def end(fold: Fold, at: datetime, reason: str) -> Fold:
    """End all that runs without a verdict: nobody watches the clocks of a closed case."""
    for name in ClockName:
        fold = cancel(fold, name, at, reason)
    return fold


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

    An older message arrived late. A breach that had been recorded is recorded anew at the deadline
    that this gives.
    """
    before = running(fold, name)
    if before is None or at >= before.started_at:
        return fold
    after = clocks.move_start(before, at, calendar_of(before, terms))
    if after == before:
        return fold
    facts: dict[str, Any] = {"clock": name, "seq": after.seq}
    moved = after.breached_at is not None and after.breached_at != before.breached_at
    if moved:
        fold = fold.note(EntryKind.BREACH_WITHDRAWN, at, **facts)
    started = facts | {"until": after.due_at, "reason": "earlier message"}
    fold = keep(fold, after).note(EntryKind.CLOCK_STARTED, at, **started)
    return fold.note(EntryKind.DEADLINE_BREACHED, after.due_at, **facts) if moved else fold


def tick(fold: Fold, now: datetime) -> Fold:
    """Record the warnings and breaches that are due at `now` and not recorded yet.

    Each at its own instant.
    """
    for clock in fold.case.clocks:
        fold = _recorded(fold, clock, now)
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


def running(fold: Fold, name: ClockName) -> Clock | None:
    """Return the clock of that name that has not ended, or None."""
    clock = fold.case.clock(name)
    return clock if clock is not None and clock.outcome is None else None


def _recorded(fold: Fold, clock: Clock, now: datetime) -> Fold:
    """Record what is due of a clock at `now`: warnings and the breach, each at its own instant."""
    warns, breach = moment.due_moments(clock, now)
    if not warns and not breach:
        return fold
    fold = keep(fold, moment.recorded(clock, now))
    facts: dict[str, Any] = {"clock": clock.name, "seq": clock.seq}
    for warn in warns:
        told = facts | {"percent": warn.percent, "until": clock.due_at}
        fold = fold.note(EntryKind.DEADLINE_WARNED, warn.at, **told)
    return fold.note(EntryKind.DEADLINE_BREACHED, clock.due_at, **facts) if breach else fold


def _decided(fold: Fold, before: Clock, after: Clock, at: datetime) -> Fold:
    """Keep a clock that was decided anew at `at`.

    Record what came to pass until then and nobody had recorded, and note a breach that was recorded
    and is not true any more.
    """
    fold = _recorded(fold, before, at)
    noted = moment.recorded(before, at)
    if noted.breached_at is not None and after.breached_at is None:
        fold = fold.note(EntryKind.BREACH_WITHDRAWN, at, clock=after.name, seq=after.seq)
    left = {warn.percent for warn in noted.warns}
    warns = tuple(warn for warn in after.warns if warn.percent in left)
    return keep(fold, replace(after, warns=warns))


def keep(fold: Fold, clock: Clock) -> Fold:
    """Put a clock in its place among those of the case, of which each name has its newest."""
    others = [c for c in fold.case.clocks if (c.name, c.seq) != (clock.name, clock.seq)]
    same = sorted((c for c in (*others, clock) if c.name is clock.name), key=lambda c: c.seq)
    kept = [c for c in others if c.name is not clock.name] + same[-KEPT_PER_NAME:]
    return fold.change(clocks=tuple(sorted(kept, key=lambda c: (c.name, c.seq))))
