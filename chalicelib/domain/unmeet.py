"""Unmeet: the promises that a reply had kept, when it failed afterwards."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain import clock as clocks
from chalicelib.domain import promise
from chalicelib.domain.clock import Clock, Outcome
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.fold import Fold
from chalicelib.domain.promise import RESPONSES

REASON = "an earlier reply failed"


def unmeet(fold: Fold, message_id: str, at: datetime) -> Fold:
    """Take back every stop that this reply made.

    It failed afterwards, so it is as if it had never been sent. Response clocks that began since
    are void: the older one speaks for what they promised.
    """
    stopped = [c for c in fold.case.clocks if c.outcome is not None and c.reason == message_id]
    for clock in stopped:
        if clock.name in RESPONSES:
            fold = _void_since(fold, clock, at)
        fold = promise.keep(fold, clocks.unstop(clock))
        fold = _reopened(fold, clock, at, "the message failed", message_id)
    return fold


def _reopened(fold: Fold, clock: Clock, at: datetime, reason: str, message_id: str = "") -> Fold:
    return fold.note(
        EntryKind.CLOCK_REOPENED,
        at,
        clock=clock.name,
        seq=clock.seq,
        reason=reason,
        message_id=message_id,
    )


def _void_since(fold: Fold, clock: Clock, at: datetime) -> Fold:
    for later in fold.case.clocks:
        if later.name in RESPONSES and later.started_at >= clock.started_at and later != clock:
            fold = void(fold, later, at)
    return fold


def void(fold: Fold, clock: Clock, at: datetime) -> Fold:
    """End a clock as one that should never have begun. A breach that was recorded stays."""
    if clock.outcome in (Outcome.CANCELLED, Outcome.SUPERSEDED):
        return fold
    if clock.outcome is Outcome.MET:
        fold = _reopened(fold, clock, at, REASON)
    ended = clock if clock.stopped_at else clocks.cancel(clock, at, "")
    gone = replace(ended, outcome=Outcome.CANCELLED, breached_at=clock.breached_at, reason=REASON)
    return promise.keep(fold, gone).note(
        EntryKind.CLOCK_CANCELLED, at, clock=clock.name, seq=clock.seq, reason=REASON
    )
