"""The generic room. What receives is imported with it, what sends only when something is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.channels.base import Base
from chalicelib.channels.contract import Parsed, Secret, Verified
from chalicelib.channels.standard import inbound, signature
from chalicelib.domain.channel import Capabilities

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from chalicelib.channels.places import Places
    from chalicelib.domain.policy import Handle
    from chalicelib.workflows.networks import Outgoing, SendResult

# the whole request stays below the 20 kB that the specification asks of senders
_CAPABILITIES = Capabilities(
    text_limit=10_000,
    receipts=True,
    edits=True,
    attachments=True,
    repeatable=True,
    files=10,
    file_kinds=("image", "video", "audio", "document"),
    file_bytes=25_000_000,
)


class StandardRoom(Base):
    """Implements contract.Room for Standard Webhooks.

    The secret is `{"secrets": ["whsec_..."], "url": "https://...", "out_secrets": ["whsec_..."]}`.
    """

    thanks = None

    def verify(
        self,
        body: bytes,
        headers: Mapping[str, str],
        secret: Secret,
        now: datetime,
        *,
        url: str = "",
    ) -> Verified:
        """Check the signature and that it is at most five minutes old. Raises SignatureError."""
        del url
        secrets = secret.get("secrets")
        return signature.verify(
            body, headers, secrets if isinstance(secrets, list | tuple) else (), now
        )

    def parse(
        self,
        body: bytes,
        received_at: datetime,
        *,
        account_id: str = "",
        event_id: str = "",
        thread: str = "",
    ) -> Parsed:
        """Return the body's event.

        `account_id` is the handle's, `event_id` the verified `webhook-id`.
        """
        del thread
        return inbound.parse(body, received_at, account_id=account_id, event_id=event_id)

    def capabilities(self, handle: Handle, *, public: bool) -> Capabilities:
        """Return the limits, which are the same in public and in private."""
        del handle, public
        return _CAPABILITIES

    def send(self, outgoing: Outgoing, secret: Secret, places: Places) -> SendResult:
        """Send one reply, once."""
        from chalicelib.channels.standard import outbound  # noqa: PLC0415

        return outbound.send(outgoing, secret, places)

    def guide(self, handle: Handle, callback_url: str, secret: Secret) -> Sequence[str]:
        """Return what the other system's developers need to know, a step a line."""
        from chalicelib.channels.standard import guide  # noqa: PLC0415

        return guide.steps(handle, callback_url, secret)
