"""Decide: somebody who may lets it leave, changes it first, or keeps it back; its author withdraws.

A decision is a change like any other: based on a version, once under its key, and one transaction
with the message, the case and its clock. Of two at once one wins, and the other is told who did.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.domain import approving
from chalicelib.domain.approval import Person, may_decline, why_not
from chalicelib.domain.approving import INVITE, RESOLVE
from chalicelib.domain.authority import Promised
from chalicelib.domain.case import Approval, Case
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import MACHINE, EntryKind
from chalicelib.domain.fold import Fold
from chalicelib.domain.message import Approved, Delivery, DeliveryState, Message
from chalicelib.workflows.answering import invite
from chalicelib.workflows.answering.reply import check_again, pending
from chalicelib.workflows.approving import authority
from chalicelib.workflows.approving.ended import kept_back
from chalicelib.workflows.change import Ask, Done, carry_out, settle, stamped, terms_of
from chalicelib.workflows.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    NotNowError,
    RefusedError,
)
from chalicelib.workflows.ports import Commit, Parts, Reference
from chalicelib.workflows.resolve import explained, resolved

LOOKED_BACK = 100
"""How far the log is read to say who decided."""

DECIDED = {EntryKind.APPROVAL_GIVEN: "approved", EntryKind.APPROVAL_DECLINED: "declined"}


@dataclass(frozen=True, slots=True)
class Changed:
    """What an approver wants otherwise; None: as it was written."""

    text: str | None = None
    promised: tuple[Promised, ...] | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """Return all of it, so that two requests can be told apart."""
        text = () if self.text is None else ("text", self.text)
        listed = () if self.promised is None else ("promises", authority.listed(self.promised))
        return (*text, *listed)


@dataclass(frozen=True, slots=True)
class _Leaving:
    """What leaves by an approval. `draft`: its author's words, where the approver changed them."""

    conversation: Conversation
    message: Message | None = None
    draft: str = ""
    references: tuple[Reference, ...] = ()


AS_WRITTEN = Changed()


def approve(parts: Parts, ask: Ask, approval_id: str, changed: Changed = AS_WRITTEN) -> Done:
    """Let what waits leave now, with what the approver changed; a resolution resolves the case.

    Its author's it stays: their reply, their resolution. Raises NotFoundError when there is no such
    approval, NotNowError when it is decided (who did is said) or what waits may not leave any more,
    ForbiddenError when it is not this person's to decide.
    """

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        case, found = _waiting(parts, conversation, approval_id)
        policy = parts.policies.current()
        if changed.promised is not None:
            found = replace(found, promised=changed.promised)
            authority.check_sums(case, found.promised)
        refused = why_not(policy, authority.person(parts, ask.actor), case, found)
        if refused:
            raise ForbiddenError(refused)
        leaving = _leaving(parts, ask, conversation, found, changed.text)
        fold = _given(parts, ask, case, found, leaving)
        new = settle(leaving.conversation, fold, terms_of(parts, conversation, case))
        commit = Commit(conversation=new, entries=stamped(fold, new))
        message = leaving.message
        update = (message,) if message else ()
        return replace(commit, update=update, references=leaving.references), message

    what = ("approve", approval_id, *changed.words)
    return _told(parts, approval_id, lambda: carry_out(parts, ask, what, decide))


def decline(parts: Parts, ask: Ask, approval_id: str, reason: str) -> Done:
    """Keep what waits back for good, with a reason for its author. Raises as `approve` does."""
    if not reason.strip():
        raise RefusedError("Declining needs a reason.", code="no_reason")

    def allowed(person: Person, case: Case, found: Approval) -> None:
        if not may_decline(parts.policies.current(), person, case, found):
            raise ForbiddenError("This is not yours to decide.")

    return _kept(parts, ask, approval_id, ("decline", reason), allowed)


def withdraw(parts: Parts, ask: Ask, approval_id: str) -> Done:
    """Take one's own words back before anybody decided. Raises as `approve` does."""

    def allowed(person: Person, _: Case, found: Approval) -> None:
        if person.actor.id != found.by:
            raise ForbiddenError("Only its author withdraws it.")

    return _kept(parts, ask, approval_id, ("withdraw", "withdrawn"), allowed)


def _kept(
    parts: Parts,
    ask: Ask,
    approval_id: str,
    what: tuple[str, str],
    allowed: Callable[[Person, Case, Approval], None],
) -> Done:
    action, reason = what

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        case, found = _waiting(parts, conversation, approval_id)
        allowed(authority.person(parts, ask.actor), case, found)
        now, terms = parts.now(), terms_of(parts, conversation, case)
        facts = {"inputs": authority.told(found), "policy_version": _version(parts)}
        fold = approving.decline(
            Fold(case), terms, now, ask.actor.id, found, reason=reason, **facts
        )
        new = settle(conversation, fold, terms)
        commit = Commit(conversation=new, entries=stamped(fold, new))
        held = _held(parts, conversation, found)
        if held is None:
            return commit, None
        code = "withdrawn" if action == "withdraw" else "declined"
        message = kept_back(held, now, code, reason)
        return replace(commit, update=(message,)), message

    repeat = (action, approval_id, reason)
    return _told(parts, approval_id, lambda: carry_out(parts, ask, repeat, decide))


def _leaving(
    parts: Parts, ask: Ask, conversation: Conversation, found: Approval, text: str | None
) -> _Leaving:
    """Return what leaves, checked once more as it is now."""
    message, now = _held(parts, conversation, found), parts.now()
    if message is None:
        if text is not None:
            raise RefusedError("A resolution without a reply has no text.", code="no_text")
        return _Leaving(conversation)
    draft = ""
    if text is not None and text != message.text:
        if not text.strip():
            raise RefusedError("A reply needs words.", code="empty")
        if message.template:
            raise RefusedError("A template's words cannot be changed.", code="template")
        draft = message.text
        message = replace(message, text=text, sent_at=now, seen=conversation.seen)
    message = replace(
        message,
        promised=found.promised,
        approved=Approved(ask.actor.id, now, draft),
        delivery=Delivery(DeliveryState.QUEUED, now),
    )
    if found.what == INVITE:
        invited, message, known = invite.released(parts, conversation, message)
        return _Leaving(invited, message, draft, (known,))
    check_again(parts, conversation, message)
    awaited = replace(conversation, pending=pending(conversation, message))
    return _Leaving(awaited, message, draft)


def _given(parts: Parts, ask: Ask, case: Case, found: Approval, leaving: _Leaving) -> Fold:
    """Return a case after the approval, and after what leaves by it."""
    conversation, now = leaving.conversation, parts.now()
    terms = terms_of(parts, conversation, case)
    facts: dict[str, object] = {"inputs": authority.told(found), "policy_version": _version(parts)}
    words = {"text": leaving.draft, "value": "changed"} if leaving.draft else {}
    fold = approving.give(Fold(case), terms, now, ask.actor.id, found, **facts, **words)
    facts["inputs"] = {**authority.told(found), "approved_by": ask.actor.id}
    if leaving.message is not None:
        invited = found.what == INVITE
        kind = EntryKind.CUSTOMER_INVITED if invited else EntryKind.REPLY_WRITTEN
        reason = invite.REDIRECT if invited else ""
        written = {"message_id": found.message_id, "reason": reason, **facts}
        fold = fold.note(kind, now, found.by, **written)
    if found.what != RESOLVE:
        return fold
    leaves = leaving.message is not None
    fold = resolved(parts, conversation, fold, found.by, found.text, leaves=leaves)
    return explained(fold, facts)


def _held(parts: Parts, conversation: Conversation, found: Approval) -> Message | None:
    """Return the held message of an approval, or None: a resolution without words."""
    if not found.message_id:
        return None
    return parts.conversations.message(conversation.id, found.message_id)


def _waiting(parts: Parts, conversation: Conversation, approval_id: str) -> tuple[Case, Approval]:
    """Return the case and what waits in it. Raises NotNowError or NotFoundError."""
    case = conversation.case
    waits = case.approvals if case else ()
    found = next((one for one in waits if one.id == approval_id), None)
    if case is None or found is None:
        raise _gone(parts, conversation, approval_id)
    return case, found


def _told(parts: Parts, approval_id: str, act: Callable[[], Done]) -> Done:
    """Tell whoever comes too late who decided, rather than that something changed."""
    try:
        return act()
    except ConflictError as stale:
        case = stale.conversation.case
        if case is not None and any(one.id == approval_id for one in case.approvals):
            raise
        raise _gone(parts, stale.conversation, approval_id) from stale


def _gone(parts: Parts, conversation: Conversation, approval_id: str) -> RefusedError:
    """Return what to say of something that does not wait: who decided, or that it never did."""
    for entry in parts.views.history(conversation.id, LOOKED_BACK).rows:
        if entry.kind not in DECIDED or entry.inputs.get("approval") != approval_id:
            continue
        how = "withdrew" if entry.actor == entry.agent_id else DECIDED[entry.kind]
        by = f"{entry.actor} {how} it" if entry.actor != MACHINE else f"It ended: {entry.reason}"
        return NotNowError(f"{by}.", code="decided")
    return NotFoundError("Nothing of that id waits for approval.")


def _version(parts: Parts) -> str:
    return parts.policies.current().version
