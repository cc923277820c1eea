"""The platforms put together.

A world, its ledger, its faults, and the server that our calls reach.
"""

import json
from collections.abc import Callable, Sequence

from infra.local.simulator.aftermath import aftermath
from infra.local.simulator.brand import Brand
from infra.local.simulator.faults import Faults
from infra.local.simulator.graph import Graph, Sent
from infra.local.simulator.graph_taker import GraphTaker
from infra.local.simulator.ledger import Ledger
from infra.local.simulator.networks import Later, Networks, now
from infra.local.simulator.post import Door, Webhook
from infra.local.simulator.server import Server
from infra.local.simulator.signing import wire
from infra.local.simulator.standard_taker import StandardTaker
from infra.local.simulator.world import World

META, STANDARD = "meta", "standard"

SAME = {"google_oauth": "youtube"}
"""Names that our rooms call a place by, where they are not the network's own."""


class Platforms:
    """Everything outside of Hearback.

    Listens from the moment it is made; `on_sent` hears of each message that was taken, and of what
    follows it there.
    """

    def __init__(self, brand: Brand) -> None:
        self.brand, self.world = brand, World(brand.meta)
        self.ledger = Ledger()
        self.faults = Faults({})
        self.on_sent: Callable[[Sent, Sequence[Later]], None] = _nobody
        self.networks = Networks(brand, self.ledger, self.faults, self._sent)
        self._server = Server(self.networks.takers)
        graph = Graph(self.world, self.ledger, self.faults, self._by(META), now)
        meta, ours = GraphTaker(graph, self.world, self.graph_url), brand.meta
        standard = StandardTaker(
            ours,
            self.ledger,
            self.faults,
            self._by(STANDARD),
            now,
        )
        self.networks.takers |= {one.prefix: one for one in (meta, standard)}

    @property
    def url(self) -> str:
        """Return the server's base URL; each network is below its own name."""
        return self._server.url

    @property
    def graph_url(self) -> str:
        """Return the base URL of graph.facebook.com."""
        return f"{self.url}/graph"

    @property
    def instagram_url(self) -> str:
        """Return the base URL of graph.instagram.com."""
        return f"{self.graph_url}/instagram"

    @property
    def standard_url(self) -> str:
        """Return where generic replies are to be sent."""
        return f"{self.url}/standard"

    @property
    def crm_url(self) -> str:
        """Return where the company's own system hears of cases."""
        return f"{self.url}/crm"

    @property
    def platform_urls(self) -> str:
        """Return the stack's parameter that leads our calls here, as JSON."""
        own = {name: name for name in self.networks.takers}
        return json.dumps({name: f"{self.url}/{prefix}" for name, prefix in (own | SAME).items()})

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def _by(self, network: str) -> Callable[[Sent], None]:
        return lambda sent: self._sent(network, sent)

    def _sent(self, network: str, sent: Sent) -> None:
        follows = self._of_meta(sent) if network == META else self.networks.follows(network, sent)
        self.on_sent(sent, follows)

    def _of_meta(self, sent: Sent) -> Sequence[Later]:
        """Return the echoes and receipts that Meta sends of a message of ours."""
        instagram = sent.received.account == self.world.accounts.instagram
        door = Door.INSTAGRAM if instagram else Door.META
        told = aftermath(sent, self.world.accounts)
        return [(wait, Webhook("receipt or echo", door, wire(payload))) for wait, payload in told]


def _nobody(sent: Sent, follows: Sequence[Later]) -> None:
    """Hear of a sent message before anybody listens."""
