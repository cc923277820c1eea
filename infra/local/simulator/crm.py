"""The company's own system: hears of cases by signed webhooks, and is not always there."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Lock

from infra.local.simulator.signing import standard_verified
from infra.local.simulator.taker import Asked, Told

NOT_THERE = 3
"""How many events find nobody there at their first attempt."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One attempt to tell the system of an event, and the HTTP status that it answered."""

    event_id: str
    kind: str
    data: Mapping[str, object]
    status: int


@dataclass(slots=True)
class CrmTaker:
    """Implements Taker. `heard` are all attempts, in order.

    Takes only what is signed; answers 503 to the first attempt of the first few events.
    """

    secret: str
    absent: int = NOT_THERE
    prefix: str = "crm"
    _heard: list[Heard] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def take(self, asked: Asked) -> Told:
        """Answer one attempt."""
        if not standard_verified(asked.headers, asked.body, self.secret, time.time()):
            return self._answered("", {}, HTTPStatus.UNAUTHORIZED)
        event_id, body = asked.headers["webhook-id"], json.loads(asked.body)
        with self._lock:
            tried = {one.event_id for one in self._heard}
        busy = event_id not in tried and len(tried) < self.absent
        status = HTTPStatus.SERVICE_UNAVAILABLE if busy else HTTPStatus.OK
        return self._answered(event_id, body, status)

    def heard(self) -> tuple[Heard, ...]:
        """Return every attempt so far."""
        with self._lock:
            return tuple(self._heard)

    def _answered(self, event_id: str, body: Mapping[str, object], status: HTTPStatus) -> Told:
        data = body.get("data")
        told = data if isinstance(data, Mapping) else {}
        with self._lock:
            self._heard.append(Heard(event_id, str(body.get("type", "")), told, int(status)))
        return Told(int(status))
