"""What an agent is shown before typing, and while typing: the same that the reply would be told."""

from dataclasses import replace

from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Role
from chalicelib.domain.channel import Channel, Invite
from chalicelib.domain.personal import Finding
from chalicelib.domain.policy import Privacy
from chalicelib.workflows.answering import ways
from chalicelib.workflows.answering.limits import Draft
from tests.unit.workflows.talk import PSID, TALKS, WEEK, Talk, joined

ANN = Actor("ann", Role.AGENT, ("care",))


def of(talk):
    return ways.ways(talk.parts, ANN, talk.conversation)


def test_a_private_talk_has_one_side_with_its_window_and_limits():
    talk = Talk()
    talk.hears(talk.place(Channel.WHATSAPP))
    talk.parts.now.advance(hours=1)
    (way,) = of(talk).replies
    assert (way.side, way.default, way.at.handle) == ("private", True, "acme-wa")
    assert (way.room.open, way.seconds_left, way.template) == (True, 23 * 3600, False)
    assert (way.can.text_limit, way.can.files, way.refused) == (4096, 2, ())
    assert of(talk).invite is None


def test_after_the_window_a_template_is_what_is_left():
    talk = Talk()
    talk.hears(talk.place(Channel.WHATSAPP))
    talk.parts.now.advance(days=2)
    (way,) = of(talk).replies
    assert (way.room.open, way.seconds_left, way.template) == (False, 0, True)
    assert [one.code for one in way.refused] == ["window_closed"]


def test_who_opted_out_gets_no_template_either():
    talk = Talk()
    talk.hears(talk.place(Channel.WHATSAPP, consent="stop"))
    talk.parts.now.advance(days=2)
    (way,) = of(talk).replies
    assert [one.code for one in way.refused] == ["opted_out", "window_closed"]
    assert not way.template


def test_a_public_conversation_offers_an_invitation_until_it_is_too_late():
    talk = Talk()
    talk.comments()
    talk.parts.now.advance(60)
    found = of(talk)
    assert [way.side for way in found.replies] == ["public"]
    assert found.replies[0].seconds_left is None
    assert (found.invite.kind, found.invite.channel, found.invite.handle) == (
        Invite.PRIVATE_REPLY,
        Channel.MESSENGER,
        "acme-dm",
    )
    assert found.invite.seconds_left == WEEK - 60
    talk.parts.now.advance(days=8)
    assert of(talk).invite.refused.code == "invite_closed"


def test_an_invitation_without_an_end_has_none():
    talk = Talk()
    talk.hears(talk.place(Channel.TELEGRAM, public=True, post_id="g"))
    assert (of(talk).invite.until, of(talk).invite.seconds_left) == (None, None)


def test_a_joined_talk_has_two_sides_and_replies_go_where_the_customer_last_wrote():
    talk = joined()
    talk.parts.now.advance(60)
    assert [(way.side, way.default) for way in of(talk).replies] == [
        ("public", True),
        ("private", False),
    ]
    talk.hears(talk.private_message())
    public, private = of(talk).replies
    assert (public.default, private.default) == (False, True)
    assert (private.at.contact_ref, private.at.handle) == (PSID, "acme-dm")
    assert of(talk).invite.refused.code == "joined"


def test_other_places_where_the_same_person_is_known_are_ways_too():
    talk = joined()
    first = talk.where
    talk.hears(talk.comment("Here too", post_id="post-2"))
    (other,) = of(talk).others
    assert other.conversation_id != first
    assert (other.channel, other.public, other.open) == (Channel.FACEBOOK_PAGE, True, True)
    head = replace(talk.store.heads[other.conversation_id], opted_out_at=talk.parts.now())
    talk.store.heads[head.id] = head
    assert not of(talk).others[0].open


def test_what_belongs_to_another_team_is_no_way():
    talk = joined()
    talk.hears(talk.comment("Here too", post_id="post-2"))
    stranger = replace(ANN, teams=("shop",))
    assert ways.ways(talk.parts, stranger, talk.conversation).others == ()


def test_a_draft_is_measured_and_told_all_reasons_the_reply_would_give_first():
    talk = Talk()
    talk.hears(talk.place(Channel.WHATSAPP))
    found = ways.check(talk.parts, talk.conversation, Draft("Hello"))
    assert (found.side, found.length, found.left, found.refused) == ("private", 5, 4091, ())
    talk.parts.now.advance(days=2)
    long = ways.check(talk.parts, talk.conversation, Draft("x" * 5000, files=("upload/x",)))
    assert [one.code for one in long.refused] == ["too_long", "window_closed", "unknown_file"]
    assert long.left == 4096 - 5000


def test_a_draft_for_a_side_that_is_not_there_is_told_so():
    talk = Talk()
    talk.comments()
    found = ways.check(talk.parts, talk.conversation, Draft("Hi", "private"))
    assert (found.side, [one.code for one in found.refused]) == ("public", ["not_joined"])


def test_a_draft_is_told_what_it_shows():
    talk = Talk()
    talk.comments()
    talk.parts.detector.words = {"0151": "phone"}
    found = ways.check(talk.parts, talk.conversation, Draft("Call 0151"))
    assert found.personal == (Finding("phone", 5, 9),)
    assert [one.code for one in found.refused] == ["personal_data"]


def test_nothing_is_looked_for_where_the_policy_does_not_want_it():
    talk = Talk()
    talk.comments()
    off = replace(TALKS, version="v2", privacy=Privacy(detect=False))
    talk.store.policies.publish(off)
    talk.store.policies.make_current("v2")
    talk.parts.detector.words = {"0151": "phone"}
    assert ways.check(talk.parts, talk.conversation, Draft("Call 0151")).personal == ()


def test_a_broken_detector_keeps_nobody_from_writing():
    def fail(_):
        raise RuntimeError

    talk = Talk()
    talk.comments()
    talk.parts.detector.also = fail
    assert ways.check(talk.parts, talk.conversation, Draft("Hello")).refused == ()
    assert talk.parts.meter.total("DetectorFailed") >= 1
