"""Invite: ask a public writer into a private talk, by the means that the platform has for it.

The case stays where it is, in the public conversation, which gets a private side
(docs/decisions/0010-one-conversation-with-two-sides.md).
"""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import invitation
from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Role
from chalicelib.domain.approval import Wish
from chalicelib.domain.approving import INVITE
from chalicelib.domain.channel import Capabilities, Invite, private_of
from chalicelib.domain.conversation import Conversation, Side, spot
from chalicelib.domain.entry import MACHINE, EntryKind
from chalicelib.domain.ident import digest
from chalicelib.domain.message import Delivery, DeliveryState, Message
from chalicelib.domain.policy import Handle
from chalicelib.workflows.answering import limits
from chalicelib.workflows.answering.hold import hold
from chalicelib.workflows.answering.limits import Draft
from chalicelib.workflows.answering.reply import counted, noted, pending, written
from chalicelib.workflows.answering.spot import can_at, handle_at
from chalicelib.workflows.approving.authority import need, waiting
from chalicelib.workflows.change import TRIES, Ask, Done, carry_out
from chalicelib.workflows.errors import ConflictError, NotNowError, RefusedError
from chalicelib.workflows.intake.pair import code_reference
from chalicelib.workflows.ports import BusyError, Commit, Parts, Reference

REDIRECT = "redirect"
"""What marks a reply that leads elsewhere: it counts as an answer, and is told apart."""


@dataclass(frozen=True, slots=True)
class Offer:
    """How a customer can be invited now. `handle` is where the private talk will be."""

    kind: Invite
    handle: Handle
    item_id: str
    until: datetime | None


def offer(parts: Parts, conversation: Conversation) -> Offer:
    """Return how the customer of a public conversation can be invited now.

    Raises NotNowError when not at all: the platform has no means, it is too late, or the customer
    was invited by this very message.
    """
    return _offer(parts, conversation, conversation.last_inbound_id)


def _offer(parts: Parts, conversation: Conversation, item_id: str, *, held: bool = False) -> Offer:
    """Return how the customer can be invited by one item. `held`: one held for it leaves now."""
    if not conversation.public:
        raise NotNowError("This conversation is private.", code="not_public")
    side = conversation.side
    if side is not None and side.joined_at is not None:
        raise NotNowError(
            "The customer is in a private talk already.",
            code="joined",
            instead=("answer in private",),
        )
    at = spot(conversation, public=True)
    can = can_at(parts, at)
    handle = _handle(parts, conversation, can)
    if handle is None or not item_id:
        raise NotNowError("This network has no way to invite the customer.", code="no_invite")
    limits.check_wish(parts, conversation, at)
    if not held:
        _check_once(parts, conversation, item_id)
    limits.check_invite_time(parts, conversation, item_id)
    until = limits.invite_until(parts, conversation, item_id)
    return Offer(can.invite, handle, item_id, until)


def _handle(parts: Parts, conversation: Conversation, can: Capabilities) -> Handle | None:
    """Return the handle that the private talk will be with, or None."""
    policy = parts.policies.current()
    if can.invite is Invite.NONE:
        return None
    if can.invite is not Invite.LINK:
        return policy.handle_of(private_of(conversation.channel), conversation.account_id)
    public = handle_at(policy, spot(conversation, public=True))
    handle = invitation.leads_to(policy, public)
    return handle if handle is not None and invitation.link(handle, "") else None


def _check_once(parts: Parts, conversation: Conversation, item_id: str) -> None:
    earlier = parts.conversations.message(conversation.id, _invite_id(conversation, item_id))
    if earlier is None or earlier.delivery is None:
        return
    if earlier.delivery.state is DeliveryState.DECLINED:
        return  # it never left
    if earlier.delivery.state is DeliveryState.HELD:
        raise NotNowError(
            "An invitation by this message waits for approval.",
            code="invited",
            instead=("wait for the decision",),
        )
    failed = earlier.delivery.state in (DeliveryState.FAILED, DeliveryState.UNKNOWN)
    raise NotNowError(
        "The customer was invited by this message already.",
        code="invited",
        instead=("send the invitation again",) if failed else ("answer in public",),
    )


def _invite_id(conversation: Conversation, item_id: str) -> str:
    return digest("invite", conversation.id, item_id)


def invite(parts: Parts, ask: Ask, text: str) -> Done:
    """Ask the customer of a public conversation into a private talk.

    A reply with clocks like any other. Raises RefusedError for an empty text or personal data,
    NotNowError when nobody can be invited now. What its author may not say alone is held, and
    nothing of the invitation is there until somebody who may has decided.
    """

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        plan = offer(parts, conversation)
        draft, side = _drafted(parts, plan, text)
        _check(parts, conversation, side, draft)
        message = _message(parts, ask, conversation, draft, plan)
        earlier = parts.conversations.message(conversation.id, message.id)
        if earlier is not None:  # declined: it is written anew
            message = replace(message, rev=earlier.rev, rounds=earlier.rounds + 1)
        agent = parts.agents.get(ask.actor.id)
        wish = Wish(conversation.handle, message.public)
        found = need(parts, conversation, ask.actor, wish)
        if found is not None:
            plain = replace(message, text=text)
            held = waiting(ask, INVITE, message.id)
            return hold(parts, conversation, plain, found, held, taker=agent)
        kind = EntryKind.CUSTOMER_INVITED
        awaited = counted(conversation, message) if earlier is None else conversation
        awaited = _invited(awaited, message, side)
        commit = noted(parts, ask, awaited, message, kind, taker=agent, reason=REDIRECT)
        known = code_reference(side, side.code or message.id, conversation)
        commit = replace(commit, references=(known,))
        if earlier is not None:
            return replace(commit, update=(message,)), message
        return replace(commit, insert=(message,)), message

    return carry_out(parts, ask, ("invite", text), decide)


def released(
    parts: Parts, conversation: Conversation, message: Message
) -> tuple[Conversation, Message, Reference]:
    """Return a held invitation as it leaves now, with the side that it opens and what leads there.

    Raises RefusedError or NotNowError when it may not leave any more.
    """
    plan = _offer(parts, conversation, message.parent_id, held=True)
    draft, side = _drafted(parts, plan, message.text)
    _check(parts, conversation, side, draft)
    message = replace(message, text=draft.whole, public=plan.kind is Invite.LINK)
    known = code_reference(side, side.code or message.id, conversation)
    return _invited(conversation, message, side), message, known


def _drafted(parts: Parts, plan: Offer, text: str) -> tuple[Draft, Side]:
    """Return an invitation's words, with its link where it needs one, and the side it opens."""
    word = parts.codes() if plan.kind is Invite.LINK else ""
    draft = Draft(text, "public", tail=invitation.link(plan.handle, word) if word else "")
    handle = plan.handle
    return draft, Side(handle.channel, handle.id, handle.account_id, parts.now(), code=word)


def _invited(conversation: Conversation, message: Message, side: Side) -> Conversation:
    return replace(conversation, pending=pending(conversation, message), side=side)


def _check(parts: Parts, conversation: Conversation, side: Side, draft: Draft) -> None:
    """Raise why these words may not leave: in public all that a reply is told, else their length.

    The window of the private talk is not open yet; the invitation has a time of its own.
    """
    if draft.tail:
        limits.check(parts, conversation, spot(conversation, public=True), draft)
        return
    if not draft.text.strip():
        raise RefusedError("An invitation needs words.", code="empty")
    private = spot(replace(conversation, side=side), public=False)
    limits.check_length(can_at(parts, private), draft.whole)


def _message(
    parts: Parts, ask: Ask, conversation: Conversation, draft: Draft, plan: Offer
) -> Message:
    agent, now = parts.agents.get(ask.actor.id), parts.now()
    message = written(ask, conversation, draft.whole, agent, now)
    machine = ask.actor.id == MACHINE
    return replace(
        message,
        id=_invite_id(conversation, plan.item_id),
        public=plan.kind is Invite.LINK,
        parent_id=plan.item_id,
        author_name=parts.policies.current().brand if machine else message.author_name,
        flags=(REDIRECT,),
        invites=True,
        delivery=Delivery(DeliveryState.QUEUED, now),
    )


def invite_by_rule(parts: Parts, conversation_id: str, text: str) -> str:
    """Invite the customer without a person asking for it, at most once per conversation.

    Returns `invited`, or a machine word for why not; raises BusyError alone, for whoever called to
    try again. No clock stops by it: no person has answered.
    """
    actor = Actor(MACHINE, Role.ADMIN)
    for _ in range(TRIES):
        conversation = parts.conversations.get(conversation_id)
        if conversation is None:
            return "not_found"
        if conversation.side is not None:
            return "invited_before"
        ask = Ask(actor, conversation_id, conversation.version, f"rule {conversation_id}")
        try:
            invite(parts, ask, text)
        except ConflictError:
            continue
        except RefusedError as refused:
            return refused.code
        return "invited"
    raise BusyError("the conversation kept changing")
