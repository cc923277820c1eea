"""Deliveries as platforms send them, signed, and a way to post them to the real doors."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping

from chalicelib.entrypoints.inbox import inbox
from tests.fakes.gateway import Answer, FakeContext
from tests.fakes.house import ACCOUNT, HOOK_SECRET, House, signed

META, SHOP = "/webhooks/meta", "/webhooks/standard/acme-shop"
START_MS = 1_793_610_000_000
"""Shortly before the fakes' clock begins."""


def talk(number: int, text: str, sender: str = "4711") -> dict[str, object]:
    """Return one event of Messenger: a customer's message."""
    return about(number, sender, message={"mid": f"m_{number}", "text": text})


def about(number: int, sender: str, **what: object) -> dict[str, object]:
    """Return one event of Messenger of any kind."""
    return {
        "sender": {"id": sender},
        "recipient": {"id": ACCOUNT},
        "timestamp": START_MS + number,
        **what,
    }


def comment(number: int, sender: str, **more: object) -> dict[str, object]:
    """Return one change of a page's feed: a comment below a post."""
    value = {
        "from": {"id": sender, "name": "Casey Customer"},
        "item": "comment",
        "verb": "add",
        "post_id": f"{ACCOUNT}_1",
        "parent_id": f"{ACCOUNT}_1",
        "comment_id": f"1_{number}",
        "created_time": START_MS // 1000,
        "message": f"Comment {number}",
    }
    return {"field": "feed", "value": value | more}


def page(*, messaging: Iterable[object] = (), changes: Iterable[object] = ()) -> bytes:
    """Return a body of Meta."""
    entry: dict[str, object] = {"id": ACCOUNT, "time": START_MS}
    lists = {"messaging": list(messaging), "changes": list(changes)}
    entry |= {name: items for name, items in lists.items() if items}
    return json.dumps({"object": "page", "entry": [entry]}).encode()


def hook(body: bytes, now: float, secret: str = HOOK_SECRET, name: str = "msg_1") -> dict[str, str]:
    """Return the headers of a Standard Webhooks sender."""
    stamp = str(int(now))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    proof = hmac.new(key, f"{name}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": name,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(proof).decode(),
    }


def post(
    house: House, body: bytes, headers: Mapping[str, str] | None = None, path: str = META
) -> Answer:
    """Post to a webhook's door; without `headers`, signed as Meta does."""
    proof = signed(body) if headers is None else headers
    return house.gateway.call("POST", path, body, proof, as_base64=True)


def post_hook(house: House, body: bytes, name: str = "msg_1") -> Answer:
    """Post to the generic webhook's door, rightly signed."""
    return post(house, body, hook(body, house.parts.now().timestamp(), name=name), SHOP)


def take_in(house: House) -> int:
    """Let the inbox's door work on all that is queued; return how many letters were put back."""
    back = 0
    letters = house.parts.inbox.take()
    for start in range(0, len(letters), 10):
        records = [
            {
                "messageId": f"id-{start + number}",
                "receiptHandle": "r",
                "body": letter.body.decode(),
                "attributes": {"MessageGroupId": letter.group, "ApproximateReceiveCount": "1"},
            }
            for number, letter in enumerate(letters[start : start + 10])
        ]
        back += len(inbox({"Records": records}, FakeContext())["batchItemFailures"])
    return back
