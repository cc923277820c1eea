"""Telegram's room. What receives is imported with it, what sends only when something is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.channels.base import Base
from chalicelib.channels.contract import Parsed, Secret, Verified
from chalicelib.channels.telegram import envelope, signature

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from chalicelib.channels.places import Places
    from chalicelib.domain.channel import Capabilities
    from chalicelib.domain.event import Attachment
    from chalicelib.domain.policy import Handle
    from chalicelib.workflows.networks import Fetched, Health, Outgoing, SendResult

PROBE_SECONDS = 3_600
"""Telegram drops what it could not deliver for a day: a daily look could come too late."""


class TelegramRoom(Base):
    """Implements contract.Room for one bot of Telegram.

    The secret is `{"token": "<bot token>", "secret_token": "..."}`; `secret_tokens` may list older
    ones while they are replaced. The handle's account is the number before the token's colon. A
    delivery is answered with an empty body: Telegram would carry out a method that stood in it.
    """

    def verify(
        self,
        body: bytes,
        headers: Mapping[str, str],
        secret: Secret,
        now: datetime,
        *,
        url: str = "",
    ) -> Verified:
        """Compare the secret token. Raises SignatureError; nothing else is signed."""
        del now, url
        return signature.verify(body, headers, secret)

    def parse(
        self,
        body: bytes,
        received_at: datetime,
        *,
        account_id: str = "",
        event_id: str = "",
        thread: str = "",
    ) -> Parsed:
        """Return what an update tells; `account_id` is the bot's. Raises PayloadError."""
        del event_id, thread
        return envelope.parse(body, received_at, account_id)

    def capabilities(self, handle: Handle, *, public: bool) -> Capabilities:
        """Return the limits of groups (public) or of private chats."""
        from chalicelib.channels.telegram import limits  # noqa: PLC0415

        del handle
        return limits.PUBLIC if public else limits.PRIVATE

    def send(self, outgoing: Outgoing, secret: Secret, places: Places) -> SendResult:
        """Send one message, once."""
        from chalicelib.channels.telegram import sending  # noqa: PLC0415

        return sending.send(outgoing, secret, places)

    def moderate(
        self, handle: Handle, platform_id: str, action: str, *, secret: Secret, places: Places
    ) -> SendResult:
        """Delete a message of a group where the bot is an administrator."""
        from chalicelib.channels.telegram import sending  # noqa: PLC0415

        del handle
        return sending.moderate(platform_id, action, secret, places)

    def fetch(
        self, handle: Handle, attachment: Attachment, most: int, *, secret: Secret, places: Places
    ) -> Fetched:
        """Return a file of at most `most` bytes. Raises FetchError or FetchLaterError."""
        from chalicelib.channels.telegram import files  # noqa: PLC0415

        del handle
        return files.fetch(attachment, most, secret, places)

    def probes(self, handle: Handle) -> int:
        """Return how many seconds apart to ask Telegram whether it still delivers."""
        del handle
        return PROBE_SECONDS

    def probe(self, handle: Handle, callback_url: str, secret: Secret, places: Places) -> Health:
        """Check token, address and errors of the webhook, and set it anew where that helps."""
        from chalicelib.channels.telegram import health  # noqa: PLC0415

        return health.probe(handle, callback_url, secret, places)

    def guide(self, handle: Handle, callback_url: str, secret: Secret) -> Sequence[str]:
        """Return how to make a bot and connect it, a step a line."""
        from chalicelib.channels.telegram import guide  # noqa: PLC0415

        return guide.steps(handle, callback_url, secret)
