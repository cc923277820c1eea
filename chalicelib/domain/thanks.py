"""Thanks and what needs no answer: messages that are owed nothing, or a friendly word alone.

Somebody who praises is thanked within the time of the `thanks` clock and cannot make the case miss
a promise of an answer (docs/definitions.md, part 2).
"""

from datetime import datetime

from chalicelib.domain import promise
from chalicelib.domain.case import PAUSED
from chalicelib.domain.clock import ClockName
from chalicelib.domain.entry import EntryKind, instants
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.promise import ANSWERS, POSITIVE, WAIVED


def appreciated(  # noqa: PLR0913 - when it arrived and when it was marked are two instants
    fold: Fold,
    terms: Terms,
    at: datetime,
    actor: str,
    message_id: str,
    *,
    since: datetime | None = None,
) -> Fold:
    """Mark at `at` that the customer only praises: an open case owes no answer, but thanks.

    The clock counts from `since`, when the message arrived (None: from `at`). Several that wait
    share one clock, from the first. In a closed case nothing watches a clock, so none starts.
    """
    known = instants(since=since)
    fold = fold.note(EntryKind.PRAISE_FOUND, at, actor, message_id=message_id, inputs=known)
    if fold.case.open:
        fold = _owes_nothing(fold, at, POSITIVE)
    if fold.case.closed_at is not None:
        return fold
    begun = since or at
    fold = promise.begin_earlier(fold, ClockName.THANKS, begun, terms)
    return promise.begin(fold, ClockName.THANKS, begun, terms)


def thanked(fold: Fold, at: datetime, actor: str, *, message_id: str = "", how: str = "") -> Fold:
    """Take in that the customer was thanked at `at` other than by a reply: by a like, or by hand.

    `how` is said in the log.
    """
    fold = fold.note(EntryKind.THANKS_GIVEN, at, actor, message_id=message_id, reason=how)
    return promise.meet(fold, ClockName.THANKS, at)


def waive(fold: Fold, at: datetime, actor: str, reason: str) -> Fold:
    """Take in that what the customer wrote needs no answer, and why.

    What is owed ends without a verdict, unless it had run out.
    """
    fold = fold.note(EntryKind.ANSWER_WAIVED, at, actor, reason=reason)
    return _owes_nothing(fold, at, f"{WAIVED}: {reason}")


def _owes_nothing(fold: Fold, at: datetime, reason: str) -> Fold:
    for name in ANSWERS:
        fold = promise.cancel(fold, name, at, reason)
    fold = fold.change(asks=())
    idle = fold.case.status in PAUSED or not fold.case.open
    return fold if idle else fold.move(fold.case.standing, at)
