"""A process may die anywhere while a page climbs: told again, it ends as if it had not."""

import pytest

from chalicelib.domain.channel import Capabilities, Channel
from chalicelib.domain.ladder import Medium
from chalicelib.domain.page import PageState
from chalicelib.workflows.ladder.acknowledge import acknowledge
from tests.fakes.trail import CrashError
from tests.unit.workflows.pages import Paged


def retried(act):
    for _ in range(5):
        try:
            return act()
        except CrashError:
            continue
    raise AssertionError("it never got through")


def begun():
    story = Paged()
    again = Capabilities(2000, repeatable=True)  # a platform that knows a repeated reply
    story.parts.sender.able[(Channel.MESSENGER, False)] = again
    story.storm(1)
    story.loop.run(seconds=3590)
    return story


def climbs(story):
    story.loop.run(minutes=32)


def is_taken(story):
    story.loop.run(minutes=2)
    retried(lambda: acknowledge(story.parts, story.page.id, "lou"))
    story.loop.run(minutes=15)


def is_settled(story):
    story.loop.run(minutes=31)
    for head in list(story.store.heads.values()):
        retried(lambda head=head: answers(story, head.id))
    story.loop.run(minutes=25)


def answers(story, conversation_id):
    from chalicelib.domain.access import Actor
    from chalicelib.domain.agent import Role
    from chalicelib.workflows.answering.reply import reply
    from chalicelib.workflows.change import Ask

    head = story.store.heads[conversation_id]
    ask = Ask(Actor("ann", Role.AGENT, ("care",)), head.id, head.version, f"key-{head.id}")
    return reply(story.parts, ask, "On its way.")


def kept(story):
    """Return all that matters: not how often a row was written, nor when something was repeated."""
    page = story.page
    keys = sorted(one.key for one in story.store.pages.members(page.id))
    return {
        "members": keys,
        "state": (page.state, page.over_because, page.acknowledged_by),
        "rung": page.rung,
        "known": sorted(page.known),
        "told": sorted({(one.rung, one.medium, one.to) for one in page.told}),
        "left": {(one.medium, one.to, one.text[:9]) for one in story.parts.pager.told},
        "alerts": {one.page for one in story.parts.alerts.announced},
    }


@pytest.mark.parametrize("act", [climbs, is_taken, is_settled])
def test_a_death_at_any_place_changes_nothing_in_the_end(act):
    undisturbed = begun()
    first = len(undisturbed.parts.trail.steps)
    act(undisturbed)
    steps = list(undisturbed.parts.trail.steps)
    wanted = kept(undisturbed)
    assert len(steps) > first
    for place in range(first, len(steps)):
        story = begun()
        story.parts.trail.crash_at = place
        act(story)
        story.parts.trail.crash_at = None
        assert kept(story) == wanted, f"died at {place}: {steps[place]}"


def test_a_death_between_sending_and_noting_tells_twice_rather_than_never():
    undisturbed = begun()
    undisturbed.loop.run(minutes=8)
    steps = undisturbed.parts.trail.steps
    (place,) = [at for at, step in enumerate(steps) if step == "after pager.sms"]
    for crash_at, times in ((place - 1, 1), (place, 2)):
        story = begun()
        story.parts.trail.crash_at = crash_at
        story.loop.run(minutes=8)
        assert len(story.out(Medium.SMS)) == times
        assert story.page.state is PageState.OPEN
