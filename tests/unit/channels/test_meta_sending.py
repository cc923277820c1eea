"""Invitations, files, templates and moderation on Meta's channels."""

import json
from dataclasses import replace

import pytest

from chalicelib.channels.meta.room import MetaRoom
from chalicelib.channels.places import Places
from chalicelib.channels.sender import ChannelSender
from chalicelib.domain.channel import Channel, Invite
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import ErrorClass, File, Outgoing, SendState, Template
from infra.local.simulator.taker import Told
from tests.unit.channels.serving import serving

PAGE = Handle("page", Channel.FACEBOOK_PAGE, "PAGE", "Acme", "care")
MESSENGER = Handle("messenger", Channel.MESSENGER, "PAGE", "Acme", "care")
IG = Handle("instagram", Channel.INSTAGRAM, "IG", "@acme", "care")
IG_BY_PAGE = replace(IG, settings={"page_id": "PAGE"})
PHONE = Handle("phone", Channel.WHATSAPP, "PN1", "Acme", "care")
SECRET = {
    "app_secrets": ["app-secret"],
    "verify_token": "verify-token-1",
    "tokens": {"PAGE": "page-token", "IG": "ig-token", "PN1": "wa-token"},
}


def file(name="cat.png", mime="image/png", size=1_000):
    return File(name, mime, size, f"https://files.example.com/{name}", lambda: b"")


PICTURE, MANUAL = file(), file("manual.pdf", "application/pdf")
SOUND, FILM = file("hello.mp3", "audio/mpeg"), file("film.mp4", "video/mp4")


def message(handle, text="Hello", **more):
    return Outgoing("our-token", handle, "CUSTOMER", more.pop("public", False), text, **more)


def send(platform, outgoing, secret=SECRET):
    return ChannelSender({"meta": secret}.__getitem__, platform.places).send(outgoing)


def sent(platform, outgoing):
    platform.answer = {"message_id": "m_1", "id": "c_1"}
    result = send(platform, outgoing)
    assert result.state is SendState.ACCEPTED, result
    return platform.asked[-1]


def refused(platform, outgoing):
    result = send(platform, outgoing)
    assert (result.state, result.error_class) == (SendState.FAILED, ErrorClass.CONTENT)
    assert platform.asked == []
    return result.error_code


# -- invitations ---------------------------------------------------------------------------------


def test_an_invitation_answers_a_comment_in_private_and_says_who_got_it(platform):
    platform.answer = {"recipient_id": "PSID7", "message_id": "m_7"}
    asked_in = message(PAGE, public=True, reply_to_id="555_9", post_id="PAGE_555", invite=True)
    result = send(platform, asked_in)
    assert (result.state, result.platform_id, result.recipient) == (
        SendState.ACCEPTED,
        "m_7",
        "PSID7",
    )
    assert platform.asked[0].path == "/v26.0/PAGE/messages"
    assert platform.asked[0].content == {
        "recipient": {"comment_id": "555_9"},
        "message": {"text": "Hello", "metadata": "our-token"},
    }


def test_an_invitation_may_be_named_by_the_private_handle(platform):
    asked_in = message(MESSENGER, reply_to_id="555_9", post_id="PAGE_555", invite=True)
    assert sent(platform, asked_in).content["recipient"] == {"comment_id": "555_9"}


def test_a_visitors_post_is_answered_in_private_as_a_post(platform):
    asked_in = message(PAGE, public=True, reply_to_id="PAGE_7", post_id="PAGE_7", invite=True)
    assert sent(platform, asked_in).content["recipient"] == {"post_id": "PAGE_7"}
    from_private = replace(asked_in, handle=MESSENGER, public=False, post_id="")
    assert sent(platform, from_private).content["recipient"] == {"post_id": "PAGE_7"}


def test_instagram_invites_by_its_own_host_without_our_token(platform):
    asked_in = message(IG, public=True, reply_to_id="1791", post_id="1817", invite=True)
    asked = sent(platform, asked_in)
    assert asked.path == "/instagram/v26.0/IG/messages"
    assert asked.content == {"recipient": {"comment_id": "1791"}, "message": {"text": "Hello"}}
    assert sent(platform, replace(asked_in, handle=IG_BY_PAGE)).path == "/v26.0/PAGE/messages"


def test_who_got_an_ordinary_reply_is_not_told_again(platform):
    platform.answer = {"recipient_id": "CUSTOMER", "message_id": "m_7"}
    assert send(platform, message(MESSENGER)).recipient == ""


def test_an_answer_with_an_odd_recipient_is_still_an_answer(platform):
    platform.answer = {"recipient_id": {"no": 1}, "message_id": "m_7"}
    asked_in = message(MESSENGER, reply_to_id="555_9", invite=True)
    assert send(platform, asked_in).platform_id == "m_7"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reply_to_id": ""}, "nothing_to_answer"),
        ({"post_id": "mention:1817"}, "cannot_invite"),
        ({"files": (PICTURE,)}, "too_many_files"),
    ],
)
def test_what_cannot_invite_is_refused_without_a_call(platform, changes, code):
    asked_in = message(IG, public=True, reply_to_id="1791", post_id="1817", invite=True)
    assert refused(platform, replace(asked_in, **changes)) == code


def test_an_invitation_must_fit_the_private_limit_and_not_the_comments(platform):
    asked_in = message(PAGE, "a" * 2_001, public=True, reply_to_id="5_9", post_id="P", invite=True)
    assert refused(platform, asked_in) == "text_too_long"
    assert refused(platform, replace(asked_in, text="", files=(PICTURE,))) == "invite_with_file"


def test_public_places_say_how_and_how_long_they_invite():
    for handle in (PAGE, IG):
        can = MetaRoom().capabilities(handle, public=True)
        assert (can.invite, can.invite_seconds) == (Invite.PRIVATE_REPLY, 7 * 86_400)
        assert can.hides
        assert can.deletes
        assert MetaRoom().capabilities(handle, public=False).invite is Invite.NONE


# -- mentions ------------------------------------------------------------------------------------


def test_a_mention_on_instagram_is_answered_where_it_was_made(platform):
    answer = message(IG, public=True, reply_to_id="1791", post_id="mention:1817")
    asked = sent(platform, answer)
    assert asked.path == "/instagram/v26.0/IG/mentions"
    assert asked.form == {"media_id": "1817", "comment_id": "1791", "message": "Hello"}
    in_caption = sent(platform, replace(answer, reply_to_id="1817"))
    assert in_caption.form == {"media_id": "1817", "message": "Hello"}


# -- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("handle", "one", "kind"),
    [
        (MESSENGER, PICTURE, "image"),
        (MESSENGER, FILM, "video"),
        (MESSENGER, SOUND, "audio"),
        (MESSENGER, file("a.zip", "application/zip"), "file"),
        (IG, PICTURE, "image"),
        (IG_BY_PAGE, MANUAL, "file"),
    ],
)
def test_a_file_is_a_message_of_its_own_on_messenger_and_instagram(platform, handle, one, kind):
    said = sent(platform, message(handle, "", files=(one,))).content["message"]
    payload = {"url": one.url, "is_reusable": False}
    assert said["attachment"] == {"type": kind, "payload": payload}
    assert "text" not in said


@pytest.mark.parametrize(
    ("handle", "text", "files", "code"),
    [
        (MESSENGER, "Look", (PICTURE,), "text_with_file"),
        (IG, "Look", (PICTURE,), "text_with_file"),
        (IG, "", (file("a.zip", "application/zip"),), "file_kind"),
        (MESSENGER, "", (PICTURE, PICTURE), "too_many_files"),
        (MESSENGER, "", (file(size=8_000_001),), "file_too_large"),
        (PHONE, "Listen", (SOUND,), "text_with_file"),
        (PHONE, "a" * 1_025, (PICTURE,), "caption_too_long"),
        (PHONE, "", (file(size=5_000_001),), "file_too_large"),
    ],
)
def test_files_that_would_be_refused_are_refused_without_a_call(
    platform, handle, text, files, code
):
    assert refused(platform, message(handle, text, files=files)) == code


def test_whatsapp_takes_words_with_a_file_as_its_caption(platform):
    asked = sent(platform, message(PHONE, "Look", files=(PICTURE,))).content
    assert asked["type"] == "image"
    assert asked["image"] == {"link": PICTURE.url, "caption": "Look"}
    assert asked["biz_opaque_callback_data"] == "our-token"
    asked = sent(platform, message(PHONE, "", files=(MANUAL,))).content
    assert asked["document"] == {"link": MANUAL.url, "filename": "manual.pdf"}
    asked = sent(platform, message(PHONE, "", files=(SOUND,))).content
    assert asked["audio"] == {"link": SOUND.url}


def test_what_whatsapp_does_not_play_goes_as_a_document(platform):
    moving = file("cat.gif", "image/gif", 6_000_000)
    asked = sent(platform, message(PHONE, "", files=(moving,))).content
    assert asked["document"]["filename"] == "cat.gif"


def test_a_comment_takes_a_picture_on_facebook_alone(platform):
    answer = message(PAGE, "Look", public=True, reply_to_id="5_9", files=(PICTURE,))
    assert sent(platform, answer).form == {"message": "Look", "attachment_url": PICTURE.url}
    assert sent(platform, replace(answer, text="")).form == {"attachment_url": PICTURE.url}
    platform.asked.clear()
    assert refused(platform, replace(answer, files=(MANUAL,))) == "file_kind"
    assert refused(platform, replace(answer, handle=IG)) == "too_many_files"


# -- templates -----------------------------------------------------------------------------------


def test_a_template_goes_out_after_the_window(platform):
    template = Template("parcel_sent", "en_GB", ("Ana", "4711"))
    late = message(PHONE, "", template=template, outside_window=True, human=False)
    asked = sent(platform, late).content
    assert asked["type"] == "template"
    parameters = [{"type": "text", "text": "Ana"}, {"type": "text", "text": "4711"}]
    assert asked["template"] == {
        "name": "parcel_sent",
        "language": {"code": "en_GB"},
        "components": [{"type": "body", "parameters": parameters}],
    }
    bare = replace(late, template=Template("hello", "de"))
    assert sent(platform, bare).content["template"]["components"] == []
    platform.asked.clear()
    assert refused(platform, replace(late, handle=MESSENGER)) == "cannot_template"


# -- moderation ----------------------------------------------------------------------------------


def moderated(handle, action, answer=None, seen=None, **told):
    body = json.dumps({"success": True} if answer is None else answer).encode()

    def take(asked):
        if seen is not None:
            seen.append(asked)
        return Told(told.get("status", 200), body, silent=told.get("silent", False))

    with serving(take) as url:
        places = Places(url, instagram_graph_url=url + "/instagram", read_seconds=0.3)
        sender = ChannelSender({"meta": SECRET}.__getitem__, places)
        return sender.moderate(handle, "555_9", action)


@pytest.mark.parametrize(
    ("handle", "action", "path", "body"),
    [
        (PAGE, "hide", "/v26.0/555_9", b"is_hidden=true"),
        (PAGE, "unhide", "/v26.0/555_9", b"is_hidden=false"),
        (IG, "hide", "/instagram/v26.0/555_9", b"hide=true"),
        (IG_BY_PAGE, "unhide", "/v26.0/555_9", b"hide=false"),
    ],
)
def test_a_comment_is_hidden_and_shown_again(handle, action, path, body):
    seen = []
    result = moderated(handle, action, seen=seen)
    assert (result.state, result.platform_id) == (SendState.ACCEPTED, "555_9")
    assert (seen[0].method, seen[0].path, seen[0].body) == ("POST", path, body)


def test_a_comment_is_deleted():
    seen = []
    assert moderated(PAGE, "delete", seen=seen).state is SendState.ACCEPTED
    assert (seen[0].method, seen[0].path, seen[0].body) == ("DELETE", "/v26.0/555_9", b"")


@pytest.mark.parametrize("action", ["hide", "delete"])
def test_an_order_that_nobody_answers_may_have_been_carried_out(action):
    result = moderated(PAGE, action, silent=True)
    assert (result.state, result.platform_id) == (SendState.UNKNOWN, "")


def test_a_refused_moderation_says_why_and_names_no_key():
    error = {"error": {"code": 200, "message": "no: page-token verify-token-1 app-secret"}}
    result = moderated(PAGE, "hide", error, status=403)
    assert (result.state, result.error_class) == (SendState.FAILED, ErrorClass.CHANNEL)
    assert (result.platform_id, result.error_text) == ("", "no: *** *** ***")
    assert moderated(PAGE, "hide", {"success": False}).state is SendState.UNKNOWN
    assert moderated(PAGE, "block").error_code == "cannot_block"
    assert moderated(MESSENGER, "hide").error_code == "cannot_hide"
    assert moderated(replace(PAGE, account_id="OTHER"), "hide").error_code == "no_token"
