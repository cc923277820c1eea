"""How far a look has come in each of three lists, and where it stopped within one of them."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from chalicelib.channels import wire


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a list was read that begins with the newest.

    Everything up to the instant `seen` is done, and of that instant the rows `last`. While a long
    list is read in several looks, `page` is where to go on and `top` (with `tops`) what `seen` will
    be once the end is reached.
    """

    seen: str = ""
    last: tuple[str, ...] = ()
    page: str = ""
    top: str = ""
    tops: tuple[str, ...] = ()

    def new(self, row: wire.Json) -> bool:
        """Return whether a row was not done yet. Raises PayloadError."""
        at = wire.text(row, "indexedAt")
        return at > self.seen or (at == self.seen and wire.ident(row, "uri") not in self.last)


@dataclass(frozen=True, slots=True)
class Cursor:
    """One mark a list, and the revision of the log of private messages."""

    named: Mark = field(default_factory=Mark)
    own: Mark = field(default_factory=Mark)
    found: Mark = field(default_factory=Mark)
    talk: str = ""

    def written(self) -> str:
        """Return the cursor as it is kept."""
        return json.dumps(asdict(self), separators=(",", ":"))


def read(text: str) -> Cursor:
    """Return a kept cursor. What is none begins anew: what was seen before is recognised."""
    try:
        told = json.loads(text or "{}")
        named, own, found = (_mark(told.get(name) or {}) for name in ("named", "own", "found"))
        return Cursor(named, own, found, str(told.get("talk") or ""))
    except (ValueError, AttributeError, TypeError):
        return Cursor()


def _mark(told: dict[str, object]) -> Mark:
    seen, page, top = (str(told.get(name) or "") for name in ("seen", "page", "top"))
    return Mark(seen, _texts(told.get("last")), page, top, _texts(told.get("tops")))


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


def topmost(rows: Iterable[wire.Json]) -> tuple[str, tuple[str, ...]]:
    """Return the newest instant among rows, and the rows of that instant; odd ones do not count."""
    pairs = ((row.get("indexedAt"), row.get("uri")) for row in rows)
    found = [(at, uri) for at, uri in pairs if isinstance(at, str) and isinstance(uri, str)]
    top = max((at for at, _ in found), default="")
    return top, tuple(uri for at, uri in found if at == top)
