"""Sending, against a platform on loopback."""

import json
import socket
from dataclasses import replace

import pytest

from chalicelib.channels.contract import UnknownChannelError
from chalicelib.channels.meta.signature import appsecret_proof
from chalicelib.channels.sender import ChannelSender
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import ErrorClass, Outgoing, SendState

TOKEN = "msgtoken0000000000000000001"
SECRET = {
    "app_secrets": ["app-secret", "older"],
    "tokens": {"PAGE": "page-token", "IG": "ig-token", "PN1": "wa-token"},
}
ACCOUNTS = {
    Channel.FACEBOOK_PAGE: "PAGE",
    Channel.MESSENGER: "PAGE",
    Channel.INSTAGRAM: "IG",
    Channel.WHATSAPP: "PN1",
}


def outgoing(channel, **changes):
    settings = changes.pop("settings", {})
    handle = Handle("acme", channel, ACCOUNTS.get(channel, "X"), "Acme", "care", settings=settings)
    public = channel is Channel.FACEBOOK_PAGE
    return replace(Outgoing(TOKEN, handle, "CUSTOMER", public, "Hello ü"), **changes)


def send(platform, message, secret=SECRET):
    return ChannelSender({"meta": secret}.__getitem__, platform.places).send(message)


def test_messenger_carries_our_token_and_proves_the_app(platform):
    platform.answer = {"recipient_id": "CUSTOMER", "message_id": "m_1"}
    result = send(platform, outgoing(Channel.MESSENGER))
    assert (result.state, result.platform_id) == (SendState.ACCEPTED, "m_1")
    asked = platform.asked[0]
    assert asked.path == "/v26.0/PAGE/messages"
    assert asked.query == {"appsecret_proof": appsecret_proof("app-secret", "page-token")}
    assert asked.headers["authorization"] == "Bearer page-token"
    assert asked.content == {
        "recipient": {"id": "CUSTOMER"},
        "messaging_type": "RESPONSE",
        "message": {"text": "Hello ü", "metadata": TOKEN},
    }


def test_only_a_person_may_answer_after_the_window_and_only_under_the_one_tag_left(platform):
    platform.answer = {"message_id": "m_1"}
    late = outgoing(Channel.MESSENGER, outside_window=True)
    assert send(platform, late).state is SendState.ACCEPTED
    content = platform.asked[0].content
    assert (content["messaging_type"], content["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")
    refused = send(platform, replace(late, human=False))
    assert (refused.state, refused.error_class) == (SendState.FAILED, ErrorClass.WINDOW)
    assert "Wait until the customer writes again" in refused.error_text
    assert len(platform.asked) == 1


def test_instagram_login_goes_to_its_own_host_without_proof_or_metadata(platform):
    platform.answer = {"recipient_id": "CUSTOMER", "message_id": "ig_1"}
    assert send(platform, outgoing(Channel.INSTAGRAM)).platform_id == "ig_1"
    asked = platform.asked[0]
    assert (asked.path, asked.query) == ("/instagram/v26.0/IG/messages", {})
    assert asked.content == {"recipient": {"id": "CUSTOMER"}, "message": {"text": "Hello ü"}}
    send(platform, outgoing(Channel.INSTAGRAM, outside_window=True))
    assert platform.asked[1].content["tag"] == "HUMAN_AGENT"


def test_instagram_login_is_proven_by_its_own_app_secret_where_there_is_one(platform):
    platform.answer = {"message_id": "ig_1"}
    send(platform, outgoing(Channel.INSTAGRAM), SECRET | {"instagram_app_secret": "ig-secret"})
    assert platform.asked[0].query == {"appsecret_proof": appsecret_proof("ig-secret", "ig-token")}


def test_instagram_by_facebook_login_goes_through_the_page(platform):
    platform.answer = {"message_id": "ig_1"}
    send(platform, outgoing(Channel.INSTAGRAM, settings={"page_id": "PAGE"}))
    asked = platform.asked[0]
    assert asked.path == "/v26.0/PAGE/messages"
    assert asked.content["message"]["metadata"] == TOKEN


@pytest.mark.parametrize(
    ("channel", "reply_to", "path"),
    [
        (Channel.FACEBOOK_PAGE, "55501_9001", "/v26.0/55501_9001/comments"),
        (Channel.FACEBOOK_PAGE, "", "/v26.0/POST/comments"),
        (Channel.INSTAGRAM, "1791", "/instagram/v26.0/1791/replies"),
    ],
)
def test_public_replies_answer_the_comment_or_the_post(platform, channel, reply_to, path):
    platform.answer = {"id": "55501_9009"}
    message = outgoing(channel, public=True, reply_to_id=reply_to, post_id="POST")
    assert send(platform, message).platform_id == "55501_9009"
    assert platform.asked[0].path == path
    assert platform.asked[0].form == {"message": "Hello ü"}


def test_a_public_reply_to_nothing_is_refused(platform):
    assert send(platform, outgoing(Channel.FACEBOOK_PAGE)).error_code == "nothing_to_answer"
    assert platform.asked == []


def test_whatsapp_carries_our_token_and_quotes_what_it_answers(platform):
    platform.answer = {
        "contacts": [{"input": "1413", "wa_id": "1413"}],
        "messages": [{"id": "wamid.1", "message_status": "accepted"}],
    }
    result = send(platform, outgoing(Channel.WHATSAPP, recipient="1413", reply_to_id="wamid.0"))
    assert (result.state, result.platform_id) == (SendState.ACCEPTED, "wamid.1")
    assert platform.asked[0].path == "/v26.0/PN1/messages"
    assert platform.asked[0].content == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "1413",
        "type": "text",
        "text": {"body": "Hello ü", "preview_url": False},
        "context": {"message_id": "wamid.0"},
        "biz_opaque_callback_data": TOKEN,
    }


def test_whatsapp_names_a_hidden_number_by_bsuid_and_a_group_by_its_id(platform):
    platform.answer = {"messages": [{"id": "wamid.1"}]}
    send(platform, outgoing(Channel.WHATSAPP, recipient="US.1349"))
    send(platform, outgoing(Channel.WHATSAPP, recipient="US.1349", post_id="HBgGROUP"))
    hidden, group = (asked.content for asked in platform.asked)
    assert hidden["recipient"] == "US.1349"
    assert "to" not in hidden
    assert (group["to"], group["recipient_type"]) == ("HBgGROUP", "group")
    assert "recipient" not in group


def test_whatsapp_takes_no_text_after_the_window(platform):
    refused = send(platform, outgoing(Channel.WHATSAPP, outside_window=True))
    assert (refused.error_class, platform.asked) == (ErrorClass.WINDOW, [])
    assert "template" in refused.error_text


ERRORS = [
    # status, code, subcode, transient -> state, class
    (500, 1, 0, False, SendState.RETRY, ErrorClass.UNAVAILABLE),
    (500, 1, 1357046, True, SendState.UNKNOWN, ErrorClass.UNANSWERED),
    (500, 2, 0, True, SendState.RETRY, ErrorClass.UNAVAILABLE),
    (400, 4, 0, True, SendState.RETRY, ErrorClass.THROTTLED),
    (400, 613, 0, False, SendState.RETRY, ErrorClass.THROTTLED),
    (400, 80007, 0, False, SendState.RETRY, ErrorClass.THROTTLED),
    (400, 131056, 0, False, SendState.RETRY, ErrorClass.THROTTLED),
    (400, 131016, 0, False, SendState.RETRY, ErrorClass.UNAVAILABLE),
    (400, 190, 463, False, SendState.FAILED, ErrorClass.CHANNEL),
    (400, 10, 0, False, SendState.FAILED, ErrorClass.CHANNEL),
    (403, 200, 0, False, SendState.FAILED, ErrorClass.CHANNEL),
    (403, 299, 0, False, SendState.FAILED, ErrorClass.CHANNEL),
    (400, 131042, 0, False, SendState.FAILED, ErrorClass.CHANNEL),
    (400, 10, 2018278, False, SendState.FAILED, ErrorClass.WINDOW),
    (400, 10, 2534022, False, SendState.FAILED, ErrorClass.WINDOW),
    (400, 131047, 0, False, SendState.FAILED, ErrorClass.WINDOW),
    (400, 551, 0, False, SendState.FAILED, ErrorClass.RECIPIENT),
    (400, 100, 2018001, False, SendState.FAILED, ErrorClass.RECIPIENT),
    (403, 200, 2534041, False, SendState.FAILED, ErrorClass.RECIPIENT),
    (400, 131062, 0, False, SendState.FAILED, ErrorClass.RECIPIENT),
    (400, 100, 0, False, SendState.FAILED, ErrorClass.CONTENT),
    (400, 100, 1893061, False, SendState.FAILED, ErrorClass.CONTENT),
    (400, 132000, 0, False, SendState.FAILED, ErrorClass.CONTENT),
    (400, 131049, 0, True, SendState.FAILED, ErrorClass.LIMIT),
    (400, 424242, 0, False, SendState.FAILED, ErrorClass.CONTENT),
    (400, 424242, 0, True, SendState.RETRY, ErrorClass.UNAVAILABLE),
    (500, 424242, 0, False, SendState.RETRY, ErrorClass.UNAVAILABLE),
    (429, 424242, 0, False, SendState.RETRY, ErrorClass.THROTTLED),
    (200, 100, 0, False, SendState.FAILED, ErrorClass.CONTENT),
]


@pytest.mark.parametrize(
    "case", ERRORS, ids=lambda case: f"{case[1]}-{case[2]}-{case[0]}-{case[3]}"
)
def test_each_class_of_metas_errors(platform, case):
    status, code, subcode, transient, state, error_class = case
    error = {"message": "(#1) no", "code": code, "is_transient": transient, "fbtrace_id": "x"}
    platform.status = status
    platform.answer = {"error": error | ({"error_subcode": subcode} if subcode else {})}
    result = send(platform, outgoing(Channel.MESSENGER))
    assert (result.state, result.error_class) == (state, error_class)
    assert result.error_code == (f"{code}/{subcode}" if subcode else str(code))
    assert result.error_text == "(#1) no"


@pytest.mark.parametrize(
    ("status", "answer", "state", "error_class"),
    [
        (429, b"slow down", SendState.RETRY, ErrorClass.THROTTLED),
        (503, b"<html>", SendState.RETRY, ErrorClass.UNAVAILABLE),
        (502, b"<html>", SendState.UNKNOWN, ErrorClass.UNANSWERED),
        (504, b"", SendState.UNKNOWN, ErrorClass.UNANSWERED),
        (401, b"", SendState.FAILED, ErrorClass.CHANNEL),
        (404, b"", SendState.FAILED, ErrorClass.CONTENT),
        (302, b"", SendState.UNKNOWN, ErrorClass.UNANSWERED),
        (200, b"not json", SendState.UNKNOWN, ErrorClass.UNANSWERED),
        (200, {"success": True}, SendState.UNKNOWN, ErrorClass.UNANSWERED),
        (200, {"messages": "odd"}, SendState.UNKNOWN, ErrorClass.UNANSWERED),
        (400, {"error": "odd"}, SendState.FAILED, ErrorClass.CONTENT),
        (200, b'{"message_id":"m"}' + b" " * 100_000, SendState.ACCEPTED, ErrorClass.NONE),
    ],
)
def test_answers_that_explain_nothing(platform, status, answer, state, error_class):
    """Nothing is sent again unless it certainly was not sent."""
    platform.status, platform.answer = status, answer
    result = send(platform, outgoing(Channel.MESSENGER))
    assert (result.state, result.error_class) == (state, error_class)


def test_a_redirect_is_not_followed(platform):
    platform.status, platform.headers = 307, {"location": platform.url + "/elsewhere"}
    send(platform, outgoing(Channel.MESSENGER))
    assert len(platform.asked) == 1


def test_the_platforms_own_wait_is_passed_on(platform):
    usage = {
        "PAGE": [{"type": "messenger", "call_count": 100, "estimated_time_to_regain_access": 3}]
    }
    platform.status, platform.answer = 400, {"error": {"code": 80006, "message": "busy"}}
    platform.headers = {"X-Business-Use-Case-Usage": json.dumps(usage), "Retry-After": "7"}
    assert send(platform, outgoing(Channel.MESSENGER)).retry_after_seconds == 180
    platform.headers = {"X-Business-Use-Case-Usage": "odd", "Retry-After": "7"}
    assert send(platform, outgoing(Channel.MESSENGER)).retry_after_seconds == 7
    platform.answer, platform.headers = {"error": {"code": 131056}}, {}
    assert send(platform, outgoing(Channel.MESSENGER)).retry_after_seconds == 6


def test_nobody_listening_means_certainly_not_sent(platform):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    result = ChannelSender(
        {"meta": SECRET}.__getitem__, replace(platform.places, graph_url=url)
    ).send(outgoing(Channel.MESSENGER))
    assert (result.state, result.error_class) == (SendState.RETRY, ErrorClass.UNAVAILABLE)


def test_a_platform_that_speaks_no_tls_is_not_certain(platform):
    """A broken handshake is no proof; a wrong certificate would be."""
    url = platform.url.replace("http:", "https:")
    result = ChannelSender(
        {"meta": SECRET}.__getitem__, replace(platform.places, graph_url=url)
    ).send(outgoing(Channel.MESSENGER))
    assert result.state is SendState.UNKNOWN
    assert platform.asked == []


@pytest.mark.parametrize("manner", ["hang", "drop"])
def test_no_answer_after_the_request_left_is_unknown(platform, manner):
    platform.manner = manner
    result = send(platform, outgoing(Channel.MESSENGER))
    assert (result.state, result.error_class) == (SendState.UNKNOWN, ErrorClass.UNANSWERED)
    assert len(platform.asked) == 1


def test_without_secret_or_token_the_channel_is_broken_and_nothing_is_called(platform):
    message = outgoing(Channel.MESSENGER)
    assert send(platform, message, {"tokens": {"OTHER": "x"}}).error_code == "no_token"
    assert send(platform, message, {"tokens": "odd"}).error_code == "no_token"
    missing = ChannelSender({}.__getitem__, platform.places).send(message)
    assert (missing.error_class, missing.error_code) == (ErrorClass.CHANNEL, "no_secret")
    assert platform.asked == []


def test_a_handle_of_another_app_names_its_own_secret(platform):
    platform.answer = {"message_id": "m_1"}
    message = outgoing(Channel.MESSENGER)
    message = replace(message, handle=replace(message.handle, secret="other-app"))
    sender = ChannelSender({"other-app": {"tokens": {"PAGE": "t"}}}.__getitem__, platform.places)
    assert sender.send(message).state is SendState.ACCEPTED
    assert platform.asked[0].query == {}  # no app secret, no proof


@pytest.mark.parametrize(
    ("channel", "public", "fits", "too_long"),
    [
        (Channel.MESSENGER, False, "ü" * 2_000, "ü" * 2_001),
        (Channel.INSTAGRAM, False, "ü" * 500, "ü" * 500 + "a"),  # bytes
        (Channel.INSTAGRAM, True, "ü" * 300, "ü" * 301),
        (Channel.WHATSAPP, False, "ü" * 4_096, "ü" * 4_097),
        (Channel.FACEBOOK_PAGE, True, "ü" * 8_000, "ü" * 8_001),
    ],
)
def test_texts_over_the_limit_are_refused_in_the_channels_own_unit(
    platform, channel, public, fits, too_long
):
    platform.answer = {"id": "1", "message_id": "1"}
    message = outgoing(channel, public=public, reply_to_id="c")
    assert send(platform, replace(message, text=fits)).state is SendState.ACCEPTED
    refused = send(platform, replace(message, text=too_long))
    assert (refused.error_class, refused.error_code) == (ErrorClass.CONTENT, "text_too_long")
    assert send(platform, replace(message, text=" \n")).error_code == "text_empty"
    assert len(platform.asked) == 1


def test_channels_without_a_room_are_an_error(platform):
    sender = ChannelSender({}.__getitem__, platform.places)
    unserved = outgoing(Channel.TELEGRAM, settings={"provider": "nobody"})
    with pytest.raises(UnknownChannelError):
        sender.send(unserved)
    with pytest.raises(UnknownChannelError):
        sender.capabilities(unserved.handle, public=True)


@pytest.mark.parametrize("public", [True, False])
@pytest.mark.parametrize("channel", [*ACCOUNTS, Channel.WEBHOOK])
def test_every_channel_with_a_window_says_what_may_be_done_after_it(platform, channel, public):
    sender = ChannelSender({}.__getitem__, platform.places)
    can = sender.capabilities(outgoing(channel).handle, public=public)
    assert can.text_limit > 0
    assert (can.window_seconds is not None) == bool(can.after_window)
