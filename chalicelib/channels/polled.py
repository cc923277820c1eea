"""What rooms share whose networks tell nobody of anything: they are looked at again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.channels.base import Base
from chalicelib.channels.contract import Secret, SignatureError, Verified

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chalicelib.domain.policy import Handle


class PolledRoom(Base):
    """A room without a webhook. The setting `every` is the seconds between two looks."""

    every_seconds: int = 60
    """Where the handle has no such setting."""

    least_seconds: int = 15
    """What the platform bears at most, whatever the setting says."""

    def verify(
        self,
        body: bytes,
        headers: Mapping[str, str],
        secret: Secret,
        now: datetime,
        *,
        url: str = "",
    ) -> Verified:
        """Refuse: the platform pushes nothing, so nobody calls here rightly."""
        del body, headers, secret, now, url
        raise SignatureError("no_webhook", status=403)

    def polls(self, handle: Handle) -> int:
        """Return the seconds between two looks."""
        every = handle.settings.get("every", "")
        seconds = int(every) if every.isascii() and every.isdigit() else self.every_seconds
        return max(seconds, self.least_seconds)
