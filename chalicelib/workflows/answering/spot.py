"""Spot: on which side of a conversation something leaves, and what may leave there."""

from datetime import datetime

from chalicelib.domain import window
from chalicelib.domain.channel import Capabilities
from chalicelib.domain.conversation import Conversation, Spot, spot
from chalicelib.domain.policy import Handle, Policy
from chalicelib.workflows.errors import NotNowError
from chalicelib.workflows.ports import Parts

SIDES = {"public": True, "private": False}


def chosen(conversation: Conversation, side: str = "") -> Spot:
    """Return the side a reply is for; empty: where the customer last wrote.

    Raises NotNowError where the conversation has no such side, or the customer is not there yet.
    """
    public = SIDES.get(side, conversation.latest_public)
    if public == conversation.public:
        return spot(conversation, public=public)
    if public:
        raise NotNowError("This conversation is private.", code="no_public_side")
    private = conversation.side
    if private is None or private.joined_at is None:
        instead = ("answer in public",) if private else ("invite the customer to a private talk",)
        raise NotNowError(
            "The customer is not in a private talk.", code="not_joined", instead=instead
        )
    return spot(conversation, public=False)


def handle_at(policy: Policy, at: Spot) -> Handle:
    """Return the handle of a side, found by its account if it was renamed.

    One that the policy does not know any more is stood in for by its bare facts.
    """
    return (
        policy.handle(at.handle)
        or policy.handle_of(at.channel, at.account_id)
        or Handle(at.handle, at.channel, at.account_id, at.handle, "")
    )


def can_at(parts: Parts, at: Spot) -> Capabilities:
    """Return what the channel of a side can do."""
    return parts.sender.capabilities(handle_at(parts.policies.current(), at), public=at.public)


def room_at(parts: Parts, at: Spot) -> window.Room:
    """Return what may be sent on a side now."""
    return window.room(can_at(parts, at), at.last_inbound_at, parts.now())


def opted_out_at(parts: Parts, conversation: Conversation, at: Spot) -> datetime | None:
    """Return when the customer asked for no more messages on a side, or None.

    For the private side of a public conversation the private talk itself says it too: it may have
    gone on alone meanwhile.
    """
    side = conversation.side
    if side is None or at.public == conversation.public:
        return conversation.opted_out_at
    private = parts.conversations.get(side.conversation_id)
    return private.opted_out_at if private else None
