"""A process may die anywhere while a rule acts: in the end each firing was done once."""

from collections import Counter
from typing import Any

import pytest

from chalicelib.domain.case import Status
from chalicelib.domain.channel import Capabilities, Channel
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.rule import Rule
from tests.fakes.trail import CrashError
from tests.unit.workflows.ruled import MINUTE, Ruled, moved, received, rule

EVENTS = (
    received(
        "hello",
        ("note", "seen"),
        ("reply", "We got it."),
        ("priority", "high"),
        ("webhook", "erp"),
    ),
    moved("moved", ("label", "moved"), to_status=Status.ASSIGNED),
)
TIMES = (
    rule(
        "slow",
        ("note", "slow"),
        ("reply", "Still with us?"),
        ("notify", "lead"),
        ("close", "silence"),
        status=Status.ASSIGNED,
        after_seconds=30 * MINUTE,
    ),
)
WHAT = (EntryKind.RULE_FIRED, EntryKind.NOTE_ADDED, EntryKind.REPLY_WRITTEN, EntryKind.RULE_SKIPPED)


def begun(rules: tuple[Rule, ...]) -> Ruled:
    story = Ruled(*rules)
    able = Capabilities(2000, window_seconds=86_400, repeatable=True)
    story.parts.sender.able[(Channel.MESSENGER, False)] = able
    return story


def arrives(story: Ruled) -> None:
    event = story.message("Where is my parcel?", message_id="m-1")
    for _ in range(5):
        try:
            story.loop.ingest(event)
        except CrashError:
            continue
        break
    story.loop.rest()


def passes(story: Ruled) -> None:
    story.loop.run(minutes=31)


def nothing(_: Ruled) -> None:
    """Begin with nothing."""


def kept(story: Ruled) -> dict[str, Any]:
    """Return all that rules did, whenever it was."""
    return {
        "log": Counter((one.kind, one.rule, one.depth) for one in story.log if one.kind in WHAT),
        "said": Counter((one.direction, one.text, one.author_name) for one in story.messages),
        "delivered": Counter(one.delivery.state for one in story.messages if one.delivery),
        "case": (story.case.status, story.case.labels, story.case.priority, story.case.resolution),
        "fired": {one.rule: one.times for one in story.case.fired},
        "load": story.store.people["ann"].load,
        "told": {event_id for _, _, event_id, _ in story.parts.hook_sender.delivered},
    }


@pytest.mark.parametrize(
    ("rules", "before", "act"),
    [(EVENTS, nothing, arrives), (TIMES, arrives, passes)],
    ids=["events", "times"],
)
def test_a_rule_that_is_interrupted_anywhere_acts_once(rules, before, act):
    undisturbed = begun(rules)
    before(undisturbed)
    first = len(undisturbed.parts.trail.steps)
    act(undisturbed)
    wanted, last = kept(undisturbed), len(undisturbed.parts.trail.steps)
    assert wanted["fired"] == {one.id: 1 for one in rules}
    for place in range(first, last):
        story = begun(rules)
        before(story)
        story.parts.trail.crash_at = place
        act(story)
        if story.loop.letters or story.loop.later:
            story.loop.run(minutes=10)
        found, site = kept(story), undisturbed.parts.trail.steps[place]
        different = {name: found[name] for name in wanted if found[name] != wanted[name]}
        assert different == {}, f"died at {place}: {site}"


@pytest.mark.parametrize("times", [1, 2])
def test_a_timer_that_fires_twice_changes_nothing(times):
    story = begun(TIMES)
    arrives(story)
    passes(story)
    before = kept(story)
    from chalicelib.workflows.rules import fire

    for _ in range(times):
        fire.rested(story.parts, story.conversation)
    assert kept(story) == before
