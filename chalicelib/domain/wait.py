"""Waiting and snoozing: a case is put aside, and taken up again (docs/definitions.md, part 2)."""

from datetime import datetime

from chalicelib.domain import promise
from chalicelib.domain.case import PAUSED, Status
from chalicelib.domain.clock import ClockName
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.fold import Fold, Terms


def wait(  # noqa: PLR0913 - on what and why belong to it
    fold: Fold, terms: Terms, at: datetime, actor: str, *, on: Status, reason: str
) -> Fold:
    """Wait for the customer or a third party.

    The resolution clock pauses, the response clocks do not.
    """
    fold = fold.change(status=on, waiting_reason=reason, snoozed_until=None)
    fold = fold.note(EntryKind.WAITING_STARTED, at, actor, reason=reason, text=on.value)
    return promise.pause(fold, ClockName.RESOLUTION, at, terms, on.value)


def snooze(fold: Fold, terms: Terms, at: datetime, actor: str, until: datetime) -> Fold:
    """Put the case aside until an instant. Pauses nothing: the customer is still waiting."""
    fold = promise.resume(fold, ClockName.RESOLUTION, at, terms)
    fold = fold.change(status=Status.SNOOZED, snoozed_until=until, waiting_reason="")
    return fold.note(EntryKind.CASE_SNOOZED, at, actor, until=until)


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
    return promise.resume(fold, ClockName.RESOLUTION, at, terms)
