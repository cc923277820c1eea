"""The performance: one plan on one stack, from the first sign-in to the audited end."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from threading import Event, Thread
from time import monotonic

from infra.local.day import cast
from infra.local.day.agents import Script, Worker
from infra.local.day.audit import audit
from infra.local.day.board import Board, open_case
from infra.local.day.desk import Desk
from infra.local.day.evidence import Evidence
from infra.local.day.facts import Facts
from infra.local.day.finding import Finding
from infra.local.day.player import Player
from infra.local.day.story import Plan
from infra.local.simulator.platforms import Platforms
from infra.local.simulator.post import Doors, Post
from infra.local.stack import Stack

SETTLE_SECONDS = 120.0
"""How long after the last planned action everything may take to come to rest.

Closing alone takes over half a minute.
"""

LOOK_SECONDS = 2.5

Look = Callable[[], None]


class Performance:
    """Plays one plan. `board` shows what goes on; the result is what the audit finds in the end."""

    def __init__(self, plan: Plan, stack: Stack, platforms: Platforms, board: Board) -> None:
        self._plan, self._stack, self._platforms, self._board = plan, stack, platforms, board
        handle = platforms.world.accounts.standard
        doors = Doors(
            f"{stack.api_url}/webhooks/meta", f"{stack.api_url}/webhooks/standard/{handle}"
        )
        self._post = Post(doors, platforms.world.accounts)
        self._player = Player(plan, platforms.world, self._post, board.note)
        self._script = Script(plan.by_ref())
        self._evidence = Evidence(stack, platforms, plan)
        self._stop = Event()

    def play(self) -> tuple[Facts, Sequence[Finding]]:
        """Play the whole day; return the facts and what is wrong with them.

        Ends when all is as it must be, or when the time for that is over.
        """
        self._prepare()
        with ExitStack() as ends:
            ends.callback(self._post.close)
            for name in cast.AGENTS:
                worker = self._worker(name)
                worker.start()
                ends.callback(worker.stop)
            for look in (self._cases_look(), self._alerts_look()):
                watcher = Thread(target=self._repeat, args=(look,))
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
            self._stop.wait(LOOK_SECONDS)
        facts = self._evidence.whole(self._post.delivered())
        return facts, audit(self._plan, facts)

    def _at_rest(self) -> bool:
        facts = self._evidence.facts(self._post.delivered())
        return self._post.idle() and not audit(self._plan, facts)

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

    def _repeat(self, look: Look) -> None:
        while not self._stop.is_set():
            look()
            self._stop.wait(LOOK_SECONDS)
