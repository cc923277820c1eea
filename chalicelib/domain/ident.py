"""Ids: how ours come from the platforms' own, the same for ever. Nothing needs to be looked up."""

import hashlib
from base64 import b32encode

from chalicelib.domain.channel import Channel


def conversation_id(channel: Channel, account_id: str, contact_ref: str, post_id: str = "") -> str:
    """Return the id of the conversation: the same for the same place and contact, for ever.

    Private: (account, contact), and the thread or group where the channel has such. Public:
    (account, root post, contact).
    """
    return digest("conversation", channel, account_id, post_id, contact_ref)


def contact_id(channel: Channel, scope: str, contact_ref: str) -> str:
    """Return the id of the contact first known by this identity.

    `scope` is the account for ids that are account-scoped, else empty.
    """
    return digest("contact", channel, scope, contact_ref)


def inbound_id(channel: Channel, account_id: str, platform_id: str) -> str:
    """Return our id of a message that the platform calls `platform_id`."""
    return digest("message", channel, account_id, platform_id)


def fingerprint(text: str) -> str:
    """Return what recognises the echo of a text.

    Equal for texts that differ only in white space.
    """
    return digest("text", " ".join(text.split()))


def digest(*parts: str) -> str:
    """Return 26 characters (130 bits) that are the same for the same parts, safe in keys.

    Names and URLs.
    """
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return b32encode(hashlib.sha256(joined).digest()).decode("ascii")[:26].lower()
