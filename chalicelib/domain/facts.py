"""Facts: what each entry of a log that tells of something that happened does to its case again.

One row a kind of entry: which function of the domain takes it, with what the entry knows. Entries
that are not here follow from facts, or change nothing that is decided from. What people did with
the case is in work_facts.py.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain import expose, follow_up, lifecycle, reply, resolve
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.fold import Fold
from chalicelib.domain.ground import Ground, Take, instant, known_at
from chalicelib.domain.work_facts import WORK


def _opened(fold: Fold, ground: Ground, entry: Entry) -> Fold:
    return lifecycle.open_case(
        fold.case.number,
        ground.terms,
        sent_at=entry.at,
        received_at=known_at(entry),
        message_id=entry.message_id,
        vip="vip" in entry.inputs if ground.vip is None else ground.vip,
        priority=ground.priority or "",
    )


def _received(fold: Fold, ground: Ground, entry: Entry) -> Fold:
    received_at = instant(entry, "received_at")
    at, message_id = entry.at, entry.message_id
    if entry.reason == "thanks":
        return resolve.thank(fold, at, message_id)
    if fold.case.open:
        return lifecycle.receive(fold, ground.terms, at, message_id, received_at=received_at)
    terms = ground.terms
    return resolve.receive_after_resolve(fold, terms, at, message_id, queued_at=received_at)


def _replied(fold: Fold, ground: Ground, entry: Entry) -> Fold:
    unseen = entry.inputs.get("unseen", "").split()
    return reply.reply_sent(
        fold,
        ground.terms,
        entry.at,
        entry.message_id,
        entry.actor,
        written_at=instant(entry, "written_at"),
        unseen=[datetime.fromisoformat(ask) for ask in unseen],
    )


def _reply_failed(fold: Fold, ground: Ground, entry: Entry) -> Fold:
    return reply.reply_failed(fold, ground.terms, entry.at, entry.message_id, entry.reason)


def _resolved(fold: Fold, ground: Ground, entry: Entry) -> Fold:
    return resolve.resolve(
        fold,
        ground.terms,
        entry.at,
        entry.actor,
        reason=entry.reason,
        last_moment=instant(entry, "last_moment"),
        on_its_way="on_its_way" in entry.inputs,
    )


def _reopened(fold: Fold, ground: Ground, entry: Entry) -> Fold:
    queued_at, actor = instant(entry, "queued_at"), entry.actor
    terms, cause = ground.terms, entry.reason
    return resolve.reopen(fold, terms, entry.at, actor, cause, queued_at=queued_at)


def _survey_written(fold: Fold, _: Ground, entry: Entry) -> Fold:
    return follow_up.survey_written(fold, entry.at, entry.message_id)


def _survey_sent(fold: Fold, _: Ground, entry: Entry) -> Fold:
    return follow_up.follow_up_sent(fold, entry.at, entry.message_id)


def _survey_waived(fold: Fold, _: Ground, entry: Entry) -> Fold:
    survey = fold.case.follow_up
    if survey.sent_at is None:
        return follow_up.waive(fold, entry.at, entry.reason)
    return follow_up.follow_up_failed(fold, entry.at, survey.message_id, entry.reason)


def _survey_answered(fold: Fold, ground: Ground, entry: Entry) -> Fold:
    """Take an answer; whether it reopened the case is a fact, whatever score these terms name."""
    reopened = any(
        later.kind is EntryKind.CASE_REOPENED
        and later.at == entry.at
        and later.reason == f"survey score {entry.score}"
        for later in ground.after
    )
    policy = ground.terms.policy
    survey = replace(policy.survey, reopen_at_most=entry.score if reopened else entry.score - 1)
    terms = replace(ground.terms, policy=replace(policy, survey=survey))
    return follow_up.answer_survey(
        fold, terms, entry.at, entry.message_id, score=entry.score, words=entry.text
    )


def _closed(fold: Fold, _: Ground, entry: Entry) -> Fold:
    return lifecycle.close(fold, entry.at, entry.reason)


def _exposed(fold: Fold, ground: Ground, entry: Entry) -> Fold:
    kinds = entry.reason.split(", ")
    return expose.exposed(fold, ground.terms, entry.at, entry.message_id, kinds)


def _changed(fold: Fold, ground: Ground, entry: Entry) -> Fold:
    """Take an edit, a removal or a hiding: all that follows is what it shows of personal data."""
    told_at = instant(entry, "told_at") or entry.at
    if entry.inputs.get("exposure") == "covered":
        return expose.covered(fold, told_at, entry.message_id)
    if entry.inputs.get("exposure") == "shown":
        return expose.uncovered(fold, ground.terms, told_at, entry.message_id)
    return fold


FACTS: dict[EntryKind, Take] = WORK | {
    EntryKind.CASE_OPENED: _opened,
    EntryKind.MESSAGE_RECEIVED: _received,
    EntryKind.MESSAGE_EDITED: _changed,
    EntryKind.MESSAGE_DELETED: _changed,
    EntryKind.REPLY_SENT: _replied,
    EntryKind.REPLY_FAILED: _reply_failed,
    EntryKind.CASE_RESOLVED: _resolved,
    EntryKind.CASE_REOPENED: _reopened,
    EntryKind.SURVEY_WRITTEN: _survey_written,
    EntryKind.FOLLOW_UP_SENT: _survey_sent,
    EntryKind.FOLLOW_UP_WAIVED: _survey_waived,
    EntryKind.SURVEY_ANSWERED: _survey_answered,
    EntryKind.CASE_CLOSED: _closed,
    EntryKind.PERSONAL_DATA_FOUND: _exposed,
    EntryKind.MESSAGE_HIDDEN: _changed,
    EntryKind.MESSAGE_SHOWN: _changed,
}
"""What takes each kind of fact."""
