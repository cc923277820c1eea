"""A process may die anywhere: told again, everything ends as if it had not."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.channel import Capabilities, Channel
from chalicelib.domain.message import DeliveryState, Origin
from chalicelib.workflows import resolve
from chalicelib.workflows.answering import reply
from chalicelib.workflows.change import Ask
from tests.fakes.outside import BEGINNING
from tests.fakes.trail import CrashError
from tests.unit.workflows.story import POLICY, Story

Act = Callable[[Story], None]


def retried(story: Story, act: Callable[[], object]) -> None:
    """Do it again until it has been done, as a client or a queue does."""
    for _ in range(5):
        try:
            act()
        except CrashError:
            continue
        return
    raise AssertionError("it never got through")


def asked(story: Story, act: Callable[[Ask], object]) -> None:
    ask = story.ask()
    retried(story, lambda: act(ask))


def arrives(story: Story) -> None:
    event = story.message("Where is my parcel?", message_id="m-1")
    retried(story, lambda: story.loop.ingest(event))
    story.loop.rest()


def comments(story: Story) -> None:
    event = story.comment("Still waiting", message_id="c-1")
    retried(story, lambda: story.loop.ingest(event))
    story.loop.rest()


def completes(story: Story) -> None:
    from chalicelib.domain.event import EventKind

    edit = story.event(EventKind.EDIT, "m-1", text="new")
    message = story.message("old", message_id="m-1")
    story.loop.ingest(edit)
    story.loop.ingest(message)
    story.loop.rest()


def answers(story: Story) -> None:
    asked(story, lambda ask: reply.reply(story.parts, ask, "On its way."))
    story.loop.run(minutes=30)


def native(story: Story) -> None:
    story.loop.ingest(story.echo("We are on it", message_id="n-1"))
    story.loop.rest()


def resolves(story: Story) -> None:
    asked(story, lambda ask: resolve.resolve(story.parts, ask, "answered"))
    story.loop.rest()


def goes_unanswered(story: Story) -> None:
    story.loop.run(hours=3)


def is_surveyed(story: Story) -> None:
    story.loop.run(hours=30)


def is_discontent(story: Story) -> None:
    story.loop.ingest(story.message("1", message_id="m-2"))
    story.loop.rest()


def closes(story: Story) -> None:
    story.loop.run(days=4)


def writes_again(story: Story) -> None:
    story.loop.ingest(story.message("It broke again", message_id="m-3"))
    story.loop.rest()


STORIES: dict[str, tuple[tuple[Act, ...], Act]] = {
    "ingest": ((), arrives),
    "ingest of a comment": ((), comments),
    "ingest of an edit before its message": ((), completes),
    "an answer from the platform's app": ((arrives,), native),
    "breach": ((arrives,), goes_unanswered),
    "reply": ((arrives,), answers),
    "resolve": ((arrives, answers), resolves),
    "survey": ((arrives, answers, resolves), is_surveyed),
    "a low score": ((arrives, answers, resolves, is_surveyed), is_discontent),
    "reopen": ((arrives, answers, resolves), writes_again),
    "close": ((arrives, answers, resolves), closes),
}


def begun(before: tuple[Act, ...]) -> Story:
    """Tell the part of the story that goes undisturbed. The platform here knows a message again."""
    story = Story(POLICY)
    again = Capabilities(2000, window_seconds=86_400, repeatable=True)
    story.parts.sender.able[(Channel.MESSENGER, False)] = again
    story.parts.sender.able[(Channel.FACEBOOK_PAGE, True)] = replace(again, window_seconds=None)
    for act in before:
        act(story)
    return story


def kept(story: Story) -> dict[str, Any]:
    """Return all that matters of the store: not how often a row was written, or by which token."""
    store = story.store
    bare = {"rev": 0, "token": "", "armed_for": None}
    return {
        "heads": {key: timeless(replace(head, **bare)) for key, head in store.heads.items()},
        "messages": {key: timeless_message(m) for key, m in store.messages.items()},
        "logs": {
            key: [[(e.kind, e.clock, e.seq, e.message_id) for e in row] for row in rows.values()]
            for key, rows in store.logs.items()
        },
        "snapshots": set(store.snapshots),
        "references": {key: replace(ref, rev=0) for key, ref in store.references.items()},
        "contacts": store.contacts,
        "identities": store.identities,
        "load": {agent.id: agent.load for agent in store.people.values()},
        "alerts": {alert.key for alert in story.parts.alerts.announced},
        "executions": dict(story.loop.ended),
    }


def timeless(head: Any) -> Any:
    """A message told again after a visibility timeout is sent later: only that may differ."""
    case = head.case
    replies = tuple(replace(reply, at=BEGINNING) for reply in case.replies)
    clocks = tuple((c.name, c.seq, c.outcome, c.breached_at) for c in case.clocks)
    follow_up = replace(case.follow_up, sent_at=None)
    case = replace(case, touched_at=None, status_since=None)
    return replace(head, case=replace(case, replies=replies, clocks=clocks, follow_up=follow_up))


def timeless_message(message: Any) -> Any:
    now = message.delivery
    state = replace(now, at=BEGINNING, attempts=0) if now else None
    return replace(message, rev=0, delivery=state, platform_id="")


@pytest.mark.parametrize(("before", "act"), STORIES.values(), ids=STORIES)
def test_a_death_at_any_place_changes_nothing_in_the_end(before, act):
    undisturbed = begun(before)
    first = len(undisturbed.parts.trail.steps)
    act(undisturbed)
    last = len(undisturbed.parts.trail.steps)
    wanted = kept(undisturbed)
    assert last > first
    for place in range(first, last):
        story = begun(before)
        story.parts.trail.crash_at = place
        act(story)
        if story.loop.letters:  # an order is told again once the queue's time has passed
            story.loop.run(minutes=20)
        found, site = kept(story), undisturbed.parts.trail.steps[place]
        assert differing(found, wanted) == {}, f"died at {place}: {site}"


def differing(found: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    ignored = {"references"}  # the platform counts its ids; each of ours has exactly one
    names = [name for name in wanted if name not in ignored and found[name] != wanted[name]]
    return {name: (found[name], wanted[name]) for name in names}


def test_a_death_while_sending_never_sends_twice_where_nobody_can_tell():
    undisturbed = Story()
    arrives(undisturbed)
    first = len(undisturbed.parts.trail.steps)
    answers(undisturbed)
    for place in range(first, len(undisturbed.parts.trail.steps)):
        story = Story()
        arrives(story)
        story.parts.trail.crash_at = place
        answers(story)
        (sent,) = [m for m in story.messages if m.origin is Origin.HEARBACK and m.delivery]
        assert len(story.parts.sender.sent) <= 1
        assert sent.delivery.state in (DeliveryState.ACCEPTED, DeliveryState.UNKNOWN)
        assert (len(story.parts.sender.sent), story.case.turns) in ((1, 1), (1, 0), (0, 0))
        assert (sent.delivery.state is DeliveryState.ACCEPTED) == (story.case.turns == 1)
