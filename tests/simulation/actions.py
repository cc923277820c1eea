"""Actions: what people, customers and platforms do in a history, by name."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Presence, Role
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent, EventKind, Person, ReceiptState
from chalicelib.domain.message import DeliveryState, Direction, Message, Origin
from chalicelib.workflows import appreciate, assign, presence, qualify, resolve, stuck, wait
from chalicelib.workflows.answering import reply
from chalicelib.workflows.approving import decide
from chalicelib.workflows.change import Ask, Done
from chalicelib.workflows.errors import ConflictError, RefusedError
from chalicelib.workflows.ladder import acknowledge
from chalicelib.workflows.networks import ErrorClass, SendResult, SendState
from chalicelib.workflows.routing import offers
from tests.fakes.loop import FAULTS
from tests.simulation.history import Fault, Step
from tests.simulation.world import World

PLACES = (
    (Channel.MESSENGER, "100", False),
    (Channel.FACEBOOK_PAGE, "100", True),
    (Channel.WEBHOOK, "shop", False),
)
TEXTS = ("Where is my parcel?", "Thank you!", "1", "5", "Still nothing?", "4 - quick help")
MOST_TRIES = 14
THINKING = timedelta(milliseconds=1700)
"""What passes before a step: no two things happen at one instant by themselves."""

ANSWERS = {
    "retry": SendResult(SendState.RETRY, retry_after_seconds=5),
    "unknown": SendResult(SendState.UNKNOWN),
    "failed": SendResult(SendState.FAILED, error_class=ErrorClass.CONTENT, error_code="refused"),
}


class Deeds:
    """What can be done in a world."""

    def __init__(self, world: World) -> None:
        self.world, self.parts = world, world.parts

    # Customers and platforms.

    def event(self, kind: EventKind, who: int, message_id: str = "") -> ChannelEvent:
        channel, account_id, public = PLACES[who % len(PLACES)]
        person = Person(f"customer-{who}", f"Customer {who}")
        self.world.number += 1
        message_id = message_id or f"m-{self.world.number}"
        now = self.parts.now()
        return ChannelEvent(
            key=f"{kind.value}-{message_id}-{self.world.number}",
            kind=kind,
            channel=channel,
            account_id=account_id,
            public=public,
            received_at=now,
            occurred_at=now,
            contact=person,
            author=person,
            message_id=message_id,
            post_id="post-1" if public else "",
        )

    def writes(self, who: int, text: str, late: int = 0, again: int = -1) -> None:
        event = replace(self.event(EventKind.MESSAGE, who), text=text)
        self.world.post(event, late)
        if late:
            self.world.disturb(f"the platform tells {late} s late", late)
        if again >= 0:
            self.world.post(event, late + again)

    def edits(self, which: int, late: int = 0) -> None:
        self._amends(EventKind.EDIT, which, late)

    def deletes(self, which: int, late: int = 0) -> None:
        self._amends(EventKind.DELETE, which, late)

    def _amends(self, kind: EventKind, which: int, late: int) -> None:
        told = [event for event in self.world.taken.values() if event.kind is EventKind.MESSAGE]
        if told:
            of = told[which % len(told)]
            self.world.number += 1
            key = f"{kind.value}-{of.message_id}-{self.world.number}"
            now = self.parts.now()
            changed = replace(of, kind=kind, key=key, occurred_at=now, text="changed")
            self.world.post(changed, late)

    def told_again(self, which: int) -> None:
        """Let the platform tell once more of anything it told before."""
        told = list(self.world.taken.values())
        if told:
            self.world.post(told[which % len(told)])

    def receipt(self, which: int, state: str) -> None:
        """Let the platform tell what became of one of our messages."""
        ours = [m for m in self.world.store.messages.values() if m.platform_id and _ours(m)]
        if ours:
            of = ours[which % len(ours)]
            head = self.world.store.heads[of.conversation_id]
            who = int(head.contact_ref.partition("-")[2])
            event = self.event(EventKind.RECEIPT, who, of.platform_id)
            self.world.post(replace(event, receipt=ReceiptState(state)))

    def native(self, who: int) -> None:
        """Let somebody answer by the platform's own app."""
        event = self.event(EventKind.ECHO, who)
        brand = Person(event.account_id, "Acme")
        self.world.post(replace(event, author=brand, text="We are on it"))

    def platform(self, answer: str) -> None:
        """Let the platform answer the next sending so."""
        self.parts.sender.answers.append(ANSWERS[answer])

    # People.

    def replies(self, who: str, where: int) -> None:
        done = self.asks(who, where, lambda ask: reply.reply(self.parts, ask, "On its way."))
        if done is not None and done.message is not None:
            self.world.written_at.setdefault(done.message.id, done.message.sent_at)

    def notes(self, who: str, where: int) -> None:
        self.asks(who, where, lambda ask: reply.note(self.parts, ask, "He called, too."))

    def resends(self, who: str, where: int) -> None:
        lost = (DeliveryState.FAILED, DeliveryState.UNKNOWN)
        sent = [
            m.id
            for m in self.world.store.messages.values()
            if m.conversation_id == self._where(where)
            and m.delivery is not None
            and m.delivery.state in lost
        ]
        again = sent[0] if sent else "none"
        self.asks(who, where, lambda ask: reply.resend(self.parts, ask, again))

    def waits(self, who: str, where: int, on: str) -> None:
        self.asks(who, where, lambda ask: wait.wait(self.parts, ask, on, "their turn"))

    def snoozes(self, who: str, where: int, seconds: int) -> None:
        until = self.parts.now() + timedelta(seconds=seconds)
        self.asks(who, where, lambda ask: wait.snooze(self.parts, ask, until))

    def resumes(self, who: str, where: int) -> None:
        self.asks(who, where, lambda ask: wait.resume(self.parts, ask))

    def resolves(self, who: str, where: int) -> None:
        self.asks(who, where, lambda ask: resolve.resolve(self.parts, ask, "answered"))

    def reopens(self, who: str, where: int) -> None:
        self.asks(who, where, lambda ask: resolve.reopen(self.parts, ask, "not settled"))

    def takes(self, who: str, where: int) -> None:
        self.asks(who, where, lambda ask: assign.take(self.parts, ask))

    def hands_over(self, who: str, where: int, to: str) -> None:
        self.asks(who, where, lambda ask: assign.assign_to(self.parts, ask, to))

    def restarts(self, who: str, where: int) -> None:
        if self.asks(who, where, lambda ask: stuck.restart(self.parts, ask)) is not None:
            self.world.disturb("a machine was started again")

    def prioritises(self, who: str, where: int, priority: str) -> None:
        self.asks(who, where, lambda ask: qualify.prioritise(self.parts, ask, priority))

    def marks(self, who: str, where: int, vip: int) -> None:
        self.asks(who, where, lambda ask: qualify.mark_vip(self.parts, ask, vip=bool(vip)))

    def labels(self, who: str, where: int) -> None:
        self.asks(who, where, lambda ask: qualify.label(self.parts, ask, ("late",), ()))

    def waives(self, who: str, where: int) -> None:
        self.asks(who, where, lambda ask: appreciate.waive_answer(self.parts, ask, "only praise"))

    def accepts(self, who: str, where: int) -> None:
        self.asks(who, where, lambda ask: offers.accept(self.parts, ask))

    def declines(self, who: str, where: int) -> None:
        self.asks(who, where, lambda ask: offers.decline(self.parts, ask, "busy"))

    def approves(self, where: int) -> None:
        waits = self._approval(where)
        self.asks("lou", where, lambda ask: decide.approve(self.parts, ask, waits))

    def refuses(self, where: int) -> None:
        waits = self._approval(where)
        self.asks("lou", where, lambda ask: decide.decline(self.parts, ask, waits, "no"))

    def _where(self, where: int) -> str:
        heads = list(self.world.store.heads)
        return heads[where % len(heads)] if heads else ""

    def _approval(self, where: int) -> str:
        head = self.world.store.heads.get(self._where(where))
        case = head.case if head is not None else None
        return case.approvals[0].id if case is not None and case.approvals else "none"

    def acknowledges(self, who: str, which: int) -> None:
        """Take a page that is not over."""
        pages = [page for page in self.world.store.page_rows.values() if page.over_at is None]
        if pages:
            page_id = pages[which % len(pages)].id
            self._until_done(lambda: acknowledge.acknowledge(self.parts, page_id, who))

    def declares(self, who: str, what: str) -> None:
        actor = Actor(who, Role.AGENT, ("care",))
        with contextlib.suppress(RefusedError):
            self._until_done(lambda: presence.declare(self.parts, actor, Presence(what)))

    def asks(self, who: str, where: int, act: Callable[[Ask], Done]) -> Done | None:
        """Ask for a change as a client does: again with the same key until there is an answer."""
        heads = list(self.world.store.heads.values())
        if not heads:
            return None
        head = heads[where % len(heads)]
        self.world.number += 1
        actor = Actor(who, Role.LEAD if who == "lou" else Role.AGENT, ("care",))
        ask = Ask(actor, head.id, head.version, f"key-{self.world.number}")
        done = self._until_done(lambda: self._asked(act, ask))
        if self.world.asks_twice and done is not None:
            self._asked_twice(act, ask)
        if self.world.asks_stale and done is not None:
            self._asked_stale(act, replace(ask, key=ask.key + "-stale"))
        return done

    def _asked(self, act: Callable[[Ask], Done], ask: Ask) -> Done | None:
        try:
            return act(ask)
        except RefusedError as refused:
            self.world.say(f"    refused: {refused.message}")
            return None

    def _until_done(self, act: Callable[[], object]) -> object:
        for _ in range(MOST_TRIES):
            try:
                return act()
            except FAULTS as fault:
                self.world.say(f"    asked again after {type(fault).__name__}")
        return None

    def _asked_twice(self, act: Callable[[Ask], Done], ask: Ask) -> None:
        before = self.world.store.heads[ask.conversation_id].version
        with contextlib.suppress(*FAULTS):
            again = self._asked(act, ask)
            after = self.world.store.heads[ask.conversation_id].version
            if again is None:
                self.world.wrongs.append("a request that was carried out was refused when repeated")
            elif after != before or not again.repeated:
                self.world.wrongs.append("the same request was carried out twice")

    def _asked_stale(self, act: Callable[[Ask], Done], ask: Ask) -> None:
        before = self.world.store.heads[ask.conversation_id].version
        if ask.version == before:
            return
        with contextlib.suppress(ConflictError, *FAULTS):
            done = self._asked(act, ask)
            after = self.world.store.heads[ask.conversation_id].version
            if done is not None and after != before:
                self.world.wrongs.append("a change was based on an older version, and was taken")

    # Machines and time.

    def vanishes(self, where: int) -> None:
        """Let the machine of a case vanish."""
        heads = list(self.world.store.heads.values())
        if heads:
            self.world.vanish(heads[where % len(heads)])

    def passes_until_due(self, where: int) -> None:
        """Let time pass so that the next step is taken at the very instant of a deadline."""
        now = self.parts.now() + THINKING
        cases = [case for _, case in self.world.cases()]
        due = [
            clock.due_at
            for case in (cases[where % len(cases) :] if cases else ())
            for clock in case.clocks
            if clock.outcome is None and now < clock.due_at < now + timedelta(days=1)
        ]
        if due:
            ahead = min(due) - now
            self.world.run(milliseconds=ahead // timedelta(milliseconds=1))

    def passes(self, seconds: int) -> None:
        self.world.run(seconds=seconds)


def _ours(message: Message) -> bool:
    return message.direction is Direction.OUTBOUND and message.origin is not Origin.NATIVE_APP


def carry_out(world: World, step: Step) -> None:
    """Carry out one step, and all that follows from it now."""
    deeds = Deeds(world)
    getattr(deeds, step.act.replace(" ", "_"))(*step.words)


def begun(world: World, faults: tuple[Fault, ...]) -> None:
    """Set what goes wrong in the next step."""
    world.plan(faults)
    world.asks_twice = any(fault.kind == "asked twice" for fault in faults)
