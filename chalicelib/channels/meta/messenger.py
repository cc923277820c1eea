"""Messenger: direct messages to a Facebook page."""

from chalicelib.channels.meta import direct
from chalicelib.channels.meta.element import TALK, Element, Found
from chalicelib.domain.channel import Channel

_PREFIXES = ("messag", "standby", "inbox_labels")
_TALK_KEYS = ("sender", "recipient")


def speaks(element: Element) -> bool:
    """Return whether an element of a page is a direct message and not something on the page's wall.

    The dashboard's samples put messaging items into changes, with fields such as `messages` and
    `message_reads`.
    """
    return element.place in TALK or _is_item(element)


def _is_item(element: Element) -> bool:
    """Return whether a change holds a messaging item."""
    value = element.value
    named = element.field.startswith(_PREFIXES)
    return named and isinstance(value, dict) and any(key in value for key in _TALK_KEYS)


def read(element: Element) -> Found:
    """Return the events of one messaging item of a page."""
    return direct.read(element, Channel.MESSENGER)
