"""The performance: one plan on one stack, from the first sign-in to the audited end.

It is the wall clock of the local day too: the local AWS runs the schedules of the template, but a
day of a hundred seconds has one minute and no hour.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from threading import Event, Thread
from time import monotonic

from infra.local import ministack, subscribers
from infra.local.day import cast
from infra.local.day.agents import Script, Worker
from infra.local.day.audit import audit
from infra.local.day.board import Board, open_case
from infra.local.day.desk import Desk
from infra.local.day.evidence import Evidence
from infra.local.day.facts import Facts
from infra.local.day.finding import Finding
from infra.local.day.phone import Phones
from infra.local.day.player import Player
from infra.local.day.story import Plan
from infra.local.simulator.platforms import Platforms
from infra.local.simulator.post import Doors, Post
from infra.local.simulator.topics import topics
from infra.local.stack import NAME, Stack

SETTLE_SECONDS = 180.0
"""How long after the last planned action everything may take to come to rest.

Closing alone takes over half a minute.
"""

LOOK_SECONDS = 3.0
REST_SECONDS = 4.0
POLL_SECONDS = 5.0
WATCHED_LOOK = 4
"""At which of the looks every handle's connection is looked after."""

SCHEDULED = json.dumps(
    {
        "id": "day",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ministack.ACCOUNT,
        "time": "2026-03-06T08:00:00Z",
        "region": ministack.REGION,
        "resources": [],
        "detail": {},
        "version": "0",
    }
).encode()
"""What EventBridge hands a scheduled function."""

Look = Callable[[], None]


def doors(stack: Stack, platforms: Platforms) -> Doors:
    """Return where a stack takes what happens on the platforms."""
    base, generic = stack.api_url, platforms.world.accounts.standard
    return Doors(
        f"{base}/webhooks/meta",
        f"{base}/webhooks/standard/{generic}",
        base,
        topics(stack.cloud, stack.outputs),
    )


class Performance:
    """Plays one plan. `board` shows what goes on; the result is what the audit finds in the end."""

    def __init__(self, plan: Plan, stack: Stack, platforms: Platforms, board: Board) -> None:
        self._plan, self._stack, self._platforms, self._board = plan, stack, platforms, board
        self._post = Post(doors(stack, platforms), platforms.world.accounts)
        self._player = Player(plan, platforms, self._post, board.note)
        self._script = Script(plan.by_ref())
        self._evidence = Evidence(stack, platforms, plan)
        self._phones = Phones(lambda: subscribers.texts(stack.endpoint), board.note)
        self._stop = Event()

    def play(self) -> tuple[Facts, Sequence[Finding]]:
        """Play the whole day; return the facts and what is wrong with them.

        Ends when all is as it must be, or when the time for that is over.
        """
        self._prepare()
        with ExitStack() as ends:
            ends.callback(self._post.close)
            ends.callback(self._player.close)
            for name in cast.AGENTS:
                worker = self._worker(name)
                worker.start()
                ends.callback(worker.stop)
            looks = dict.fromkeys((self._cases_look(), self._alerts_look()), LOOK_SECONDS)
            looks |= {self._phones.look: LOOK_SECONDS, self._wall_clock(): POLL_SECONDS}
            for look, pause in looks.items():
                watcher = Thread(target=self._repeat, args=(look, pause))
                watcher.start()
                ends.callback(watcher.join)
            ends.callback(self._stop.set)
            self._board.begin()
            self._player.play()
            return self._settled()

    def _prepare(self) -> None:
        for customer in self._plan.customers:
            for fault in customer.faults:
                self._platforms.faults.add(customer.ref, fault)
        self._platforms.on_sent = self._player.sent

    def _worker(self, name: str) -> Worker:
        names = self._plan.by_ref()

        def watch(agent: str, what: str, ref: str) -> None:
            customer = names[ref]
            self._board.note("agent", customer.channel.value, f"{agent}: {what} {customer.name}")

        return Worker(name, self._desk(name), self._script, watch)

    def _desk(self, name: str) -> Desk:
        return Desk(self._stack.api_url, self._stack.id_token(name))

    def _settled(self) -> tuple[Facts, Sequence[Finding]]:
        """Look again and again until the audit finds nothing more, then count everything."""
        deadline = monotonic() + SETTLE_SECONDS
        while not self._at_rest() and monotonic() < deadline:
            self._stop.wait(REST_SECONDS)
        facts = self._evidence.whole(self._post.delivered(), self._script.refused())
        return facts, audit(self._plan, facts)

    def _at_rest(self) -> bool:
        facts = self._evidence.facts(self._post.delivered(), self._script.refused())
        idle = self._player.idle() and self._post.idle()
        return idle and not audit(self._plan, facts)

    def _wall_clock(self) -> Look:
        """Return what asks for a look at networks without webhooks, and once for every handle.

        A claim keeps a look that is not due, or that the schedule makes too, from being made.
        """
        functions, looks = self._stack.cloud.client("lambda"), 0

        def look() -> None:
            nonlocal looks
            looks += 1
            names = ["poll"] + (["watch"] if looks == WATCHED_LOOK else [])
            for name in names:
                functions.invoke(FunctionName=f"{NAME}-{name}", Payload=SCHEDULED)

        return look

    def _cases_look(self) -> Look:
        desk = self._desk(cast.LEAD)

        def look() -> None:
            rows = desk.get(f"/api/cases?team={cast.TEAM}&limit=30").body.get("conversations")
            cases = [open_case(row) for row in rows] if isinstance(rows, list) else []
            self._board.show_cases(cases)

        return look

    def _alerts_look(self) -> Look:
        told = 0

        def look() -> None:
            nonlocal told
            notices = self._evidence.notices()
            for one in notices[told:]:
                text = f"{one.endpoint}: {one.subject or one.text}"
                self._board.note("alert", one.protocol, text)
            told = len(notices)

        return look

    def _repeat(self, look: Look, pause: float) -> None:
        while not self._stop.is_set():
            look()
            self._stop.wait(pause)
