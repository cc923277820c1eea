"""LINE's room. What receives is imported with it, what sends only when something is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.channels.base import Base
from chalicelib.channels.contract import Parsed, Secret, Verified
from chalicelib.channels.line import envelope, signature

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from chalicelib.channels.places import Places
    from chalicelib.domain.channel import Capabilities
    from chalicelib.domain.event import Attachment
    from chalicelib.domain.policy import Handle
    from chalicelib.workflows.networks import Fetched, Health, Outgoing, SendResult

PROBE_SECONDS = 3_600
"""How long LINE repeats what we missed it does not say; nothing can be fetched back."""


class LineRoom(Base):
    """Implements contract.Room for one official account of LINE.

    The secret is `{"channel_secret": "...", "access_token": "..."}`; `channel_secrets` may list
    others while they are replaced. The handle's account is the bot's own user id.
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
        """Check the signature over the raw bytes. Raises SignatureError."""
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
        """Return what a body tells; `account_id` is the handle's. Raises PayloadError."""
        del event_id, thread
        return envelope.parse(body, received_at, account_id)

    def capabilities(self, handle: Handle, *, public: bool) -> Capabilities:
        """Return the limits of groups (public) or of chats of two."""
        from chalicelib.channels.line import limits  # noqa: PLC0415

        del handle
        return limits.PUBLIC if public else limits.PRIVATE

    def send(self, outgoing: Outgoing, secret: Secret, places: Places) -> SendResult:
        """Send one message; a repeat of it is recognised."""
        from chalicelib.channels.line import sending  # noqa: PLC0415

        return sending.send(outgoing, secret, places)

    def fetch(
        self, handle: Handle, attachment: Attachment, most: int, *, secret: Secret, places: Places
    ) -> Fetched:
        """Return a file of at most `most` bytes. Raises FetchError or FetchLaterError."""
        from chalicelib.channels.line import files  # noqa: PLC0415

        del handle
        return files.fetch(attachment, most, secret, places)

    def probes(self, handle: Handle) -> int:
        """Return how many seconds apart to ask LINE whether it still delivers."""
        del handle
        return PROBE_SECONDS

    def probe(self, handle: Handle, callback_url: str, secret: Secret, places: Places) -> Health:
        """Check token, account, webhook and quota, and set the webhook anew where that helps."""
        from chalicelib.channels.line import health  # noqa: PLC0415

        return health.probe(handle, callback_url, secret, places)

    def guide(self, handle: Handle, callback_url: str, secret: Secret) -> Sequence[str]:
        """Return how to connect an official account, a step a line."""
        from chalicelib.channels.line import guide  # noqa: PLC0415

        return guide.steps(handle, callback_url, secret)
