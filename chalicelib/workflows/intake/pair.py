"""Pair: a public conversation and the private talk its customer was invited to are one case.

The case stays in public; private messages are stored there while it goes on
(docs/decisions/0010-one-conversation-with-two-sides.md).
"""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import follow_up, instant, invitation, resolve, survey
from chalicelib.domain.case import Case
from chalicelib.domain.contact import Contact, Identity
from chalicelib.domain.conversation import Conversation, Side
from chalicelib.domain.event import ChannelEvent
from chalicelib.domain.fold import Fold
from chalicelib.domain.ident import conversation_id
from chalicelib.domain.policy import Handle
from chalicelib.workflows.change import terms_of
from chalicelib.workflows.ports import Parts, Reference

EVIDENCE = "answered an invitation"
TALKING = "already talking"
"""Why a private talk is not joined: it has an open case of its own, or belongs to another one."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A public conversation after its customer was found in private, and what of that is new.

    `joining` is the private talk, to be written with it.
    """

    conversation: Conversation
    joining: Conversation
    contact: Contact
    identities: tuple[Identity, ...]


@dataclass(frozen=True, slots=True)
class Guest:
    """Who came: the platform's private id, in which conversation that is, and since when."""

    ref: str
    scope: str
    conversation_id: str
    at: datetime


def takes(
    parts: Parts, public: Conversation | None, private: Conversation | None, event: ChannelEvent
) -> bool:
    """Return whether a private event belongs to the case of the public conversation.

    While that is open or can still be reopened; an answer to its survey and a thank-you also
    later. Never while the private talk has an open case of its own.
    """
    if public is None or public.case is None or _busy(private):
        return False
    at, _ = instant.clamp(event.occurred_at, event.received_at)
    if public.case.open or at <= resolve.closes_at(
        public.case, terms_of(parts, public, public.case)
    ):
        return True
    return (private is None or private.case is None) and _late(public.case, event)


def _late(case: Case, event: ChannelEvent) -> bool:
    answer = survey.recognise(event.text) if follow_up.asked(Fold(case)) else None
    if answer is not None:
        return not answer.words
    return survey.is_thanks(event.text, len(event.attachments))


def _busy(private: Conversation | None) -> bool:
    return private is not None and private.case is not None and private.case.open


def invited(parts: Parts, event: ChannelEvent, private: Conversation | None) -> Conversation | None:
    """Return the public conversation whose invitation's link brought this customer, or None.

    The first who comes by a link is taken for the one invited; on the network of the invitation
    itself only who wrote there.
    """
    word = invitation.code_of(event)
    if not word or event.contact is None:
        return None
    kept = parts.conversations.reference(event.channel, event.account_id, invitation.named(word))
    public = parts.conversations.get(kept.conversation_id) if kept else None
    if public is None or public.side is None or public.side.joined_at is not None:
        return None
    same = (public.channel, public.account_id) == (event.channel, event.account_id)
    if same and event.contact.id not in public.refs:
        return None
    return public if takes(parts, public, private, event) else None


def guest(side: Side, ref: str, scope: str, at: datetime) -> Guest:
    """Return whom the platform gave an invitation to."""
    return Guest(ref, scope, conversation_id(side.channel, side.account_id, ref), at)


def side_of(public: Conversation) -> Side:
    """Return the private side of a conversation whose customer was invited."""
    if public.side is None:
        raise ValueError("nobody was invited")
    return public.side


def free(parts: Parts, public: Conversation, private: Conversation | None) -> bool:
    """Return whether a private talk may be joined to a public conversation.

    Not one that has an open case of its own, or belongs to another public conversation with one.
    """
    return not _busy(private) and not _taken(parts, private, public)


def join(public: Conversation, guest: Guest, private: Conversation | None) -> Joined:
    """Return what joins a private talk to the public conversation; begun if there is none."""
    side = side_of(public)
    contact_id = public.contact_id
    head = private or Conversation(
        id=guest.conversation_id,
        channel=side.channel,
        handle=side.handle,
        account_id=side.account_id,
        public=False,
        contact_id=contact_id,
        contact_ref=guest.ref,
        created_at=guest.at,
        refs=(guest.ref,),
        contact_name=public.contact_name,
    )
    side = replace(
        side,
        contact_ref=guest.ref,
        conversation_id=head.id,
        joined_at=guest.at,
        last_inbound_at=head.last_inbound_at,
        last_inbound_id=head.last_inbound_id,
    )
    return Joined(
        replace(public, side=side),
        replace(head, joined=public.id, version=head.version + 1),
        Contact(contact_id, public.contact_name, public.created_at),
        (identity(public, side, guest.scope, guest.ref, guest.at),),
    )


def identity(  # noqa: PLR0913 - every part of the row is its own
    public: Conversation,
    side: Side,
    scope: str,
    ref: str,
    at: datetime,
    *,
    username: str = "",
) -> Identity:
    """Return a private identity of the customer of a public conversation."""
    return Identity(side.channel, scope, ref, public.contact_id, at, EVIDENCE, username)


def _taken(parts: Parts, private: Conversation | None, public: Conversation) -> bool:
    if private is None or private.joined in ("", public.id):
        return False
    other = parts.conversations.get(private.joined)
    return other is not None and other.case is not None and other.case.open


def by_link(public: Conversation, event: ChannelEvent, handle: Handle | None) -> Conversation:
    """Return the public conversation with its private side where the invitation's link led.

    An earlier link may have led to another handle than the newest.
    """
    side = side_of(public)
    handle_id = handle.id if handle else side.handle
    side = replace(side, channel=event.channel, account_id=event.account_id, handle=handle_id)
    return replace(public, side=side)


def told(public: Conversation, event: ChannelEvent) -> str:
    """Return what the log says of who came by a link."""
    same = (public.channel, public.account_id) == (event.channel, event.account_id)
    return "" if same else invitation.BY_LINK


def code_reference(side: Side, word: str, public: Conversation) -> Reference:
    """Return what leads from a code, or an invitation's token, to its public conversation."""
    return Reference(side.channel, side.account_id, invitation.named(word), public.id)
