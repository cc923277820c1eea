"""Folds: a case with what happened to it, and the terms that decide what follows from that."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.case import Case
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


@dataclass(frozen=True, slots=True)
class Fold:
    """A case after some events, with the entries they made."""

    case: Case
    entries: tuple[Entry, ...] = ()

    def change(self, **changes: object) -> "Fold":
        """Return the fold with fields of its case changed."""
        return replace(self, case=replace(self.case, **changes))  # type: ignore[arg-type]

    def note(self, kind: EntryKind, at: datetime, actor: str = MACHINE, **facts: object) -> "Fold":
        """Return the fold with one more entry."""
        entry = Entry(kind=kind, at=at, case_number=self.case.number, actor=actor, **facts)  # type: ignore[arg-type]
        return replace(self, entries=(*self.entries, entry))
