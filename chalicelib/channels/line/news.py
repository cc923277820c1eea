"""News of who can be reached: counted, and no message."""

from dataclasses import replace

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored
from chalicelib.channels.line.element import Element, Found
from chalicelib.domain.event import EventKind

_WORDS = {
    "unfollow": "blocked",
    "join": "added_to_group",
    "leave": "removed_from_group",
    "videoPlayComplete": "video_watched",
}
KINDS = tuple(_WORDS)

_ACCOUNT = {"botSuspended": "account_suspended", "botResumed": "account_resumed"}
ACCOUNT_KINDS = tuple(_ACCOUNT)


def told(element: Element) -> Found:
    """Return a notice about the person or the group that it came from."""
    detail = _WORDS[wire.text(element.value, "type")]
    return replace(element.event(EventKind.NOTICE), detail=detail)


def followed(element: Element) -> Found:
    """Return that somebody added the account, or lets it write again after blocking it."""
    again = wire.flag(wire.table(element.value, "follow"), "isUnblocked")
    return replace(element.event(EventKind.NOTICE), detail="unblocked" if again else "started")


def account(element: Element) -> Found:
    """Return the count of what happened to the account itself: it comes from nobody."""
    return Ignored(f"line.{_ACCOUNT[wire.text(element.value, 'type')]}")
