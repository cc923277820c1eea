"""The platforms' and the customers' side of the day.

Plays the plan, and lets customers react to what they hear.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Lock
from time import monotonic

from chalicelib.domain.channel import Channel
from infra.local.day.render import render
from infra.local.day.story import Action, Does, Plan, Reaction
from infra.local.simulator.aftermath import aftermath
from infra.local.simulator.graph import Sent
from infra.local.simulator.ledger import Received
from infra.local.simulator.post import Delivered, Door, Post, Webhook
from infra.local.simulator.signing import wire
from infra.local.simulator.world import World

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
    world: World
    post: Post
    watch: Watch
    began: float = field(default_factory=monotonic)
    _reactions: dict[str, deque[Reaction]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _stop: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self._reactions = {c.ref: deque(c.reactions) for c in self.plan.customers}
        for action in self.plan.actions:
            if action.post and action.does is not Does.BRAND_POST:
                self.world.wrote(action.customer, action.id, action.post)

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

    def do(self, action: Action) -> "Future[Delivered]":
        """Let one action happen now; its copies follow."""
        webhook = render(action, self.plan, self.world.accounts, utc_now())
        self.watch("in", action.channel.value, _sentence(action, self.plan))
        first = self.post.now(webhook)
        for wait in action.copies:
            if wait:
                self.post.later(wait, webhook)
            else:
                self.post.now(webhook)
        return first

    def sent(self, sent: Sent) -> None:
        """Let follow what follows when a platform took a message of ours.

        Echoes, receipts, the customer's reaction.
        """
        instagram = sent.received.account == self.world.accounts.instagram
        door = Door.INSTAGRAM if instagram else Door.META
        for wait, payload in aftermath(sent, self.world.accounts):
            self.post.later(wait, Webhook("receipt or echo", door, wire(payload)))
        self.heard(sent.received)

    def heard(self, received: Received) -> None:
        """Let the customer react to what was just received."""
        self.watch("out", self._channel(received), received.text)
        with self._lock:
            waiting = self._reactions.get(received.customer)
            if not waiting or not received.text.startswith(waiting[0].hears):
                return
            action = waiting.popleft().action
        webhook = render(
            action, self.plan, self.world.accounts, utc_now() + timedelta(seconds=action.at)
        )
        self.watch("in", action.channel.value, _sentence(action, self.plan))
        self.post.later(action.at, webhook)

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
    }
    return sentences[action.does]
