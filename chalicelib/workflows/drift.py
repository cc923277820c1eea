"""Drift: how much later than planned a timer fired, kept with what it brought about.

Nothing that is decided depends on it: warnings and breaches are recorded at their own instants. It
tells how late people hear of them.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.fold import Fold
from chalicelib.workflows.ports import Parts

MILLISECOND = timedelta(milliseconds=1)


def stamped(fold: Fold, armed_for: datetime | None, now: datetime) -> Fold:
    """Return the fold with the time at which a timer fired on what it brought about.

    `armed_for` is the instant that the machine was to wake at; None: a change woke it, and no timer
    fired. What lies before that instant was learnt late (an older message came in): no timer was
    late for it.
    """
    if armed_for is None:
        return fold
    entries = tuple(
        replace(entry, fired_at=now) if armed_for <= entry.at <= now else entry
        for entry in fold.entries
    )
    return replace(fold, entries=entries)


def measure(parts: Parts, fold: Fold) -> None:
    """Count how late each timer was whose entries are now in the log."""
    for entry in fold.entries:
        if entry.fired_at is not None:
            took(parts, entry.at, entry.fired_at)


def took(parts: Parts, planned_for: datetime, fired_at: datetime) -> None:
    """Count how late something was done that was planned for an instant."""
    parts.meter.took("TimerDrift", max(0, (fired_at - planned_for) // MILLISECOND))
