"""Looking for ourselves on any channel: the workflows' Network, made of the rooms."""

from collections.abc import Callable, Iterable, Sequence

from chalicelib.channels.contract import Secret, UnknownChannelError
from chalicelib.channels.places import Places
from chalicelib.channels.registry import room_name, room_of
from chalicelib.domain.event import Attachment, ChannelEvent
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import (
    Fetched,
    FetchError,
    Health,
    HealthState,
    Missed,
    Polled,
    PollError,
    Wanted,
)


class ChannelNetwork:
    """Implements networks.Network.

    `secrets` is as for ChannelSender; `public_url` returns where platforms reach us.
    """

    def __init__(
        self, secrets: Callable[[str], Secret], places: Places, public_url: Callable[[], str]
    ) -> None:
        self._secrets = secrets
        self._places = places
        self._public_url = public_url

    def polls(self, handle: Handle) -> int:
        """Return how many seconds apart this handle is to be polled; 0: it has webhooks."""
        try:
            return room_of(handle).polls(handle)
        except UnknownChannelError:
            return 0  # a handle of an older policy must not keep the others from being looked at

    def poll(self, wanted: Wanted) -> Polled:
        """Look once. Raises PollError."""
        room = room_of(wanted.handle)
        return room.poll(wanted, self._secret_or_poll_error(wanted.handle), self._places)

    def search_cost(self, handle: Handle, most: int) -> int:
        """Return what one search costs at most, in millionths of a dollar."""
        return room_of(handle).search_cost(most)

    def probes(self, handle: Handle) -> int:
        """Return how many seconds apart this handle's connection is to be probed; 0: never."""
        try:
            return room_of(handle).probes(handle)
        except UnknownChannelError:
            return 0

    def probe(self, handle: Handle) -> Health:
        """Ask the platform whether it still delivers to us, and mend what can be mended."""
        room = room_of(handle)
        try:
            secret = self._secrets(room.secret_name(handle))
        except LookupError:
            name = room.secret_name(handle)
            return Health(HealthState.BROKEN, f"there is no secret named {name}")
        url = callback_url(self._public_url(), handle)
        return room.probe(handle, url, secret, self._places)

    def fetch_back(self, missed: Missed) -> Iterable[Sequence[ChannelEvent]]:
        """Return what the platform still has of a stretch of time, in pages. Raises PollError."""
        secret = self._secret_or_poll_error(missed.handle)
        return room_of(missed.handle).fetch_back(missed, secret, self._places)

    def fetch(self, handle: Handle, attachment: Attachment, most_bytes: int) -> Fetched:
        """Return an attachment's bytes. Raises FetchError or FetchLaterError."""
        room = room_of(handle)
        try:
            secret = self._secrets(room.secret_name(handle))
        except LookupError:
            raise FetchError("no_secret") from None
        return room.fetch(handle, attachment, most_bytes, secret=secret, places=self._places)

    def _secret_or_poll_error(self, handle: Handle) -> Secret:
        try:
            return self._secrets(room_of(handle).secret_name(handle))
        except LookupError:
            raise PollError("no_secret", lasting=True) from None


def callback_url(public_url: str, handle: Handle) -> str:
    """Return the address that the handle's platform is to call."""
    name = room_name(handle)
    path = "meta" if name == "meta" else f"{name}/{handle.id}"
    return f"{public_url.rstrip('/')}/webhooks/{path}"
