"""Bombs at every room's door: rightly signed they are kept or refused, and cost little."""

import json
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from chalicelib.channels.contract import SignatureError
from chalicelib.channels.registry import room
from chalicelib.domain.policy import Endpoint
from chalicelib.workflows.hooks import News, told
from tests.contract.channels.specimen import NOW, Words
from tests.contract.channels.specimens import SPECIMENS
from tests.fakes.effort import bounded
from tests.hostile.deliveries import take_in
from tests.hostile.rooms import HOOKED, PROVING, call, deliver, furnish, named
from tests.hostile.test_bombs import BOMBS, REFUSED, SECONDS

FORMS = {
    "100,000 parameters": urlencode([(f"p{n}", "x") for n in range(100_000)]).encode(),
    "one name 100,000 times": b"Body=x&" * 100_000,
    "empty parameters": b"&" * 1_000_000,
    "equals": b"=" * 1_000_000,
    "escapes": b"Body=" + b"%25" * 300_000,
    "half escapes": b"Body=" + b"%" * 900_000,
    "bad UTF-8": b"Body=%FF%FE%C0%80&MessageSid=SM1&From=%2B1&To=%2B2",
    "NUL": b"Body=%00&MessageSid=%00&From=%00&To=%00",
    "a long name": b"a" * 1_000_000 + b"=1",
    "semicolons": b"a=1;" * 200_000,
    "JSON": b'{"a":1}',
    "100,000 files": b"NumMedia=100000&MessageSid=SM1&From=%2B15550111&To=%2B15550100&Body=x",
    "files without end": b"NumMedia=" + b"9" * 5_000 + b"&MessageSid=SM1&From=%2B1&To=%2B15550100",
}
KNOWN = ("meta", "standard")
"""Rooms that test_bombs.py holds to the same."""

STRANGE = tuple({one.room: one for one in PROVING if one.room not in KNOWN}.values())
READING_JSON = tuple(one for one in STRANGE if one.room != "twilio")


@pytest.fixture
def rooms(house):
    """The house with a handle of every channel."""
    furnish(house)
    return house


def held_to(house, it, body):
    """Deliver it rightly signed where that can be; return the answer."""
    try:
        signed = it.sign(body, house.parts.now())
    except (ValueError, KeyError, RecursionError):  # the platform itself could not send that
        return call(house, it, body, {it.signature_header() or "x": "x"})
    return call(house, it, signed.body, dict(signed.headers))


def held_in_bounds(house, it, body):
    kept = house.parts.blobs.kept
    answer = bounded(SECONDS, held_to, house, it, body, afresh=kept.clear)
    assert answer.status in (200, 401, 403, 413), answer.body
    for _, facts in kept.values():
        assert not facts["reason"].startswith("parser_"), facts


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
@pytest.mark.parametrize("it", READING_JSON, ids=named)
def test_a_signed_bomb_is_kept_or_refused_in_the_other_rooms_too(rooms, it, bomb):
    held_in_bounds(rooms, it, bomb)
    assert rooms.parts.inbox.sent == []


@pytest.mark.parametrize("bomb", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("it", [one for one in HOOKED if one.room == "twilio"], ids=named)
def test_a_form_that_is_a_bomb_is_kept_or_refused(rooms, it, bomb):
    held_in_bounds(rooms, it, bomb)
    held_in_bounds(rooms, it, bomb + b"&" + it.message(Words()))


@pytest.mark.parametrize("bomb", [*FORMS.values(), *BOMBS.values()], ids=[*FORMS, *BOMBS])
@pytest.mark.parametrize("it", STRANGE, ids=named)
def test_a_strangers_bomb_costs_no_room_anything(rooms, it, bomb):
    """Before a proof fits, little is done with a body: in all rooms, forms too."""
    answer = bounded(REFUSED, call, rooms, it, bomb, {it.signature_header(): "x"})
    assert answer.status in (401, 403, 413)


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_no_envelope_of_sns_costs_anything_before_it_is_proved(bomb, rooms):
    """JSON in JSON: the outer one is read within bounds, the inner one only when it is proved."""
    it = next(one for one in SPECIMENS if one.room == "sms")
    good = json.loads(it.sign(it.message(Words())).body)
    inner = {**good, "Message": bomb.decode("latin-1")[:1_000_000]}
    for body in (bomb, json.dumps(inner).encode()):
        with pytest.raises(SignatureError):
            bounded(SECONDS, room("sms").verify, body, {}, it.secret, NOW)


@pytest.mark.parametrize("texts", [False, True])
@pytest.mark.parametrize("it", SPECIMENS, ids=named)
def test_no_words_are_in_an_outgoing_webhook_that_asks_for_none(rooms, it, texts):
    """Whichever channel they came by; nor a name, a number or an address of the customer."""
    policy = rooms.store.policies.current()
    endpoint = Endpoint("crm", "https://crm.example.com/", secret="crm", texts=texts)
    rooms.store.policies.publish(replace(policy, version="v3", endpoints=(endpoint,)))
    rooms.store.policies.make_current("v3")
    deliver(
        rooms, it, it.message(Words(text="canary words", name="Canary Casey", who="4915112345"))
    )
    take_in(rooms)
    for conversation_id, log in rooms.store.logs.items():
        for version in log:
            told(rooms.parts, News(conversation_id, version))
    bodies = b"".join(rooms.parts.hooks.take())
    assert bodies
    assert b"Canary Casey" not in bodies
    assert b"4915112345" not in bodies
    assert texts or b"canary words" not in bodies
