"""Guarded: one POST to an address that an operator wrote down, never into our own network."""

from collections.abc import Mapping

from chalicelib.channels import address, transport
from chalicelib.channels.places import Places
from chalicelib.workflows.networks import NotSentError

MOST_SECONDS = 10.0
"""How long a system that wakes people may take: another one is waiting behind it."""


class Poster:
    """Posts JSON over https to public addresses, and to the very one that was checked."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Return the status; a redirect is not followed.

        Raises NotSentError when it surely did not leave, with `refused` for an address that may not
        be called, and NoAnswerError when nobody knows.
        """
        try:
            target = address.checked(url, private=self._places.private_urls)
        except address.RefusedUrlError as error:
            raise NotSentError("refused") from error
        except address.UnresolvedError as error:
            raise NotSentError("unresolved") from error
        sent = {**headers, "Content-Type": "application/json", "User-Agent": "Hearback"}
        answer = transport.exchange(
            transport.Request(
                url,
                sent,
                body,
                self._places.connect_seconds,
                MOST_SECONDS,
                target,
                most_seconds=MOST_SECONDS,
            )
        )
        return answer.status
