"""Approving: a case waits for somebody who may, and hears how that person decided.

Several may wait at once. One clock `approve` counts for all of them: from the oldest, and once that
is decided, from when the next oldest was asked for.
"""

from datetime import datetime

from chalicelib.domain import promise
from chalicelib.domain.authority import summed
from chalicelib.domain.case import Approval, Case
from chalicelib.domain.clock import ClockName
from chalicelib.domain.entry import MACHINE, Entry, EntryKind
from chalicelib.domain.fold import Fold, Terms

REPLY, INVITE, RESOLVE = "reply", "invite", "resolve"
"""What can wait for approval."""

MOST_WAITING = 20
"""How many approvals a case may wait for at once."""

RESOLVED = "the case was resolved"
"""Why nobody has to decide any more."""


def ask(fold: Fold, terms: Terms, approval: Approval, **why: object) -> Fold:
    """Let something wait for approval from `asked_at` on: the clock `approve` runs.

    One clock counts for all that waits: from the oldest. `why` are facts of the log's entry:
    inputs, policy_version.
    """
    fold = fold.change(approvals=(*fold.case.approvals, approval))
    fold = fold.note(
        EntryKind.APPROVAL_ASKED,
        approval.asked_at,
        approval.by,
        message_id=approval.message_id,
        reason=approval.why,
        text=approval.text,
        **why,
    )
    return promise.begin(fold, ClockName.APPROVE, approval.asked_at, terms)


def give(
    fold: Fold, terms: Terms, at: datetime, actor: str, approval: Approval, **why: object
) -> Fold:
    """Take in that somebody let it leave: what it promises is promised now.

    `approval` is as it leaves, with what the approver changed; so is its entry: text is what its
    author had written, where that was changed.
    """
    promised = summed((*fold.case.promised, *approval.promised))
    fold = fold.change(promised=promised, approvals=_without(fold.case, approval.id))
    fold = fold.note(
        EntryKind.APPROVAL_GIVEN,
        at,
        actor,
        message_id=approval.message_id,
        agent_id=approval.by,
        **why,
    )
    return _decided(fold, terms, at)


def decline(  # noqa: PLR0913 - who decided what, when and why
    fold: Fold,
    terms: Terms,
    at: datetime,
    actor: str,
    approval: Approval,
    *,
    reason: str,
    **why: object,
) -> Fold:
    """Take in that it never leaves: somebody kept it back, or its author took it back."""
    fold = fold.change(approvals=_without(fold.case, approval.id))
    fold = _kept_back(fold, at, actor, approval, reason, **why)
    if actor != approval.by:
        return _decided(fold, terms, at)
    if _still_first(fold):
        return fold
    return _next(promise.cancel(fold, ClockName.APPROVE, at, "withdrawn"), terms)


def drop(fold: Fold, at: datetime, reason: str) -> Fold:
    """End all that waits: the case has come to rest, and nothing more is to be said in it."""
    waiting = fold.case.approvals
    fold = fold.change(approvals=())
    for approval in waiting:
        fold = _kept_back(fold, at, MACHINE, approval, reason, inputs={"approval": approval.id})
    return promise.cancel(fold, ClockName.APPROVE, at, reason) if waiting else fold


def replayed(fold: Fold, terms: Terms, entry: Entry) -> Fold:
    """Take in once more what the log says of an approval, as far as its clock depends on it."""
    given = entry.inputs.get("approval", "")
    if entry.kind is EntryKind.APPROVAL_ASKED:
        what, ids = entry.inputs.get("what", REPLY), (entry.message_id, entry.text)
        approval = Approval(given, what, entry.actor, entry.at, entry.reason, *ids)
        return ask(fold, terms, approval, inputs=entry.inputs)
    waiting = next((one for one in fold.case.approvals if one.id == given), None)
    if waiting is None:
        return fold
    if entry.kind is EntryKind.APPROVAL_GIVEN:
        return give(fold, terms, entry.at, entry.actor, waiting, inputs=entry.inputs)
    at, actor, inputs = entry.at, entry.actor, entry.inputs
    return decline(fold, terms, at, actor, waiting, reason=entry.reason, inputs=inputs)


def _without(case: Case, approval_id: str) -> tuple[Approval, ...]:
    return tuple(one for one in case.approvals if one.id != approval_id)


def _kept_back(
    fold: Fold, at: datetime, actor: str, approval: Approval, reason: str, **why: object
) -> Fold:
    return fold.note(
        EntryKind.APPROVAL_DECLINED,
        at,
        actor,
        message_id=approval.message_id,
        agent_id=approval.by,
        reason=reason,
        **why,
    )


def _decided(fold: Fold, terms: Terms, at: datetime) -> Fold:
    """Stop the clock, unless it counts for something older that still waits."""
    if _still_first(fold):
        return fold
    return _next(promise.meet(fold, ClockName.APPROVE, at), terms)


def _still_first(fold: Fold) -> bool:
    """Return whether the clock that runs is that of the oldest that waits."""
    clock = promise.running(fold, ClockName.APPROVE)
    waiting = fold.case.approvals
    return clock is not None and bool(waiting) and clock.started_at >= waiting[0].asked_at


def _next(fold: Fold, terms: Terms) -> Fold:
    """Count for the one that waits longest now, from when it was asked for."""
    waiting = fold.case.approvals
    if not waiting:
        return fold
    return promise.begin(fold, ClockName.APPROVE, waiting[0].asked_at, terms)
