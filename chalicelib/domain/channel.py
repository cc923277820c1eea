"""Channels: the kinds of place a customer may write from, and what each can do."""

from dataclasses import dataclass
from enum import StrEnum


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


class LimitUnit(StrEnum):
    """What a text limit counts."""

    CHARACTERS = "characters"
    BYTES = "bytes"
    UTF16 = "utf16"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one channel can do for public or for private messages.

    `window_seconds` is how long after the customer's last message a reply may leave (None: no
    limit);
    `human_window_seconds` is the longer window for words typed by a person, where the platform
    has one.
    `repeatable`: the platform recognises a message sent twice, so that an attempt without an
    answer may be repeated.
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

    def measure(self, text: str) -> int:
        """Return the length of `text` in this channel's own unit."""
        if self.text_unit is LimitUnit.BYTES:
            return len(text.encode("utf-8", "surrogatepass"))
        if self.text_unit is LimitUnit.UTF16:
            return len(text.encode("utf-16-le", "surrogatepass")) // 2
        return len(text)
