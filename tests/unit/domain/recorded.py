"""Logs as the table keeps them, and what of them a replay must give again."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.policy import Policy
from chalicelib.domain.replay import View, elapsed, next_moment
from tests.unit.domain.terms import TERMS

CLOCK_EVENTS = frozenset(
    {
        EntryKind.CLOCK_STARTED,
        EntryKind.CLOCK_PAUSED,
        EntryKind.CLOCK_RESUMED,
        EntryKind.CLOCK_MET,
        EntryKind.CLOCK_CANCELLED,
        EntryKind.CLOCK_REOPENED,
        EntryKind.CLOCK_SUPERSEDED,
        EntryKind.DEADLINE_WARNED,
        EntryKind.DEADLINE_BREACHED,
        EntryKind.BREACH_WITHDRAWN,
    }
)


def clock_events(entries: Sequence[Entry]) -> list[tuple[object, ...]]:
    """Return the clock events of a log, in its order, as they are compared."""
    return [
        (e.kind.value, e.at, e.clock, e.seq, e.until, e.percent, e.reason)
        for e in entries
        if e.kind in CLOCK_EVENTS
    ]


def under(terms: Terms, *others: Policy) -> View:
    """Return the view of a log as it was recorded, under these terms or another policy's."""
    known = {policy.version: policy for policy in (terms.policy, *others)}
    return View(lambda version: Terms(known[version], terms.handle, terms.public))


def passed(fold: Fold, now: datetime, terms: Terms = TERMS) -> Fold:
    """Let the machine of a case look whenever it has to, up to `now`."""
    while (moment := next_moment(fold.case)) is not None and moment <= now:
        fold = elapsed(fold, terms, moment)
    return fold
