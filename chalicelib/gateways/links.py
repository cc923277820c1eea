"""Links: signed addresses by which one person acknowledges one page with one tap.

A token is the page's id, a mark that stands for the person, and a proof of both: a keyed hash of 80
bits, which nobody guesses in the hours that a page lives (RFC 2104 allows to cut it to half). No
name and no address of anybody is in it, since links end up in logs and previews. The mark is looked
up among our people only once the proof is right, so that forged tokens cost no read.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping

SECRET = "links"  # noqa: S105  (the name of the secret, below this stage's prefix)
PATH = "p"

_MARK_BYTES = 5
_PROOF_BYTES = 10
_MARK_LETTERS = 8
_PROOF_LETTERS = 16
_SHAPE = re.compile(
    rf"([A-Za-z0-9_-]{{1,64}})\.([a-z2-7]{{{_MARK_LETTERS}}})([a-z2-7]{{{_PROOF_LETTERS}}})",
    re.ASCII,
)
_SHORTEST_KEY = 16


class NoKeyError(Exception):
    """Raised when the secret holds no key to sign with: no link can be made or believed."""


class Links:
    """Makes links and recognises them. Satisfies the ladder's `ports.Links`.

    `public_url` returns where the API is reached, `people` everybody that a link may be for. The
    secret is `{"key": "..."}`; another key ends the links that are out.
    """

    def __init__(
        self,
        secret: Callable[[str], Mapping[str, object]],
        public_url: Callable[[], str],
        people: Callable[[], Iterable[str]],
    ) -> None:
        self._secret = secret
        self._public_url = public_url
        self._people = people

    def link(self, page_id: str, person: str) -> str:
        """Return the address, some 30 characters and the page's id longer than the API's own.

        Raises NoKeyError.
        """
        key = self._key()
        mark = _mark(key, person)
        url = self._public_url().rstrip("/")
        return f"{url}/{PATH}/{page_id}.{mark}{_proof(key, page_id, mark)}"

    def person(self, token: str) -> tuple[str, str] | None:
        """Return page id and person of a link's token, or None when it is none that we made.

        None too when the person has left. Raises NoKeyError.
        """
        found = _SHAPE.fullmatch(token)
        if found is None:
            return None
        key = self._key()
        page_id, mark, proof = found.groups()
        if not hmac.compare_digest(_proof(key, page_id, mark), proof):
            return None
        fits = {one for one in self._people() if hmac.compare_digest(_mark(key, one), mark)}
        return (page_id, fits.pop()) if len(fits) == 1 else None

    def _key(self) -> bytes:
        key = self._secret(SECRET).get("key")
        if not isinstance(key, str) or len(key) < _SHORTEST_KEY:
            raise NoKeyError(SECRET)
        return key.encode("utf-8")


def _mark(key: bytes, person: str) -> str:
    return _keyed(key, _MARK_BYTES, "person", person)


def _proof(key: bytes, page_id: str, mark: str) -> str:
    return _keyed(key, _PROOF_BYTES, "page", page_id, mark)


def _keyed(key: bytes, size: int, *parts: str) -> str:
    # Letters that survive every phone: no case, nothing that a reader drops at the end of a link.
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    whole = hmac.new(key, joined, hashlib.sha256).digest()
    return base64.b32encode(whole[:size]).decode("ascii").lower()
