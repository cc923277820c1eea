"""Contacts: the rows of a person and of the person's accounts, and a person from a row."""

from dataclasses import replace

from chalicelib.domain.contact import Contact, Identity
from chalicelib.store import keys
from chalicelib.store.codec import decode, encode
from chalicelib.store.records import Values
from chalicelib.store.rows import Row


def contact(contact: Contact) -> Values:
    """Return the row of a contact. Whether it is a VIP's stands beside the body."""
    return {
        "pk": keys.contact(contact.id),
        "sk": keys.HEAD,
        "kind": "contact",
        "body": encode(replace(contact, vip=False)),
    }


def contact_of(row: Row) -> Contact:
    """Return the contact that a row holds."""
    return replace(decode(row.body, Contact), vip=row.vip == "yes")


def identity(identity: Identity) -> tuple[Values, Values]:
    """Return the row of an identity and its copy in its contact's list."""
    key = (identity.channel, identity.scope, identity.ref)
    row = {"kind": "identity", "body": encode(identity)}
    return (
        {"pk": keys.identity(*key), "sk": keys.HEAD} | row,
        {"pk": keys.contact(identity.contact_id), "sk": keys.identity_of_contact(*key)} | row,
    )
