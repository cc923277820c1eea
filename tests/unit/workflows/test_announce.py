"""Announcements: each once, to the right topic, without a word of the customer's."""

import pytest

from chalicelib.domain.alert import Topic
from chalicelib.domain.entry import EntryKind
from chalicelib.workflows import announce
from tests.fakes.trail import CrashError
from tests.unit.workflows.story import Story


def breached() -> tuple[Story, int]:
    story = Story()
    story.writes("My secret is Hollyhock")
    story.loop.run(hours=2)
    (entry,) = story.told(EntryKind.DEADLINE_BREACHED)
    return story, entry.version


def test_a_breach_names_brand_channel_clock_time_and_case_and_nothing_said():
    story, _ = breached()
    warned, alert = story.parts.alerts.announced
    assert (warned.topic, alert.topic) == (Topic.WARNINGS, Topic.BREACHES)
    assert (alert.team, alert.handle, alert.channel, alert.clock) == (
        "care",
        "acme-dm",
        "messenger",
        "first_response",
    )
    assert alert.sms == (
        "HEARBACK BREACH: Acme (messenger): first response ran out 11 s ago."
        f" https://desk.example.com/c/{story.conversation.id}"
    )
    assert warned.sms.startswith(
        "HEARBACK WARNING: Acme (messenger): first response runs out in 14 min."
    )
    assert "Hollyhock" not in repr((warned, alert))
    assert "Assignee  ann" in alert.body


def test_a_row_that_was_announced_is_left_alone():
    story, version = breached()
    assert announce.announce(story.parts, story.conversation.id, version) == 0
    assert len(story.parts.alerts.announced) == 2


def test_a_process_that_dies_before_it_noted_the_announcement_says_it_again_under_one_key():
    story, version = breached()
    story.store.announced.clear()
    story.parts.trail.crash_at = len(story.parts.trail.steps) + 6
    while True:
        try:
            announce.announce(story.parts, story.conversation.id, version)
        except CrashError:
            continue
        break
    keys = [alert.key for alert in story.parts.alerts.announced[1:]]
    assert len(set(keys)) == 1


def test_there_is_nothing_to_say_of_a_row_that_is_not_there():
    story, version = breached()
    assert announce.announce(story.parts, story.conversation.id, 999) == 0
    assert announce.announce(story.parts, "gone", version) == 0


@pytest.mark.parametrize("score", ["3", "5"])
def test_a_content_customer_is_no_alert(score):
    story = Story()
    story.writes()
    story.loop.rest()
    story.replies()
    story.loop.rest()
    story.resolves()
    story.loop.run(hours=30)
    story.writes(score)
    story.loop.rest()
    assert story.told(EntryKind.SURVEY_ANSWERED)
    assert story.parts.alerts.announced == []


def test_entries_without_a_case_call_for_nobody():
    story = Story()
    story.loop.ingest(story.echo("Hello, Ana"))
    entry = breached()[0].told(EntryKind.DEADLINE_BREACHED)[0]
    assert announce.member(story.parts, story.conversation, entry) is None
