"""The platforms put together.

A world, its ledger, its faults, and the server that our calls reach.
"""

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from infra.local.simulator.faults import Fault, Faults, error, refusal
from infra.local.simulator.graph import INSTAGRAM_HOST, Answer, Graph, Sent
from infra.local.simulator.ledger import Ledger, Received, Refused
from infra.local.simulator.server import Server
from infra.local.simulator.signing import standard_verified
from infra.local.simulator.world import Accounts, World

TOO_MANY, GONE = 429, 410


class Platforms:
    """Everything outside of Hearback.

    Listens from the moment it is made; `on_sent` hears of each message that was taken.
    """

    def __init__(self, accounts: Accounts) -> None:
        self.world = World(accounts)
        self.ledger = Ledger()
        self.faults = Faults({})
        self.on_sent: Callable[[Sent], None] = _nobody
        self._graph = Graph(self.world, self.ledger, self.faults, self._sent, _now)
        self._server = Server(self._graph.answer, self._standard)

    @property
    def graph_url(self) -> str:
        """Return the base URL of graph.facebook.com."""
        return self._server.url

    @property
    def instagram_url(self) -> str:
        """Return the base URL of graph.instagram.com."""
        return self._server.url + INSTAGRAM_HOST

    @property
    def standard_url(self) -> str:
        """Return where generic replies are to be sent."""
        return f"{self._server.url}/standard"

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def _sent(self, sent: Sent) -> None:
        self.on_sent(sent)

    def _standard(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Take a generic reply as a careful receiver does: signed, and each `webhook-id` once."""
        secret = self.world.accounts.standard_out_secret
        if not standard_verified(headers, body, secret, time.time()):
            self.ledger.add(Refused(_now(), "", "standard webhook with a wrong signature"))
            return Answer(401, error(401, "signature"))
        received = self._read(json.loads(body), headers)
        fault = self.faults.next(received.customer)
        if fault not in (None, Fault.SILENT):
            self.ledger.add(Refused(_now(), received.customer, fault.value))
            status = TOO_MANY if fault is Fault.THROTTLED else GONE
            return Answer(status, refusal(fault, whatsapp=False)[1])
        if received.platform_id not in {one.platform_id for one in self.ledger.received()}:
            self.ledger.add(received)
            self.on_sent(Sent(received))
        return Answer(200, {"id": received.platform_id}, silent=fault is Fault.SILENT)

    def _read(self, body: Mapping[str, object], headers: Mapping[str, str]) -> Received:
        data = _object(body, "data")
        lower = {name.lower(): value for name, value in headers.items()}
        event_id = lower.get("webhook-id", "")
        customer, text = str(_object(data, "contact").get("id", "")), str(data.get("text", ""))
        return Received(_now(), self.world.accounts.standard, customer, text, event_id, event_id)


def _object(body: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = body.get(name)
    return value if isinstance(value, Mapping) else {}


def _nobody(sent: Sent) -> None:
    """Hear of a sent message before anybody listens."""


def _now() -> datetime:
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
