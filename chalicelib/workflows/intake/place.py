"""Place: which conversation and which message an event is about."""

from dataclasses import dataclass, replace

from chalicelib.domain.channel import THREADED, Channel
from chalicelib.domain.contact import Identity
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.event import ChannelEvent
from chalicelib.domain.home import conversation_of, home
from chalicelib.domain.ident import inbound_id
from chalicelib.domain.message import Message
from chalicelib.workflows.intake import pair
from chalicelib.workflows.ports import Parts, Reference

ACCOUNT_SCOPED = frozenset({Channel.FACEBOOK_PAGE, Channel.MESSENGER, Channel.INSTAGRAM})
"""Channels whose customer ids mean something on one account of the brand only."""

MOST_ANSWERS = 10
"""How many of the messages that a mail says it answers are looked up."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event belongs.

    `message` is None when its message has not arrived; `reference` is what the platform's id leads
    to so far.
    """

    conversation_id: str
    message_id: str
    message: Message | None
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """The conversation of an event's customer, as far as it exists.

    `known` are the customer's identities among the ids of the event; only looked up when the
    conversation does not hold all of those ids yet. `foreign`: somebody else writes into the
    customer's thread. `private` is the private talk of the event where `conversation` is the public
    one whose case it belongs to; `invited`: an invitation's link led here just now, and the private
    talk may not be there yet. `twin` is the other conversation of the two: a message that was told
    before may be there.
    """

    conversation_id: str
    conversation: Conversation | None
    known: tuple[Identity, ...] = ()
    foreign: bool = False
    private: Conversation | None = None
    invited: bool = False
    twin: str = ""

    @property
    def sided(self) -> bool:
        """Return whether the event is private and its conversation public."""
        return self.invited or self.private is not None


def locate(parts: Parts, event: ChannelEvent) -> Home:
    """Return the conversation of an event's customer.

    A private one goes on when the platform calls the customer by another id now (a number that
    changed or is hidden). A mail goes on with its thread. What a customer who was invited from a
    public place writes in private belongs to the public conversation while its case goes on.
    """
    if event.channel in THREADED:
        thread = _thread(parts, event)
        if thread is not None:
            return thread
    at_home = _own(parts, event)
    return at_home if event.public else _paired(parts, event, at_home)


def _thread(parts: Parts, event: ChannelEvent) -> Home | None:
    """Return the thread that an event names with proof, or else that of a message it answers."""
    found = parts.conversations.get(event.thread) if event.thread else None
    for platform_id in event.answers[:MOST_ANSWERS]:
        if found is not None:
            break
        reference = refer(parts, event, platform_id)
        if reference is not None and reference.conversation_id:
            found = parts.conversations.get(reference.conversation_id)
    if found is None or (found.channel, found.account_id) != (event.channel, event.account_id):
        return None
    known = event.contact is None or event.contact.id in found.refs
    return Home(found.id, found, foreign=not known)


def _paired(parts: Parts, event: ChannelEvent, at_home: Home) -> Home:
    """Return the public conversation whose case a private event belongs to, else its own."""
    private = at_home.conversation
    joined = private.joined if private else ""
    public = parts.conversations.get(joined) if joined else None
    if pair.takes(parts, public, private, event):
        return _sided(at_home, public)
    public = pair.invited(parts, event, private)
    if public is not None:
        return replace(_sided(at_home, public), invited=True)
    return replace(at_home, twin=joined)


def _sided(at_home: Home, public: Conversation | None) -> Home:
    where = public.id if public else ""
    twin, private = at_home.conversation_id, at_home.conversation
    return Home(where, public, at_home.known, private=private, twin=twin)


def _own(parts: Parts, event: ChannelEvent) -> Home:
    where = home(event)
    found = parts.conversations.get(where) if where else None
    if set(refs_of(event)) <= set(found.refs if found else ()):
        return Home(where, found)
    known = _identities(parts, event)
    if found is None and known and not event.public:
        return _elsewhere(parts, event, known) or Home(where, None, known)
    return Home(where, found, known)


def _elsewhere(parts: Parts, event: ChannelEvent, known: tuple[Identity, ...]) -> Home | None:
    scope = scope_of(event)
    for owner in dict.fromkeys(identity.contact_id for identity in known):
        for identity in parts.views.identities(owner):
            if (identity.channel, identity.scope) == (event.channel, scope):
                found = parts.conversations.get(conversation_of(event, identity.ref))
                if found is not None:
                    return Home(found.id, found, known)
    return None


def _identities(parts: Parts, event: ChannelEvent) -> tuple[Identity, ...]:
    scope = scope_of(event)
    found = (parts.conversations.identity(event.channel, scope, ref) for ref in refs_of(event))
    return tuple(identity for identity in found if identity is not None)


def refs_of(event: ChannelEvent) -> tuple[str, ...]:
    """Return every id of the customer that an event carries, the main one first."""
    return (event.contact.id, *event.contact.aliases) if event.contact else ()


def scope_of(event: ChannelEvent) -> str:
    """Return what the customer's id is unique in.

    The account on channels with account-scoped ids, else the channel.
    """
    return scoped(event.channel, event.account_id)


def scoped(channel: Channel, account_id: str) -> str:
    """Return what the ids of a channel's customers are unique in."""
    return account_id if channel in ACCOUNT_SCOPED else ""


def refer(parts: Parts, event: ChannelEvent, platform_id: str) -> Reference | None:
    """Return where a platform's message id leads, or None when we never kept it."""
    return (
        parts.conversations.reference(event.channel, event.account_id, platform_id)
        if platform_id
        else None
    )


def find(parts: Parts, event: ChannelEvent) -> Place | None:
    """Return what an edit, a deletion, a reaction or a receipt is about.

    None when not even the conversation is known.
    """
    reference = refer(parts, event, event.message_id)
    message_id = inbound_id(event.channel, event.account_id, event.message_id)
    if reference is not None and reference.conversation_id:
        where, message_id = reference.conversation_id, reference.message_id or message_id
        message = parts.conversations.message(where, message_id)
        return Place(where, message_id, message, reference)
    where = home(event)
    if not where:
        return None
    return _within(parts, event, where, reference) or _moved(parts, event, message_id, reference)


def _within(
    parts: Parts, event: ChannelEvent, where: str, reference: Reference | None
) -> Place | None:
    """Return the place if the message is in this conversation: ours by its token, or theirs."""
    theirs = inbound_id(event.channel, event.account_id, event.message_id)
    for message_id in (event.reply_token, theirs if event.message_id else ""):
        message = parts.conversations.message(where, message_id) if message_id else None
        if message is not None:
            return Place(where, message_id, message, reference)
    return None


def _moved(
    parts: Parts, event: ChannelEvent, message_id: str, reference: Reference | None
) -> Place:
    """Return the place when the message is not where the customer's id says, or not there yet.

    Of a public and a private conversation that were one for a while, it may be in either.
    """
    at_home = locate(parts, event)
    for where in (at_home.conversation_id, at_home.twin):
        found = _within(parts, event, where, reference) if where not in ("", home(event)) else None
        if found is not None:
            return found
    return Place(at_home.conversation_id, message_id, None, reference)
