"""The ledger: what the log says each clock of a case came to. Reads; decides nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.entry import Entry, EntryKind

ENDS = {
    EntryKind.CLOCK_MET: Outcome.MET,
    EntryKind.CLOCK_CANCELLED: Outcome.CANCELLED,
    EntryKind.CLOCK_SUPERSEDED: Outcome.SUPERSEDED,
}
"""The entries after which a clock runs no more, and how it ended."""


@dataclass(frozen=True, slots=True)
class Account:
    """What became of one clock.

    `due_at` is its last deadline, `breached_at` the deadline that it ran past, unless that was
    withdrawn; `outcome` None: it runs or is paused. `warned_at` holds the instants of its warnings.
    """

    name: ClockName
    seq: int
    started_at: datetime
    due_at: datetime
    warned_at: tuple[datetime, ...] = ()
    breached_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    policy_version: str = ""

    @property
    def breached(self) -> bool:
        """Return whether the promise was broken and nothing has taken that back."""
        return self.breached_at is not None and self.outcome is not Outcome.SUPERSEDED


def ledger(entries: Iterable[Entry]) -> dict[tuple[ClockName, int], Account]:
    """Return every clock of a case by name and number, from its log, oldest first."""
    found: dict[tuple[ClockName, int], Account] = {}
    for entry in entries:
        if entry.clock is None:
            continue
        key = (entry.clock, entry.seq)
        if entry.kind is EntryKind.CLOCK_STARTED:
            found[key] = _started(found.get(key), entry, entry.clock)
        elif key in found:
            found[key] = _moved(found[key], entry)
    return found


def _started(known: Account | None, entry: Entry, name: ClockName) -> Account:
    """Return a clock that began, or whose beginning was moved back by an older message."""
    due_at = entry.until or entry.at
    if known is None:
        version = entry.policy_version
        return Account(name, entry.seq, entry.at, due_at, policy_version=version)
    breached_at = due_at if known.breached_at is not None else None
    return replace(known, started_at=entry.at, due_at=due_at, breached_at=breached_at)


def _moved(known: Account, entry: Entry) -> Account:
    if entry.kind in (EntryKind.CLOCK_RESUMED, EntryKind.CLOCK_REOPENED):
        known = replace(known, due_at=entry.until or known.due_at)
    if entry.kind is EntryKind.CLOCK_REOPENED:
        return replace(known, ended_at=None, outcome=None)
    if entry.kind is EntryKind.DEADLINE_WARNED:
        return replace(known, warned_at=(*known.warned_at, entry.at))
    if entry.kind is EntryKind.DEADLINE_BREACHED:
        return replace(known, breached_at=entry.at)
    if entry.kind is EntryKind.BREACH_WITHDRAWN:
        return replace(known, breached_at=None)
    if entry.kind in ENDS:
        return replace(known, ended_at=entry.at, outcome=ENDS[entry.kind])
    return known
