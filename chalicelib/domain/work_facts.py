"""Facts of work: what people and the queue did with a case, taken once more from its log."""

from chalicelib.domain import approving, holding, lifecycle, quality, thanks, wait
from chalicelib.domain.case import Status
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.fold import Fold
from chalicelib.domain.ground import Ground, Take, instant
from chalicelib.domain.pausing import ASKED


def _assigned(fold: Fold, _: Ground, entry: Entry) -> Fold:
    return lifecycle.assign(fold, entry.agent_id, entry.at, entry.actor)


def _queued(fold: Fold, _: Ground, entry: Entry) -> Fold:
    return lifecycle.queue(fold, entry.at, entry.reason)


def _waits(fold: Fold, ground: Ground, entry: Entry) -> Fold:
    on, actor = Status(entry.text), entry.actor
    return wait.wait(fold, ground.terms, entry.at, actor, on=on, reason=entry.reason)


def _snoozed(fold: Fold, ground: Ground, entry: Entry) -> Fold:
    until, asked = entry.until or entry.at, entry.reason == ASKED
    return wait.snooze(fold, ground.terms, entry.at, entry.actor, until, asked=asked)


def _taken_up(fold: Fold, ground: Ground, entry: Entry) -> Fold:
    return wait.end_pause(fold, ground.terms, entry.at, entry.actor, entry.reason)


def _stuck(fold: Fold, _: Ground, entry: Entry) -> Fold:
    return lifecycle.mark_stuck(fold, entry.at, entry.reason)


def _restarted(fold: Fold, _: Ground, entry: Entry) -> Fold:
    return lifecycle.restart(fold, entry.at, entry.actor, entry.reason)


def _offered(fold: Fold, _: Ground, entry: Entry) -> Fold:
    seconds = int(((entry.until or entry.at) - entry.at).total_seconds())
    return holding.offer(fold, entry.agent_id, entry.at, seconds)


def _declined(fold: Fold, _: Ground, entry: Entry) -> Fold:
    return holding.decline(fold, entry.at, entry.reason)


def _expired(fold: Fold, _: Ground, entry: Entry) -> Fold:
    return holding.expire(fold, entry.at, entry.reason)


def _let_go(fold: Fold, _: Ground, entry: Entry) -> Fold:
    return holding.let_go(fold, entry.at, entry.reason, entry.actor)


def _other_team(fold: Fold, ground: Ground, entry: Entry) -> Fold:
    return lifecycle.change_team(fold, ground.terms, entry.value, entry.at, entry.actor)


def _handed_over(fold: Fold, ground: Ground, entry: Entry) -> Fold:
    return lifecycle.handed_over(fold, ground.terms, entry.at)


def _praised(fold: Fold, ground: Ground, entry: Entry) -> Fold:
    since, actor = instant(entry, "since"), entry.actor
    return thanks.appreciated(fold, ground.terms, entry.at, actor, entry.message_id, since=since)


def _thanked(fold: Fold, _: Ground, entry: Entry) -> Fold:
    how, message_id = entry.reason, entry.message_id
    return thanks.thanked(fold, entry.at, entry.actor, message_id=message_id, how=how)


def _waived(fold: Fold, _: Ground, entry: Entry) -> Fold:
    return thanks.waive(fold, entry.at, entry.actor, entry.reason)


def _labelled(fold: Fold, _: Ground, entry: Entry) -> Fold:
    labels = tuple(label for label in entry.value.split(", ") if label)
    return quality.set_labels(fold, labels, entry.at, entry.actor)


def _spoken(fold: Fold, _: Ground, entry: Entry) -> Fold:
    return quality.set_language(fold, entry.value, entry.at, entry.actor)


def _prioritised(fold: Fold, ground: Ground, entry: Entry) -> Fold:
    """Take another priority or VIP mark, and decide the clocks anew; not where they are held."""
    if ground.held:
        return fold
    if entry.kind is EntryKind.VIP_CHANGED:
        fold = quality.set_vip(fold, entry.at, entry.actor, vip=entry.value == "yes")
    else:
        fold = quality.set_priority(fold, entry.value, entry.at, entry.actor)
    return ground.redecided(fold, ground.terms, entry) if fold.case.open else fold


def _redecided(fold: Fold, ground: Ground, entry: Entry) -> Fold:
    if ground.held:
        return fold
    return ground.redecided(fold, ground.terms_of(entry.policy_version), entry)


def _approval(fold: Fold, ground: Ground, entry: Entry) -> Fold:
    return approving.replayed(fold, ground.terms, entry)


WORK: dict[EntryKind, Take] = {
    EntryKind.CASE_QUEUED: _queued,
    EntryKind.CASE_ASSIGNED: _assigned,
    EntryKind.WAITING_STARTED: _waits,
    EntryKind.WAITING_ENDED: _taken_up,
    EntryKind.CASE_SNOOZED: _snoozed,
    EntryKind.SNOOZE_ENDED: _taken_up,
    EntryKind.CASE_STUCK: _stuck,
    EntryKind.CASE_RESTARTED: _restarted,
    EntryKind.CASE_OFFERED: _offered,
    EntryKind.OFFER_DECLINED: _declined,
    EntryKind.OFFER_EXPIRED: _expired,
    EntryKind.CASE_UNASSIGNED: _let_go,
    EntryKind.TEAM_CHANGED: _other_team,
    EntryKind.HANDED_OVER: _handed_over,
    EntryKind.PRAISE_FOUND: _praised,
    EntryKind.THANKS_GIVEN: _thanked,
    EntryKind.ANSWER_WAIVED: _waived,
    EntryKind.LABELS_CHANGED: _labelled,
    EntryKind.LANGUAGE_CHANGED: _spoken,
    EntryKind.PRIORITY_CHANGED: _prioritised,
    EntryKind.VIP_CHANGED: _prioritised,
    EntryKind.CASE_REDECIDED: _redecided,
    EntryKind.APPROVAL_ASKED: _approval,
    EntryKind.APPROVAL_GIVEN: _approval,
    EntryKind.APPROVAL_DECLINED: _approval,
}
"""What takes each kind of fact of people's work."""
