"""How far a look has come: the newest mention, our own newest post, and the edits we have seen."""

import json
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Cursor:
    """Ids are those of the instance. `edited` is when each recent edited post was edited."""

    mention: str = ""
    own: str = ""
    found: str = ""
    edited: dict[str, str] = field(default_factory=dict)

    def written(self) -> str:
        """Return the cursor as it is kept."""
        return json.dumps(asdict(self), separators=(",", ":"))


def read(text: str) -> Cursor:
    """Return a kept cursor. What is none begins anew: what was seen before is recognised."""
    try:
        told = json.loads(text or "{}")
    except ValueError:
        return Cursor()
    if not isinstance(told, dict):
        return Cursor()
    edited = told.get("edited")
    known = edited.items() if isinstance(edited, dict) else ()
    mention, own, found = (str(told.get(name) or "") for name in ("mention", "own", "found"))
    return Cursor(mention, own, found, {str(one): str(at) for one, at in known})


def order(number: str) -> tuple[int, str]:
    """Return what orders ids: they grow, and a float is too short for them."""
    return len(number), number


def newest(one: str, other: str) -> str:
    """Return the newer of two ids; an empty one is older than any."""
    return max(one, other, key=order)
