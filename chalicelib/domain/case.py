"""Cases: one request inside a conversation, from its first message to closed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.authority import Promised
from chalicelib.domain.clock import Clock, ClockName


class Status(StrEnum):
    """Where a case stands."""

    NEW = "new"
    QUEUED = "queued"
    ASSIGNED = "assigned"
    RESPONDED = "responded"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_THIRD_PARTY = "waiting_third_party"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    FOLLOW_UP = "follow_up"
    CLOSED = "closed"


OPEN = frozenset(Status) - {Status.RESOLVED, Status.FOLLOW_UP, Status.CLOSED}
"""The statuses in which somebody still owes the customer something."""

PAUSED = frozenset({Status.WAITING_CUSTOMER, Status.WAITING_THIRD_PARTY, Status.SNOOZED})
"""The statuses of an open case that has been put aside."""

KEPT_ASKS = 50


@dataclass(frozen=True, slots=True)
class Reply:
    """A human reply that the platform accepted.

    `asks` are the times of the customer's messages it answered: those that had been sent when it
    was written (`seen_until`) and had reached us by then. `turn`: it began a turn of ours, and was
    not a further message within the one before.
    """

    message_id: str
    at: datetime
    seen_until: datetime
    asks: tuple[datetime, ...] = ()
    turn: bool = True


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The survey of a case. `waived`: why it was not sent; `score` 0: not answered."""

    sent_at: datetime | None = None
    message_id: str = ""
    waived: str = ""
    score: int = 0
    words: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fired:
    """What a rule did in a case: it fired `times` times, last at `at` in depth `depth`.

    For a time rule `since` is when the stretch began that it last looked at, and `rounds` how many
    of its instants in that stretch are dealt with, whether it fired or was cut.
    """

    rule: str
    at: datetime
    times: int = 1
    depth: int = 0
    since: datetime | None = None
    rounds: int = 0


@dataclass(frozen=True, slots=True)
class Approval:
    """Something an agent may not do alone, waiting for somebody who may.

    `what` is `reply`, `invite` or `resolve`, `message_id` the words that are held back, `text` the
    reason of a resolution. `why` says what makes it need approval; `reviewed`: its words are read
    by a lead or above, whatever it promises. `public`: everybody will be able to read it. Decided
    ones are in the log alone.
    """

    id: str
    what: str
    by: str
    asked_at: datetime
    why: str
    message_id: str = ""
    text: str = ""
    promised: tuple[Promised, ...] = ()
    reviewed: bool = False
    public: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One request. `number` counts the cases of its conversation from 1.

    `generation` counts the executions of the machine that this case has had. `clocks` keeps the
    newest two of each name; older ones are in the log. `asks` are the times of the customer's
    messages that nobody has answered yet, oldest first; `replies` the newest human replies, oldest
    first. `preferred` is the agent a reopened case goes back to if possible. `queued_at` is set
    once nobody could be found. `follow_up_at` is when the survey leaves. `stuck`: why a person
    must look. `exposed` are the messages whose personal data is still public, oldest first;
    `covered_at` is when the last of those that are not any more was hidden or removed, while the
    `expose` clock runs. `weight` is what it takes of its agent's (or the offered agent's) capacity,
    in hundredths; `status_since` is when its status began. It is offered to `offered_to` until
    `offered_until`; `refused_by` are those who let an offer pass. At `requeue_at` it goes back into
    the queue unless its agent is back. `nobody_looked_for` is the moment for which it was looked
    whether anybody is on shift, `nobody_since` when it was told that nobody is. `fired` tells of
    its rules, `approvals` of what waits for somebody who may; `promised` is what was promised to
    the customer in this case, one sum of each kind and currency. `touched_at` is when something
    last changed that rules may ask for; `status_depth` how many rules led to its status; `firings`
    are the newest instants at which rules fired, and at `rules_cut_at` they were last held back for
    their number. `delayed`: a reply or the survey did not arrive at the first attempt, so that the
    clocks that it should have stopped need watching after the case is resolved, too.
    """

    number: int
    status: Status
    handle: str
    team: str
    opened_at: datetime
    policy_version: str
    generation: int = 1
    priority: str = ""
    assignee: str = ""
    assigned_at: datetime | None = None
    preferred: str = ""
    queued_at: datetime | None = None
    asks: tuple[datetime, ...] = ()
    clocks: tuple[Clock, ...] = ()
    replies: tuple[Reply, ...] = ()
    turns: int = 0
    snoozed_until: datetime | None = None
    waiting_reason: str = ""
    resolved_at: datetime | None = None
    resolved_by: str = ""
    resolution: str = ""
    reopens: int = 0
    follow_up: FollowUp = FollowUp()
    follow_up_at: datetime | None = None
    closed_at: datetime | None = None
    stuck: str = ""
    exposed: tuple[str, ...] = ()
    covered_at: datetime | None = None
    vip: bool = False
    labels: tuple[str, ...] = ()
    language: str = ""
    weight: int = 100
    status_since: datetime | None = None
    offered_to: str = ""
    offered_until: datetime | None = None
    refused_by: tuple[str, ...] = ()
    requeue_at: datetime | None = None
    nobody_looked_for: datetime | None = None
    nobody_since: datetime | None = None
    fired: tuple[Fired, ...] = ()
    approvals: tuple[Approval, ...] = ()
    promised: tuple[Promised, ...] = ()
    touched_at: datetime | None = None
    status_depth: int = 0
    firings: tuple[datetime, ...] = ()
    rules_cut_at: datetime | None = None
    delayed: bool = False

    @property
    def seen(self) -> tuple[datetime, ...]:
        """Return the times of asking that whoever writes now can see, answered or not."""
        answered = (ask for reply in self.replies for ask in reply.asks)
        return unanswered(*self.asks, *answered)

    @property
    def unanswered_since(self) -> datetime | None:
        """Return when the oldest message was sent that nobody has answered, or None."""
        return self.asks[0] if self.asks else None

    @property
    def open(self) -> bool:
        """Return whether somebody still owes the customer something."""
        return self.status in OPEN

    @property
    def standing(self) -> Status:
        """Return the status of an open case that neither waits nor is snoozed.

        Without an agent it is in the queue, whoever may have answered; with one it depends on
        whether the customer is owed an answer.
        """
        if not self.assignee:
            return Status.NEW if self.status is Status.NEW else Status.QUEUED
        return Status.RESPONDED if self.replies and not self.asks else Status.ASSIGNED

    def clock(self, name: ClockName) -> Clock | None:
        """Return the running clock of that name, else the newest one, or None.

        The running one need not be the newest: a reply that failed afterwards sets an older clock
        running again.
        """
        named = [clock for clock in self.clocks if clock.name is name]
        return max(named, key=lambda clock: (clock.outcome is None, clock.seq), default=None)


def unanswered(*asks: datetime) -> tuple[datetime, ...]:
    """Return these times of asking, oldest first: the oldest and the newest when there are many."""
    found = sorted(set(asks))
    return tuple(found if len(found) <= KEPT_ASKS else (found[0], *found[1 - KEPT_ASKS :]))
