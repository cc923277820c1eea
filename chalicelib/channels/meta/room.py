"""Meta's room. What receives is imported with it, what sends only when something is sent."""

from collections.abc import Mapping
from datetime import datetime

from chalicelib.channels.contract import Base, Parsed, Places, Said, Secret, Verified
from chalicelib.channels.meta import envelope, signature
from chalicelib.domain.channel import Capabilities
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import Outgoing, SendResult


class MetaRoom(Base):
    """Implements contract.Room for Facebook pages, Messenger, Instagram and WhatsApp.

    The secret is

        {"app_secrets": ["..."], "verify_token": "...", "tokens": {"<account id>": "..."}}

    and the first app secret is the one that our own calls prove. An app with Instagram Login has a
    secret of its own for it, `instagram_app_secret`: it proves our calls by that login, and any of
    these secrets may have signed a webhook, since Meta does not say which one it uses.
    """

    thanks = None

    def handshake(self, query: Mapping[str, str], secret: Secret) -> Said:
        """Echo the challenge when Meta (re)configures the callback. Raises SignatureError."""
        return Said(signature.handshake(query, str(secret.get("verify_token", ""))))

    def verify(
        self,
        body: bytes,
        headers: Mapping[str, str],
        secret: Secret,
        now: datetime,
        *,
        url: str = "",
    ) -> Verified:
        """Check `X-Hub-Signature-256`.

        Raises SignatureError; Meta signs neither time nor address, so they do not matter.
        """
        del now, url
        secrets = secret.get("app_secrets")
        listed = list(secrets) if isinstance(secrets, list | tuple) else []
        listed.append(secret.get("instagram_app_secret"))
        return signature.verify(
            body, headers, tuple(one for one in listed if isinstance(one, str) and one)
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
        """Split a body.

        Raises PayloadError. The body itself names the accounts: the parameters are not used.
        """
        del account_id, event_id, thread
        return envelope.parse(body, received_at)

    def capabilities(self, handle: Handle, *, public: bool) -> Capabilities:
        """Return the limits of one of Meta's channels."""
        from chalicelib.channels.meta import limits  # noqa: PLC0415

        return limits.capabilities(handle.channel, public=public)

    def secret_name(self, handle: Handle) -> str:
        """Return `meta`, or what the handle says when it belongs to another app."""
        return handle.secret or "meta"

    def send(self, outgoing: Outgoing, secret: Secret, places: Places) -> SendResult:
        """Send one message, once."""
        from chalicelib.channels.meta import sending  # noqa: PLC0415

        return sending.send(outgoing, secret, places)
