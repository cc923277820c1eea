"""Follow-up: the survey after a case is resolved, and what the customer answered."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain import promise
from chalicelib.domain.case import Status
from chalicelib.domain.clock import ClockName
from chalicelib.domain.entry import MACHINE, EntryKind
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.resolve import DONE, reopen
from chalicelib.domain.unmeet import unmeet


def survey_written(fold: Fold, at: datetime, message_id: str) -> Fold:
    """Note which message is the survey, before it is sent."""
    fold = fold.change(follow_up=replace(fold.case.follow_up, message_id=message_id))
    return fold.note(EntryKind.SURVEY_WRITTEN, at, message_id=message_id)


def follow_up_sent(fold: Fold, at: datetime, message_id: str) -> Fold:
    """Take in that the platform accepted the survey at `at`.

    Nothing for the survey of an earlier round, or once it is known.
    """
    follow_up = fold.case.follow_up
    if follow_up.message_id != message_id or follow_up.sent_at is not None:
        return fold
    status = Status.FOLLOW_UP if fold.case.status is Status.RESOLVED else fold.case.status
    fold = fold.change(status=status, follow_up=replace(follow_up, sent_at=at, waived=""))
    fold = fold.note(EntryKind.FOLLOW_UP_SENT, at, message_id=message_id)
    return promise.meet(fold, ClockName.FOLLOW_UP, at, message_id)


def follow_up_failed(fold: Fold, at: datetime, message_id: str, reason: str) -> Fold:
    """Take in that the survey did not reach the customer: it is waived, as if never sent.

    Nothing for the survey of an earlier round, or one that was answered: then it did.
    """
    follow_up = fold.case.follow_up
    if follow_up.message_id != message_id or follow_up.score:
        return fold
    status = Status.RESOLVED if fold.case.status is Status.FOLLOW_UP else fold.case.status
    fold = fold.change(status=status, follow_up=replace(follow_up, sent_at=None))
    return waive(unmeet(fold, message_id, at), at, reason)


def waive(fold: Fold, at: datetime, reason: str) -> Fold:
    """Record that no survey is sent, and why."""
    if fold.case.follow_up.waived or fold.case.follow_up.sent_at is not None:
        return fold
    fold = fold.change(follow_up=replace(fold.case.follow_up, waived=reason))
    fold = fold.note(EntryKind.FOLLOW_UP_WAIVED, at, reason=reason)
    return promise.cancel(fold, ClockName.FOLLOW_UP, at, f"waived: {reason}")


def asked(fold: Fold) -> bool:
    """Return whether a survey went to the customer and has not been answered.

    One of which the platform never said whether it took it counts: an answer shows that it did.
    """
    follow_up = fold.case.follow_up
    waits = bool(follow_up.message_id) and not follow_up.score and not follow_up.waived
    return waits and fold.case.status in DONE


def answer_survey(  # noqa: PLR0913 - what was answered comes in two parts
    fold: Fold, terms: Terms, at: datetime, message_id: str, *, score: int, words: str
) -> Fold:
    """Record the customer's answer. A low score reopens the case."""
    answer = replace(fold.case.follow_up, score=score, words=words, answered_at=at)
    fold = fold.change(follow_up=answer)
    fold = fold.note(EntryKind.SURVEY_ANSWERED, at, message_id=message_id, score=score)
    fold = promise.meet(fold, ClockName.FOLLOW_UP, at, answer.message_id)
    if score > terms.policy.survey.reopen_at_most:
        return fold
    return reopen(fold, terms, at, MACHINE, f"survey score {score}")
