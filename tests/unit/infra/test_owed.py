"""What follows from a message and was never told is done again: sent, hidden, shielded."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from chalicelib.domain.message import DeliveryState
from chalicelib.domain.policy import Privacy
from chalicelib.store import records
from infra import effects
from tests.unit.workflows.test_exposure import PROMISES
from tests.unit.workflows.test_moderate import public, wants


class Table:
    """A table's scan: answers the message rows that the fakes hold."""

    def __init__(self, story):
        self.story = story
        self.asked = {}

    def get_paginator(self, _):
        return self

    def paginate(self, **asked):
        self.asked = asked
        rows = [records.message(message) for message in self.story.messages]
        return [{"Items": [typed(row) for row in rows]}]


def typed(row):
    return {
        name: {"N": str(value)} if isinstance(value, int) else {"S": value}
        for name, value in row.items()
        if value is not None and name != "body"
    }


def owed(story):
    table = Table(story)
    cloud = SimpleNamespace(client=lambda _: table)
    done = effects.tell_again(cloud, "table", story.parts)
    names = table.asked["ExpressionAttributeNames"]
    assert all(name in table.asked["FilterExpression"] for name in names)
    return done


def forgetful(privacy=None):
    """Return a story whose stream has told nothing of what was asked."""
    story = public(privacy)
    story.loop.records.clear()
    return story


@pytest.mark.parametrize("times", [1, 2])
def test_an_item_that_a_person_wanted_hidden_is_hidden_once(times):
    story = forgetful()
    wants(story)
    story.loop.records.clear()
    for _ in range(times):
        assert owed(story)["orders queued"] == 1
    story.loop.rest()
    assert [action for _, _, action in story.parts.sender.moderated] == ["hide"]
    assert story.messages[0].moderation.state is DeliveryState.ACCEPTED


def test_a_reply_is_sent_as_before():
    story = forgetful()
    story.parts.detector.words = {}
    story.replies("On its way.")
    story.loop.records.clear()
    assert owed(story)["orders queued"] == 1
    story.loop.rest()
    assert [one.text for one in story.parts.sender.sent] == ["On its way."]


def test_the_rule_is_followed_for_personal_data_that_nobody_hid():
    story = forgetful()
    ruled = replace(PROMISES, version="v2", privacy=Privacy(hide=True))
    story.store.policies.publish(ruled)
    story.store.policies.make_current("v2")
    assert owed(story)["rules followed"] == 1
    story.loop.rest()
    assert story.messages[0].hidden
