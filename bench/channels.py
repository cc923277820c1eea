"""Channels: what proving and parsing one event costs on each, and a mixed burst through the doors.

The events are those of the conformance suite's specimens, signed as the platforms sign them. The
burst goes through the real doors in this process (mails and AWS's texts through the code behind the
notices door), with queues and a store in memory: it counts what is lost and what is doubled when
every tenth delivery comes twice and nothing comes in order.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from io import StringIO
from statistics import median

from bench.figures import Figure
from chalicelib.channels.contract import Verified
from chalicelib.channels.registry import room
from chalicelib.entrypoints.receiving import Delivery, receive
from tests.contract.channels.specimen import NOW, Signed, Specimen, Words
from tests.contract.channels.specimens import SPECIMENS
from tests.fakes.house import POLICY, House, open_house
from tests.hostile.deliveries import take_in

ROUNDS = 7
EACH = 300
BURST = 10_000
TWICE = 10
"""Every tenth delivery of the burst is delivered again."""

SEED = 7
PUBLIC_URL = "https://care.example.com"


def figures() -> list[Figure]:
    """Measure each surface, then the burst."""
    return [*(figure for it in SPECIMENS for figure in _costs(it)), *burst_figures()]


def _costs(it: Specimen) -> Iterator[Figure]:
    signed = it.sign(it.message(Words()))
    how = f"in process, CPU time of one core, median of {ROUNDS} rounds of {EACH}"
    if it.signature_header():

        def prove() -> None:
            room(it.room).verify(signed.body, signed.headers, it.secret, NOW, url=signed.url)

        against = f"{len(signed.body)} bytes"
        yield Figure(f"verify_per_second_{_plain(it)}", _rate(prove), "1/s", against, how)

    def parse() -> None:
        room(it.room).parse(signed.body, NOW, account_id=it.handle.account_id, event_id="d")

    against = f"{len(signed.body)} bytes, one message"
    yield Figure(f"parse_per_second_{_plain(it)}", _rate(parse), "1/s", against, how)


def burst_figures(size: int = BURST) -> list[Figure]:
    """Deliver a burst over all channels; count what is lost, doubled and how long it took."""
    surfaces = [it for it in SPECIMENS if it.message(Words())]
    with _company(surfaces) as house, redirect_stdout(StringIO()):
        deliveries = _deliveries(surfaces, size)
        began = time.process_time()
        for it, signed in deliveries:
            _deliver(house, it, signed)
        back = take_in(house)
        spent = time.process_time() - began
        stored = Counter(kept.platform_id for kept in house.store.messages.values())
    lost = size - len(stored)
    doubled = sum(stored.values()) - len(stored)
    how = (
        f"in process, {len(deliveries)} deliveries of {size} messages over {len(surfaces)} "
        "surfaces in random order, queues and store in memory"
    )
    return [
        Figure("burst_lost", lost + back, "messages", f"of {size}", how, 0),
        Figure("burst_duplicated", doubled, "messages", f"of {size}", how, 0),
        Figure("burst_cpu_ms_per_event", 1000 * spent / len(deliveries), "ms", "both doors", how),
    ]


@contextmanager
def _company(surfaces: Sequence[Specimen]) -> Iterator[House]:
    """Yield a house that has a handle for each surface."""
    handles = {it.handle.id: replace(it.handle, team="care") for it in surfaces}
    with open_house() as house:
        parts = house.parts
        policy = replace(
            POLICY, version="burst", handles=tuple(handles.values()), public_url=PUBLIC_URL
        )
        parts.policies.publish(policy)
        parts.policies.make_current("burst")
        parts.now.set(NOW)
        for it in surfaces:
            parts.secrets.held[room(it.room).secret_name(it.handle)] = it.secret
        yield house


def _deliveries(surfaces: Sequence[Specimen], size: int) -> list[tuple[Specimen, Signed]]:
    dice = random.Random(SEED)  # noqa: S311 - a burst that is the same each time
    made = []
    for number in range(size):
        it = surfaces[number % len(surfaces)]
        who = str(9_007_199_254_800_000 + dice.randrange(size // 4))
        words = Words(id=str(9_107_199_254_740_000 + number), who=who, text=f"message {number}")
        made.append((it, it.sign(it.message(words))))
    made += dice.sample(made, size // TWICE)
    dice.shuffle(made)
    return made


def _deliver(house: House, it: Specimen, signed: Signed) -> None:
    """Deliver as the platform does: by its webhook, or by the lane that AWS guards."""
    parts = house.parts
    if it.signature_header():
        path = "/webhooks/meta" if it.room == "meta" else f"/webhooks/{it.room}/{it.handle.id}"
        answer = house.gateway.call("POST", path, signed.body, signed.headers, as_base64=True)
        if answer.status not in range(200, 300):
            raise ValueError(f"{it.name} was answered {answer.status}")
    else:
        delivery = Delivery(it.room, signed.body, it.handle.account_id)
        receive(parts, delivery, Verified(signed.body))  # type: ignore[arg-type]  # fakes


def _rate(work: Callable[[], None]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(EACH):
            work()
        times.append(time.process_time() - began)
    return round(EACH / median(times))


def _plain(it: Specimen) -> str:
    return it.name.replace("-", "_")
