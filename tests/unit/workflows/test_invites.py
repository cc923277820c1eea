"""Who may be invited into a private talk, by which means, and who is joined by it."""

from dataclasses import replace

import pytest

from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.event import EventKind, Person
from chalicelib.domain.ident import conversation_id
from chalicelib.domain.invitation import BY_LINK
from chalicelib.domain.message import DeliveryState
from chalicelib.workflows.answering import invite
from chalicelib.workflows.answering.reply import resend
from chalicelib.workflows.errors import RefusedError
from chalicelib.workflows.intake.pair import side_of
from chalicelib.workflows.intake.receive import receive
from chalicelib.workflows.networks import SendResult, SendState
from chalicelib.workflows.ports import BusyError
from tests.unit.workflows.story import ANA, PAGE
from tests.unit.workflows.talk import PSID, TALKS, Talk, joined

HOME = conversation_id(Channel.MESSENGER, PAGE, PSID)


def refused(act, code):
    with pytest.raises(RefusedError) as error:
        act()
    assert error.value.code == code
    return error.value


# Who may be invited.


def test_nobody_is_invited_twice_by_one_item_and_again_by_another():
    talk = Talk()
    talk.comments()
    talk.parts.sender.answers.append(SendResult(SendState.ACCEPTED, "i-1"))
    invite.invite(talk.parts, talk.ask(), "Write to us")
    talk.loop.rest()
    assert refused(lambda: invite.invite(talk.parts, talk.ask(), "Again"), "invited").instead == (
        "answer in public",
    )
    talk.parts.now.advance(60)
    talk.hears(talk.comment("Hello?"))
    talk.invites()
    assert talk.private.joined == talk.where


def test_a_repeated_request_invites_once():
    talk = Talk()
    talk.comments()
    ask = talk.ask(key="the-same-key")
    first = invite.invite(talk.parts, ask, "Write to us")
    again = invite.invite(talk.parts, ask, "Write to us")
    assert again.repeated
    assert again.message.id == first.message.id


def test_who_is_in_a_private_talk_is_not_invited_again():
    talk = joined()
    assert refused(talk.invites, "joined").instead == ("answer in private",)


def test_nobody_can_be_invited_from_a_private_conversation():
    talk = Talk()
    talk.hears(talk.message())
    refused(talk.invites, "not_public")


def test_an_invitation_needs_words_and_room():
    talk = Talk()
    talk.comments()
    refused(lambda: talk.invites(" \n"), "empty")
    refused(lambda: talk.invites("x" * 2001), "too_long")


def test_it_may_be_too_late_to_invite():
    talk = Talk()
    talk.comments()
    talk.parts.now.advance(days=7)
    refused(talk.invites, "invite_closed")


@pytest.mark.parametrize("channel", [Channel.BLUESKY, Channel.INSTAGRAM])
def test_a_network_without_a_way_or_a_private_handle_invites_nobody(channel):
    talk = Talk()
    able = replace(talk.parts.sender.able[(Channel.FACEBOOK_PAGE, True)])
    talk.parts.sender.able[(Channel.INSTAGRAM, True)] = able
    if channel is Channel.BLUESKY:
        talk.hears(talk.place(channel, public=True, post_id="p"))
    else:
        talk.comments()
        head = replace(talk.conversation, channel=Channel.INSTAGRAM)
        talk.store.heads[talk.where] = head
    refused(talk.invites, "no_invite")


def test_who_wrote_nothing_that_can_be_answered_is_not_invited():
    talk = Talk()
    talk.comments()
    talk.store.heads[talk.where] = replace(talk.conversation, last_inbound_id="")
    refused(talk.invites, "no_invite")


def test_an_item_that_is_not_there_any_more_counts_from_the_conversations_beginning():
    talk = Talk()
    talk.comments()
    talk.store.heads[talk.where] = replace(talk.conversation, last_inbound_id="gone")
    talk.parts.now.advance(days=8)
    refused(talk.invites, "invite_closed")


# By a direct message.


def mention(talk, **facts):
    event = talk.place(Channel.X, public=True, post_id="tweet-1", **facts)
    talk.hears(event)
    talk.where = next(iter(talk.store.heads))
    return event


def test_a_public_id_that_can_be_written_to_is_invited_by_a_direct_message():
    talk = Talk()
    mention(talk, flags=("summoned",))
    done = invite.invite(talk.parts, talk.ask(), "Write to us")
    talk.loop.rest()
    sent = talk.parts.sender.sent[-1]
    assert (sent.recipient, sent.public, sent.invite) == (ANA.id, False, True)
    assert talk.stored(done.message).delivery.state is DeliveryState.ACCEPTED
    assert talk.private.contact_ref == ANA.id
    talk.hears(talk.place(Channel.X, text="Number 4711"))
    assert {m.conversation_id for m in talk.messages} == {talk.where}
    assert talk.says(side="private").public is False


# By a link.


def grouped(**facts):
    talk = Talk()
    event = talk.place(Channel.TELEGRAM, public=True, post_id="group", **facts)
    talk.hears(event)
    talk.where = next(iter(talk.store.heads))
    invite.invite(talk.parts, talk.ask(), "Please write to us:")
    talk.loop.rest()
    return talk


def test_a_link_is_a_public_reply_with_a_code_that_nobody_can_guess():
    talk = grouped()
    code = talk.conversation.side.code
    sent = talk.parts.sender.sent[-1]
    assert sent.text == f"Please write to us: https://t.me/acme_bot?start={code}"
    assert (sent.public, sent.invite) == (True, False)
    assert len(code) == 20
    assert talk.clock(ClockName.FIRST_RESPONSE).outcome is Outcome.MET
    assert talk.conversation.side.joined_at is None


def test_who_comes_by_the_link_is_joined():
    talk = grouped()
    code = talk.conversation.side.code
    talk.hears(talk.place(Channel.TELEGRAM, text="/start", ref=code, author=ANA))
    assert talk.private.joined == talk.where
    assert talk.conversation.side.contact_ref == ANA.id
    assert [entry.reason for entry in talk.told(EntryKind.TALK_JOINED)] == [""]
    assert {m.conversation_id for m in talk.messages} == {talk.where}
    talk.hears(talk.place(Channel.TELEGRAM, text="Number 4711"))
    assert {m.conversation_id for m in talk.messages} == {talk.where}
    talk.hears(talk.place(Channel.TELEGRAM, text="Hm", ref=code))
    assert len(talk.told(EntryKind.TALK_JOINED)) == 1


def test_who_comes_by_the_link_without_a_word_is_joined_too():
    talk = grouped()
    before = talk.case
    notice = talk.place(Channel.TELEGRAM, ref=talk.conversation.side.code)
    notice = replace(notice, kind=EventKind.NOTICE, text="")
    assert talk.hears(notice) == "joined"
    assert talk.private.joined == talk.where
    assert talk.case == before
    assert len(talk.told(EntryKind.TALK_JOINED)) == 1
    assert talk.hears(notice) == "noticed"


def test_a_notice_of_anything_else_changes_nothing():
    talk = grouped()
    before = talk.conversation
    plain = replace(talk.place(Channel.TELEGRAM), kind=EventKind.NOTICE)
    assert talk.hears(plain) == "noticed"
    assert talk.hears(replace(plain, ref="of-an-advert")) == "noticed"
    talk.store.heads[talk.where] = replace(before, case=None)
    assert talk.hears(replace(plain, ref=before.side.code)) == "noticed"


def test_on_the_same_network_only_who_was_invited_is_joined():
    talk = grouped()
    code = talk.conversation.side.code
    talk.hears(talk.place(Channel.TELEGRAM, ref=code, contact=Person("eve", "Eve")))
    assert talk.conversation.side.joined_at is None
    assert len(talk.store.heads) == 2


def test_from_another_network_the_first_who_comes_is_joined_and_the_log_says_how():
    talk = Talk()
    talk.hears(talk.place(Channel.YOUTUBE, public=True, post_id="video"))
    talk.where = next(iter(talk.store.heads))
    invite.invite(talk.parts, talk.ask(), "Please write to us:")
    talk.loop.rest()
    side = talk.conversation.side
    assert side.handle == "acme-wa"
    assert talk.parts.sender.sent[-1].text.endswith(f"https://wa.me/49151000?text={side.code}")
    ana = Person("49170", "Ana", aliases=("bsuid-1",))
    talk.hears(talk.place(Channel.WHATSAPP, text=f" {side.code}\n", contact=ana))
    assert talk.private.refs == ("49170", "bsuid-1")
    assert [entry.reason for entry in talk.told(EntryKind.TALK_JOINED)] == [BY_LINK]
    owner = talk.conversation.contact_id
    assert talk.store.identities[(Channel.WHATSAPP, "", "bsuid-1")].contact_id == owner
    eve = Person("49199", "Eve")
    talk.hears(talk.place(Channel.WHATSAPP, text=side.code, contact=eve))
    assert len(talk.store.heads) == 3
    assert talk.says(side="private").public is False
    assert talk.parts.sender.sent[-1].recipient == "49170"


def test_a_joined_customers_new_id_is_the_same_contact():
    talk = joined()
    new = Person("psid-new", "Ana", aliases=(PSID,))
    facts = {"contact": Person(PSID, "Ana", aliases=("bsuid-2",))}
    talk.hears(talk.private_message(**facts))
    assert talk.private.refs == (PSID, "bsuid-2")
    identity = talk.store.identities[(Channel.MESSENGER, PAGE, "bsuid-2")]
    assert identity.contact_id == talk.conversation.contact_id
    talk.hears(talk.private_message("Hi", contact=new))
    assert talk.conversation.side.contact_ref == "psid-new"
    assert not [m for m in talk.messages if m.conversation_id == HOME]


@pytest.mark.parametrize("ref", ["x" * 20, "short", ""])
def test_a_code_that_leads_nowhere_is_a_message_like_any_other(ref):
    talk = grouped()
    talk.hears(talk.place(Channel.TELEGRAM, ref=ref, text=ref or "y" * 20))
    assert talk.conversation.side.joined_at is None


def test_a_code_of_a_conversation_that_is_gone_or_over_joins_nothing():
    talk = grouped()
    code = talk.conversation.side.code
    talk.resolves()
    talk.loop.run(days=5)
    talk.hears(talk.place(Channel.TELEGRAM, ref=code))
    assert talk.conversation.side.joined_at is None
    gone = grouped()
    code = gone.conversation.side.code
    del gone.store.heads[gone.where]
    gone.where = ""
    gone.hears(gone.place(Channel.TELEGRAM, ref=code))
    assert not gone.conversation.public


def test_nobody_comes_without_a_name():
    talk = grouped()
    code = talk.conversation.side.code
    talk.hears(talk.place(Channel.TELEGRAM, ref=code, contact=None, author=None))
    assert talk.conversation.side.joined_at is None


def test_the_newest_link_may_lead_elsewhere_and_the_older_still_holds():
    talk = grouped()
    old = talk.conversation.side.code
    talk.parts.now.advance(60)
    talk.hears(talk.place(Channel.TELEGRAM, public=True, post_id="group", text="And?"))
    invite.invite(talk.parts, talk.ask(), "Again:")
    talk.loop.rest()
    assert talk.conversation.side.code != old
    talk.hears(talk.place(Channel.TELEGRAM, ref=old))
    assert talk.private.joined == talk.where


def test_a_talk_under_a_handle_that_was_taken_off_the_list_is_joined_all_the_same():
    talk = grouped()
    code = talk.conversation.side.code
    event = talk.place(Channel.TELEGRAM, ref=code)
    gone = replace(TALKS, version="v2", handles=TALKS.handles[:4])
    talk.store.policies.publish(gone)
    talk.store.policies.make_current("v2")
    assert receive(talk.parts, event) == "stored"
    assert talk.private.handle == "acme-tg"


def test_a_link_that_failed_is_sent_again_with_its_code():
    talk = Talk()
    talk.hears(talk.place(Channel.TELEGRAM, public=True, post_id="group"))
    talk.where = next(iter(talk.store.heads))
    talk.parts.sender.answers.append(SendResult(SendState.FAILED, error_code="400"))
    done = invite.invite(talk.parts, talk.ask(), "Please write to us:")
    talk.loop.rest()
    talk.parts.detector.words = {talk.conversation.side.code: "phone"}
    resend(talk.parts, talk.ask(), done.message.id)
    talk.loop.rest()
    first, again = talk.parts.sender.sent
    assert first.text == again.text
    assert talk.conversation.side.joined_at is None


def test_who_got_a_public_link_is_not_whom_the_platform_names():
    talk = Talk()
    talk.hears(talk.place(Channel.TELEGRAM, public=True, post_id="group"))
    talk.where = next(iter(talk.store.heads))
    talk.invites()
    assert talk.conversation.side.joined_at is None


def test_nobody_is_in_private_who_was_not_invited():
    talk = Talk()
    talk.comments()
    with pytest.raises(ValueError, match="nobody was invited"):
        side_of(talk.conversation)


def test_personal_data_is_no_part_of_a_public_invitation():
    talk = Talk()
    talk.hears(talk.place(Channel.TELEGRAM, public=True, post_id="group"))
    talk.where = next(iter(talk.store.heads))
    talk.parts.detector.words = {"0151": "phone"}
    refused(lambda: invite.invite(talk.parts, talk.ask(), "Call 0151"), "personal_data")


def test_a_link_needs_a_handle_that_has_one():
    talk = Talk()
    handles = tuple(replace(h, settings={}) for h in TALKS.handles)
    talk.store.policies.publish(replace(TALKS, version="v2", handles=handles))
    talk.store.policies.make_current("v2")
    talk.hears(talk.place(Channel.TELEGRAM, public=True, post_id="group"))
    talk.where = next(iter(talk.store.heads))
    refused(lambda: invite.invite(talk.parts, talk.ask(), "Please:"), "no_invite")


# By a rule.


def test_a_rule_invites_once_and_its_words_stop_no_clock():
    talk = Talk()
    talk.comments()
    answer = SendResult(SendState.ACCEPTED, "i-1", recipient=PSID)
    talk.parts.sender.answers.append(answer)
    assert invite.invite_by_rule(talk.parts, talk.where, "Write to us") == "invited"
    talk.loop.rest()
    assert talk.private.joined == talk.where
    assert talk.clock(ClockName.FIRST_RESPONSE).outcome is None
    assert not talk.parts.sender.sent[-1].human
    (message,) = [m for m in talk.messages if m.invites]
    assert (message.author_name, message.author_id) == ("Acme", "hearback")
    assert talk.case.turns == 0
    assert invite.invite_by_rule(talk.parts, talk.where, "Write to us") == "invited_before"


def test_a_rule_that_cannot_invite_says_why():
    talk = Talk()
    talk.comments()
    assert invite.invite_by_rule(talk.parts, "a" * 26, "Write to us") == "not_found"
    talk.parts.now.advance(days=8)
    assert invite.invite_by_rule(talk.parts, talk.where, "Write to us") == "invite_closed"


def test_a_rule_decides_again_when_somebody_was_faster_and_gives_up_at_last(monkeypatch):
    talk = Talk()
    talk.comments()
    get, calls = talk.parts.conversations.get, []

    def behind(conversation_id):
        found = get(conversation_id)
        calls.append(1)
        return replace(found, version=found.version - 1) if len(calls) == 1 else found

    monkeypatch.setattr(talk.parts.conversations, "get", behind)
    assert invite.invite_by_rule(talk.parts, talk.where, "Write to us") == "invited"
    other = Talk()
    other.comments()
    fetch, seen = other.parts.conversations.get, []

    def always(conversation_id):
        seen.append(1)
        found = fetch(conversation_id)
        return replace(found, version=found.version - len(seen) % 2)

    monkeypatch.setattr(other.parts.conversations, "get", always)
    with pytest.raises(BusyError):
        invite.invite_by_rule(other.parts, other.where, "Write to us")


def test_a_rule_of_which_the_invitation_failed_reopens_nothing():
    talk = Talk()
    talk.comments()
    talk.parts.sender.answers.append(SendResult(SendState.FAILED, error_code="10"))
    invite.invite_by_rule(talk.parts, talk.where, "Write to us")
    talk.loop.rest()
    assert talk.told(EntryKind.REPLY_FAILED) == []
