"""Every room's proof: nothing but what the platform itself signed is let in, at any door."""

import ast
import base64
import binascii
import hashlib
import hmac
import json
import random
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib import channels
from chalicelib.channels.contract import PayloadError, SignatureError
from chalicelib.channels.registry import ROOMS, room
from chalicelib.channels.twilio import signature as twilio
from chalicelib.channels.x.room import XRoom
from tests.contract.channels.specimen import NOW, Words
from tests.contract.channels.specimens import SPECIMENS
from tests.hostile.deliveries import take_in
from tests.hostile.rooms import HOOKED, POLLED, PROVING, call, deliver, furnish, named, path
from tests.hostile.test_replays import state

FLIPS = 500
CAPTURED = 1_000
STRICT = ("meta", "standard", "x", "line")
"""Rooms whose platform signs the very bytes, and not what they mean."""

proving = pytest.mark.parametrize("it", PROVING, ids=named)


@pytest.fixture
def rooms(house):
    """The house with a handle of every channel."""
    furnish(house)
    return house


def flipped(raw, bit):
    changed = bytearray(raw)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def lets_in(it, signed, *, body=None, proof=None, secret=None, at=NOW):
    """Return whether the room takes it; every refusal is a SignatureError with its status."""
    headers = dict(signed.headers)
    if proof is not None:
        name = next(name for name in headers if name.lower() == it.signature_header().lower())
        headers[name] = proof
    raw = signed.body if body is None else body
    held = it.secret if secret is None else secret
    try:
        room(it.room).verify(raw, headers, held, at, url=signed.url)
    except SignatureError as error:
        return error.status not in (401, 403)
    return True


def proof_of(it, signed):
    name = it.signature_header().lower()
    return next(value for key, value in signed.headers.items() if key.lower() == name)


def good(it):
    signed = it.sign(it.message(Words()))
    assert lets_in(it, signed)
    return signed, proof_of(it, signed)


def untouched(house):
    parts = house.parts
    return not (parts.inbox.sent or parts.blobs.kept or house.store.messages or parts.media.kept)


# -- doors ---------------------------------------------------------------------------------------


def test_every_room_has_a_handle_here():
    assert {it.room for it in SPECIMENS} | set(POLLED) == set(ROOMS)


@pytest.mark.parametrize("it", SPECIMENS, ids=named)
def test_nobody_delivers_without_a_proof(rooms, it):
    """Mail too has a path among the webhooks, and nothing that anybody could prove there."""
    body = it.message(Words())
    names = [it.signature_header() or "x-signature", "x-amz-sns-message-type"]
    for headers in ({}, dict.fromkeys(names, ""), dict.fromkeys(names, "Notification")):
        unsigned = body if it.room != "sms" else body.replace(b'"Message"', b'"M"')
        answer = call(rooms, it, unsigned, headers)
        assert answer.status in (401, 403), answer.body
    assert untouched(rooms)


@pytest.mark.parametrize("name", POLLED)
def test_nobody_delivers_for_a_network_that_we_go_and_look_at(rooms, name):
    for method in ("GET", "POST"):
        body = b'{"kind":"x"}' if method == "POST" else None
        where = f"/webhooks/{name}/{POLLED[name].id}"
        assert rooms.gateway.call(method, where, body, {}).status == 403
    assert untouched(rooms)


@proving
def test_a_proof_of_one_handle_opens_no_other_room(rooms, it):
    signed = it.sign(it.message(Words()))
    for other in ROOMS:
        if other != it.room:
            where = f"/webhooks/{other}/{it.handle.id}"
            headers = dict(signed.headers)
            answer = rooms.gateway.call("POST", where, signed.body, headers, as_base64=True)
            assert (answer.status, answer.code) == (401, "not_proven")
    assert untouched(rooms)


# -- every bit -----------------------------------------------------------------------------------


@proving
def test_no_bit_of_a_proof_may_differ(it):
    signed, proof = good(it)
    for bit in range(len(proof) * 8):
        wrong = flipped(proof.encode("ascii"), bit).decode("latin-1")
        assert not lets_in(it, signed, proof=wrong), (bit, wrong)


@proving
def test_no_bit_of_what_a_proof_stands_for_may_differ(it):
    """The signature's own bytes, written out again as the platform writes them."""
    signed, proof = good(it)
    head, _, text = proof.rpartition("," if proof.startswith("v1,") else "sha256=")
    start = proof[: len(proof) - len(text)]
    assert start == "" or head == "" or start.startswith("v1")
    with suppress(ValueError):
        raw = bytes.fromhex(text)
        for bit in range(len(raw) * 8):
            assert not lets_in(it, signed, proof=start + flipped(raw, bit).hex()), bit
        return
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        assert not it.signs_body  # a shared token stands for itself
        return
    for bit in range(len(raw) * 8):
        other = base64.b64encode(flipped(raw, bit)).decode()
        assert not lets_in(it, signed, proof=start + other), bit


@pytest.mark.parametrize("it", [one for one in HOOKED if one.signs_body], ids=named)
def test_no_bit_of_a_body_may_differ(it):
    """Where the meaning is signed and not the bytes (forms, SNS), the same meaning may pass."""
    signed = it.sign(it.message(Words()))
    assert lets_in(it, signed)
    draw = random.Random(20261122)
    right = events(it, signed.body)
    for bit in draw.sample(range(len(signed.body) * 8), min(FLIPS, len(signed.body) * 8)):
        body = flipped(signed.body, bit)
        if lets_in(it, signed, body=body):
            assert it.room not in STRICT, (it.room, bit)
            assert events(it, body) == right, bit


def events(it, body):
    try:
        return room(it.room).parse(body, NOW, account_id=it.handle.account_id).events
    except PayloadError:
        return None


@proving
def test_a_proof_has_one_form(it):
    signed, proof = good(it)
    bare = re.sub(r"^(sha256=|v1,)", "", proof)
    wrong = [
        *(proof[:-1], proof[1:], proof + "0", proof + "\n", proof + "\0", " " + proof, proof * 2),
        *(f"{proof},{proof}", f"{bare} {bare}", f"x,{proof}", "sha1=" + bare, "sha512=" + bare),
        *("v2," + bare, "v1a," + bare, "Bearer " + bare, proof.swapcase(), "", " ", "null", "é"),
        *("sha256=", "v1,", "sha256=" + "0" * 64, "v1," + "A" * 43 + "=", "\uff11" * 64),
    ]
    for form in wrong:
        listed = it.room == "standard" and form.strip() == proof  # its header is a list
        assert form == proof or listed or not lets_in(it, signed, proof=form), form


# -- secrets -------------------------------------------------------------------------------------

LISTS = {
    "meta": "app_secrets",
    "standard": "secrets",
    "x": "consumer_secrets",
    "twilio": "auth_tokens",
    "line": "channel_secrets",
    "telegram": "secret_tokens",
}
FIRSTS = {"telegram": "secret_token", "line": "channel_secret"}
"""Where the one in use has a name of its own, and the list holds those before it."""

NEW = "whsec_" + base64.b64encode(b"the secret after the rotation").decode()


def with_secrets(it, listed):
    """Return the specimen's secret with this list of what proves."""
    first = FIRSTS.get(it.room)
    return {**it.secret, LISTS[it.room]: listed, **({first: ""} if first else {})}


def in_use(it):
    """Return the secret that the specimen signs with."""
    first = FIRSTS.get(it.room)
    return it.secret[first] if first else it.secret[LISTS[it.room]][0]


@proving
def test_an_old_secret_proves_during_a_rotation_and_not_afterwards(it):
    signed, _ = good(it)
    old = in_use(it)
    for listed in ([old], [old, NEW], [NEW, old]):
        assert lets_in(it, signed, secret=with_secrets(it, listed))
    for listed in ([NEW], [NEW, NEW], [NEW, old + "x"], [NEW, old[:-1]]):
        assert not lets_in(it, signed, secret=with_secrets(it, listed))


def by_nothing(it, body):
    """Return what anybody can compute: the proof with an empty key."""
    digest = hmac.new(b"", body, hashlib.sha256)
    encoded = base64.b64encode(digest.digest()).decode()
    stamp = str(int(NOW.timestamp()))
    timed = hmac.new(b"", f"m.{stamp}.".encode() + body, hashlib.sha256).digest()
    url = f"https://care.example.com{path(it)}"
    return {
        "meta": lambda: {"X-Hub-Signature-256": "sha256=" + digest.hexdigest()},
        "x": lambda: {"x-twitter-webhooks-signature": "sha256=" + encoded},
        "line": lambda: {"x-line-signature": encoded},
        "standard": lambda: {
            "webhook-id": "m",
            "webhook-timestamp": stamp,
            "webhook-signature": "v1," + base64.b64encode(timed).decode(),
        },
        "twilio": lambda: {"X-Twilio-Signature": twilio.signature(b"", url, twilio.fields(body))},
        "telegram": lambda: {"x-telegram-bot-api-secret-token": ""},
    }[it.room]()


@proving
def test_an_empty_secret_proves_nothing_in_any_room(it):
    """A secret that is not filled in yet must not be one that everybody knows."""
    body = it.sign(it.message(Words())).body
    signed = replace(it.sign(body), headers=by_nothing(it, body))
    empties = ([], [""], ["", ""], [None], [0], [[]], [{}], None, "", {}, 0, ["whsec_"])
    for listed in empties:
        assert not lets_in(it, signed, secret=with_secrets(it, listed)), listed
    assert not lets_in(it, signed, secret={})


EQUALITY = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)


def test_nothing_but_compare_digest_compares_what_was_signed():
    """Nothing that comes of an HMAC stands in an ordinary comparison, whatever it is called."""
    root = Path(channels.__path__[0])
    checked = 0
    for file in sorted(root.rglob("*.py")):
        source = file.read_text("utf-8")
        if "hmac" not in source:
            continue
        checked += "compare_digest(" in source
        tree = ast.parse(source)
        makers = {"digest", "hexdigest", "b64encode"} | {
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and "hmac.new(" in ast.unparse(node)
        }
        made = signed_names(tree, makers)
        for node in ast.walk(tree):
            equal = isinstance(node, ast.Compare) and isinstance(node.ops[0], EQUALITY)
            if equal and "compare_digest" not in ast.unparse(node):
                names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
                told = f"{file.name}:{node.lineno} {ast.unparse(node)}"
                assert not makers & called(node), told
                assert not made & names, told
    assert checked >= len(LISTS)


def signed_names(tree, makers):
    """Return the names that hold what was signed, and those that walk through it."""
    made = set()
    for _ in range(3):
        for node in ast.walk(tree):
            value = getattr(node, "value", getattr(node, "iter", None))
            targets = getattr(node, "targets", [getattr(node, "target", None)])
            if not isinstance(node, ast.Assign | ast.comprehension | ast.For) or value is None:
                continue
            known = {one.id for one in ast.walk(value) if isinstance(one, ast.Name)}
            if makers & called(value) or made & known:
                made |= {one.id for one in targets if isinstance(one, ast.Name)}
    return made


def called(tree):
    """Return the names of the functions that are called below a node."""
    calls = (one.func for one in ast.walk(tree) if isinstance(one, ast.Call))
    return {getattr(one, "attr", getattr(one, "id", "")) for one in calls}


# -- questions that are signed -------------------------------------------------------------------

X_POSTS = next(one for one in SPECIMENS if one.room == "x")
QUESTIONS = (
    "{}",
    " {}",
    '{"a":1}',
    '{"for_user_id":"1","tweet_create_events":[]}',
    "[]",
    '"a"',
    "a b",
    "a\nb",
    "a\0b",
    "a&b=c",
    "%7B%7D",
    "\u007b",
    "\uff5b",
    "é",
    "A" * 257,
    "",
)


@pytest.mark.parametrize("token", QUESTIONS)
def test_x_cannot_be_asked_to_sign_what_could_be_a_body(rooms, token):
    """The answer to the question is the very signature of a body with these bytes."""
    with pytest.raises(SignatureError):
        XRoom().handshake({"crc_token": token}, X_POSTS.secret)
    event = rooms.gateway.event("GET", path(X_POSTS))
    event["multiValueQueryStringParameters"] = {"crc_token": [token]}
    answer = rooms.gateway.app(event, None)
    assert answer["statusCode"] == 403
    assert "sha256=" not in answer["body"]


@pytest.mark.parametrize("it", [one for one in SPECIMENS if one.room == "x"], ids=named)
def test_no_recorded_body_of_x_can_be_had_signed(it):
    for body in (it.message(Words()), it.unknown(), it.odd() or b"{}"):
        with pytest.raises(SignatureError):
            XRoom().handshake({"crc_token": body.decode()}, it.secret)


@pytest.mark.parametrize("token", ["0", "true", "12345", "abc-DEF_123", "QUJD+/RA==", "x" * 256])
def test_what_x_is_answered_proves_no_delivery(rooms, token):
    """What we do sign is no body: a stranger who posts it with our answer is refused."""
    said = json.loads(XRoom().handshake({"crc_token": token}, X_POSTS.secret).body)
    headers = {X_POSTS.signature_header(): said["response_token"]}
    assert call(rooms, X_POSTS, token.encode(), headers).status == 401
    assert untouched(rooms)


@pytest.mark.parametrize("it", HOOKED, ids=named)
def test_no_answer_to_a_question_holds_a_secret_or_a_proof_of_a_body(it):
    body = it.message(Words()).decode("utf-8", "replace")
    names = "crc_token hub.challenge hub.verify_token hub.mode challenge token nonce".split()
    for query in (dict.fromkeys(names, body), dict.fromkeys(names, "subscribe"), {"x": body}):
        with suppress(SignatureError):
            said = room(it.room).handshake(query, it.secret)
            texts = [one for one in texts_of(it.secret) if len(one) > 5]
            assert not [one for one in texts if one in said.body]
            assert proof_of(it, it.sign(body.encode())) not in said.body


def texts_of(value):
    if isinstance(value, dict):
        return [one for held in value.values() for one in texts_of(held)]
    if isinstance(value, list | tuple):
        return [one for held in value for one in texts_of(held)]
    return [value] if isinstance(value, str) else []


# -- replays -------------------------------------------------------------------------------------


def captured():
    """Return 1,000 (specimen, body) of every kind that each platform sends, as they happened."""
    found = []
    count = 1 + CAPTURED // (len(SPECIMENS) * 3)
    for number in range(count):
        for place, it in enumerate(SPECIMENS):
            base = 9_007_199_254_740_993 + number * 100 + place
            words = Words(id=str(base), who=str(base % 97 + 7_000), text=f"Where is it? {number}")
            later = replace(words, text=f"Where is it now? {number}")
            kinds = (
                it.message(words),
                it.reaction(words),
                it.edit(later),
                it.receipt(replace(words, id=str(base + 50)), "delivered"),
                it.delete(words),
                it.unknown() if it.room != "sms" else None,  # no envelope, so not by webhook
            )
            found += [(it, body) for body in kinds if body is not None]
    return found


def test_a_thousand_deliveries_of_all_channels_change_nothing_the_second_time(rooms):
    """Shuffled, a day later: the queue has forgotten its keys, and some are signed anew."""
    bodies = captured()
    assert len(bodies) >= CAPTURED
    for it, body in bodies:
        rooms.parts.now.advance(301)  # some kinds have one id for all: the queue would forget them
        deliver(rooms, it, body)
        assert take_in(rooms) == 0
    before = state(rooms.store)
    assert len(before["messages"]) >= CAPTURED // 6
    rooms.parts.now.advance(days=1)
    random.Random(8).shuffle(bodies)
    for it, body in bodies:
        deliver(rooms, it, body)
        assert take_in(rooms) == 0
    assert state(rooms.store) == before
