"""The API's ways, checks, invitations, files and templates: over HTTP, as a client sees them."""

from dataclasses import replace

import pytest

from chalicelib.domain.channel import Capabilities, Channel, Invite, Rate
from chalicelib.domain.event import EventKind, Person
from chalicelib.workflows.answering.outbox import Order, deliver
from chalicelib.workflows.intake.ingest import ingest
from chalicelib.workflows.networks import SendResult, SendState
from tests.fakes.house import ACCOUNT, AGENT, STRANGER, message_event

ONE = "/api/conversations/{}"


@pytest.fixture
def public(house):
    """Return the public conversation of somebody who commented."""
    able = house.parts.sender.able
    able[(Channel.FACEBOOK_PAGE, True)] = Capabilities(
        8000, invite=Invite.PRIVATE_REPLY, invite_seconds=3600, rates=(Rate(10, 60),)
    )
    able[(Channel.MESSENGER, False)] = replace(
        able[(Channel.MESSENGER, False)],
        templates=True,
        segments=True,
        files=1,
        file_kinds=("image",),
        file_bytes=100,
    )
    event = replace(
        message_event(house.parts, 1, "Where is my parcel?"),
        channel=Channel.FACEBOOK_PAGE,
        public=True,
        post_id="post",
        message_id="c-1",
    )
    ingest(house.parts, event)
    (head,) = house.store.heads.values()
    return head


def change(house, head, path, body, person=AGENT):
    return house.gateway.change("POST", ONE.format(head.id) + path, body, person)


def invited(house, head):
    answer = change(house, head, "/invite", {"text": "Write to us here", "version": head.version})
    assert answer.status == 202
    house.parts.sender.answers.append(SendResult(SendState.ACCEPTED, "i-1", recipient="psid"))
    deliver(house.parts, Order(head.id, answer.json["message"]["id"]))
    return answer.json


def test_an_invitation_is_a_reply_that_says_what_it_is(house, public):
    answer = invited(house, public)
    assert answer["message"]["invites"] is True
    assert answer["message"]["flags"] == ["redirect"]
    assert answer["conversation"]["side"] == {
        "channel": "messenger",
        "handle": "acme-help",
        "conversation_id": "",
        "invited_at": answer["conversation"]["side"]["invited_at"],
        "joined_at": None,
    }
    shown = house.gateway.get(ONE.format(public.id), AGENT).json["conversation"]
    assert shown["side"]["joined_at"] is not None
    private = house.gateway.get(ONE.format(shown["side"]["conversation_id"]), AGENT).json
    assert private["conversation"]["joined"] == public.id


def test_the_ways_are_shown_with_their_limits(house, public):
    found = house.gateway.get(ONE.format(public.id) + "/ways", AGENT).json
    (reply,) = found["replies"]
    assert (reply["side"], reply["default"], reply["open"]) == ("public", True, True)
    assert reply["rates"] == [{"count": 10, "seconds": 60}]
    assert found["invite"]["kind"] == "private_reply"
    assert found["invite"]["seconds_left"] == 3600
    assert found["invite"]["refused"] is None
    invited(house, public)
    found = house.gateway.get(ONE.format(public.id) + "/ways", AGENT).json
    assert [way["side"] for way in found["replies"]] == ["public", "private"]
    private = found["replies"][1]
    assert (private["open"], private["template"], private["files"]) == (False, True, 1)
    assert private["refused"][0]["code"] == "window_closed"
    assert found["invite"]["refused"]["code"] == "joined"
    assert found["others"] == []


def test_a_private_conversation_offers_no_invitation_and_other_places_of_the_person(house, public):
    private = message_event(house.parts, 2, "Hello?")
    ingest(house.parts, private)
    own = next(head for head in house.store.heads.values() if not head.public)
    house.store.heads[own.id] = replace(own, contact_id=public.contact_id)
    found = house.gateway.get(ONE.format(own.id) + "/ways", AGENT).json
    assert found["invite"] is None
    assert found["others"] == [
        {
            "conversation_id": public.id,
            "channel": "facebook_page",
            "handle": "acme-page",
            "public": True,
            "open": True,
        }
    ]


def test_a_draft_is_checked_without_being_sent(house, public):
    house.parts.detector.words = {"0151": "phone"}
    answer = change(house, public, "/check", {"text": "Call 0151"})
    assert answer.status == 200
    assert (answer.json["length"], answer.json["left"], answer.json["unit"]) == (
        9,
        7991,
        "characters",
    )
    assert answer.json["segments"] is None
    assert answer.json["personal"] == [{"kind": "phone", "start": 5, "end": 9}]
    assert [one["code"] for one in answer.json["refused"]] == ["personal_data"]
    assert len(house.store.messages) == 1


def test_a_draft_is_counted_in_segments_where_they_are_paid_for(house, public):
    invited(house, public)
    writes(house)
    answer = change(house, public, "/check", {"text": "Hello €"})
    assert answer.json["side"] == "private"
    assert answer.json["segments"] == {
        "encoding": "gsm7",
        "units": 8,
        "count": 1,
        "left_in_last": 152,
    }


def writes(house):
    """Let the invited customer write in private."""
    person = Person("psid", "Casey Customer")
    event = replace(message_event(house.parts, 7, "4711"), contact=person, author=person)
    assert (event.kind, event.account_id) == (EventKind.MESSAGE, ACCOUNT)
    ingest(house.parts, event)


def test_a_reply_may_carry_files_and_name_its_side(house, public):
    invited(house, public)
    writes(house)
    key = f"upload/{public.id}/x/a.png"
    house.parts.media.put(key, b"x", "image/png", "a.png")
    version = house.conversation(public.id).version
    body = {"files": [key], "side": "private", "version": version}
    answer = change(house, public, "/replies", body)
    assert answer.status == 202
    assert answer.json["message"]["attachments"][0]["name"] == "a.png"
    assert answer.json["message"]["public"] is False


def test_a_template_needs_no_text(house, public):
    invited(house, public)
    body = {
        "template": {"name": "ready", "language": "en", "parameters": ["4711"]},
        "side": "private",
        "version": house.conversation(public.id).version,
    }
    answer = change(house, public, "/replies", body)
    assert answer.status == 202
    assert answer.json["message"]["template"] == ["ready", "en", "4711"]
    assert answer.json["message"]["text"] == "Template ready"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "empty"),
        ({"text": " "}, 400, "bad_body"),
        ({"text": "Hi", "side": "secret"}, 400, "bad_body"),
        ({"text": "Hi", "side": "private"}, 409, "not_joined"),
        ({"text": "Hi", "files": ["upload/other/a.png"]}, 409, "too_many_files"),
        ({"text": "Hi", "template": {"name": "a", "language": "en"}}, 409, "no_templates"),
        ({"text": "Hi", "template": {"name": "a", "language": "en", "x": 1}}, 400, "bad_body"),
        ({"text": "Hi", "files": ["x"] * 21}, 400, "bad_body"),
    ],
)
def test_what_cannot_leave_is_refused_with_a_word_for_it(house, public, body, status, code):
    answer = change(house, public, "/replies", body | {"version": public.version})
    assert (answer.status, answer.json["error"]["code"]) == (status, code)


def test_who_may_not_see_a_conversation_sees_no_way_to_answer_it(house, public):
    assert house.gateway.get(ONE.format(public.id) + "/ways", STRANGER).status == 404
    assert change(house, public, "/check", {"text": "Hi"}, STRANGER).status == 404


def test_who_opted_out_cannot_be_answered_and_it_shows(house):
    found = house.customer_writes()
    house.store.heads[found.id] = replace(found, opted_out_at=house.parts.now())
    shown = house.gateway.get(ONE.format(found.id), AGENT).json["conversation"]
    assert shown["opted_out_at"] is not None
    assert shown["may"]["reply"] is False


def test_what_stands_around_a_message_is_shown_until_its_author_deletes_it(house):
    found = house.customer_writes()
    (key,) = house.store.messages
    mail = replace(house.store.messages[key], title="Parcel", quoted="> Hi", automatic=True)
    for deleted_at, quoted in ((None, "> Hi"), (house.parts.now(), "")):
        house.store.messages[key] = replace(mail, deleted_at=deleted_at)
        (shown,) = house.gateway.get(ONE.format(found.id), AGENT).json["messages"]["messages"]
        assert shown["around"] == {"title": "Parcel", "quoted": quoted, "automatic": True}
