"""Invitations: how a public writer finds the way into a private talk, and is known there again.

A link carries a code that nobody can guess; who comes by it follows the link, which in public
anybody may do. The forms of the links are the platforms' own: t.me with `start`, m.me with `ref`,
wa.me with `text`, line.me with the text itself.
"""

import re
from collections.abc import Callable
from string import ascii_letters, digits

from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent, EventKind
from chalicelib.domain.policy import Handle, Policy

CODE_LENGTH = 20
LETTERS = ascii_letters + digits
"""What every platform's link takes. Twenty of them hold 119 bits."""

BY_LINK = "came by a public link, which others can follow too: ask who it is"
"""What is noted when nothing but a link tells who came from another network."""

_CODE = re.compile(rf"[A-Za-z0-9]{{{CODE_LENGTH}}}")


def code(pick: Callable[[str], str]) -> str:
    """Return a new code; `pick` chooses one letter of many so that nobody can foresee it."""
    return "".join(pick(LETTERS) for _ in range(CODE_LENGTH))


def code_of(event: ChannelEvent) -> str:
    """Return the code that an event may carry: the platform's own field, or the whole text."""
    if event.ref:
        return event.ref
    text = event.text.strip()
    return text if event.kind is EventKind.MESSAGE and _CODE.fullmatch(text) else ""


def named(word: str) -> str:
    """Return the platform id under which a code, or the token of an invitation, is kept."""
    return f"invite:{word}"


def link(handle: Handle, word: str) -> str:
    """Return the link that opens a private talk with a handle, or nothing where there is none."""
    name = handle.settings.get("username", "").lstrip("@")
    if handle.channel is Channel.TELEGRAM and name:
        return f"https://t.me/{name}?start={word}"
    if handle.channel is Channel.MESSENGER:
        return f"https://m.me/{name or handle.account_id}?ref={word}"
    if handle.channel is Channel.LINE and name:
        return f"https://line.me/R/oaMessage/%40{name}/?{word}"
    number = re.sub(r"\D", "", handle.settings.get("number", ""))
    if handle.channel is Channel.WHATSAPP and number:
        return f"https://wa.me/{number}?text={word}"
    return ""


def leads_to(policy: Policy, handle: Handle) -> Handle | None:
    """Return the handle that a public handle's links lead to: the one it names, else itself."""
    named_handle = handle.settings.get("private_handle", "")
    return policy.handle(named_handle) if named_handle else handle
