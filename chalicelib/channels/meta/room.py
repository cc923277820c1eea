"""Meta's room. What receives is imported with it, what sends only when something is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.channels.base import Base
from chalicelib.channels.contract import Parsed, Said, Secret, Verified
from chalicelib.channels.meta import envelope, signature

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from chalicelib.channels.places import Places
    from chalicelib.domain.channel import Capabilities
    from chalicelib.domain.event import Attachment, ChannelEvent
    from chalicelib.domain.policy import Handle
    from chalicelib.workflows.networks import Fetched, Health, Missed, Outgoing, SendResult

PROBE_SECONDS = 3_600  # Meta unsubscribes an account after an hour of failures, silently


class MetaRoom(Base):
    """Implements contract.Room for Facebook pages, Messenger, Instagram and WhatsApp.

    The secret is

        {"app_secrets": ["..."], "verify_token": "...", "tokens": {"<account id>": "..."}}

    and the first app secret is the one that our own calls prove. An app with Instagram Login has a
    secret of its own for it, `instagram_app_secret`: it proves our calls by that login, and any of
    these secrets may have signed a webhook, since Meta does not say which one it uses. `app_id`
    tells our app from others that are subscribed to an account; `expires` says when tokens end:
    `{"<account id>": "2026-12-31"}`.
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

    def moderate(
        self, handle: Handle, platform_id: str, action: str, *, secret: Secret, places: Places
    ) -> SendResult:
        """Hide, unhide or delete a customer's comment, once."""
        from chalicelib.channels.meta import moderating  # noqa: PLC0415

        return moderating.moderate(handle, platform_id, action, secret, places)

    def fetch(
        self, handle: Handle, attachment: Attachment, most: int, *, secret: Secret, places: Places
    ) -> Fetched:
        """Return the bytes of an attachment. Raises FetchError or FetchLaterError."""
        from chalicelib.channels.meta import media  # noqa: PLC0415

        return media.fetch(handle, attachment, most, secret=secret, places=places)

    def probes(self, handle: Handle) -> int:
        """Return an hour."""
        del handle
        return PROBE_SECONDS

    def probe(self, handle: Handle, callback_url: str, secret: Secret, places: Places) -> Health:
        """Look at the account's subscription, and renew it where it is gone or incomplete."""
        from chalicelib.channels.meta import probing  # noqa: PLC0415

        del callback_url  # that one belongs to the app, and only the app's console shows it
        return probing.probe(handle, secret, places)

    def fetch_back(
        self, missed: Missed, secret: Secret, places: Places
    ) -> Iterable[Sequence[ChannelEvent]]:
        """Return messages and comments of a stretch of time, in pages. Raises PollError.

        Nothing for WhatsApp, which keeps no history for us.
        """
        from chalicelib.channels.meta import history  # noqa: PLC0415

        return history.fetch_back(missed, secret, places)

    def guide(self, handle: Handle, callback_url: str, secret: Secret) -> Sequence[str]:
        """Return what to do in Meta's console, a step a line."""
        from chalicelib.channels.meta import guide  # noqa: PLC0415

        return guide.steps(handle, callback_url, secret)
