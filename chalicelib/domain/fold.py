"""Folds: a case with what happened to it, and the terms that decide what follows from that."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.case import Case, Status
from chalicelib.domain.entry import MACHINE, Entry, EntryKind
from chalicelib.domain.policy import Handle, Policy


@dataclass(frozen=True, slots=True)
class Terms:
    """What a case's promises are read from.

    One policy version and the handle the case came in by.
    """

    policy: Policy
    handle: Handle
    public: bool


ABOUT_CLOCKS = frozenset(
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
"""What follows from events: it has instants of its own and changes no status."""

GOES_ON = frozenset(
    {
        EntryKind.CASE_ASSIGNED,
        EntryKind.CASE_QUEUED,
        EntryKind.CASE_OFFERED,
        EntryKind.OFFER_EXPIRED,
        EntryKind.SNOOZE_ENDED,
        EntryKind.FOLLOW_UP_SENT,
    }
)
"""What the machine does by itself with a status that it found: a rule's chain goes on there."""

FROM_OUTSIDE = frozenset(
    {EntryKind.CASE_OPENED, EntryKind.MESSAGE_RECEIVED, EntryKind.SURVEY_ANSWERED}
)
"""What customers do. That and what people do ends a rule's chain."""


TOUCHES = frozenset(
    {
        EntryKind.CASE_ASSIGNED,
        EntryKind.CASE_UNASSIGNED,
        EntryKind.MESSAGE_RECEIVED,
        EntryKind.REPLY_SENT,
        EntryKind.REPLY_FAILED,
        EntryKind.ANSWER_WAIVED,
        EntryKind.TEAM_CHANGED,
        EntryKind.PRIORITY_CHANGED,
        EntryKind.VIP_CHANGED,
        EntryKind.LABELS_CHANGED,
    }
)
"""What changes something that rules may ask of a case, as every change of its status does."""


@dataclass(frozen=True, slots=True)
class Fold:
    """A case after some events, with the entries they made.

    `rule` and `depth` stand in every entry that is noted while a rule acts.
    """

    case: Case
    entries: tuple[Entry, ...] = ()
    rule: str = ""
    depth: int = 0

    def change(self, **changes: object) -> "Fold":
        """Return the fold with fields of its case changed.

        A new status begins with the event that is noted next.
        """
        case: Case = replace(self.case, **changes)  # type: ignore[arg-type]
        if case.status is not self.case.status:
            case = replace(case, status_since=None)
        return replace(self, case=case)

    def move(self, status: Status, at: datetime) -> "Fold":
        """Return the fold with the status that the event noted last brought about at `at`."""
        if status is self.case.status:
            return self
        touched = max(self.case.touched_at or at, at)
        case = replace(self.case, status=status, status_since=at, touched_at=touched)
        last = max((i for i, one in enumerate(self.entries) if _event(one)), default=None)
        told = tuple(
            replace(one, status=status.value) if i == last else one
            for i, one in enumerate(self.entries)
        )
        return replace(self, case=case, entries=told)

    def note(self, kind: EntryKind, at: datetime, actor: str = MACHINE, **facts: object) -> "Fold":
        """Return the fold with one more entry.

        One that is not about a clock is an event: a status that was changed for it began at `at`.
        """
        goes_on = actor == MACHINE and kind in GOES_ON
        depth = self.depth or (self.case.status_depth if goes_on else 0)
        known: dict[str, object] = {"rule": self.rule, "depth": depth, **facts}
        entry = Entry(kind=kind, at=at, case_number=self.case.number, actor=actor, **known)  # type: ignore[arg-type]
        if kind in ABOUT_CLOCKS:
            return replace(self, entries=(*self.entries, entry))
        if self.case.status_since is None:
            entry = replace(entry, status=self.case.status.value)
        return replace(self, case=_touched(self.case, entry), entries=(*self.entries, entry))


def _event(entry: Entry) -> bool:
    return entry.kind not in ABOUT_CLOCKS


def _touched(case: Case, entry: Entry) -> Case:
    """Return the case with what every event leaves in it."""
    begins = case.status_since is None
    outside = entry.kind in FROM_OUTSIDE or entry.actor != MACHINE
    depth = entry.depth if begins or outside else case.status_depth
    since = entry.at if begins else case.status_since
    apart = entry.kind is EntryKind.MESSAGE_RECEIVED and entry.reason  # thanks, an automatic mail
    at = case.touched_at
    if begins or (entry.kind in TOUCHES and not apart):
        at = max(at or entry.at, entry.at)
    return replace(case, touched_at=at, status_depth=depth, status_since=since)
