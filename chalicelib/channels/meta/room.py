"""Meta's room. What receives is imported with it, what sends only when something is sent."""

from collections.abc import Mapping
from datetime import datetime

from chalicelib.channels.contract import Parsed, Places, Verified
from chalicelib.channels.meta import envelope, signature
from chalicelib.domain.channel import Capabilities, Channel
from chalicelib.domain.policy import Handle
from chalicelib.workflows.ports import Outgoing, SendResult


class MetaRoom:
    """Implements contract.Room for Facebook pages, Messenger, Instagram and WhatsApp.

    The secret is

        {"app_secrets": ["..."], "verify_token": "...", "tokens": {"<account id>": "..."}}

    and the first app secret is the one that our own calls prove. An app with Instagram Login has a
    secret of its own for it, `instagram_app_secret`: it proves our calls by that login, and any of
    these secrets may have signed a webhook, since Meta does not say which one it uses.
    """

    def verify(
        self, body: bytes, headers: Mapping[str, str], secret: Mapping[str, object], now: datetime
    ) -> Verified:
        """Check `X-Hub-Signature-256`.

        Raises SignatureError; Meta signs no time, so `now` does not matter.
        """
        del now
        secrets = secret.get("app_secrets")
        listed = list(secrets) if isinstance(secrets, list | tuple) else []
        listed.append(secret.get("instagram_app_secret"))
        return signature.verify(
            body, headers, tuple(one for one in listed if isinstance(one, str) and one)
        )

    def parse(
        self, body: bytes, received_at: datetime, *, account_id: str = "", event_id: str = ""
    ) -> Parsed:
        """Split a body.

        Raises PayloadError. The body itself names the accounts: the parameters are not used.
        """
        del account_id, event_id
        return envelope.parse(body, received_at)

    def capabilities(self, channel: Channel, *, public: bool) -> Capabilities:
        """Return the limits of one of Meta's channels."""
        from chalicelib.channels.meta import limits  # noqa: PLC0415

        return limits.capabilities(channel, public=public)

    def secret_name(self, handle: Handle) -> str:
        """Return `meta`, or what the handle says when it belongs to another app."""
        return handle.secret or "meta"

    def send(self, outgoing: Outgoing, secret: Mapping[str, object], places: Places) -> SendResult:
        """Send one message, once."""
        from chalicelib.channels.meta import sending  # noqa: PLC0415

        return sending.send(outgoing, secret, places)
