"""The platforms' and the customers' side of the day.

Plays the plan, and lets customers react to what they hear.
"""

import re
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Lock, Timer
from time import monotonic

from chalicelib.domain.channel import Channel
from infra.local.day.letters import letter
from infra.local.day.story import Action, Does, Plan, Reaction
from infra.local.simulator.graph import Sent
from infra.local.simulator.ledger import Received
from infra.local.simulator.networks import Later
from infra.local.simulator.platforms import Platforms
from infra.local.simulator.post import Delivered, Post
from infra.local.simulator.world import Media

PICTURE = b"\xff\xd8\xff\xe0 a picture of the simulator"
_CODE = re.compile(r"[?&](?:start|ref|text)=(\w+)")

Watch = Callable[[str, str, str], None]
"""Hears (direction, channel, sentence) of everything that happens on the platforms."""


def utc_now() -> datetime:
    """Return the time, aware UTC, cut to milliseconds."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@dataclass(slots=True)
class Player:
    """Plays one plan through one post office.

    `sent` is to be called for each message of ours that a platform took.
    """

    plan: Plan
    platforms: Platforms
    post: Post
    watch: Watch
    began: float = field(default_factory=monotonic)
    _reactions: dict[str, deque[Reaction]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _stop: Event = field(default_factory=Event)
    _timers: list[Timer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._reactions = {c.ref: deque(c.reactions) for c in self.plan.customers}
        world = self.platforms.world
        for action in self.plan.actions:
            if action.post and action.does is not Does.BRAND_POST:
                world.wrote(action.customer, action.id, action.post)
            if action.media:
                world.media[action.media] = Media("image/jpeg", PICTURE)

    @property
    def seconds(self) -> float:
        """Return how long the day has been going on."""
        return monotonic() - self.began

    def play(self) -> None:
        """Do every planned action at its moment; return after the last."""
        self.began = monotonic()
        for action in self.plan.actions:
            if self._stop.wait(max(0.0, action.at - self.seconds)):
                return
            self.do(action)

    def stop(self) -> None:
        """End before the next action."""
        self._stop.set()

    def do(self, action: Action, token: str = "") -> "Future[Delivered] | None":
        """Let one action happen now; its copies follow.

        `token` is the code of an invitation's link. None where no platform tells us of it.
        """
        webhook = letter(action, self.plan, self.platforms, utc_now(), token)
        self.watch("in", action.channel.value, _sentence(action, self.plan))
        if webhook is None:
            return None
        first = self.post.now(webhook)
        for wait in action.copies:
            if wait:
                self.post.later(wait, webhook)
            else:
                self.post.now(webhook)
        return first

    def sent(self, sent: Sent, follows: Sequence[Later]) -> None:
        """Let follow what follows when a platform took a message of ours.

        Echoes, receipts, the customer's reaction.
        """
        for wait, webhook in follows:
            self.post.later(wait, webhook)
        self.heard(sent.received)

    def heard(self, received: Received) -> None:
        """Let the customer react to what was just received."""
        self.watch("out", self._channel(received), received.text)
        with self._lock:
            waiting = self._reactions.get(received.customer)
            if not waiting or not received.text.startswith(waiting[0].hears):
                return
            reaction = waiting.popleft()
        code = _CODE.search(received.text)
        for action in reaction.actions:
            self._timers.append(Timer(action.at, self.do, (action, code[1] if code else "")))
            self._timers[-1].start()

    def close(self) -> None:
        """Drop what customers were about to do."""
        self.stop()
        for timer in self._timers:
            timer.cancel()
            timer.join()

    def idle(self) -> bool:
        """Return whether nobody is about to do anything."""
        return not any(timer.is_alive() for timer in self._timers)

    def _channel(self, received: Received) -> str:
        customer = self.plan.by_ref().get(received.customer)
        return customer.channel.value if customer else Channel.WEBHOOK.value


def _sentence(action: Action, plan: Plan) -> str:
    customer = plan.by_ref().get(action.customer)
    who = customer.name if customer else "somebody"
    sentences = {
        Does.SAY: f"{who}: {action.text or 'a picture'}",
        Does.EDIT: f"{who} edits: {action.text}",
        Does.REMOVE: f"{who} removes a message",
        Does.BRAND_POST: f"the brand posts: {action.text}",
        Does.NATIVE_REPLY: f"a colleague answers {who} in the platform's own app",
        Does.UNKNOWN: "an event of an unknown kind",
        Does.UNREADABLE: "a signed body that is no JSON",
        Does.FORGED: "a forged webhook",
        Does.TALK: f"{who} talks about the brand: {action.text}",
        Does.START: f"{who} follows the link",
        Does.AWAY: f"{who} is out of office",
    }
    return sentences[action.does]
