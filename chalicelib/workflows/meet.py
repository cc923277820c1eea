"""Meet: who a customer is, among the people and the ids we know already."""

from dataclasses import dataclass, replace

from chalicelib.domain.contact import Contact, Identity
from chalicelib.domain.conversation import Conversation, contact_id
from chalicelib.domain.event import ChannelEvent, Person
from chalicelib.workflows import place
from chalicelib.workflows.change import persist
from chalicelib.workflows.place import Home
from chalicelib.workflows.ports import Commit, Parts


@dataclass(frozen=True, slots=True)
class Met:
    """A conversation with its contact as an event tells of them, and what of that is new."""

    conversation: Conversation
    contact: Contact | None = None
    identities: tuple[Identity, ...] = ()


def meet(parts: Parts, event: ChannelEvent, at_home: Home) -> Met:
    """Return the conversation of an event, begun if there is none, and the contact's new ids.

    All ids that one payload carries are one person's: the contact that the oldest known of them
    leads to, else a new one. Raises LookupError when no handle is this account's.
    """
    conversation = at_home.conversation
    refs = place.refs_of(event)
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
    )


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
