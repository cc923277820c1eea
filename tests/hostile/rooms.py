"""A house with a handle of every channel, and their deliveries through its real doors."""

import json
from dataclasses import replace

from chalicelib.channels.registry import room
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle
from chalicelib.entrypoints.notices import notices
from tests.contract.channels.specimen import NOW, Specimen
from tests.contract.channels.specimens import SPECIMENS
from tests.fakes.gateway import Answer, FakeContext
from tests.fakes.house import POLICY, House

PUBLIC_URL = "https://care.example.com"
TOPIC = "arn:aws:sns:us-east-1:000000000000:hearback-local-mail"
POLLED = {
    "mastodon": Handle("acme-mastodon", Channel.MASTODON, "1", "Acme", "care"),
    "bluesky": Handle("acme-bluesky", Channel.BLUESKY, "did:plc:acme", "Acme", "care"),
    "youtube": Handle("acme-youtube", Channel.YOUTUBE, "UC1", "Acme", "care"),
}
"""Handles of the rooms that are looked at and called by nobody."""

PROVING = tuple(one for one in SPECIMENS if one.signature_header())
HOOKED = tuple(one for one in SPECIMENS if one.room != "email")
"""Those whose platform calls a webhook; mail comes by the door of notices."""


def named(it: Specimen) -> str:
    """Return a specimen's name, for the test's id."""
    return it.name


def furnish(house: House) -> None:
    """Give the house a handle and a secret for every specimen and every polled room."""
    handles = {one.handle.id: replace(one.handle, team="care") for one in SPECIMENS}
    handles |= {one.id: one for one in POLLED.values()}
    kept = (one for one in POLICY.handles if one.id not in handles)
    every = (*kept, *handles.values())
    house.store.policies.publish(
        replace(POLICY, version="v2", handles=every, public_url=PUBLIC_URL)
    )
    house.store.policies.make_current("v2")
    house.parts.now.set(NOW)
    for it in SPECIMENS:
        house.parts.secrets.held[room(it.room).secret_name(it.handle)] = it.secret
    house.stored = {}  # the bucket of mails
    house.parts.places = replace(house.parts.places, stored_mail=house.stored.__getitem__)


def path(it: Specimen) -> str:
    """Return the webhook of a specimen's handle."""
    return f"/webhooks/{it.room}/{it.handle.id}"


def call(house: House, it: Specimen, body: bytes, headers: dict[str, str]) -> Answer:
    """Post with exactly these headers."""
    house.parts.secrets.held[room(it.room).secret_name(it.handle)] = it.secret
    return house.gateway.call("POST", path(it), body, headers, as_base64=True)


def deliver(house: House, it: Specimen, body: bytes) -> None:
    """Deliver as the platform does, just now: to the webhook, or by the door of notices."""
    if it.room == "email":
        notice(house, body)
        return
    signed = it.sign(body, house.parts.now())
    answer = call(house, it, signed.body, dict(signed.headers))
    assert answer.status == 200, (it.name, answer.body)


def notice(house: House, body: bytes) -> None:
    """Store the mail of a body as SES does, and tell of it; nothing may come back."""
    line, _, raw = body.partition(b"\n")
    told = json.loads(line)
    house.stored[f"mail/{told['mail']['messageId']}"] = raw
    assert (
        tell(json.dumps({"Type": "Notification", "TopicArn": TOPIC, "Message": line.decode()})) == 0
    )


def tell(body: str) -> int:
    """Hand one letter to the door of notices; return how many were put back."""
    record = {
        "messageId": "id-1",
        "receiptHandle": "r",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
    }
    return len(notices({"Records": [record]}, FakeContext())["batchItemFailures"])
