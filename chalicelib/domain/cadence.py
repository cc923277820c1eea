"""Cadence: how long a customer goes without a word of ours (the `update` clock).

It begins with every reply of a person while the case is open, ends with the next one, and does not
run while the case waits for the customer. A reply that is heard of after a later one changes
nothing about it (docs/definitions.md, part 2).
"""

from datetime import datetime

from chalicelib.domain import promise
from chalicelib.domain.case import Reply
from chalicelib.domain.clock import ClockName
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.unmeet import void
from chalicelib.domain.wait import suit

UPDATE = ClockName.UPDATE


def replied(fold: Fold, terms: Terms, at: datetime, message_id: str) -> Fold:
    """Take in a person's reply at `at`: the promise of a word is kept, and made anew."""
    newest = fold.case.clock(UPDATE)
    if newest is not None and at <= newest.started_at:
        return fold
    fold = promise.meet(fold, UPDATE, at, message_id)
    return promise.begin(fold, UPDATE, at, terms) if fold.case.open else fold


def lost(fold: Fold, reply: Reply, at: datetime) -> Fold:
    """Take back the promise that began with a reply that failed at `at`."""
    begun = (c for c in fold.case.clocks if c.name is UPDATE and c.started_at == reply.at)
    for clock in begun:
        fold = void(fold, clock, at)
    return fold


def spoken(fold: Fold, terms: Terms, reply: Reply, at: datetime) -> Fold:
    """Let the promise that a failed reply had kept be kept by the next one that stands, if any.

    Else it goes on, unless the case is over.
    """
    later = [one for one in fold.case.replies if one.at >= reply.at]
    again = [
        clock
        for clock in fold.case.clocks
        if clock.name is UPDATE and clock.outcome is None and clock.started_at < reply.at
    ]
    for clock in again:
        if later:
            fold = promise.met(fold, clock, later[0].at, later[0].message_id)
    if not fold.case.open:
        return promise.cancel(fold, UPDATE, fold.case.resolved_at or at, "resolved")
    return suit(fold, terms, fold.case.status_since or at)
