"""X: replies, direct messages, files, hiding, and what its refusals mean."""

import base64
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.channels import verdicts
from chalicelib.channels.places import Places
from chalicelib.channels.x import prices
from chalicelib.channels.x.keys import Keys, keys_of
from chalicelib.channels.x.room import XRoom
from chalicelib.domain.channel import Channel, Invite, LimitUnit, Rate
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import ErrorClass, File, Outgoing, SendState
from infra.local.simulator.taker import Told
from tests.fakes.listening import listening
from tests.fakes.scripted import Scripted, told

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
US = "1111111111111111111"
HANDLE = Handle("acme-x", Channel.X, US, "Acme", "care")
SECRET = {"consumer_secrets": ["c s&"], "access_token": "access-token", "bearer": "app-bearer"}
REPLY = Outgoing("t1", HANDLE, "22", True, "On it ü", reply_to_id="77", post_id="70")
DIRECT = Outgoing("t1", HANDLE, "22", False, "On it ü")
POSTED = told({"data": {"id": "900", "text": "On it"}}, 201)
SENT = told({"data": {"dm_conversation_id": "1-2", "dm_event_id": "901"}}, 201)
WITH = "POST /2/dm_conversations/with/22/messages"
UPLOAD = "/2/media/upload"


@contextmanager
def network(script):
    scripted = Scripted("x", script)
    with listening(scripted) as url:
        scripted.places = Places(urls={"x": url}, private_urls=True, now=lambda: NOW)
        yield scripted


def send(script, outgoing=REPLY, secret=SECRET):
    with network(script) as scripted:
        return XRoom().send(outgoing, secret, scripted.places), scripted


def file(name="a.png", mime_type="image/png", body=b"picture"):
    return File(name, mime_type, len(body), "https://files.example/a", lambda: body)


# -- messages ------------------------------------------------------------------------------------


def test_a_reply_answers_the_customers_post():
    result, x = send({"POST /2/tweets": POSTED})
    assert (result.state, result.platform_id) == (SendState.ACCEPTED, "900")
    assert x.contents() == [{"text": "On it ü", "reply": {"in_reply_to_tweet_id": "77"}}]
    assert x.asked[0].headers["authorization"] == "Bearer access-token"


def test_without_a_post_to_answer_the_threads_root_is_answered():
    _, x = send({"POST /2/tweets": POSTED}, replace(REPLY, reply_to_id=""))
    assert x.contents()[0]["reply"] == {"in_reply_to_tweet_id": "70"}


def test_a_direct_message_goes_to_the_person():
    result, x = send({WITH: SENT}, DIRECT)
    assert (result.state, result.platform_id) == (SendState.ACCEPTED, "901")
    assert (result.recipient, x.contents()) == ("", [{"text": "On it ü"}])


@pytest.mark.parametrize("public", [True, False])
def test_an_invitation_is_a_direct_message_to_the_public_writer(public):
    result, x = send({WITH: SENT}, replace(REPLY, public=public, invite=True))
    assert (result.platform_id, result.recipient) == ("901", "22")
    assert x.calls() == [WITH]


def test_an_invitation_that_was_refused_names_nobody():
    assert send({WITH: told({}, 403)}, replace(DIRECT, invite=True))[0].recipient == ""


@pytest.mark.parametrize(
    ("outgoing", "code"),
    [
        (replace(REPLY, reply_to_id="", post_id=""), "nothing_to_answer"),
        (replace(REPLY, reply_to_id="../2"), "nothing_to_answer"),
        (replace(DIRECT, recipient=""), "nothing_to_answer"),
        (replace(DIRECT, recipient="٢"), "nothing_to_answer"),
        (replace(REPLY, files=(file(mime_type="text/plain"),)), "file_kind"),
        (replace(REPLY, files=(file(body=b"x" * 5_000_001),)), "file_too_large"),
        (replace(REPLY, files=(file(), file(mime_type="video/mp4"))), "one_video"),
        (replace(REPLY, files=(file(), file(mime_type="image/gif"))), "one_video"),
    ],
)
def test_what_cannot_be_sent_is_refused_without_a_call(outgoing, code):
    result, x = send({}, outgoing)
    assert (result.state, result.error_class, result.error_code) == (
        SendState.FAILED,
        ErrorClass.CONTENT,
        code,
    )
    assert not x.asked


@pytest.mark.parametrize("token", [None, "", 5, "é", "a\r\nb"])
def test_a_secret_without_a_usable_token_is_told_to_people(token):
    result, x = send({}, secret={"access_token": token})
    assert (result.error_class, result.error_code, x.asked) == (ErrorClass.CHANNEL, "no_token", [])


# -- refusals ------------------------------------------------------------------------------------


def no(detail, status=403, **more):
    return told({"title": "No", "detail": detail, "type": "about:blank", "status": status}, status)


TWICE = "You are not allowed to create a Tweet with duplicate content."
UNSUMMONED = "Reply to this conversation is not allowed because you have not been mentioned"
DELETED = "You attempted to reply to a Tweet that is deleted or not visible to you."
SUSPENDED = "Your account is suspended and is not permitted to access this feature."
BARE = {"errors": [{"message": "Your status is a duplicate"}]}
PARTIAL = {"data": {}, "errors": [{"detail": "a duplicate", "status": 403}]}


@pytest.mark.parametrize(
    ("answer", "error_class", "code"),
    [
        (no(TWICE), "content", "duplicate"),
        (no(UNSUMMONED), "content", "not_summoned"),
        (no(DELETED), "content", "gone"),
        (no("There is a latest version of this Tweet"), "content", "gone"),
        (no(SUSPENDED), "channel", "http_403"),
        (no("You are not permitted to perform this action."), "content", "http_403"),
        (no("", 404), "content", "http_404"),
        (no("Unauthorized", 401), "channel", "http_401"),
        (no("credits depleted", 402), "channel", "no_credits"),
        (no("UsageCapExceeded", 429), "channel", "no_credits"),
        (told(BARE, 403), "content", "duplicate"),
        (told(PARTIAL), "content", "duplicate"),
        (told({"errors": [{"detail": "odd"}]}), "content", "http_400"),
        (told({"errors": ["odd"]}, 400), "content", "http_400"),
        (told(b"<html>", 308), "channel", "http_308"),
    ],
)
def test_each_refusal_of_a_reply(answer, error_class, code):
    result, _ = send({"POST /2/tweets": answer})
    assert (result.state, result.error_class, result.error_code) == (
        SendState.FAILED,
        error_class,
        code,
    )


def test_our_own_words_explain_what_an_agent_can_do():
    unsummoned, _ = send({"POST /2/tweets": no("not been mentioned")})
    assert "direct message" in unsummoned.error_text
    twice, _ = send({"POST /2/tweets": no("duplicate")})
    assert "already posted" in twice.error_text


@pytest.mark.parametrize(
    ("answer", "error_class", "code"),
    [
        (no("You cannot send messages to this user."), "recipient", "cannot_direct_message"),
        (no("This user is suspended"), "recipient", "cannot_direct_message"),
        (no("gone", 404), "recipient", "cannot_direct_message"),
        (no("Your account is temporarily locked"), "channel", "http_403"),
        (no("duplicate"), "content", "duplicate"),
        (no("bad", 400), "content", "http_400"),
    ],
)
def test_each_refusal_of_a_direct_message(answer, error_class, code):
    result, _ = send({WITH: answer}, DIRECT)
    assert (result.error_class, result.error_code) == (error_class, code)


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_fault_of_the_server_may_hide_a_message_that_went_out(status):
    result, _ = send({"POST /2/tweets": told(b"", status)})
    assert (result.state, result.retry_after_seconds) == (SendState.UNKNOWN, 0)


def test_a_yes_without_an_id_may_be_one():
    for answer in (told({}), told(b"<html>"), told({"data": {"id": True}}), told({"data": 5})):
        assert send({"POST /2/tweets": answer})[0].error_code == "no_id"


def test_a_yes_with_errors_beside_it_is_a_yes():
    answer = told({"data": {"id": "900"}, "errors": [{"detail": "a field is missing"}]}, 201)
    assert send({"POST /2/tweets": answer})[0].state is SendState.ACCEPTED


SOON, LATER = str(int(NOW.timestamp()) + 40), str(int(NOW.timestamp()) + 7_000)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"x_rate_limit_reset": SOON}, 40),
        ({"x_rate_limit_remaining": "0", "x_rate_limit_reset": SOON}, 40),
        (
            {
                "x_rate_limit_remaining": "5",
                "x_rate_limit_reset": SOON,
                "x_user_limit_24hour_remaining": "0",
                "x_user_limit_24hour_reset": LATER,
            },
            7_000,
        ),
        ({"x_rate_limit_remaining": "5", "x_rate_limit_reset": LATER, "retry_after": "9"}, 9),
        ({"x_app_limit_24hour_reset": "4000000000"}, 86_400),
        ({"x_app_limit_24hour_reset": "99999999999"}, 60),
        ({"retry_after": "12"}, 12),
        ({"x_rate_limit_reset": "soon"}, 60),
        ({"x_rate_limit_reset": "1"}, 60),
        ({}, 60),
    ],
)
def test_a_throttle_says_when_it_ends(headers, wait):
    result, _ = send({"POST /2/tweets": told({}, 429, **headers)})
    assert (result.state, result.error_class) == (SendState.RETRY, ErrorClass.THROTTLED)
    assert result.retry_after_seconds == wait


def test_a_long_explanation_is_cut_and_holds_no_key():
    secret = {**SECRET, "consumer_secrets": ["c", "access-token-and-more"], "other": [5]}
    detail = "access-token-and-more app-bearer " + "x" * 250 + "access-token"
    result, _ = send({"POST /2/tweets": no(detail)}, secret=secret)
    assert len(result.error_text) <= verdicts.MAX_TEXT
    assert "access-t" not in result.error_text
    assert "app-bearer" not in result.error_text


# -- files ---------------------------------------------------------------------------------------


def test_pictures_go_up_before_the_reply_that_shows_them():
    script = {
        f"POST {UPLOAD}": [told({"data": {"id": "1"}}), told({"data": {"id": 2}})],
        "POST /2/tweets": POSTED,
    }
    result, x = send(script, replace(REPLY, text=" ", files=(file(), file(body=b"two"))))
    assert result.platform_id == "900"
    first, second, reply = x.contents()
    assert first == {
        "media": base64.b64encode(b"picture").decode(),
        "media_category": "tweet_image",
        "media_type": "image/png",
    }
    assert base64.b64decode(second["media"]) == b"two"
    assert reply == {
        "media": {"media_ids": ["1", "2"]},
        "reply": {"in_reply_to_tweet_id": "77"},
    }


def test_a_picture_in_private_is_an_attachment():
    script = {f"POST {UPLOAD}": told({"data": {"id": "1"}}), WITH: SENT}
    for outgoing in (DIRECT, replace(REPLY, invite=True)):
        _, x = send(script, replace(outgoing, text="", files=(file(),)))
        upload, message = x.contents()
        assert upload["media_category"] == "dm_image"
        assert message == {"attachments": [{"media_id": "1"}]}


def moving(*states):
    infos = [{"data": {"processing_info": state}} for state in states]
    return {
        f"POST {UPLOAD}/initialize": told({"data": {"id": "5"}}),
        f"POST {UPLOAD}/5/append": told({"data": {}}),
        f"POST {UPLOAD}/5/finalize": told(infos[0]),
        f"GET {UPLOAD}": [told(info) for info in infos[1:]],
        "POST /2/tweets": POSTED,
    }


def film(body=b"film", mime_type="video/mp4"):
    return replace(REPLY, files=(file("a.mp4", mime_type, body),))


def test_a_video_goes_up_in_pieces_and_is_waited_for():
    script = moving(
        {"state": "pending", "check_after_secs": 0},
        {"state": "in_progress", "check_after_secs": 0},
        {"state": "succeeded"},
    )
    body = b"x" * 4_000_000 + b"end"
    result, x = send(script, film(body))
    assert result.platform_id == "900"
    begin, first, second, reply = x.contents()
    assert begin == {
        "media_category": "tweet_video",
        "media_type": "video/mp4",
        "total_bytes": len(body),
    }
    assert (first["segment_index"], second["segment_index"]) == (0, 1)
    assert base64.b64decode(first["media"]) + base64.b64decode(second["media"]) == body
    assert reply["media"] == {"media_ids": ["5"]}
    assert [asked.query for asked in x.asked if asked.method == "GET"] == [
        {"command": "STATUS", "media_id": "5"}
    ] * 2


def test_a_moving_picture_goes_the_same_way_and_may_be_ready_at_once():
    _, x = send({**moving({}), f"POST {UPLOAD}/5/finalize": told({})}, film(mime_type="image/gif"))
    assert x.contents()[0]["media_category"] == "tweet_gif"
    assert x.calls()[-1] == "POST /2/tweets"


@pytest.mark.parametrize(
    ("states", "state", "code"),
    [
        ([{"state": "failed"}], SendState.FAILED, "file_refused"),
        ([{"state": "pending", "check_after_secs": 21}], SendState.RETRY, "file_not_ready"),
        ([{"state": "pending", "check_after_secs": 0}] * 2, SendState.RETRY, "file_not_ready"),
    ],
)
def test_a_video_that_does_not_get_ready_is_not_sent(states, state, code):
    result, x = send(moving(*states), film())
    assert (result.state, result.error_code) == (state, code)
    assert "POST /2/tweets" not in x.calls()
    assert len(x.calls()) < 15


@pytest.mark.parametrize("step", ["initialize", "5/append", "5/finalize"])
@pytest.mark.parametrize(
    ("answer", "state", "error_class"),
    [
        (told({}, 500), SendState.RETRY, ErrorClass.UNAVAILABLE),
        (Told(silent=True), SendState.RETRY, ErrorClass.UNAVAILABLE),
        (told({}, 429), SendState.RETRY, ErrorClass.THROTTLED),
        (told({}, 403), SendState.FAILED, ErrorClass.CHANNEL),
        (told({}, 400), SendState.FAILED, ErrorClass.CONTENT),
    ],
)
def test_a_file_that_could_not_be_brought_up_sends_nothing(step, answer, state, error_class):
    script = {**moving({"state": "succeeded"}), f"POST {UPLOAD}/{step}": answer}
    result, x = send(script, film())
    assert (result.state, result.error_class) == (state, error_class)
    assert "POST /2/tweets" not in x.calls()


@pytest.mark.parametrize("outgoing", [replace(REPLY, files=(file(),)), film()])
def test_a_file_without_an_id_is_brought_up_again_later(outgoing):
    script = {f"POST {UPLOAD}": told({"data": {}}), f"POST {UPLOAD}/initialize": told({})}
    result, _ = send(script, outgoing)
    assert (result.state, result.error_code) == (SendState.RETRY, "no_media_id")


# -- hiding --------------------------------------------------------------------------------------


def moderate(script, action="hide", platform_id="77", secret=SECRET):
    with network(script) as x:
        return XRoom().moderate(HANDLE, platform_id, action, secret=secret, places=x.places), x


@pytest.mark.parametrize(("action", "hidden"), [("hide", True), ("unhide", False)])
def test_a_reply_can_be_hidden_and_shown_again(action, hidden):
    script = {"PUT /2/tweets/77/hidden": told({"data": {"hidden": hidden}})}
    result, x = moderate(script, action)
    assert (result.state, result.platform_id) == (SendState.ACCEPTED, "77")
    assert x.contents() == [{"hidden": hidden}]


@pytest.mark.parametrize(
    ("answer", "state", "code"),
    [
        (told({"data": {"hidden": False}}), SendState.FAILED, "http_200"),
        (no("not yours"), SendState.FAILED, "http_403"),
        (told({}, 500), SendState.RETRY, "http_500"),
        (Told(silent=True), SendState.RETRY, "no_answer"),
        (told({}, 429), SendState.RETRY, "http_429"),
    ],
)
def test_hiding_that_did_not_work_is_told_or_tried_again(answer, state, code):
    result, _ = moderate({"PUT /2/tweets/77/hidden": answer})
    assert (result.state, result.error_code) == (state, code)


def test_what_x_cannot_do_is_refused_without_a_call():
    for result, x in (
        moderate({}, "delete"),
        moderate({}, platform_id="../7"),
        moderate({}, secret={}),
    ):
        assert result.state is SendState.FAILED
        assert not x.asked


# -- limits, prices, keys ------------------------------------------------------------------------


def test_the_limits_of_posts_and_of_direct_messages():
    public = XRoom().capabilities(HANDLE, public=True)
    assert (public.text_limit, public.text_unit) == (280, LimitUnit.WEIGHTED)
    assert (public.summoned_only, public.hides, public.deletes) == (True, True, False)
    assert (public.invite, public.files) == (Invite.DIRECT_MESSAGE, 4)
    private = XRoom().capabilities(HANDLE, public=False)
    assert (private.text_limit, private.receipts, private.files) == (10_000, True, 1)
    assert private.rates == (Rate(15, 900), Rate(1440, 86_400))
    assert not private.repeatable


def test_an_enterprise_contract_answers_whom_it_likes_at_another_price():
    handle = replace(HANDLE, settings={"access": "enterprise"})
    assert not XRoom().capabilities(handle, public=True).summoned_only
    assert XRoom().price(replace(REPLY, handle=handle)) == 15_000


def test_whom_x_lets_us_answer_can_be_left_to_x_at_the_usual_price():
    handle = replace(HANDLE, settings={"summoned": "unchecked"})
    assert not XRoom().capabilities(handle, public=True).summoned_only
    assert XRoom().price(replace(REPLY, handle=handle)) == 10_000


@pytest.mark.parametrize(
    ("outgoing", "price"),
    [
        (REPLY, 10_000),
        (replace(REPLY, text="see https://acme.example/a"), 200_000),
        (replace(REPLY, text="see shop.acme.com."), 200_000),
        (replace(REPLY, text="see www.acme"), 200_000),
        (replace(REPLY, text="mail us at care@acme.com, thanks.ok"), 10_000),
        (DIRECT, 15_000),
        (replace(DIRECT, text="https://acme.example"), 15_000),
        (replace(REPLY, invite=True, text="https://acme.example"), 15_000),
    ],
)
def test_what_a_message_costs(outgoing, price):
    assert XRoom().price(outgoing) == price


def test_every_price_is_a_whole_number_of_millionths():
    assert all(isinstance(price, int) and price > 0 for price in prices.EVENTS.values())


def test_a_signed_call_is_what_openssl_signs():
    """`openssl dgst -sha1 -hmac 'c%20s%26&t%2Fs' -binary` over the base string of RFC 5849."""
    keys = Keys("123-tok", "t/s", "ck", "c s&")
    query = {"command": "STATUS", "media_id": "19"}
    url = "https://api.x.com/2/media/upload"
    header = keys.oauth("GET", url, query, "1763719200", "abc123")
    assert 'oauth_signature="MmfJ%2BowzmPXIa87NzbqZ%2FzJbwAo%3D"' in header
    assert header.startswith('OAuth oauth_consumer_key="ck", oauth_nonce="abc123"')


def test_with_a_token_that_does_not_expire_each_call_is_signed_anew():
    secret = {**SECRET, "consumer_key": "ck", "access_token_secret": "t/s"}
    headers = []
    for _ in range(2):
        result, x = send({"POST /2/tweets": POSTED}, secret=secret)
        assert result.state is SendState.ACCEPTED
        headers.append(x.asked[0].headers["authorization"])
    assert all(header.startswith("OAuth ") for header in headers)
    assert headers[0] != headers[1]
    assert f'oauth_timestamp="{int(NOW.timestamp())}"' in headers[0]


def test_the_keys_of_an_odd_secret_are_empty():
    assert keys_of({"consumer_secrets": 5, "bearer": ["a"], "access_token": " a "}) == Keys(
        access_token="a", all=(" a ", "a")
    )
