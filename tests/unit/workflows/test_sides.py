"""From public to private: one case with two sides."""

from dataclasses import replace

import pytest

from chalicelib.domain.case import Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.event import EventKind, Person, ReceiptState
from chalicelib.domain.ident import conversation_id
from chalicelib.domain.message import DeliveryState, Direction
from chalicelib.workflows.answering import invite
from chalicelib.workflows.answering.reply import resend
from chalicelib.workflows.errors import RefusedError
from chalicelib.workflows.intake.pair import EVIDENCE, TALKING
from chalicelib.workflows.networks import ErrorClass, SendResult, SendState
from tests.unit.workflows.story import PAGE
from tests.unit.workflows.talk import PSID, TALKS, Talk, joined

HOME = conversation_id(Channel.MESSENGER, PAGE, PSID)
GUEST = Person(PSID, "Ana Customer", username="ana.c")


def refused(act, code):
    with pytest.raises(RefusedError) as error:
        act()
    assert error.value.code == code
    return error.value


# The invitation.


def test_an_invitation_leaves_in_private_for_the_public_item_it_answers():
    talk = Talk()
    comment = talk.comments()
    done = talk.invites()
    sent = talk.parts.sender.sent[-1]
    assert (sent.invite, sent.public, sent.handle.id) == (True, False, "acme-dm")
    assert (sent.reply_to_id, sent.human, sent.outside_window) == (comment.platform_id, True, False)
    assert done.message.invites
    assert not done.message.public
    assert done.message.flags == ("redirect",)


def test_an_invitation_counts_as_an_answer_and_is_told_apart():
    talk = joined()
    assert talk.clock(ClockName.FIRST_RESPONSE).outcome is Outcome.MET
    (told,) = talk.told(EntryKind.CUSTOMER_INVITED)
    assert (told.reason, told.actor) == ("redirect", "ann")
    assert len(talk.told(EntryKind.TALK_JOINED)) == 1
    assert talk.case.status is Status.RESPONDED


def test_who_the_platform_names_is_the_same_contact_in_private():
    talk = joined()
    side, private = talk.conversation.side, talk.private
    assert (side.contact_ref, side.conversation_id) == (PSID, HOME)
    assert (side.channel, side.handle, side.joined_at) == (
        Channel.MESSENGER,
        "acme-dm",
        talk.parts.now(),
    )
    assert (private.joined, private.case, private.contact_id) == (
        talk.where,
        None,
        talk.conversation.contact_id,
    )
    identity = talk.store.identities[(Channel.MESSENGER, PAGE, PSID)]
    assert (identity.contact_id, identity.evidence) == (talk.conversation.contact_id, EVIDENCE)


def test_what_the_customer_says_in_private_belongs_to_the_public_case():
    talk = joined()
    talk.parts.now.advance(60)
    assert talk.hears(talk.private_message("Number 4711", message_id="p-1")) == "stored"
    stored = next(m for m in talk.messages if m.platform_id == "p-1")
    assert (stored.conversation_id, stored.public, stored.case_number) == (talk.where, False, 1)
    assert talk.case.status is Status.ASSIGNED
    assert talk.clock(ClockName.NEXT_RESPONSE).outcome is None
    side = talk.conversation.side
    assert (side.last_inbound_at, side.last_inbound_id) == (talk.parts.now(), "p-1")
    assert talk.conversation.last_inbound_id != "p-1"
    assert talk.private.case is None
    assert len(talk.loop.executions) == 1


def test_a_reply_goes_where_the_customer_last_wrote():
    talk = joined()
    talk.parts.now.advance(60)
    talk.hears(talk.private_message(message_id="p-1"))
    message = talk.says()
    sent = talk.parts.sender.sent[-1]
    assert (message.public, message.parent_id) == (False, "p-1")
    assert (sent.handle.id, sent.recipient, sent.public) == ("acme-dm", PSID, False)
    assert (sent.reply_to_id, sent.post_id, sent.invite) == ("p-1", "", False)
    assert talk.stored(message).delivery.state is DeliveryState.ACCEPTED
    assert talk.clock(ClockName.NEXT_RESPONSE).outcome is Outcome.MET
    talk.parts.now.advance(60)
    talk.hears(talk.comment("And now?"))
    assert talk.says().public
    assert talk.parts.sender.sent[-1].handle.id == "acme-page"


def test_a_person_may_choose_the_side():
    talk = joined()
    talk.hears(talk.private_message())
    assert talk.says(side="public").public
    assert talk.says(side="public").parent_id == talk.conversation.last_inbound_id


def test_the_private_window_is_the_private_sides_own():
    talk = joined()
    refused(lambda: talk.says(side="private"), "window_closed")
    talk.hears(talk.private_message())
    talk.parts.now.advance(days=2)
    message = talk.says(side="private")
    assert talk.parts.sender.sent[-1].outside_window
    assert not message.public
    talk.parts.now.advance(days=6)
    refused(lambda: talk.says(side="private"), "window_closed")


def test_a_side_that_is_not_there_cannot_be_answered_on():
    talk = Talk()
    talk.comments()
    assert refused(lambda: talk.says(side="private"), "not_joined").instead == (
        "invite the customer to a private talk",
    )
    talk.parts.sender.answers.append(SendResult(SendState.ACCEPTED, "i-1"))
    invite.invite(talk.parts, talk.ask(), "Write to us")
    talk.loop.rest()
    assert refused(lambda: talk.says(side="private"), "not_joined").instead == ("answer in public",)
    alone = Talk()
    alone.hears(alone.message())
    refused(lambda: alone.says(side="public"), "no_public_side")


def test_an_answer_of_the_brand_in_the_platforms_app_is_kept_with_the_case():
    talk = joined()
    talk.hears(talk.private_message())
    echo = talk.echo("Typed elsewhere", contact=GUEST, message_id="n-1")
    assert talk.hears(echo) == "imported"
    (typed,) = [m for m in talk.messages if m.text == "Typed elsewhere"]
    assert (typed.conversation_id, typed.public) == (talk.where, False)
    assert talk.clock(ClockName.NEXT_RESPONSE).outcome is Outcome.MET


def test_the_echo_of_a_private_reply_finds_it():
    talk = joined()
    talk.hears(talk.private_message())
    message = talk.says()
    echo = talk.echo(message.text, contact=GUEST, message_id=message.platform_id)
    assert talk.hears(echo) == "duplicate"
    token = replace(talk.echo("", contact=GUEST), reply_token=message.id)
    assert talk.hears(token) == "duplicate"


def test_edits_deletions_reactions_and_receipts_find_private_messages():
    talk = joined()
    talk.hears(talk.private_message(message_id="p-1"))
    reply = talk.says()
    facts = {"contact": GUEST, "author": GUEST}
    assert talk.hears(talk.event(EventKind.EDIT, "p-1", text="4712", **facts)) == "amended"
    assert talk.hears(talk.event(EventKind.REACTION, "p-1", emoji="👍", **facts)) == "amended"
    assert talk.hears(talk.event(EventKind.DELETE, "p-1", **facts)) == "amended"
    read = talk.receipt(ReceiptState.READ, contact=GUEST, watermark_at=talk.parts.now())
    assert talk.hears(read) == "advanced"
    assert talk.stored(reply).delivery.state is DeliveryState.READ


def test_a_receipt_for_the_private_side_says_nothing_of_public_replies():
    talk = joined()
    public = talk.says(side="public")
    read = talk.receipt(ReceiptState.READ, contact=GUEST, watermark_at=talk.parts.now())
    talk.hears(read)
    assert talk.stored(public).delivery.state is DeliveryState.ACCEPTED


def test_an_edit_that_is_told_after_the_talk_went_on_alone_finds_the_message():
    talk = joined()
    talk.hears(talk.private_message(message_id="p-1"))
    talk.says()
    talk.resolves()
    talk.loop.run(days=5)
    edit = talk.event(EventKind.EDIT, "p-1", text="4712", contact=GUEST, author=GUEST)
    assert talk.hears(edit) == "amended"
    reply = [m for m in talk.messages if m.direction is Direction.OUTBOUND][-1]
    read = talk.receipt(ReceiptState.READ, contact=GUEST, watermark_at=talk.parts.now())
    assert talk.hears(read) == "advanced"
    assert talk.stored(reply).delivery.state is DeliveryState.READ


def test_an_edit_before_its_private_message_waits_with_the_case():
    talk = joined()
    edit = talk.event(EventKind.EDIT, "p-9", text="new", contact=GUEST, author=GUEST)
    assert talk.hears(edit) == "early"
    assert talk.hears(talk.private_message("old", message_id="p-9")) == "completed"
    assert next(m for m in talk.messages if m.platform_id == "p-9").shown == "new"


def test_nobody_answers_in_a_private_talk_whose_words_stand_in_public():
    talk = joined()
    public, talk.where = talk.where, HOME
    told = refused(talk.says, "joined_elsewhere")
    assert told.instead == (f"answer in conversation {public}",)
    talk.where = public
    talk.resolves()
    talk.loop.run(days=5)
    talk.where = HOME
    talk.hears(talk.private_message("Something else"))
    assert talk.says().conversation_id == HOME
    talk.hears(talk.comment("And this?"))
    assert talk.store.heads[public].case.open
    assert talk.says("More").conversation_id == HOME


# Where it ends.


def test_once_the_case_is_over_the_private_talk_is_itself_again():
    talk = joined()
    talk.hears(talk.private_message())
    talk.says()
    talk.resolves()
    talk.loop.run(days=5)
    assert talk.case.status is Status.CLOSED
    assert talk.hears(talk.private_message("Something else is broken now")) == "stored"
    assert talk.private.case.status is Status.ASSIGNED
    assert talk.case.status is Status.CLOSED
    stored = [m for m in talk.messages if m.conversation_id == HOME]
    assert [m.text for m in stored] == ["Something else is broken now"]


def test_within_the_reopen_window_a_private_message_reopens_the_public_case():
    talk = joined()
    talk.resolves()
    talk.loop.run(hours=5)
    talk.hears(talk.private_message("Still nothing!"))
    assert talk.case.reopens == 1
    assert talk.private.case is None


def test_the_survey_goes_where_the_customer_last_wrote_and_so_does_its_answer():
    talk = joined()
    talk.parts.now.advance(60)
    talk.hears(talk.private_message())
    talk.says()
    talk.resolves()
    talk.loop.run(hours=30)
    assert talk.parts.sender.sent[-1].text == TALKS.survey.text
    assert talk.parts.sender.sent[-1].handle.id == "acme-dm"
    talk.loop.run(days=5)
    talk.hears(talk.private_message("5"))
    assert talk.case.follow_up.score == 5
    assert talk.private.case is None


@pytest.mark.parametrize(("said", "public"), [("Thank you!", True), ("5, but it broke", False)])
def test_a_late_thank_you_is_the_public_cases_and_a_late_question_is_not(said, public):
    talk = joined()
    talk.parts.now.advance(60)
    talk.hears(talk.private_message())
    talk.says()
    talk.resolves()
    talk.loop.run(days=6)
    talk.hears(talk.private_message(said))
    assert (talk.private.case is None) is public


def test_after_a_case_of_its_own_a_thank_you_belongs_to_that():
    talk = joined()
    talk.resolves()
    talk.loop.run(days=5)
    talk.hears(talk.private_message("Something else"))
    assert talk.private.case is not None
    public, talk.where = talk.where, HOME
    talk.resolves()
    talk.loop.run(days=5)
    before = talk.store.heads[public]
    talk.hears(talk.private_message("Thanks!"))
    assert talk.store.heads[public] == before


def test_a_case_of_its_own_goes_on_though_the_public_one_is_reopened():
    talk = joined()
    talk.resolves()
    talk.loop.run(days=5)
    talk.hears(talk.private_message("Something else"))
    talk.hears(talk.comment("And this?"))
    assert talk.case.number == 2
    talk.hears(talk.private_message("Hello?"))
    assert talk.private.case.open
    assert [m.text for m in talk.messages if m.conversation_id == HOME] == [
        "Something else",
        "Hello?",
    ]


def test_a_message_told_again_after_the_talk_went_on_alone_is_not_stored_twice():
    talk = joined()
    event = talk.private_message(message_id="p-1")
    talk.hears(event)
    talk.resolves()
    talk.loop.run(days=5)
    assert talk.hears(event) == "duplicate"
    assert talk.private.case is None


def test_a_message_told_again_after_the_talk_was_joined_is_not_stored_twice():
    talk = Talk()
    early = talk.private_message("Hi", message_id="p-0")
    talk.hears(early)
    (head,) = talk.store.heads.values()
    talk.where = head.id
    talk.resolves()
    talk.loop.run(days=5)
    talk.comments()
    talk.invites()
    assert talk.private.joined == talk.where
    assert talk.hears(early) == "duplicate"
    assert talk.conversation.side.last_inbound_at == early.occurred_at


def test_what_came_before_its_message_in_the_other_place_is_taken_in():
    talk = Talk()
    edit = talk.event(EventKind.EDIT, "p-1", text="new", contact=GUEST, author=GUEST)
    talk.hears(edit)
    talk.comments()
    talk.invites()
    assert talk.hears(talk.private_message("old", message_id="p-1")) == "stored"
    (message,) = [m for m in talk.messages if m.platform_id == "p-1" and not m.stub]
    assert message.shown == "new"


# Who cannot be joined.


def test_a_private_talk_with_an_open_case_of_its_own_is_not_joined():
    talk = Talk()
    talk.hears(talk.private_message("My other question"))
    talk.comments()
    talk.invites()
    assert talk.conversation.side.joined_at is None
    assert talk.store.heads[HOME].joined == ""
    assert [entry.reason for entry in talk.told(EntryKind.TALK_JOINED)] == [TALKING]
    refused(lambda: talk.says(side="private"), "not_joined")


def test_a_private_talk_stays_with_the_public_case_it_joined_first():
    talk = joined()
    first = talk.where
    talk.comments("Elsewhere too", post_id="post-2")
    talk.invites()
    assert talk.where != first
    assert talk.conversation.side.joined_at is None
    assert talk.store.heads[HOME].joined == first


def test_a_private_talk_of_a_case_that_is_over_joins_the_next():
    talk = joined()
    talk.resolves()
    talk.loop.run(days=5)
    talk.comments("Elsewhere too", post_id="post-2")
    talk.invites()
    assert talk.private.joined == talk.where
    talk.hears(talk.private_message())
    assert not [m for m in talk.messages if m.conversation_id == HOME]


def test_a_private_talk_whose_public_one_is_gone_may_join_again():
    talk = joined()
    del talk.store.heads[talk.where]
    talk.hears(talk.private_message("Hello?"))
    (head,) = talk.store.heads.values()
    assert head.case.open


def test_an_invitation_without_a_case_joins_too():
    talk = Talk()
    talk.comments()
    talk.store.heads[talk.where] = replace(talk.conversation, case=None)
    talk.invites()
    assert talk.private.joined == talk.where
    (told,) = talk.told(EntryKind.TALK_JOINED)
    assert (told.case_number, told.version) == (0, talk.conversation.version)
    assert talk.hears(talk.private_message("Hello")) == "stored"
    assert talk.private.case.open


def test_an_invitation_for_a_case_that_was_replaced_still_joins():
    talk = Talk()
    talk.comments()
    answer = SendResult(SendState.ACCEPTED, "i-1", recipient=PSID)
    talk.parts.sender.answers.append(answer)
    done = invite.invite(talk.parts, talk.ask(), "Write to us")
    talk.store.messages[(talk.where, done.message.id)] = replace(
        talk.stored(done.message), case_number=7
    )
    talk.loop.rest()
    assert talk.private.joined == talk.where
    assert talk.case.turns == 0


# When the platform's word comes by other ways.


def test_an_invitation_of_which_nobody_knows_is_settled_by_its_echo():
    talk = Talk()
    talk.comments()
    talk.parts.sender.answers.append(
        SendResult(SendState.UNKNOWN, error_class=ErrorClass.UNANSWERED)
    )
    done = invite.invite(talk.parts, talk.ask(), "Write to us")
    talk.loop.rest()
    assert talk.stored(done.message).delivery.state is DeliveryState.UNKNOWN
    echo = talk.echo("Write to us", contact=GUEST, message_id="i-1", reply_token=done.message.id)
    assert talk.hears(echo) == "ours"
    assert talk.private.joined == talk.where
    assert talk.stored(done.message).delivery.state is DeliveryState.SENT


def test_an_echo_with_a_token_of_nobody_is_anothers():
    talk = joined()
    echo = talk.echo("Hi", contact=GUEST, reply_token="of-another-app")
    assert talk.hears(echo) == "imported"


def test_an_invitation_whose_echo_was_taken_for_anothers_keeps_its_place():
    talk = Talk()
    talk.comments()
    done = invite.invite(talk.parts, talk.ask(), "Write to us")
    talk.loop.ingest(talk.echo("Write to us", contact=GUEST, message_id="i-1"))
    talk.parts.sender.answers.append(SendResult(SendState.ACCEPTED, "i-1", recipient=PSID))
    talk.loop.rest()
    reference = talk.store.references[(Channel.MESSENGER, PAGE, "i-1")]
    assert reference.message_id == done.message.id
    assert talk.private.joined == talk.where


def test_an_invitation_that_failed_leaves_the_question_unanswered_and_may_be_sent_again():
    talk = Talk()
    talk.comments()
    talk.parts.sender.answers.append(SendResult(SendState.FAILED, error_code="10"))
    done = invite.invite(talk.parts, talk.ask(), "Write to us")
    talk.loop.rest()
    assert talk.clock(ClockName.FIRST_RESPONSE).outcome is None
    again = refused(lambda: invite.invite(talk.parts, talk.ask(), "Please"), "invited")
    assert again.instead == ("send the invitation again",)
    talk.parts.sender.answers.append(SendResult(SendState.ACCEPTED, "i-2", recipient=PSID))
    resend(talk.parts, talk.ask(), done.message.id)
    talk.loop.rest()
    assert talk.private.joined == talk.where


def test_an_invitation_sent_again_too_late_is_refused():
    talk = Talk()
    talk.comments()
    talk.parts.sender.answers.append(SendResult(SendState.FAILED, error_code="10"))
    done = invite.invite(talk.parts, talk.ask(), "Write to us")
    talk.loop.rest()
    talk.parts.now.advance(days=8)
    refused(lambda: resend(talk.parts, talk.ask(), done.message.id), "invite_closed")


def test_an_invitation_that_waited_too_long_does_not_leave():
    talk = Talk()
    talk.comments()
    done = invite.invite(talk.parts, talk.ask(), "Write to us")
    talk.parts.now.advance(days=8)
    talk.loop.rest()
    assert talk.stored(done.message).delivery.error_code == "invite_closed"
    assert talk.parts.sender.sent == []
