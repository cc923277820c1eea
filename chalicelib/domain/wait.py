"""Waiting and snoozing: a case is put aside, and taken up again (docs/definitions.md, part 2)."""

from datetime import datetime

from chalicelib.domain import promise
from chalicelib.domain.case import PAUSED, Status
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.pausing import ASKED, PAUSES, paused_clocks


def wait(  # noqa: PLR0913 - on what and why belong to it
    fold: Fold, terms: Terms, at: datetime, actor: str, *, on: Status, reason: str
) -> Fold:
    """Wait for the customer or a third party.

    Which clocks pause is said in pausing.py; those of answers that are owed never do.
    """
    fold = fold.change(status=on, waiting_reason=reason, snoozed_until=None)
    fold = fold.note(EntryKind.WAITING_STARTED, at, actor, reason=reason, text=on.value)
    return suit(fold, terms, at)


def snooze(  # noqa: PLR0913 - whose wish it is belongs to it
    fold: Fold, terms: Terms, at: datetime, actor: str, until: datetime, *, asked: bool = False
) -> Fold:
    """Put the case aside until an instant.

    Pauses nothing, since the customer is still waiting, unless the customer `asked` for it: then
    the time until a solution does not run.
    """
    reason = ASKED if asked else ""
    fold = fold.change(status=Status.SNOOZED, snoozed_until=until, waiting_reason=reason)
    fold = fold.note(EntryKind.CASE_SNOOZED, at, actor, until=until, reason=reason)
    return suit(fold, terms, at)


def end_pause(fold: Fold, terms: Terms, at: datetime, actor: str, reason: str) -> Fold:
    """End waiting or snoozing. Nothing to do in any other status.

    A case without an agent goes back to where one is looked for.
    """
    case = fold.case
    if case.status not in PAUSED:
        return fold
    kind = EntryKind.SNOOZE_ENDED if case.status is Status.SNOOZED else EntryKind.WAITING_ENDED
    fold = fold.change(
        status=case.standing, queued_at=None, waiting_reason="", snoozed_until=None
    ).note(kind, at, actor, reason=reason)
    return suit(fold, terms, at)


def suit(fold: Fold, terms: Terms, at: datetime) -> Fold:
    """Pause at `at` what does not run while the case stands as it does, and let the rest run."""
    case = fold.case
    for name in PAUSES:
        if name in paused_clocks(case):
            fold = promise.pause(fold, name, at, terms, case.status.value)
        else:
            fold = promise.resume(fold, name, at, terms)
    return fold
