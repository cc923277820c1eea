"""Personal data in public: a customer's is seen, ours is refused, and neither is ever repeated."""

from dataclasses import replace

import pytest

from chalicelib.domain.message import Direction
from chalicelib.domain.policy import Privacy
from chalicelib.workflows.errors import RefusedError
from chalicelib.workflows.intake import personal
from tests.fakes.outside import OutageError
from tests.unit.workflows.story import POLICY, Story

PAGE = POLICY.handles[1]


def public(privacy=None, text="Call me: 202-555-0123, or ana@example.com"):
    story = Story(replace(POLICY, privacy=privacy or Privacy()))
    story.loop.ingest(story.comment(text, message_id="c-1"))
    story.parts.detector.words = {"202-555-0123": "phone", "ana@example.com": "email"}
    return story


def test_the_kinds_that_a_public_message_shows_are_named():
    story = public(Privacy(region="US"))
    (message,) = story.messages
    assert personal.look(story.parts, message, PAGE) == ("email", "phone")
    assert story.parts.detector.asked[-1] == (message.text, "US")


def test_the_handles_own_country_comes_before_the_policys():
    story = public(Privacy(region="US"))
    handle = replace(PAGE, settings={"region": "DE"})
    personal.look(story.parts, story.messages[0], handle)
    assert story.parts.detector.asked[-1][1] == "DE"


def test_what_the_brand_makes_known_itself_is_not_counted():
    story = public(Privacy(allowed=("(202) 555 0123", "@example.com")))
    assert personal.look(story.parts, story.messages[0], PAGE) == ()


@pytest.mark.parametrize(
    "change",
    [{"public": False}, {"direction": Direction.OUTBOUND}, {"text": ""}, {"deleted_at": True}],
)
def test_no_other_message_is_looked_at(change):
    story = public()
    (message,) = story.messages
    asked = len(story.parts.detector.asked)
    if "deleted_at" in change:
        change = {"deleted_at": story.parts.now()}
    assert personal.look(story.parts, replace(message, **change), PAGE) == ()
    assert len(story.parts.detector.asked) == asked


def test_a_policy_may_want_none_of_it():
    story = public(Privacy(detect=False))
    assert personal.look(story.parts, story.messages[0], PAGE) == ()
    personal.refuse(story.parts, story.conversation, "Call 202-555-0123")
    assert story.parts.detector.asked == []


def broken(text):
    raise OutageError("detector")


def test_a_broken_detector_is_counted_and_the_customer_is_answered_all_the_same():
    story = public()
    story.parts.detector.also = broken
    assert personal.look(story.parts, story.messages[0], PAGE) == ()
    assert story.parts.meter.total("DetectorFailed", channel="facebook_page") == 1
    story.loop.ingest(story.comment("Hello again", message_id="c-2"))
    assert len(story.messages) == 2


def test_our_own_public_words_are_refused_with_the_kinds_and_places_alone():
    story = public()
    text = "We called 202-555-0123 and wrote to ana@example.com"
    with pytest.raises(RefusedError) as refused:
        personal.refuse(story.parts, story.conversation, text)
    assert refused.value.code == "personal_data"
    assert refused.value.message == (
        "This would be public and shows a telephone number (characters 11 to 22), "
        "a mail address (characters 37 to 51)."
    )
    assert "202" not in refused.value.message
    assert "ana" not in refused.value.message
    assert "write it in a private talk" in refused.value.instead


@pytest.mark.parametrize("kind", ["address", "card", "email", "iban", "phone"])
def test_every_kind_has_a_word_for_people(kind):
    story = public()
    story.parts.detector.words = {"secret": kind}
    with pytest.raises(RefusedError) as refused:
        personal.refuse(story.parts, story.conversation, "a secret")
    assert personal.WORDS[kind] in refused.value.message


def test_our_own_number_and_words_without_any_may_be_said():
    story = public(Privacy(allowed=("202-555-0123",)))
    personal.refuse(story.parts, story.conversation, "Call us: 202-555-0123")
    personal.refuse(story.parts, story.conversation, "On its way.")


def test_a_private_talk_is_nobody_elses():
    story = Story()
    story.writes()
    story.parts.detector.words = {"202-555-0123": "phone"}
    personal.refuse(story.parts, story.conversation, "Call 202-555-0123")


def test_without_its_detector_what_proves_itself_is_still_refused():
    story = public(Privacy(allowed=("help@example.com",)))
    story.parts.detector.also = broken
    personal.refuse(story.parts, story.conversation, "On its way. Ask help@example.com")
    with pytest.raises(RefusedError):
        personal.refuse(story.parts, story.conversation, "We wrote to ana@example.com")
    assert story.parts.meter.total("DetectorFailed") == 2
