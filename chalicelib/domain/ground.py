"""Ground: what a fact of a log is taken on when it is replayed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.case import Case, Status
from chalicelib.domain.entry import Entry
from chalicelib.domain.fold import Fold, Terms


@dataclass(frozen=True, slots=True)
class Ground:
    """What a fact is taken on: the terms of its case, and the log around it.

    `before` is the log up to the fact, `after` the next few entries. `terms_of` gives another
    version's terms. `held`: terms, and `priority` and `vip` where they are given, stay whatever
    the log says of changes.
    """

    terms: Terms
    before: Sequence[Entry]
    after: Sequence[Entry]
    terms_of: Callable[[str], Terms]
    held: bool = False
    priority: str | None = None
    vip: bool | None = None

    def redecided(self, fold: Fold, terms: Terms, entry: Entry) -> Fold:
        """Return the case with its clocks decided anew under these terms, as `entry` tells."""
        from chalicelib.domain.redecide import redecide  # noqa: PLC0415 - it replays, too

        return redecide(fold, self.before, terms, entry.at, entry.actor)


Take = Callable[[Fold, Ground, Entry], Fold]


def unopened(entry: Entry) -> Case:
    """Return the case of an opening before it was opened: a number and a version, no more."""
    at, version = entry.at, entry.policy_version
    return Case(entry.case_number, Status.NEW, "", "", opened_at=at, policy_version=version)


def known_at(entry: Entry) -> datetime:
    """Return when a fact was learnt, where the log says so; else when it happened."""
    return instant(entry, "received_at") or entry.at


def instant(entry: Entry, name: str) -> datetime | None:
    """Return an instant among the inputs of an entry, or None."""
    written = entry.inputs.get(name, "")
    return datetime.fromisoformat(written) if written else None
