"""Signature vectors, computed with openssl, and whatever else a header may hold."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from chalicelib.channels.contract import SignatureError
from chalicelib.channels.meta import signature as meta
from chalicelib.channels.meta.room import MetaRoom
from chalicelib.channels.standard import signature as standard
from chalicelib.channels.standard.room import StandardRoom

VECTORS = json.loads((Path(__file__).parents[2] / "events" / "vectors.json").read_text())
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
KEY = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def of(kind):
    found = [pytest.param(vector, id=vector["id"]) for vector in VECTORS if vector["kind"] == kind]
    assert found
    return found


@pytest.mark.parametrize("vector", of("meta-signature"))
def test_meta_signatures_over_the_raw_bytes(vector):
    body = base64.b64decode(vector["body_base64"])
    check = lambda: MetaRoom().verify(
        body,
        {"X-Hub-Signature-256": vector["header"]},
        {"app_secrets": vector["secrets"]},
        NOW,
    )
    if vector["valid"]:
        assert check().body == body
    else:
        with pytest.raises(SignatureError) as refused:
            check()
        assert refused.value.status == 401


@pytest.mark.parametrize("vector", of("meta-handshake"))
def test_the_handshake_has_no_signature_and_is_answered_with_the_challenge(vector):
    if vector["answer"]:
        assert meta.handshake(vector["query"], vector["verify_token"]) == vector["answer"]
    else:
        with pytest.raises(SignatureError) as refused:
            meta.handshake(vector["query"], vector["verify_token"])
        assert refused.value.status == 403


def test_an_unset_verify_token_refuses_an_empty_one():
    query = {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}
    with pytest.raises(SignatureError):
        meta.handshake(query, "")
    with pytest.raises(SignatureError):
        meta.handshake(None, "token")


def test_a_challenge_is_given_back_only_when_it_is_plain():
    query = {"hub.mode": "subscribe", "hub.verify_token": "t", "hub.challenge": "a b\n"}
    with pytest.raises(SignatureError) as refused:
        meta.handshake(query, "t")
    assert refused.value.reason == "challenge_malformed"


@pytest.mark.parametrize("vector", of("meta-proof"))
def test_the_proof_of_our_app_secret(vector):
    found = meta.appsecret_proof(vector["secret"], vector["token"], vector["at"])
    assert found == vector["proof"]


@pytest.mark.parametrize("vector", of("apigw-event"))
def test_what_chalice_hands_over_verifies_whether_or_not_it_came_in_base64(vector):
    from chalice.app import Request

    request = Request(vector["event"])
    verified = meta.verify(request.raw_body, request.headers, tuple(vector["secrets"]))
    assert json.loads(verified.body)["object"] == "page"


def test_the_secret_that_fitted_is_told():
    headers = {"x-hub-signature-256": "sha256=" + hmac.new(b"b", b"x", hashlib.sha256).hexdigest()}
    assert meta.verify(b"x", headers, ("a", "b", "c")).secret_index == 1


@pytest.mark.parametrize(
    "secret", [{}, {"app_secrets": []}, {"app_secrets": [""]}, {"app_secrets": "x"}]
)
def test_without_an_app_secret_nothing_is_let_in(secret):
    headers = {"x-hub-signature-256": "sha256=" + hmac.new(b"", b"x", hashlib.sha256).hexdigest()}
    with pytest.raises(SignatureError) as refused:
        MetaRoom().verify(b"x", headers, secret, NOW)
    assert refused.value.reason == "no_secret"


JUNK = st.one_of(
    st.none(),
    st.text(max_size=100),
    st.sampled_from(["sha256=", "sha1=" + "0" * 40, "sha256=é", "sha256=" + "G" * 64, "\udcff"]),
    st.binary(max_size=80).map(lambda raw: "sha256=" + raw.decode("latin-1")),
)


@given(JUNK)
def test_no_junk_in_metas_header_is_more_than_a_refusal(junk):
    with pytest.raises(SignatureError) as refused:
        meta.verify(b"{}", {"X-Hub-Signature-256": junk}, ("secret",))
    assert refused.value.status == 401


def test_a_header_that_came_twice_is_refused():
    right = "sha256=" + hmac.new(b"s", b"{}", hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": right, "x-hub-signature-256": right}
    with pytest.raises(SignatureError):
        meta.verify(b"{}", headers, ("s",))


@pytest.mark.parametrize("vector", of("standard-signature"))
def test_standard_signatures(vector):
    body = base64.b64decode(vector["body_base64"])
    now = datetime.fromtimestamp(vector["now"], UTC)
    check = lambda: StandardRoom().verify(
        body, vector["headers"], {"secrets": vector["secrets"]}, now
    )
    if vector["valid"]:
        assert check().event_id == next(iter(vector["headers"].values()))
    else:
        with pytest.raises(SignatureError) as refused:
            check()
        assert refused.value.status == 401


@given(st.binary(max_size=200), st.binary(min_size=24, max_size=64))
def test_our_standard_signature_is_the_librarys(body, key):
    secret = "whsec_" + base64.b64encode(key).decode()
    headers = standard.sign(body, "msg_1", NOW, [secret])
    expected = Webhook(secret).sign("msg_1", NOW, body.decode("latin-1"))
    if body.isascii():
        assert headers["webhook-signature"] == expected
    assert standard.verify(body, headers, [secret], NOW).body == body


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "webhook-id",
                "webhook-timestamp",
                "webhook-signature",
                "svix-id",
                "svix-timestamp",
                "svix-signature",
            ]
        ),
        JUNK,
    )
)
def test_no_junk_in_standard_headers_is_more_than_a_refusal(junk):
    with pytest.raises(SignatureError) as refused:
        standard.verify(b"{}", junk, [KEY], NOW)
    assert refused.value.status == 401


@given(st.text(max_size=80))
def test_no_junk_in_a_right_looking_signature_list_is_more_than_a_refusal(junk):
    headers = standard.sign(b"{}", "msg_1", NOW, [KEY])
    headers["webhook-signature"] = f"v1,{junk} v1 {junk}"
    with pytest.raises(SignatureError):
        standard.verify(b"{}", headers, [KEY], NOW)


def test_the_two_sets_of_names_are_not_mixed():
    """A header of the other set does not complete a set: the id might not be the one meant."""
    signed = standard.sign(b"{}", "msg_1", NOW, [KEY])
    mixed = {
        "webhook-id": signed["webhook-id"],
        "svix-timestamp": signed["webhook-timestamp"],
        "webhook-signature": signed["webhook-signature"],
    }
    with pytest.raises(SignatureError) as refused:
        standard.verify(b"{}", mixed, [KEY], NOW)
    assert refused.value.reason == "header_missing"


def test_unusable_secrets_are_left_out_and_none_left_is_an_error():
    assert standard.keys_of(["whsec_%%%", "whsec_c2hvcnQ=", 7, KEY]) == [bytes(range(32))]
    with pytest.raises(ValueError):
        standard.sign(b"{}", "msg_1", NOW, ["whsec_"])


def test_a_webhook_signed_with_the_instagram_apps_own_secret_is_taken():
    body = b'{"object":"instagram","entry":[]}'
    proof = "sha256=" + hmac.new(b"ig-secret", body, hashlib.sha256).hexdigest()
    secret = {"app_secrets": ["other"], "instagram_app_secret": "ig-secret"}
    headers = {"X-Hub-Signature-256": proof}
    assert MetaRoom().verify(body, headers, secret, NOW).secret_index == 1
    with pytest.raises(SignatureError):
        MetaRoom().verify(body, headers, {"app_secrets": ["other"]}, NOW)
