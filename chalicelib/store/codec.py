"""Codec: the domain's dataclasses as compact JSON text, and back.

Fields that are empty and empty by default are left out: rows are paid for by the kilobyte. Reading
fills them in again and ignores fields it does not know, so that the version before this one can
read what this one wrote.
"""

import json
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, TypeVar

import msgspec

from chalicelib.workflows.ports import StoreError

T = TypeVar("T")

LARGEST = 350_000
"""The largest body in bytes.

DynamoDB takes 400 KB a row with its keys; a customer's text has 64 KB at most on any channel.
"""


_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}
_known: dict[type[Any], tuple[tuple[str, Any], ...]] = {}


class TooLargeError(StoreError):
    """Raised when a row would be larger than the table takes. Trying again does not help."""


def encode(value: object) -> str:
    """Return `value` as JSON text. Raises TooLargeError over LARGEST bytes."""
    plain = _plain(value)
    try:
        body = msgspec.json.encode(plain)
    except UnicodeEncodeError:
        # A lone surrogate: JSON can escape it, UTF-8 cannot. Rare, so only then the slow way.
        body = json.dumps(msgspec.to_builtins(plain), separators=(",", ":")).encode("ascii")
    if len(body) > LARGEST:
        message = f"{type(value).__name__} of {len(body)} bytes: a row holds {LARGEST}"
        raise TooLargeError(message)
    return body.decode("utf-8")


def decode(body: str, shape: type[T]) -> T:
    """Return what `encode` was given.

    Raises msgspec.ValidationError when the text is not a `shape`.
    """
    try:
        return _decoder(shape).decode(body)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        return msgspec.convert(json.loads(body), shape)


def _decoder(shape: type[T]) -> msgspec.json.Decoder[T]:
    if shape not in _decoders:
        _decoders[shape] = msgspec.json.Decoder(shape)
    return _decoders[shape]


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if not is_dataclass(value):
        return value
    held = ((name, getattr(value, name), default) for name, default in _defaults(type(value)))
    return {name: _plain(item) for name, item, default in held if item or item != default}


def _defaults(shape: type[Any]) -> tuple[tuple[str, Any], ...]:
    if shape not in _known:
        _known[shape] = tuple((field.name, _default(field)) for field in fields(shape))
    return _known[shape]


def _default(field: Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default
