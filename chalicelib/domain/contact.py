"""Contacts and identities: a person, and the person's accounts on channels."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.channel import Channel


@dataclass(frozen=True, slots=True)
class Contact:
    """A person who wrote to the brand. `vip`: the person's cases begin as a VIP's."""

    id: str
    name: str
    created_at: datetime
    vip: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """One account of a contact.

    `(channel, scope, ref)` is unique; `evidence` says why it is linked to the contact.
    """

    channel: Channel
    scope: str
    ref: str
    contact_id: str
    linked_at: datetime
    evidence: str = "first message"
    username: str = ""
