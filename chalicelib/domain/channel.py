"""Channels: the kinds of place a customer may write from, and what each can do."""

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.weighted import weight


class Channel(StrEnum):
    """A kind of place. A brand's account on one is a handle."""

    FACEBOOK_PAGE = "facebook_page"
    MESSENGER = "messenger"
    INSTAGRAM = "instagram"
    WHATSAPP = "whatsapp"
    X = "x"
    TELEGRAM = "telegram"
    SMS = "sms"
    EMAIL = "email"
    WEBHOOK = "webhook"
    YOUTUBE = "youtube"
    MASTODON = "mastodon"
    BLUESKY = "bluesky"
    LINE = "line"


THREADED = frozenset({Channel.EMAIL})
"""Channels whose private talks are threads: what a message answers says where it belongs."""

PRIVATE_OF = {Channel.FACEBOOK_PAGE: Channel.MESSENGER}
"""Where the private side of a public place is another channel of the same account."""


class LimitUnit(StrEnum):
    """What a text limit counts."""

    CHARACTERS = "characters"
    BYTES = "bytes"
    UTF16 = "utf16"
    WEIGHTED = "weighted"  # X: most letters 1, emoji and CJK 2, a link 23


def private_of(channel: Channel) -> Channel:
    """Return the channel on which people of this one are answered in private."""
    return PRIVATE_OF.get(channel, channel)


class Invite(StrEnum):
    """How a public writer can be asked into a private talk."""

    NONE = ""
    PRIVATE_REPLY = "private_reply"  # the platform lets us answer one public item in private
    DIRECT_MESSAGE = "direct_message"  # the public id is also one to write to in private
    LINK = "link"  # a public answer with a link that opens the private talk


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` messages in `seconds`, as the platform says."""

    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one channel can do for public or for private messages.

    `window_seconds` is how long after the customer's last message a reply may leave (None: no
    limit);
    `human_window_seconds` is the longer window for words typed by a person, where the platform
    has one.
    `repeatable`: the platform recognises a message sent twice, so that an attempt without an
    answer may be repeated.
    `attachments`: customers can send files; `files`: how many of ours one message takes (0: none),
    of `file_kinds` (image, video, audio, document) and at most `file_bytes` each.
    `hides`, `deletes`: a customer's public item can be hidden or removed by the brand.
    `invite`: how a public writer is asked into a private talk, within `invite_seconds` of writing.
    `summoned_only`: a public reply may leave only where the customer named the brand.
    `templates`: prepared messages may leave outside the window.
    `segments`: a text is paid for by segments (domain/segments.py).
    """

    text_limit: int
    text_unit: LimitUnit = LimitUnit.CHARACTERS
    window_seconds: int | None = None
    human_window_seconds: int | None = None
    after_window: str = ""
    receipts: bool = False
    edits: bool = False
    attachments: bool = False
    repeatable: bool = False
    reactions: bool = False
    files: int = 0
    file_kinds: tuple[str, ...] = ()
    file_bytes: int = 0
    hides: bool = False
    deletes: bool = False
    invite: Invite = Invite.NONE
    invite_seconds: int | None = None
    summoned_only: bool = False
    templates: bool = False
    segments: bool = False
    rates: tuple[Rate, ...] = ()

    def measure(self, text: str) -> int:
        """Return the length of `text` in this channel's own unit."""
        if self.text_unit is LimitUnit.BYTES:
            return len(text.encode("utf-8", "surrogatepass"))
        if self.text_unit is LimitUnit.UTF16:
            return len(text.encode("utf-16-le", "surrogatepass")) // 2
        if self.text_unit is LimitUnit.WEIGHTED:
            return weight(text)
        return len(text)
