"""Resolve and reopen: a person says that the request is settled, or that it is not."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain import resolve as resolving
from chalicelib.domain import window
from chalicelib.domain.approving import RESOLVE
from chalicelib.domain.authority import Promised
from chalicelib.domain.conversation import Conversation, Spot, spot
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.fold import Fold
from chalicelib.domain.message import DeliveryState, Message
from chalicelib.workflows.answering.spot import can_at
from chalicelib.workflows.approving import authority
from chalicelib.workflows.change import (
    Ask,
    Done,
    carry_out,
    open_case,
    settle,
    stamped,
    terms_of,
)
from chalicelib.workflows.errors import NotNowError, RefusedError
from chalicelib.workflows.ports import Commit, Parts

MARGIN = timedelta(minutes=15)
"""How long before the channel's window closes the survey leaves at the latest."""


def resolve(parts: Parts, ask: Ask, reason: str, promised: tuple[Promised, ...] = ()) -> Done:
    """Resolve the case with a reason, and with what that promises to the customer.

    Its agent has room again, and the follow-up's delay begins. What the agent may not promise alone
    waits for approval first, and the case stays open until then.
    """
    check_reason(reason)

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        case = open_case(conversation)
        terms = terms_of(parts, conversation, case)
        wish = replace(authority.wish_at(latest(conversation), promised), words=False)
        found = authority.need(parts, conversation, ask.actor, wish)
        if found is not None:
            authority.check(conversation, found)
            waits = authority.waiting(ask, RESOLVE, text=reason)
            fold = authority.asked(parts, Fold(case), terms, found, waits)
        else:
            fold, facts = authority.promised(parts, Fold(case), promised)
            fold = explained(resolved(parts, conversation, fold, ask.actor.id, reason), facts)
        new = settle(conversation, fold, terms)
        return Commit(conversation=new, entries=stamped(fold, new)), None

    return carry_out(parts, ask, ("resolve", reason, *authority.words_of(promised)), decide)


def check_reason(reason: str) -> None:
    """Raise RefusedError for a resolution without a reason."""
    if not reason.strip():
        raise RefusedError("Resolving needs a reason.", code="no_reason")


def resolved(  # noqa: PLR0913 - what leaves with it is of approved ones alone
    parts: Parts,
    conversation: Conversation,
    fold: Fold,
    by: str,
    reason: str,
    *,
    leaves: bool = False,
) -> Fold:
    """Return a conversation's open case resolved by somebody now.

    `leaves`: a reply leaves with it, beside those that the conversation knows of.
    """
    return resolving.resolve(
        fold,
        terms_of(parts, conversation, fold.case),
        parts.now(),
        by,
        reason=reason,
        last_moment=last_moment(parts, conversation),
        on_its_way=leaves or on_its_way(parts, conversation),
    )


def explained(fold: Fold, facts: Mapping[str, Any]) -> Fold:
    """Return the fold with more facts in the entry that tells that the case was resolved."""
    inputs = facts.get("inputs", {})
    others = {name: value for name, value in facts.items() if name != "inputs"}
    entries = tuple(
        replace(entry, inputs=entry.inputs | inputs, **others)
        if entry.kind is EntryKind.CASE_RESOLVED
        else entry
        for entry in fold.entries
    )
    return replace(fold, entries=entries)


def latest(conversation: Conversation) -> Spot:
    """Return the side where the customer last wrote."""
    return spot(conversation, public=conversation.latest_public)


def last_moment(parts: Parts, conversation: Conversation) -> datetime | None:
    """Return the last instant at which a survey should leave on this channel, or None.

    No window.
    """
    at = latest(conversation)
    closes_at, _ = window.closings(can_at(parts, at), at.last_inbound_at)
    if closes_at is None or at.last_inbound_at is None:
        return None
    return closes_at - min(MARGIN, (closes_at - at.last_inbound_at) / 10)


def on_its_way(parts: Parts, conversation: Conversation) -> bool:
    """Return whether a reply is still to be sent: who resolves after writing it has answered."""
    waiting = (
        parts.conversations.message(conversation.id, pending.message_id)
        for pending in conversation.pending
    )
    return any(
        message is not None
        and message.delivery is not None
        and message.delivery.state in (DeliveryState.QUEUED, DeliveryState.SENDING)
        for message in waiting
    )


def reopen(parts: Parts, ask: Ask, reason: str) -> Done:
    """Open a resolved or closed case again by hand.

    Raises NotNowError for one that is open or was never there.
    """
    if not reason.strip():
        raise RefusedError("Reopening needs a reason.", code="no_reason")

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        case = conversation.case
        if case is None or case.status not in resolving.DONE:
            raise NotNowError("The case is open.", code="not_resolved")
        terms = terms_of(parts, conversation, case)
        fold = resolving.reopen(Fold(case), terms, parts.now(), ask.actor.id, reason)
        new = settle(conversation, fold, terms)
        return Commit(conversation=new, entries=stamped(fold, new)), None

    return carry_out(parts, ask, ("reopen", reason), decide)
