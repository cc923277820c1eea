"""Replays: a captured delivery may come again for ever, and changes nothing."""

import hashlib
import json
import random

import pytest

from tests.hostile.deliveries import (
    SHOP,
    about,
    comment,
    hook,
    page,
    post,
    post_hook,
    take_in,
    talk,
)

CAPTURED = 1_000


def captured():
    """Return 1,000 bodies of ten kinds, in the order in which they happened."""
    bodies = []
    for start in range(0, CAPTURED, 10):
        who, mid = f"c{start}", f"m_{start}"
        moment = {"created_time": 1_793_610_010}
        bodies += [
            page(messaging=[talk(start, "Where is my parcel?", who)]),
            page(messaging=[about(start + 1, who, message_edit=edit(mid, 1))]),
            page(messaging=[about(start + 2, who, reaction=reaction(mid, "react"))]),
            page(messaging=[about(start + 3, who, reaction=reaction(mid, "unreact"))]),
            page(messaging=[about(start + 4, who, message_edit=edit(mid, 2))]),
            page(changes=[comment(start, who)]),
            page(changes=[comment(start, who, verb="edited", message="Now so", **moment)]),
            page(changes=[comment(start, who, verb="remove", message=None, **moment)]),
            page(messaging=[talk(start + 8, "Hello?", who)]),
            shop(start),
        ]
    return bodies


def edit(mid, number):
    return {"mid": mid, "text": f"Where is my order? ({number})", "num_edit": number}


def reaction(mid, action):
    return {"mid": mid, "action": action, "reaction": "love", "emoji": "\u2764"}


def shop(number):
    data = {"id": f"s{number}", "contact": {"id": f"k{number}"}, "text": "Do you have it in red?"}
    body = {"type": "message.created", "timestamp": "2026-11-02T08:59:00Z", "data": data}
    return json.dumps(body).encode()


def generic(body):
    return b"message.created" in body


def name(body):
    """Return the id that the sender gave to the delivery: the same at every attempt."""
    return hashlib.sha256(body).hexdigest()


def deliver(house, bodies):
    """Post each to its own door, and let the inbox take in what was queued."""
    back = 0
    for body in bodies:
        answer = post_hook(house, body, name(body)) if generic(body) else post(house, body)
        assert answer.status == 200
        assert answer.json["kept"] == 0
        back += take_in(house)
    return back


def state(store):
    """Return everything that is stored."""
    names = "heads messages logs announced snapshots requests references contacts identities people"
    return {name: dict(getattr(store, name)) for name in names.split()}


@pytest.fixture
def taken(house):
    """Every captured delivery has come once."""
    assert deliver(house, captured()) == 0
    return house


def test_a_thousand_replayed_deliveries_change_nothing(taken):
    """A day later the queue has forgotten its keys: the table alone has to know."""
    before = state(taken.store)
    assert len(before["messages"]) >= 400
    bodies = captured()
    for _ in ("as captured", "shuffled"):
        taken.parts.now.advance(days=1)
        assert deliver(taken, bodies) == 0
        assert state(taken.store) == before
        random.Random(7).shuffle(bodies)
    assert taken.parts.alerts.announced == []


def test_a_captured_delivery_with_a_signed_time_is_refused_when_it_is_old(house):
    """Such a replay does not reach the queue; above, the sender itself signed its delivery anew."""
    body = shop(1)
    headers = hook(body, house.parts.now().timestamp())
    assert post(house, body, headers, SHOP).status == 200
    house.parts.now.advance(301)
    assert post(house, body, headers, SHOP).status == 401


def test_a_reaction_from_the_future_counts_from_when_it_came(house):
    """Else no later one of that person would ever count."""
    far = about(10**9, "c1", reaction=reaction("m_1", "react"))
    deliver(house, [page(messaging=[talk(1, "Hello", "c1")]), page(messaging=[far])])
    house.parts.now.advance(60)
    back = about(90_000, "c1", reaction=reaction("m_1", "unreact"))
    deliver(house, [page(messaging=[back])])
    (message,) = house.store.messages.values()
    assert [one.emoji for one in message.reactions] == [""]
