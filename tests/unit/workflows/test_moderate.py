"""Moderation: what a person or a rule wants hidden is hidden once, and its fate is known."""

import json
from dataclasses import replace

import pytest

from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Role
from chalicelib.domain.channel import Capabilities, Channel
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.delivery import ATTEMPTS
from chalicelib.domain.entry import MACHINE, EntryKind
from chalicelib.domain.event import EventKind
from chalicelib.domain.message import DeliveryState
from chalicelib.domain.moderation import DELETE, HIDE, UNHIDE
from chalicelib.domain.policy import Privacy
from chalicelib.workflows import moderate
from chalicelib.workflows.change import Ask
from chalicelib.workflows.errors import ConflictError, NotFoundError, NotNowError, RetryLaterError
from chalicelib.workflows.networks import ErrorClass, SendResult, SendState
from tests.fakes.trail import CrashError, OutageError
from tests.unit.workflows.test_exposure import (
    EXPOSE,
    PRIVATE_NUMBER,
    PROMISES,
    happens,
    telling,
)

PAGE = (Channel.FACEBOOK_PAGE, True)
ABLE = Capabilities(8000, hides=True, deletes=True)
LATER = SendResult(SendState.RETRY, error_class=ErrorClass.UNAVAILABLE, error_text="busy")
SILENT = SendResult(SendState.UNKNOWN, error_class=ErrorClass.UNANSWERED)
REFUSED = SendResult(SendState.FAILED, error_class=ErrorClass.CHANNEL, error_code="200")


def public(privacy=None, text=f"Call me: {PRIVATE_NUMBER}", able=ABLE):
    story = telling(replace(PROMISES, privacy=privacy or Privacy()))
    story.parts.sender.able[PAGE] = able
    story.loop.ingest(story.comment(text, message_id="c-1"))
    story.loop.rest()
    return story


def wants(story, action=HIDE, **ask):
    return moderate.moderate(story.parts, story.ask(**ask), story.messages[0].id, action)


def only(story):
    (message,) = story.messages
    return message


def carry_out(story, rounds=1):
    return moderate.carry_out(story.parts, story.conversation.id, only(story).id, rounds)


def calls(story):
    return [action for _, _, action in story.parts.sender.moderated]


def test_hiding_is_stored_carried_out_once_and_ends_the_exposure():
    story = public()
    story.parts.now.advance(60)
    done = wants(story)
    assert done.message.moderation.state is DeliveryState.QUEUED
    assert done.conversation.version == story.conversation.version
    story.loop.rest()
    message = only(story)
    assert story.parts.sender.moderated == [("acme-page", "c-1", "hide")]
    assert (message.moderation.state, message.moderation.by) == (DeliveryState.ACCEPTED, "ann")
    assert (message.hidden, message.hidden_at) == (True, story.parts.now())
    (hidden,) = story.told(EntryKind.MESSAGE_HIDDEN)
    assert (hidden.actor, hidden.message_id) == ("ann", message.id)
    assert (story.clock(EXPOSE).outcome, story.case.exposed) == (Outcome.MET, ())
    assert carry_out(story) == "settled"


def test_the_platforms_own_word_of_it_changes_nothing_more():
    story = public()
    wants(story)
    story.loop.rest()
    before = story.conversation
    story.parts.now.advance(5)
    happens(story, EventKind.HIDE)
    assert story.conversation == before
    assert only(story).hidden
    happens(story, EventKind.HIDE, occurred_at=story.at(minutes=-9))
    assert only(story).hidden


def test_the_platforms_word_may_come_before_its_answer():
    story = public()
    wants(story)
    send = story.parts.sender.moderate

    def faster(*args):
        story.parts.now.advance(1)
        happens(story, EventKind.HIDE)
        story.parts.now.advance(1)
        return send(*args)

    story.parts.sender.moderate = faster
    story.loop.rest()
    assert only(story).moderation.state is DeliveryState.ACCEPTED
    assert len(story.told(EntryKind.MESSAGE_HIDDEN)) == 1
    assert story.clock(EXPOSE).seq == 1


def test_showing_again_and_removing():
    story = public()
    wants(story)
    story.loop.rest()
    story.parts.now.advance(60)
    wants(story, UNHIDE)
    story.loop.rest()
    assert not only(story).hidden
    assert story.case.exposed == (only(story).id,)
    assert (story.clock(EXPOSE).seq, story.clock(EXPOSE).started_at) == (2, story.parts.now())
    story.parts.now.advance(60)
    wants(story, DELETE)
    story.loop.rest()
    assert only(story).deleted_at == story.parts.now()
    assert calls(story) == ["hide", "unhide", "delete"]
    assert [e.actor for e in story.told(EntryKind.MESSAGE_DELETED)] == ["ann"]
    assert story.case.exposed == ()
    assert only(story).moderation.rounds == 3


def test_the_same_wish_under_the_same_key_is_one():
    story = public()
    version = story.conversation.version
    first = wants(story, key="once", version=version)
    again = wants(story, key="once", version=version)
    assert (first.repeated, again.repeated) == (False, True)
    with pytest.raises(ConflictError):
        wants(story, version=version)
    story.loop.rest()
    assert calls(story) == ["hide"]


@pytest.mark.parametrize(
    ("action", "able"),
    [(HIDE, Capabilities(9, deletes=True)), (DELETE, Capabilities(9, hides=True))],
)
def test_what_the_channel_cannot_is_refused_with_what_may_be_done(action, able):
    story = public(able=able)
    with pytest.raises(NotNowError) as refused:
        wants(story, action)
    assert refused.value.code == f"cannot_{action}"
    assert refused.value.instead


def test_only_a_customers_public_message_can_be_hidden():
    story = public()
    reply = story.replies()
    for message_id in (reply.id, "nothing"):
        with pytest.raises(NotFoundError):
            moderate.moderate(story.parts, story.ask(), message_id, HIDE)


def test_what_makes_no_sense_now_is_refused_with_a_sentence():
    story = public()
    with pytest.raises(NotNowError, match="not hidden"):
        wants(story, UNHIDE)
    wants(story)
    with pytest.raises(NotNowError, match="asked already"):
        wants(story)
    story.loop.rest()
    with pytest.raises(NotNowError, match="hidden already"):
        wants(story)
    happens(story, EventKind.DELETE)
    with pytest.raises(NotNowError, match="not there any more"):
        wants(story, UNHIDE)


def test_another_team_does_not_see_it():
    story = public()
    stranger = Ask(Actor("sam", Role.AGENT, ("shop",)), story.conversation.id, 1, "key-sam")
    with pytest.raises(NotFoundError):
        moderate.moderate(story.parts, stranger, only(story).id, HIDE)


def test_the_order_does_not_wait_behind_replies():
    story = public()
    moderate.enqueue(story.parts, "c", "m", 2)
    moderate.enqueue(story.parts, "c", "m", 2)
    (sent,) = story.parts.outbox.sent
    assert json.loads(sent.body) == {
        "action": "moderate",
        "conversation_id": "c",
        "message_id": "m",
        "rounds": 2,
    }
    assert (sent.group, sent.key) == ("moderate-m", "m-moderate-2")


def test_what_the_platform_does_not_do_yet_is_asked_again_later_and_in_the_end_given_up():
    story = public()
    wants(story)
    story.parts.sender.answers = [LATER] * ATTEMPTS
    for attempt in range(1, ATTEMPTS):
        with pytest.raises(RetryLaterError) as later:
            carry_out(story)
        assert later.value.seconds > 0
        assert only(story).moderation.attempts == attempt
        assert only(story).moderation.state is DeliveryState.QUEUED
    assert carry_out(story) == "failed"
    (failed,) = story.told(EntryKind.MODERATION_FAILED)
    assert failed.reason == "hide: unavailable"
    assert story.clock(EXPOSE).outcome is None
    assert story.parts.meter.total("ModerationFailed", action="hide") == 1
    assert carry_out(story) == "settled"


def test_what_the_platform_refuses_for_good_is_not_asked_again():
    story = public()
    wants(story)
    story.parts.sender.answers = [REFUSED]
    story.loop.rest()
    moderation = only(story).moderation
    assert (moderation.state, moderation.error_code) == (DeliveryState.FAILED, "200")
    assert not only(story).hidden
    assert story.told(EntryKind.MODERATION_FAILED)[0].actor == "ann"
    story.parts.sender.answers = []
    wants(story)  # a person may try again
    story.loop.rest()
    assert only(story).hidden


def test_a_failure_without_a_reason_says_so():
    story = public()
    wants(story)
    story.parts.sender.answers = [SendResult(SendState.FAILED)]
    story.loop.rest()
    assert story.told(EntryKind.MODERATION_FAILED)[0].reason == "hide: no reason given"


def test_an_attempt_without_an_answer_is_simply_made_again():
    story = public()
    wants(story)
    story.parts.sender.answers = [SILENT, LATER]
    for _ in range(2):
        with pytest.raises(RetryLaterError):
            carry_out(story)
    assert only(story).moderation.error_code == "unanswered"
    assert carry_out(story) == "accepted"
    assert only(story).moderation.error_code == ""
    assert calls(story) == ["hide"] * 3


def test_an_attempt_that_died_half_way_is_made_again():
    for site in ("before sender.moderate", "after sender.moderate"):
        story = public()
        wants(story)
        trail = story.parts.trail
        steps = len(trail.steps)
        call = story.parts.sender.moderate

        def dying(*args, call=call, site=site):
            if site.startswith("after"):
                call(*args)
            raise CrashError(site)

        story.parts.sender.moderate = dying
        with pytest.raises(CrashError):
            carry_out(story)
        assert only(story).moderation.state is DeliveryState.SENDING
        story.parts.sender.moderate = call
        assert carry_out(story) == "accepted"
        assert only(story).hidden
        assert len(trail.steps) > steps


@pytest.mark.parametrize("doubt", ["silence", "crash"])
def test_a_removal_that_may_have_happened_is_not_called_failed(doubt):
    story = public()
    wants(story, DELETE)
    if doubt == "silence":
        story.parts.sender.answers = [SILENT, REFUSED]
        with pytest.raises(RetryLaterError):
            carry_out(story)
    else:
        story.parts.sender.failures = 1
        with pytest.raises(OutageError):
            carry_out(story)
        story.parts.sender.answers = [REFUSED]
    assert carry_out(story) == "unknown"
    assert only(story).deleted_at is None
    assert story.told(EntryKind.MODERATION_FAILED)
    story.parts.now.advance(5)
    happens(story, EventKind.DELETE)
    assert only(story).moderation.state is DeliveryState.ACCEPTED
    assert story.case.exposed == ()


def test_silence_to_the_end_is_unknown_until_the_platform_says_otherwise():
    story = public()
    wants(story)
    story.parts.sender.answers = [SILENT] * ATTEMPTS
    for _ in range(ATTEMPTS - 1):
        with pytest.raises(RetryLaterError):
            carry_out(story)
    assert carry_out(story) == "unknown"
    assert story.told(EntryKind.MODERATION_FAILED)[0].reason == "hide: unanswered"
    happens(story, EventKind.HIDE)
    assert only(story).moderation.state is DeliveryState.ACCEPTED


def test_what_its_author_removed_meanwhile_needs_no_call():
    story = public()
    wants(story)
    happens(story, EventKind.DELETE)
    assert carry_out(story) == "accepted"
    assert calls(story) == []
    assert not only(story).hidden
    assert story.told(EntryKind.MESSAGE_HIDDEN) == []


def test_an_older_order_does_nothing():
    story = public()
    wants(story)
    assert carry_out(story, rounds=7) == "settled"
    assert moderate.carry_out(story.parts, story.conversation.id, "nothing", 1) == "settled"
    assert calls(story) == []


def test_a_slow_answer_decides_nothing_about_a_newer_attempt():
    story = public()
    wants(story)
    call = story.parts.sender.moderate

    def slow(*args):
        story.parts.sender.moderate = call
        assert carry_out(story) == "accepted"  # told again meanwhile
        return REFUSED

    story.parts.sender.moderate = slow
    assert carry_out(story) == "accepted"
    assert only(story).hidden


def test_what_vanishes_meanwhile_is_left_alone():
    story = public()
    wants(story)
    key = (story.conversation.id, only(story).id)

    def vanishing(*_):
        del story.store.messages[key]
        return SendResult(SendState.ACCEPTED)

    story.parts.sender.moderate = vanishing
    assert carry_out(story) == "settled"


def test_an_order_whose_conversation_is_gone_is_an_error():
    story = public()
    wants(story)
    where, message_id = story.conversation.id, only(story).id
    del story.store.heads[where]
    with pytest.raises(LookupError):
        moderate.carry_out(story.parts, where, message_id, 1)


def test_a_conversation_that_vanishes_meanwhile_leaves_the_message_right():
    story = public()
    wants(story)
    where, message_id = story.conversation.id, only(story).id

    def vanishing(*_):
        del story.store.heads[where]
        return SendResult(SendState.ACCEPTED)

    story.parts.sender.moderate = vanishing
    assert moderate.carry_out(story.parts, where, message_id, 1) == "accepted"
    assert only(story).hidden


def test_a_public_message_of_a_conversation_without_a_case_can_be_hidden_as_well():
    story = public()
    where = story.conversation.id
    story.store.heads[where] = replace(story.conversation, case=None)
    ask = Ask(Actor("ada", Role.ADMIN), where, story.conversation.version, "key-admin")
    moderate.moderate(story.parts, ask, only(story).id, HIDE)
    assert moderate.carry_out(story.parts, where, only(story).id, 1) == "accepted"
    (hidden,) = story.told(EntryKind.MESSAGE_HIDDEN)
    assert (hidden.case_number, hidden.message_id) == (0, only(story).id)


# By rule.


def test_by_rule_personal_data_is_hidden_at_once():
    story = public(Privacy(hide=True))
    assert calls(story) == ["hide"]
    assert only(story).moderation.by == MACHINE
    assert story.clock(ClockName.EXPOSE).outcome is Outcome.MET
    assert story.told(EntryKind.MESSAGE_HIDDEN)[0].actor == MACHINE


def test_told_twice_or_late_the_rule_does_nothing_twice():
    story = public(Privacy(hide=True))
    ids = story.conversation.id, only(story).id
    moderate.protect(story.parts, *ids)
    wants(story, UNHIDE)  # a person thinks otherwise
    story.loop.rest()
    moderate.protect(story.parts, *ids)
    story.loop.rest()
    assert calls(story) == ["hide", "unhide"]


@pytest.mark.parametrize(
    ("privacy", "text", "able"),
    [
        (Privacy(), f"Call {PRIVATE_NUMBER}", ABLE),
        (Privacy(hide=True), "Where is it?", ABLE),
        (Privacy(hide=True), f"Call {PRIVATE_NUMBER}", Capabilities(9)),
    ],
)
def test_without_the_rule_the_data_or_the_means_nothing_is_hidden(privacy, text, able):
    story = public(privacy, text, able)
    moderate.protect(story.parts, story.conversation.id, only(story).id)
    story.loop.rest()
    assert (calls(story), only(story).moderation) == ([], None)


def test_the_rule_leaves_alone_what_is_not_shown_or_not_there():
    story = public(able=Capabilities(9))
    happens(story, EventKind.HIDE)
    story.parts.sender.able[PAGE] = ABLE
    story.store.policies.publish(replace(PROMISES, version="v2", privacy=Privacy(hide=True)))
    story.store.policies.make_current("v2")
    where, message_id = story.conversation.id, only(story).id
    moderate.protect(story.parts, where, message_id)
    moderate.protect(story.parts, where, "nothing")
    assert only(story).moderation is None
    del story.store.heads[where]
    moderate.protect(story.parts, where, message_id)
    assert only(story).moderation is None


def test_by_rule_the_customer_is_asked_into_a_private_talk_once(monkeypatch):
    invited = []

    def invite_by_rule(parts, conversation_id, text):
        invited.append((conversation_id, text))
        return "invited" if len(invited) == 1 else "invited_before"

    monkeypatch.setattr("chalicelib.workflows.answering.invite.invite_by_rule", invite_by_rule)
    story = public(Privacy(invite="Please write to us in private."))
    assert invited == [(story.conversation.id, "Please write to us in private.")]
    assert story.parts.meter.total("InvitedByRule", outcome="invited") == 1
    happens(story, EventKind.DELETE)
    moderate.protect(story.parts, story.conversation.id, only(story).id)
    assert len(invited) == 1
