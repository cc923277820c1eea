"""Bluesky's room. It has no webhook: mentions and private messages are looked for."""

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


class BlueskyRoom(PolledRoom):
    """Implements contract.Room for an account of Bluesky.

    The secret is `{"identifier": "acme.bsky.social", "password": "<app password>"}`. The handle's
    account is the account's DID; its settings are `every` (seconds between two looks), `service`
    where it is not https://bsky.social, and `private: "no"` to leave private messages alone.
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
        from chalicelib.channels.bluesky import inbound  # noqa: PLC0415

        del event_id, thread
        try:
            found = inbound.parse(body, received_at, account_id)
        except PayloadError as error:
            if not body.startswith(b'{"kind"'):
                raise
            return Parsed(unreadable=(Unreadable(error.reason, body),))
        return Parsed(ignored=(found,)) if isinstance(found, str) else Parsed(events=(found,))

    def capabilities(self, handle: Handle, *, public: bool) -> Capabilities:
        """Return the limits of posts or of private messages."""
        from chalicelib.channels.bluesky import limits  # noqa: PLC0415

        del handle
        return limits.PUBLIC if public else limits.PRIVATE

    def send(self, outgoing: Outgoing, secret: Secret, places: Places) -> SendResult:
        """Send one answer, once."""
        from chalicelib.channels.bluesky import sending  # noqa: PLC0415

        return sending.send(outgoing, secret, places)

    def poll(self, wanted: Wanted, secret: Secret, places: Places) -> Polled:
        """Look once, for mentions and private messages or for words. Raises PollError."""
        from chalicelib.channels.bluesky import polling  # noqa: PLC0415

        return polling.poll(wanted, secret, places)

    def probes(self, handle: Handle) -> int:
        """Return a day: that a look fails shows anyway."""
        del handle
        return PROBE_SECONDS

    def probe(self, handle: Handle, callback_url: str, secret: Secret, places: Places) -> Health:
        """Ask whose password it is."""
        from chalicelib.channels.bluesky import health  # noqa: PLC0415

        del callback_url
        return health.probe(handle, secret, places)

    def guide(self, handle: Handle, callback_url: str, secret: Secret) -> Sequence[str]:
        """Return how to make an app password, a step a line."""
        from chalicelib.channels.bluesky import guide  # noqa: PLC0415

        del callback_url
        return guide.steps(handle, secret)
