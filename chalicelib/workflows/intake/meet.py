"""Meet: who a customer is, among the people and the ids we know already."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import instant
from chalicelib.domain.contact import Contact, Identity
from chalicelib.domain.conversation import Conversation, Side
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.event import ChannelEvent, Person
from chalicelib.domain.fold import Fold
from chalicelib.domain.ident import contact_id
from chalicelib.workflows.change import persist, settle, stamped, terms_of
from chalicelib.workflows.intake import pair, place
from chalicelib.workflows.intake.place import Home
from chalicelib.workflows.ports import Commit, Parts


@dataclass(frozen=True, slots=True)
class Met:
    """A conversation with its contact as an event tells of them, and what of that is new.

    `joining` is the private talk whose messages the conversation holds, where it changes too.
    `joined_by`: what the log says of a talk that was joined just now; None: none was.
    """

    conversation: Conversation
    contact: Contact | None = None
    identities: tuple[Identity, ...] = ()
    joining: Conversation | None = None
    joined_by: str | None = None

    def welcome(self, fold: Fold, at: datetime, message_id: str = "") -> Fold:
        """Return the case with the note that the private talk was joined to it, if it was."""
        if self.joined_by is None:
            return fold
        return fold.note(EntryKind.TALK_JOINED, at, message_id=message_id, reason=self.joined_by)


def meet(parts: Parts, event: ChannelEvent, at_home: Home) -> Met:
    """Return the conversation of an event, begun if there is none, and the contact's new ids.

    All ids that one payload carries are one person's: the contact that the oldest known of them
    leads to, else a new one. Whoever else writes into a customer's thread changes nothing about
    the customer. Raises LookupError when no handle is this account's.
    """
    conversation = at_home.conversation
    refs = place.refs_of(event)
    if conversation is not None and at_home.foreign:
        return Met(conversation)
    if conversation is not None and at_home.invited:
        return _arrived(parts, event, at_home, conversation)
    if conversation is not None and at_home.private is not None:
        return _aside(event, conversation, at_home.private)
    if conversation is not None and set(refs) <= set(conversation.refs):
        return Met(_addressed(conversation, event))
    contact, identities = _introduced(event, at_home.known)
    if conversation is None:
        conversation = _begun(parts, event, contact, at_home.conversation_id)
    elif conversation.contact_id != contact.id:
        parts.meter.count("ContactsMerged", channel=event.channel.value)
    refs = tuple(dict.fromkeys((*conversation.refs, *refs)))
    conversation = replace(conversation, contact_id=contact.id, refs=refs)
    return Met(_addressed(conversation, event), contact, identities)


def is_vip(parts: Parts, conversation: Conversation) -> bool:
    """Return whether the customer of a conversation is remembered as a VIP."""
    known = parts.views.contact(conversation.contact_id)
    return known is not None and known.vip


def _aside(event: ChannelEvent, public: Conversation, private: Conversation) -> Met:
    """Return the public conversation of a customer who goes on writing in private."""
    side = pair.side_of(public)
    side = replace(side, contact_ref=event.contact.id if event.contact else side.contact_ref)
    public = replace(public, side=side)
    new = tuple(ref for ref in place.refs_of(event) if ref not in private.refs)
    if not new:
        return Met(public)
    private = _addressed(replace(private, refs=(*private.refs, *new)), event)
    return Met(public, _known(public), _guests(event, public, side), private)


def _arrived(parts: Parts, event: ChannelEvent, at_home: Home, public: Conversation) -> Met:
    """Return the public conversation of a customer whom an invitation's link brought to private."""
    person = event.contact or Person("")
    handle = parts.policies.current().handle_of(event.channel, event.account_id)
    at, _ = instant.clamp(event.occurred_at, event.received_at)
    guest = pair.Guest(person.id, place.scope_of(event), at_home.twin, at)
    joined = pair.join(pair.by_link(public, event, handle), guest, at_home.private)
    refs = tuple(dict.fromkeys((*joined.joining.refs, *place.refs_of(event))))
    private = _addressed(replace(joined.joining, refs=refs), event)
    guests = _guests(event, public, pair.side_of(joined.conversation))
    reason = pair.told(public, event)
    return Met(joined.conversation, joined.contact, guests, private, reason)


def _guests(event: ChannelEvent, public: Conversation, side: Side) -> tuple[Identity, ...]:
    """Return the private identities of an event's customer, as the public one's."""
    person, scope = event.contact or Person(""), place.scope_of(event)
    return tuple(
        pair.identity(
            public,
            side,
            scope,
            ref,
            event.received_at,
            username=person.username if ref == person.id else "",
        )
        for ref in place.refs_of(event)
    )


def _known(public: Conversation) -> Contact:
    return Contact(public.contact_id, public.contact_name, public.created_at)


def _addressed(conversation: Conversation, event: ChannelEvent) -> Conversation:
    """Let replies go to the id that the customer was last seen under."""
    return replace(conversation, contact_ref=event.contact.id) if event.contact else conversation


def _introduced(
    event: ChannelEvent, known: tuple[Identity, ...]
) -> tuple[Contact, tuple[Identity, ...]]:
    person = event.contact or Person(f"hidden:{event.message_id or event.key}")
    scope = place.scope_of(event)
    oldest = min(known, key=lambda identity: identity.linked_at, default=None)
    owner = oldest.contact_id if oldest else contact_id(event.channel, scope, person.id)
    evidence = f"one payload carried it with {oldest.ref}" if oldest else "first message"
    identities = tuple(
        Identity(event.channel, scope, ref, owner, event.received_at, evidence, person.username)
        for ref in (person.id, *person.aliases)
    )
    return Contact(owner, person.name or person.username, event.received_at), identities


def _begun(parts: Parts, event: ChannelEvent, contact: Contact, where: str) -> Conversation:
    handle = parts.policies.current().handle_of(event.channel, event.account_id)
    if handle is None:
        raise LookupError(f"no handle for account {event.account_id} of {event.channel.value}")
    return Conversation(
        id=where,
        channel=event.channel,
        handle=handle.id,
        account_id=event.account_id,
        public=event.public,
        contact_id=contact.id,
        contact_ref="",
        created_at=event.received_at,
        contact_name=contact.name,
        post_id=event.post_id,
        title=event.title,
    )


def arrive(parts: Parts, event: ChannelEvent) -> str:
    """Take in that a customer came by an invitation's link, without a word so far.

    Returns `joined`, or `noticed` for a notice of anything else, which changes nothing.
    """
    return persist(lambda: _arrive(parts, event)) if event.ref else "noticed"


def _arrive(parts: Parts, event: ChannelEvent) -> str:
    at_home = place.locate(parts, event)
    before = at_home.conversation
    if before is None or before.case is None or not at_home.invited:
        return "noticed"
    met, terms = meet(parts, event, at_home), terms_of(parts, before, before.case)
    at, _ = instant.clamp(event.occurred_at, event.received_at)
    fold = met.welcome(Fold(before.case), at)
    new = settle(met.conversation, fold, terms)
    parts.conversations.commit(
        Commit(
            conversation=new,
            joining=met.joining,
            entries=stamped(fold, new),
            contact=met.contact,
            identities=met.identities,
        )
    )
    return "joined"


def link(parts: Parts, event: ChannelEvent) -> str:
    """Take in that a customer's id changed: the new id is the same contact."""
    return persist(lambda: _link(parts, event))


def _link(parts: Parts, event: ChannelEvent) -> str:
    person = event.contact
    if person is None or not event.new_contact_id:
        return "noticed"
    scope = place.scope_of(event)
    known = parts.conversations.identity(event.channel, scope, person.id)
    owner = known.contact_id if known else contact_id(event.channel, scope, person.id)
    evidence = f"the platform changed it from {person.id}"
    new = Identity(event.channel, scope, event.new_contact_id, owner, event.received_at, evidence)
    old = Identity(event.channel, scope, person.id, owner, event.received_at)
    contact = Contact(owner, person.name or person.username, event.received_at)
    parts.conversations.commit(Commit(contact=contact, identities=(old, new)))
    return "linked"
