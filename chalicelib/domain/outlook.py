"""Outlook: what a case's machine has to do next, and when it has to look again."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain import firing, moment, nobody
from chalicelib.domain.case import PAUSED, Case, Status
from chalicelib.domain.clock import ClockName
from chalicelib.domain.fold import Terms
from chalicelib.domain.resolve import closes_at

LONGEST_WAIT = timedelta(days=30)
"""How long a machine waits at most before it looks again, when nothing is due."""

AFTER_RESOLVE = frozenset({ClockName.EXPOSE, ClockName.THANKS})
"""The clocks that are watched after a case is resolved, whatever is on its way.

Of the others only those run on that a reply or the survey will stop, usually within seconds: they
are watched once that has not arrived at the first attempt (`Case.delayed`).
"""


class Phase(StrEnum):
    """Which part of the machine a case belongs to."""

    ASSIGN = "assign"
    OPEN = "open"
    RESOLVED = "resolved"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What to do next.

    `look_at` is the instant to look again; seconds are whole and never early. `survey_seconds` is
    how long a resolved case stays open to its customer after that.
    """

    phase: Phase
    look_at: datetime
    wait_seconds: int
    survey_seconds: int


def phase(case: Case) -> Phase:
    """Return which part of the machine the case belongs to."""
    if case.status is Status.CLOSED:
        return Phase.CLOSED
    if case.status in (Status.RESOLVED, Status.FOLLOW_UP):
        return Phase.RESOLVED
    looked_for = case.status in (Status.NEW, Status.QUEUED) and case.queued_at is None
    if looked_for and not case.assignee and not case.offered_to:
        return Phase.ASSIGN
    return Phase.OPEN


def next_moment(case: Case, terms: Terms) -> datetime | None:
    """Return the nearest instant at which time alone changes something about the case, or None."""
    if case.status is Status.CLOSED:
        return None
    if case.status in (Status.RESOLVED, Status.FOLLOW_UP):
        done = case.follow_up.sent_at or case.follow_up.waived or case.follow_up.message_id
        watched = [c for c in case.clocks if case.delayed or c.name in AFTER_RESOLVE]
        moments = [
            closes_at(case, terms) if done else case.follow_up_at,
            moment.next_moment(watched),
        ]
    else:
        clocks = moment.next_moment(case.clocks)
        requeue_at = None if case.status in PAUSED else case.requeue_at
        moments = [clocks, case.snoozed_until, case.offered_until, requeue_at]
        moments.append(nobody.moment(case, terms.policy))
    moments.append(firing.next_at(case, terms))
    return min((at for at in moments if at is not None), default=None)


def outlook(case: Case, terms: Terms, now: datetime) -> Outlook:
    """Return what the machine does next with a case as it is at `now`."""
    longest = now + LONGEST_WAIT
    look_at = min(next_moment(case, terms) or longest, longest)
    after = timedelta(0) if case.open else closes_at(case, terms) - max(now, look_at)
    return Outlook(phase(case), look_at, _whole_seconds(look_at - now), _whole_seconds(after))


def deadline(case: Case) -> datetime | None:
    """Return the nearest deadline of a running clock, past ones included.

    What the inbox is sorted by.
    """
    running = [c.due_at for c in case.clocks if c.outcome is None and c.paused_at is None]
    return min(running, default=None) if case.open else None


def _whole_seconds(wait: timedelta) -> int:
    return max(1, math.ceil(wait.total_seconds()))
