"""What arrives over the wire: strict JSON within bounds, and typed access to its irregular fields.

A missing field (or null) is empty; a field of the wrong kind raises PayloadError. Platforms leave
much out, but what they do send has the kind they document, so a wrong kind means that we do not
understand the element.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import cast

from chalicelib.channels.contract import PayloadError

MAX_BYTES = 6 * 1024 * 1024  # what Lambda takes in one call; WhatsApp states bodies up to 3 MB
MAX_DEPTH = 64  # the deepest documented payload (a WhatsApp flow) stays below 20
MAX_DIGITS = 32
MAX_ID = 512  # ids become keys of the table, which end at 1,024 bytes

Json = Mapping[str, object]
_EMPTY: Json = {}


def read(body: bytes) -> object:
    """Return the JSON value of a body.

    Raises PayloadError for anything but plain JSON in UTF-8 within bounds: a duplicate key, NaN, a
    number of absurd length and deep nesting are refused, because two readers could understand them
    differently.
    """
    if len(body) > MAX_BYTES:
        raise PayloadError("too_large")
    try:
        value: object = _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise PayloadError("not_utf8") from None
    except RecursionError:
        raise PayloadError("too_deep") from None
    except ValueError:
        raise PayloadError("not_json") from None
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and _deeper_than(value, MAX_DEPTH):
        raise PayloadError("too_deep")
    return value


def canonical(value: object) -> str:
    """Return JSON that is equal for equal values, whatever the order of their keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def as_object(value: object, name: str) -> Json:
    """Return the value as an object. Raises PayloadError naming it otherwise."""
    if isinstance(value, dict):
        return cast("Json", value)
    raise PayloadError(f"{name}_not_object")


def table(source: Json, key: str) -> Json:
    """Return the object at `key`, an empty one when there is none."""
    value = source.get(key)
    return _EMPTY if value is None else as_object(value, key)


def rows(source: Json, key: str) -> Sequence[object]:
    """Return the list at `key`, an empty one when there is none."""
    value = source.get(key)
    if value is None:
        return ()
    if isinstance(value, list):
        return value
    raise PayloadError(f"{key}_not_list")


def text(source: Json, key: str) -> str:
    """Return the text at `key`, empty when there is none. A number becomes its text."""
    value = source.get(key)
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise PayloadError(f"{key}_not_text")


def ident(source: Json, key: str) -> str:
    """Return the id at `key` as text: older payloads carry ids as numbers.

    A fraction is refused: an id that went through a float has lost its last digits.
    """
    value = source.get(key)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise PayloadError(f"{key}_not_id")
    found = clean(str(value))
    if len(found) > MAX_ID:
        raise PayloadError(f"{key}_too_long")
    return found


def flag(source: Json, key: str) -> bool:
    """Return whether `key` is set: true, 1 or "true"."""
    return source.get(key) in (True, "true", "1")


def number(source: Json, key: str) -> int:
    """Return the whole number at `key`, given as number or as text; 0 when there is none."""
    value = source.get(key)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        return int(value)
    return 0


def word(value: object) -> str:
    """Return a short machine word for a value that a platform chose: safe to count by."""
    return re.sub(r"[^a-z0-9_]+", "_", str(value).lower())[:40].strip("_") or "none"


def clean(value: str) -> str:
    """Return the text with halves of broken emoji replaced: JSON may carry them, UTF-8 cannot."""
    if value.isascii():
        return value
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise PayloadError("duplicate_key")
    return found


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise PayloadError("number_too_long")
    return int(digits)


def _fraction(digits: str) -> float:
    value = float(digits) if len(digits) <= MAX_DIGITS else math.inf
    if math.isinf(value):
        raise PayloadError("number_too_long")
    return value


def _constant(name: str) -> object:
    raise PayloadError(f"not_json_{name.strip('-').lower()}")


def _deeper_than(value: object, limit: int) -> bool:
    level: list[object] = [value]
    for _ in range(limit):
        level = [
            child for node in level for child in _children(node) if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def _children(node: object) -> Sequence[object]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else ()


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_integer, parse_float=_fraction, parse_constant=_constant
)
