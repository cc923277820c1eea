"""Exposure: how long personal data of a customer stands in public, and what ends that.

The `expose` clock begins when a public message with personal data has reached us, and stops when no
message of the case shows any more of it: hidden, removed, or edited (docs/definitions.md, part 2).
It runs at night too, and resolving the case does not stop it.
"""

from collections.abc import Collection
from datetime import datetime

from chalicelib.domain import promise
from chalicelib.domain.clock import ClockName
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.fold import Fold, Terms

KEPT_EXPOSED = 200
"""How many messages of a case are watched at once. What is found beyond is flagged and logged."""


def exposed(
    fold: Fold, terms: Terms, at: datetime, message_id: str, kinds: Collection[str]
) -> Fold:
    """Take in that a public message shows personal data of these kinds.

    `at` is when we could know it: when the message, or its edit, reached us. The clock starts if
    the policy makes that promise, unless one runs: of two messages the earlier counts. In a closed
    case there is no machine to watch a clock, so none starts; people are told at once instead.
    """
    fold = fold.note(
        EntryKind.PERSONAL_DATA_FOUND, at, message_id=message_id, reason=", ".join(sorted(kinds))
    )
    return _watched(fold, terms, at, message_id)


def covered(fold: Fold, at: datetime, message_id: str) -> Fold:
    """Take in that a message does not show personal data any more since `at`.

    With the last of them the clock stops, at the latest of the instants at which they were covered,
    in whatever order those are learnt. Nothing for a message that is not among the exposed.
    """
    case = fold.case
    if message_id not in case.exposed:
        return fold
    clock = case.clock(ClockName.EXPOSE)
    earliest = clock.started_at if clock is not None else at
    last = max(at, earliest, case.covered_at or at)
    left = tuple(one for one in case.exposed if one != message_id)
    if left:
        return fold.change(exposed=left, covered_at=last)
    fold = fold.change(exposed=(), covered_at=None)
    return promise.meet(fold, ClockName.EXPOSE, last, message_id)


def uncovered(fold: Fold, terms: Terms, at: datetime, message_id: str) -> Fold:
    """Take in that a message with personal data is shown again since `at`: a new promise begins."""
    return _watched(fold, terms, at, message_id)


def _watched(fold: Fold, terms: Terms, at: datetime, message_id: str) -> Fold:
    case = fold.case
    if message_id not in case.exposed and len(case.exposed) < KEPT_EXPOSED:
        fold = fold.change(exposed=(*case.exposed, message_id))
    if case.closed_at is not None:
        return fold
    fold = promise.begin_earlier(fold, ClockName.EXPOSE, at, terms)
    return promise.begin(fold, ClockName.EXPOSE, at, terms)
