"""Signatures of the simulator.

The platforms' own form, checked against other people's code and vectors.
"""

import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from infra.local.simulator.signing import (
    app_proof,
    meta_headers,
    standard_headers,
    standard_verified,
    wire,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
SECRET = "whsec_" + b64encode(b"0123456789abcdef01234567").decode()


def test_wire_escapes_as_meta_does():
    assert wire({"a": "é/<%@\U0001f62e"}) == (
        b'{"a":"\\u00e9\\/\\u003C\\u0025\\u0040\\ud83d\\ude2e"}'
    )


@given(JSON)
def test_wire_means_what_it_was_given(payload):
    assert json.loads(wire(payload)) == payload


@given(JSON)
def test_wire_is_ascii_without_the_escaped_characters(payload):
    body = wire(payload)
    assert body.isascii()
    assert b"%" not in body
    assert b"@" not in body
    assert b"<" not in body


def test_meta_signature_is_over_exactly_the_bytes():
    headers = meta_headers(b'{"a": 1}', "00aa11bb")
    expected = hmac.new(b"00aa11bb", b'{"a": 1}', "sha256").hexdigest()
    assert headers["X-Hub-Signature-256"] == f"sha256={expected}"
    assert meta_headers(b'{"a":1}', "00aa11bb") != headers


def test_proof_is_the_hmac_of_the_token():
    assert app_proof("secret", "token") == hmac.new(b"secret", b"token", "sha256").hexdigest()


def test_standard_signature_is_the_specifications_own_vector():
    headers = standard_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_standard_signature_is_taken_by_the_reference_library():
    body = b'{"type":"a"}'
    now = int(datetime.now(UTC).timestamp())
    headers = standard_headers("msg_1", now, body, SECRET)
    assert Webhook(SECRET).verify(body, headers) == {"type": "a"}


def test_verification_takes_what_the_reference_library_signs():
    body = '{"type":"a"}'
    now = datetime.now(UTC)
    signed = Webhook(SECRET).sign("msg_1", now, body)
    headers = {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(int(now.timestamp())),
        "Webhook-Signature": f"v0,x v1 {signed}",
    }
    assert standard_verified(headers, body.encode(), SECRET, now.timestamp())
    assert not standard_verified(headers, body.encode() + b" ", SECRET, now.timestamp())
    assert not standard_verified(headers, body.encode(), SECRET, now.timestamp() + 301)
    assert not standard_verified({}, body.encode(), SECRET, now.timestamp())
