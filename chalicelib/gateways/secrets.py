"""Secrets: JSON objects in Secrets Manager, read once a process and again every five minutes."""

import json
import logging
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

from chalicelib.gateways.clients import error_code

FRESH_SECONDS = 300.0
"""How long a rotated secret may take to arrive.

Rotation keeps the old one beside the new one for longer than that.
"""

RETRY_SECONDS = 30.0
"""How long to live on a stale value before asking again."""

log = logging.getLogger(__name__)


class Secrets:
    """Secrets by name, below one prefix. Holds values in memory only."""

    def __init__(self, client: Any, prefix: str, clock: Callable[[], float] = monotonic) -> None:
        self._client = client
        self._prefix = prefix
        self._clock = clock
        self._held: dict[str, tuple[float, Mapping[str, object]]] = {}

    def get(self, name: str) -> Mapping[str, object]:
        """Return the secret's JSON object.

        Raises NoSecretError when there is none, and the client's error when it was never read and
        cannot be; later failures return what was read last.
        """
        fresh_until, value = self._held.get(name, (0.0, None))
        if value is not None and self._clock() < fresh_until:
            return value
        try:
            read = self._read(name)
        except Exception as error:
            if value is None:
                raise
            log.warning(
                "Secret %s could not be refreshed (%s); the last value stays in use.",
                name,
                _reason(error),
            )
            self._held[name] = (self._clock() + RETRY_SECONDS, value)
            return value
        self._held[name] = (self._clock() + FRESH_SECONDS, read)
        return read

    def _read(self, name: str) -> Mapping[str, object]:
        try:
            answer = self._client.get_secret_value(SecretId=f"{self._prefix}/{name}")
        except Exception as error:
            if error_code(error) == "ResourceNotFoundException":
                raise NoSecretError(f"There is no secret {self._prefix}/{name}.") from None
            raise
        value = _parsed(str(answer.get("SecretString", "")))
        if not isinstance(value, dict):
            raise SecretShapeError(f"The secret {self._prefix}/{name} is not a JSON object.")
        return value


class SecretShapeError(ValueError):
    """Raised when a secret does not hold a JSON object."""


class NoSecretError(LookupError):
    """Raised when there is no secret of that name."""


def _parsed(text: str) -> object:
    # The JSON error is dropped here: it would carry the secret's text along.
    try:
        return json.loads(text)
    except ValueError:
        return None


def _reason(error: Exception) -> str:
    return error_code(error) or type(error).__name__
