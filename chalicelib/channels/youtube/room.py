"""YouTube's room. It has no webhook: comments are looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.channels.contract import Parsed, Secret
from chalicelib.channels.polled import PolledRoom
from chalicelib.domain.channel import Capabilities, Invite

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chalicelib.channels.places import Places
    from chalicelib.domain.policy import Handle
    from chalicelib.workflows.networks import Health, Outgoing, Polled, SendResult, Wanted

PROBE_SECONDS = 21_600
_CAPABILITIES = Capabilities(
    text_limit=10_000, edits=True, hides=True, deletes=True, invite=Invite.LINK
)


class YoutubeRoom(PolledRoom):
    """Implements contract.Room for the comments under a channel's videos.

    The secret is

        {"api_key": "...", "client_id": "...", "client_secret": "...", "refresh_token": "..."}

    The key reads; the others answer, moderate, and read where there is no key. The handle's account
    is the channel's id (UC...); its setting `every` is the number of seconds between two looks.
    """

    every_seconds = 300
    least_seconds = 60

    def parse(
        self,
        body: bytes,
        received_at: datetime,
        *,
        account_id: str = "",
        event_id: str = "",
        thread: str = "",
    ) -> Parsed:
        """Read a list of comments as the API answers it. Raises PayloadError."""
        from chalicelib.channels.youtube import inbound  # noqa: PLC0415

        del event_id, thread
        return inbound.parse(body, received_at, account_id)

    def capabilities(self, handle: Handle, *, public: bool) -> Capabilities:
        """Return the limits of a comment. There are no private messages on YouTube."""
        del handle, public
        return _CAPABILITIES

    def send(self, outgoing: Outgoing, secret: Secret, places: Places) -> SendResult:
        """Answer a comment, once."""
        from chalicelib.channels.youtube import sending  # noqa: PLC0415

        return sending.send(outgoing, secret, places)

    def moderate(
        self, handle: Handle, platform_id: str, action: str, *, secret: Secret, places: Places
    ) -> SendResult:
        """Hold a comment for review, publish it again, or reject it."""
        from chalicelib.channels.youtube import sending  # noqa: PLC0415

        del handle
        return sending.moderate(platform_id, action, secret, places)

    def poll(self, wanted: Wanted, secret: Secret, places: Places) -> Polled:
        """Look once. Raises PollError, also for words: comments cannot be searched here."""
        from chalicelib.channels.youtube import polling  # noqa: PLC0415

        return polling.poll(wanted, secret, places)

    def probes(self, handle: Handle) -> int:
        """Return six hours: that a look fails shows anyway, this is for the token that answers."""
        del handle
        return PROBE_SECONDS

    def probe(self, handle: Handle, callback_url: str, secret: Secret, places: Places) -> Health:
        """Ask whether the refresh token still opens the channel."""
        from chalicelib.channels.youtube import probing  # noqa: PLC0415

        del callback_url
        return probing.probe(handle, secret, places)

    def guide(self, handle: Handle, callback_url: str, secret: Secret) -> Sequence[str]:
        """Return what to do in Google's console, a step a line."""
        from chalicelib.channels.youtube import guide  # noqa: PLC0415

        del callback_url
        return guide.steps(handle, secret)
