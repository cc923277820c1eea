"""Resolve and reopen: a person says that the request is settled, or that it is not."""

from datetime import datetime, timedelta

from chalicelib.domain import resolve as resolving
from chalicelib.domain import window
from chalicelib.domain.agent import CASE_WEIGHT
from chalicelib.domain.conversation import Conversation, spot
from chalicelib.domain.fold import Fold
from chalicelib.domain.message import DeliveryState, Message
from chalicelib.workflows.answering.spot import can_at
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
from chalicelib.workflows.ports import Commit, Load, Parts

MARGIN = timedelta(minutes=15)
"""How long before the channel's window closes the survey leaves at the latest."""


def resolve(parts: Parts, ask: Ask, reason: str) -> Done:
    """Resolve the case with a reason.

    Its agent has room again, and the follow-up's delay begins.
    """
    if not reason.strip():
        raise RefusedError("Resolving needs a reason.", code="no_reason")

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        case = open_case(conversation)
        terms = terms_of(parts, conversation, case)
        now = parts.now()
        fold = resolving.resolve(
            Fold(case),
            terms,
            now,
            ask.actor.id,
            reason=reason,
            last_moment=last_moment(parts, conversation),
            on_its_way=_on_its_way(parts, conversation),
        )
        new = settle(conversation, fold, terms)
        load = (Load(case.assignee, -CASE_WEIGHT, now),) if case.assignee else ()
        return Commit(conversation=new, entries=stamped(fold, new), load=load), None

    return carry_out(parts, ask, ("resolve", reason), decide)


def last_moment(parts: Parts, conversation: Conversation) -> datetime | None:
    """Return the last instant at which a survey should leave on this channel, or None.

    No window.
    """
    at = spot(conversation, public=conversation.latest_public)
    closes_at, _ = window.closings(can_at(parts, at), at.last_inbound_at)
    if closes_at is None or at.last_inbound_at is None:
        return None
    return closes_at - min(MARGIN, (closes_at - at.last_inbound_at) / 10)


def _on_its_way(parts: Parts, conversation: Conversation) -> bool:
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
