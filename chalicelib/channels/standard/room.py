"""The generic room. What receives is imported with it, what sends only when something is sent."""

from collections.abc import Mapping
from datetime import datetime

from chalicelib.channels.contract import Parsed, Places, Verified
from chalicelib.channels.standard import inbound, signature
from chalicelib.domain.channel import Capabilities, Channel
from chalicelib.domain.policy import Handle
from chalicelib.workflows.ports import Outgoing, SendResult

# the whole request stays below the 20 kB that the specification asks of senders
_CAPABILITIES = Capabilities(text_limit=10_000, receipts=True)


class StandardRoom:
    """Implements contract.Room for Standard Webhooks.

    The secret is `{"secrets": ["whsec_..."], "url": "https://...", "out_secrets": ["whsec_..."]}`.
    """

    def verify(
        self, body: bytes, headers: Mapping[str, str], secret: Mapping[str, object], now: datetime
    ) -> Verified:
        """Check the signature and that it is at most five minutes old. Raises SignatureError."""
        secrets = secret.get("secrets")
        return signature.verify(
            body, headers, secrets if isinstance(secrets, list | tuple) else (), now
        )

    def parse(
        self, body: bytes, received_at: datetime, *, account_id: str = "", event_id: str = ""
    ) -> Parsed:
        """Return the body's event.

        `account_id` is the handle's, `event_id` the verified `webhook-id`.
        """
        return inbound.parse(body, received_at, account_id=account_id, event_id=event_id)

    def capabilities(self, channel: Channel, *, public: bool) -> Capabilities:
        """Return the limits, which are the same in public and in private."""
        del channel, public
        return _CAPABILITIES

    def secret_name(self, handle: Handle) -> str:
        """Return the handle's own secret, named after the handle unless it says otherwise."""
        return handle.secret or handle.id

    def send(self, outgoing: Outgoing, secret: Mapping[str, object], places: Places) -> SendResult:
        """Send one reply, once."""
        from chalicelib.channels.standard import outbound  # noqa: PLC0415

        return outbound.send(outgoing, secret, places)
