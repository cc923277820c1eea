"""What every room begins with: the answer "cannot" to each part of the contract it may lack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.channels.contract import Said, Secret, SignatureError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chalicelib.channels.contract import Verified
    from chalicelib.channels.places import Places
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


class Base:
    """What a room answers that lacks a part of the contract."""

    thanks: Said | None = Said()
    greets: bool = False

    def handshake(self, query: Mapping[str, str], secret: Secret) -> Said:
        """Refuse: this network asks no question first."""
        del query, secret
        raise SignatureError("no_handshake", status=403)

    def greet(self, proven: Verified, secret: Secret, places: Places) -> bool:
        """Find nothing to confirm."""
        del proven, secret, places
        return False

    def secret_name(self, handle: Handle) -> str:
        """Return the handle's own secret, named after the handle unless it says otherwise."""
        return handle.secret or handle.id

    def price(self, outgoing: Outgoing) -> int:
        """Return nothing: sending is free at the platform."""
        del outgoing
        return 0

    def moderate(
        self, handle: Handle, platform_id: str, action: str, *, secret: Secret, places: Places
    ) -> SendResult:
        """Say that this network has no such thing."""
        from chalicelib.channels.verdicts import cannot  # noqa: PLC0415

        del handle, platform_id, secret, places
        return cannot(action)

    def fetch(
        self, handle: Handle, attachment: Attachment, most: int, *, secret: Secret, places: Places
    ) -> Fetched:
        """Fetch the attachment's own URL, which needs no key."""
        from chalicelib.channels import download  # noqa: PLC0415

        del handle, secret
        return download.fetch(attachment.url, {}, most, places)

    def polls(self, handle: Handle) -> int:
        """Return 0: this network has webhooks."""
        del handle
        return 0

    def poll(self, wanted: Wanted, secret: Secret, places: Places) -> Polled:
        """Refuse: there is nothing to look at."""
        from chalicelib.workflows.networks import PollError  # noqa: PLC0415

        del wanted, secret, places
        raise PollError("not_polled", lasting=True)

    def search_cost(self, most: int) -> int:
        """Return 0: searches are free here, or there are none."""
        del most
        return 0

    def probes(self, handle: Handle) -> int:
        """Return 0: there is nobody to ask."""
        del handle
        return 0

    def probe(self, handle: Handle, callback_url: str, secret: Secret, places: Places) -> Health:
        """Return that nobody could be asked."""
        from chalicelib.workflows.networks import Health, HealthState  # noqa: PLC0415

        del handle, callback_url, secret, places
        return Health(HealthState.UNKNOWN, "this network cannot be asked")

    def fetch_back(
        self, missed: Missed, secret: Secret, places: Places
    ) -> Iterable[Sequence[ChannelEvent]]:
        """Return nothing: the platform keeps nothing for us."""
        del missed, secret, places
        return ()
