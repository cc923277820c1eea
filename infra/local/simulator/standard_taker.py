"""Somebody's own channel behind a Standard Webhook: takes replies as a careful receiver does."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus

from infra.local.simulator.faults import Fault, Faults, error, refusal
from infra.local.simulator.graph import Sent
from infra.local.simulator.ledger import Ledger, Received, Refused
from infra.local.simulator.signing import standard_verified
from infra.local.simulator.taker import Asked, Told
from infra.local.simulator.world import Accounts


class StandardTaker:
    """Implements Taker: a reply must be signed, and counts once for each `webhook-id`."""

    prefix = "standard"

    def __init__(
        self,
        accounts: Accounts,
        ledger: Ledger,
        faults: Faults,
        after: Callable[[Sent], None],
        now: Callable[[], datetime],
    ) -> None:
        self._account, self._secret = accounts.standard, accounts.standard_out_secret
        self._ledger, self._faults, self._after, self._now = ledger, faults, after, now

    def take(self, asked: Asked) -> Told:
        """Answer one reply of ours."""
        if not standard_verified(asked.headers, asked.body, self._secret, time.time()):
            self._ledger.add(Refused(self._now(), "", "standard webhook with a wrong signature"))
            return _told(HTTPStatus.UNAUTHORIZED, error(401, "signature"))
        received = self._read(json.loads(asked.body), asked.headers.get("webhook-id", ""))
        fault = self._faults.next(received.customer)
        if fault not in (None, Fault.SILENT):
            self._ledger.add(Refused(self._now(), received.customer, fault.value))
            busy = fault is Fault.THROTTLED
            status = HTTPStatus.TOO_MANY_REQUESTS if busy else HTTPStatus.GONE
            return _told(status, refusal(fault, whatsapp=False)[1])
        if received.platform_id not in {one.platform_id for one in self._ledger.received()}:
            self._ledger.add(received)
            self._after(Sent(received))
        return _told(HTTPStatus.OK, {"id": received.platform_id}, silent=fault is Fault.SILENT)

    def _read(self, body: Mapping[str, object], event_id: str) -> Received:
        data = _object(body, "data")
        customer, text = str(_object(data, "contact").get("id", "")), str(data.get("text", ""))
        return Received(self._now(), self._account, customer, text, event_id, event_id)


def _told(status: int, body: Mapping[str, object], *, silent: bool = False) -> Told:
    return Told(int(status), json.dumps(body).encode(), silent=silent)


def _object(body: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = body.get(name)
    return value if isinstance(value, Mapping) else {}
