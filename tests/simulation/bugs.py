"""Planted bugs: mistakes that the simulation has to find.

A check that cannot fail is worth nothing. Each bug breaks one function of chalicelib while it is
planted.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any
from unittest.mock import patch

from chalicelib.domain import (
    acting,
    climbing,
    firing,
    holding,
    lifecycle,
    moment,
    outlook,
    promise,
    reply,
    resolve,
)
from chalicelib.domain import clock as clocks
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.outlook import Phase, phase
from chalicelib.domain.page import queue
from chalicelib.workflows import announce, assign, change, close, machine, stream, stuck
from chalicelib.workflows.answering import outbox
from chalicelib.workflows.intake import receive
from chalicelib.workflows.ladder import climb
from chalicelib.workflows.routing import load

Broken = Callable[..., Any]
Plant = Callable[[ExitStack], None]
BUGS: dict[str, Plant] = {}


def bug(name: str) -> Callable[[Plant], Plant]:
    """Name a bug."""

    def named(plant: Plant) -> Plant:
        BUGS[name] = plant
        return plant

    return named


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Break the system in one place."""
    with ExitStack() as stack:
        BUGS[name](stack)
        yield


def put(stack: ExitStack, place: object, name: str, broken: Broken) -> None:
    """Put something else in place of a function, which is handed to it."""
    sound = getattr(place, name)
    stack.enter_context(patch.object(place, name, lambda *a, **k: broken(sound, *a, **k)))


class Lenient(int):
    """A version that is never another one."""

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = int.__hash__

    def __eq__(self, other: object) -> bool:
        return True


@bug("a breach is stamped when the timer woke")
def _stamped(stack: ExitStack) -> None:
    def tick(sound: Broken, fold: Any, now: Any, *names: Any) -> Any:
        after = sound(fold, now, *names)
        new = after.entries[len(fold.entries) :]
        late = [
            replace(entry, at=now) if entry.kind is EntryKind.DEADLINE_BREACHED else entry
            for entry in new
        ]
        return replace(after, entries=(*fold.entries, *late))

    put(stack, promise, "tick", tick)


@bug("a warning is recorded again and again")
def _warned(stack: ExitStack) -> None:
    put(stack, moment, "recorded", lambda sound, c, now: replace(sound(c, now), warns=c.warns))


@bug("a pause is counted as work")
def _paused(stack: ExitStack) -> None:
    put(stack, clocks, "resume", lambda sound, c, at, hours: sound(c, c.paused_at or at, hours))


@bug("equality is a breach")
def _equal(stack: ExitStack) -> None:
    def ran_out(sound: Broken, clock: Any, at: Any) -> bool:
        return at >= clock.due_at and clocks.reaches(clock, clock.due_at)

    put(stack, clocks, "ran_out", ran_out)
    put(stack, moment, "ran_out", ran_out)


@bug("resuming forgets the time used")
def _forgotten(stack: ExitStack) -> None:
    put(
        stack,
        clocks,
        "resume",
        lambda sound, c, at, hours: sound(replace(c, used_ms=0) if c.paused_at else c, at, hours),
    )


@bug("closing time is ignored")
def _always_open(stack: ExitStack) -> None:
    put(stack, clocks, "add_working_time", lambda sound, hours, start, amount: start + amount)


@bug("a wake-up is lost and never repeated")
def _never_woken(stack: ExitStack) -> None:
    put(stack, stream, "head_changed", lambda sound, parts, old, new: sound(parts, None, new))


@bug("a machine is never started")
def _never_started(stack: ExitStack) -> None:
    put(stack, stream, "_start", lambda sound, parts, head: None)


@bug("a change on the base of an older version is taken")
def _stale(stack: ExitStack) -> None:
    def read_for(sound: Broken, parts: Any, ask: Any) -> Any:
        found = sound(parts, ask)
        return replace(found, version=Lenient(found.version))

    put(stack, change, "read_for", read_for)


@bug("a reply is sent again after a crash")
def _sent_again(stack: ExitStack) -> None:
    put(stack, outbox, "_repeatable", lambda sound, *_: True)


@bug("a time-out after the write is taken for a failure")
def _asked_anew(stack: ExitStack) -> None:
    numbers = count()
    put(stack, change, "digest", lambda sound, *words: sound(*words, str(next(numbers))))


@bug("a message told twice is stored twice")
def _stored_twice(stack: ExitStack) -> None:
    numbers = count()
    put(stack, receive, "inbound_id", lambda sound, *words: f"{sound(*words)}-{next(numbers)}")


@bug("the load is not given back")
def _kept(stack: ExitStack) -> None:
    put(
        stack,
        load,
        "moved",
        lambda sound, *a, **k: tuple(one for one in sound(*a, **k) if one.change > 0),
    )


@bug("an offer never expires")
def _offered(stack: ExitStack) -> None:
    put(stack, holding, "expire", lambda sound, fold, *_: fold)


@bug("a reopened case keeps its old token")
def _old_token(stack: ExitStack) -> None:
    def must_wake(sound: Broken, old: Any, case: Any, terms: Any) -> bool:
        opened = old.case is not None and phase(old.case) is Phase.RESOLVED and case.open
        return not opened and sound(old, case, terms)

    put(stack, change, "_must_wake", must_wake)


@bug("the generation is ignored")
def _any_generation(stack: ExitStack) -> None:
    def current(sound: Broken, conversation: Any, case: Any) -> Any:
        now = conversation.case if conversation is not None else None
        return now if now is not None and now.number == case.case_number else None

    put(stack, machine, "current", current)


@bug("the queue is not drained when people return")
def _waiting(stack: ExitStack) -> None:
    put(stack, stream, "drain", lambda sound, *_, **__: 0)
    put(stack, stuck, "drain", lambda sound, *_, **__: 0)


@bug("a case without an agent is not queued")
def _nobodys(stack: ExitStack) -> None:
    put(stack, assign, "find", lambda sound, parts, conversation: conversation)


@bug("a clock runs on after resolving")
def _runs_on(stack: ExitStack) -> None:
    put(
        stack,
        resolve.promise,
        "cancel",
        lambda sound, fold, name, at, reason: (
            fold if reason.startswith("resolved") else sound(fold, name, at, reason)
        ),
    )


@bug("a snooze never ends")
def _snoozed(stack: ExitStack) -> None:
    def tick(sound: Broken, fold: Any, *terms: Any) -> Any:
        return fold if fold.case.snoozed_until else sound(fold, *terms)

    put(stack, lifecycle, "tick", tick)


@bug("a message after resolving is lost")
def _unheard(stack: ExitStack) -> None:
    put(stack, resolve, "receive_after_resolve", lambda sound, fold, *_, **__: fold)


@bug("a promise counts from when we heard of it")
def _received(stack: ExitStack) -> None:
    put(stack, receive.instant, "clamp", lambda sound, occurred, received: (received, False))


@bug("a reply that failed has stopped its clock")
def _failed(stack: ExitStack) -> None:
    put(stack, reply, "_taken_back", lambda sound, fold, *_: fold)


@bug("a case closes before its time")
def _closed(stack: ExitStack) -> None:
    def closes_at(sound: Broken, case: Any, terms: Any) -> Any:
        return case.resolved_at or case.opened_at

    put(stack, outlook, "closes_at", closes_at)
    put(stack, close, "closes_at", closes_at)


@bug("a page that somebody took stays frozen for ever")
def _kept_frozen(stack: ExitStack) -> None:
    def acknowledged(sound: Broken, page: Any, *words: Any) -> Any:
        after = sound(page, *words)
        far = timedelta(days=9)
        return replace(after, frozen_until=after.frozen_until + far) if after != page else page

    put(stack, climbing, "acknowledge", acknowledged)


@bug("a page that somebody took goes on telling")
def _still_telling(stack: ExitStack) -> None:
    def acknowledged(sound: Broken, page: Any, by: Any, at: Any, ladder: Any) -> Any:
        return sound(page, by, at, replace(ladder, freeze_seconds=0))

    put(stack, climbing, "acknowledge", acknowledged)


@bug("folding drops what joins a page")
def _dropped(stack: ExitStack) -> None:
    def raised(sound: Broken, parts: Any, team: Any, member: Any, *to: Any) -> str:
        current = parts.pages.current(queue(team, member.what, *to))
        if current is not None and current.joinable:
            return current.id
        return sound(parts, team, member, *to)

    put(stack, announce, "raise_member", raised)


@bug("a person is told again at once")
def _told_again(stack: ExitStack) -> None:
    numbers = count()
    put(stack, climb, "known_as", lambda sound, *words: f"{sound(*words)} {next(numbers)}")


@bug("a breach is never announced")
def _unannounced(stack: ExitStack) -> None:
    put(stack, announce, "announce", lambda sound, *_: 0)


@bug("a rule fires twice for one instant")
def _twice(stack: ExitStack) -> None:
    put(stack, acting, "elapse", lambda sound, fold, *a: sound(_unfired(sound(fold, *a)), *a))


def _unfired(fold: Any) -> Any:
    return fold.change(fired=())


@bug("a time rule never fires")
def _never(stack: ExitStack) -> None:
    put(stack, firing, "_waiting", lambda sound, case, terms: iter(()))


__all__ = ["BUGS", "planted"]
