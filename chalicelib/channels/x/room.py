"""X's room. What receives is imported with it, what sends or looks only when that is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.channels.base import Base
from chalicelib.channels.contract import Parsed, Said, Secret, Verified
from chalicelib.channels.x import envelope, signature

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from chalicelib.channels.places import Places
    from chalicelib.domain.channel import Capabilities
    from chalicelib.domain.event import Attachment, ChannelEvent
    from chalicelib.domain.policy import Handle
    from chalicelib.workflows.networks import (
        Fetched,
        Health,
        Missed,
        Outgoing,
        Polled,
        SendResult,
        Wanted,
    )

PROBE_SECONDS = 86_400


class XRoom(Base):
    """Implements contract.Room for X.

    The secret is

        {"consumer_secrets": ["..."], "access_token": "...", "bearer": "...",
         "consumer_key": "...", "access_token_secret": "..."}

    The first of `consumer_secrets` answers X's question, and any of them may have signed a webhook:
    put the new one first while X still uses the old one. They are the app's API secret key, or its
    OAuth 2.0 client secret where it has no other. keys.py says what the rest is for.
    """

    def handshake(self, query: Mapping[str, str], secret: Secret) -> Said:
        """Sign X's token (CRC). Raises SignatureError."""
        secrets = signature.secrets_of(secret.get("consumer_secrets"))
        return Said(signature.handshake(query, secrets), "application/json")

    def verify(
        self,
        body: bytes,
        headers: Mapping[str, str],
        secret: Secret,
        now: datetime,
        *,
        url: str = "",
    ) -> Verified:
        """Check `x-twitter-webhooks-signature`.

        Raises SignatureError; X signs neither time nor address, so they do not matter.
        """
        del now, url
        secrets = signature.secrets_of(secret.get("consumer_secrets"))
        return signature.verify(body, headers, secrets)

    def parse(
        self,
        body: bytes,
        received_at: datetime,
        *,
        account_id: str = "",
        event_id: str = "",
        thread: str = "",
    ) -> Parsed:
        """Split a body of either API. Raises PayloadError.

        The body names its account; `account_id` stands in where it does not.
        """
        del event_id, thread
        return envelope.parse(body, received_at, account_id)

    def capabilities(self, handle: Handle, *, public: bool) -> Capabilities:
        """Return the limits of posts, or of direct messages."""
        from chalicelib.channels.x import limits  # noqa: PLC0415

        return limits.capabilities(handle, public=public)

    def send(self, outgoing: Outgoing, secret: Secret, places: Places) -> SendResult:
        """Send one reply, direct message or invitation, once."""
        from chalicelib.channels.x import sending  # noqa: PLC0415

        return sending.send(outgoing, secret, places)

    def price(self, outgoing: Outgoing) -> int:
        """Return what X charges for it, in millionths of a dollar."""
        from chalicelib.channels.x import prices  # noqa: PLC0415

        return prices.price(outgoing)

    def moderate(
        self, handle: Handle, platform_id: str, action: str, *, secret: Secret, places: Places
    ) -> SendResult:
        """Hide a reply in a thread that the brand began, or show it again; nothing else is ours."""
        from chalicelib.channels.verdicts import cannot  # noqa: PLC0415
        from chalicelib.channels.x import sending  # noqa: PLC0415

        del handle
        if action not in ("hide", "unhide"):
            return cannot(action)
        return sending.hide(platform_id, hidden=action == "hide", secret=secret, places=places)

    def fetch(
        self, handle: Handle, attachment: Attachment, most: int, *, secret: Secret, places: Places
    ) -> Fetched:
        """Fetch a file, with the account's keys where it belongs to a direct message."""
        from chalicelib.channels.x import fetching  # noqa: PLC0415

        del handle
        return fetching.fetch(attachment, most, secret, places)

    def poll(self, wanted: Wanted, secret: Secret, places: Places) -> Polled:
        """Search the last days for words; the rest comes by webhook. Raises PollError."""
        from chalicelib.channels.x import searching  # noqa: PLC0415

        return searching.poll(wanted, secret, places)

    def search_cost(self, most: int) -> int:
        """Return what one search costs at most: each post found, and its writer."""
        from chalicelib.channels.x import prices, searching  # noqa: PLC0415

        found = searching.asked_for(most)
        return prices.of_search(found, found)

    def probes(self, handle: Handle) -> int:
        """Return a day."""
        del handle
        return PROBE_SECONDS

    def probe(self, handle: Handle, callback_url: str, secret: Secret, places: Places) -> Health:
        """Ask X for webhook, token and subscriptions, and mend what can be mended."""
        from chalicelib.channels.x import probing  # noqa: PLC0415

        return probing.probe(handle, callback_url, secret, places)

    def fetch_back(
        self, missed: Missed, secret: Secret, places: Places
    ) -> Iterable[Sequence[ChannelEvent]]:
        """Have X deliver the stretch again. Raises PollError.

        Returns no events: they come by webhook, within minutes. X keeps them for 24 hours.
        """
        from chalicelib.channels.x import replaying  # noqa: PLC0415

        replaying.ask(missed, secret, places)
        return ()

    def guide(self, handle: Handle, callback_url: str, secret: Secret) -> Sequence[str]:
        """Return what to do in X's developer console."""
        from chalicelib.channels.x import guide  # noqa: PLC0415

        return guide.lines(handle, callback_url, secret)
