"""Mastodon's room. It has no webhook that anybody may use: mentions are looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.channels.contract import (
    Parsed,
    PayloadError,
    Secret,
    Unreadable,
)
from chalicelib.channels.polled import PolledRoom

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chalicelib.channels.places import Places
    from chalicelib.domain.channel import Capabilities
    from chalicelib.domain.policy import Handle
    from chalicelib.workflows.networks import Health, Outgoing, Polled, SendResult, Wanted

PROBE_SECONDS = 86_400


class MastodonRoom(PolledRoom):
    """Implements contract.Room for an account on one instance of Mastodon.

    The secret is `{"token": "..."}`. The handle's account is the account's numeric id on its
    instance; its settings are `instance` (https://social.example), `every` (seconds between two
    looks), `visibility` of public answers (unlisted, or public) and `text_limit` where the instance
    allows more than 500 characters. A person is known by the whole address, ana@social.example,
    which is the same on every instance and which a private message needs.
    """

    def parse(
        self,
        body: bytes,
        received_at: datetime,
        *,
        account_id: str = "",
        event_id: str = "",
        thread: str = "",
    ) -> Parsed:
        """Read a row that a look set aside. Raises PayloadError for any other body."""
        from chalicelib.channels.mastodon import inbound  # noqa: PLC0415

        del event_id, thread
        try:
            return Parsed(events=inbound.parse(body, received_at, account_id))
        except PayloadError as error:
            if not body.startswith(b'{"domain"'):
                raise
            return Parsed(unreadable=(Unreadable(error.reason, body),))

    def capabilities(self, handle: Handle, *, public: bool) -> Capabilities:
        """Return the limits of a post; they are the same for private ones."""
        from chalicelib.channels.mastodon import limits  # noqa: PLC0415

        return limits.capabilities(handle, public=public)

    def send(self, outgoing: Outgoing, secret: Secret, places: Places) -> SendResult:
        """Publish one answer; the instance recognises a repeat."""
        from chalicelib.channels.mastodon import sending  # noqa: PLC0415

        return sending.send(outgoing, secret, places)

    def poll(self, wanted: Wanted, secret: Secret, places: Places) -> Polled:
        """Look once, for mentions or for words. Raises PollError."""
        from chalicelib.channels.mastodon import polling  # noqa: PLC0415

        return polling.poll(wanted, secret, places)

    def probes(self, handle: Handle) -> int:
        """Return a day: that a look fails shows anyway."""
        del handle
        return PROBE_SECONDS

    def probe(self, handle: Handle, callback_url: str, secret: Secret, places: Places) -> Health:
        """Ask whose token it is."""
        from chalicelib.channels.mastodon import health  # noqa: PLC0415

        del callback_url
        return health.probe(handle, secret, places)

    def guide(self, handle: Handle, callback_url: str, secret: Secret) -> Sequence[str]:
        """Return how to get a token on the instance, a step a line."""
        from chalicelib.channels.mastodon import guide  # noqa: PLC0415

        del callback_url
        return guide.steps(handle, secret)
