"""Messenger webhooks.

Instagram direct messages are of the same family (`object` tells them apart).
"""

from infra.local.simulator.happening import Happening

Payload = dict[str, object]


def messaging(one: Happening, element: Payload, kind: str = "page") -> Payload:
    """Return the envelope of one messaging element."""
    entry = {"id": one.account, "time": one.milliseconds, "messaging": [element]}
    return {"object": kind, "entry": [entry]}


def message(one: Happening, kind: str = "page") -> Payload:
    """Return a direct message of a customer: words, a picture, or an answer to a story."""
    body: Payload = {"mid": one.id}
    if one.text:
        body["text"] = one.text
    if one.media:
        url = f"https://cdn.example.com/{one.media}?expires=soon"
        body["attachments"] = [{"type": "image", "payload": {"url": url}}]
    if one.parent:
        body["reply_to"] = {
            "story": {"id": one.parent, "url": f"https://cdn.example.com/stories/{one.parent}"}
        }
    return messaging(one, {**_from_customer(one), "message": body}, kind)


def arrived(one: Happening, ref: str) -> Payload:
    """Return the news that a customer came by a link m.me/<page>?ref=<ref>, without a word yet."""
    body: Payload = {"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}
    return messaging(one, {**_from_customer(one), "referral": body})


def edited(one: Happening, number: int = 1) -> Payload:
    """Return an edit of a message.

    `num_edit` comes as text, as it has been seen on the platform.
    """
    body = {"mid": one.id, "text": one.text, "num_edit": str(number)}
    return messaging(one, {**_from_customer(one), "message_edit": body})


def unsent(one: Happening, kind: str = "instagram") -> Payload:
    """Return an unsent message: the original id, no text."""
    body = {"mid": one.id, "is_deleted": True}
    return messaging(one, {**_from_customer(one), "message": body}, kind)


def echo(one: Happening, app_id: str = "", kind: str = "page") -> Payload:
    """Return a message of the brand to the customer, as every app on the account sees it.

    No `app_id`: typed by hand.
    """
    body: Payload = {"mid": one.id, "text": one.text, "is_echo": True}
    if app_id:
        body["app_id"] = int(app_id)  # a number on the wire
    if one.token:
        body["metadata"] = one.token
    element: Payload = {
        "sender": {"id": one.account},
        "recipient": {"id": one.person},
        "timestamp": one.milliseconds,
        "message": body,
    }
    return messaging(one, element, kind)


def delivered(one: Happening) -> Payload:
    """Return the receipt that a message of ours was delivered."""
    body = {"mids": [one.id], "watermark": one.milliseconds}
    return messaging(one, {**_from_customer(one), "delivery": body})


def read(one: Happening, kind: str = "page") -> Payload:
    """Return the receipt that all up to now was read.

    A watermark on Messenger, a message id on Instagram.
    """
    body: Payload = {"watermark": one.milliseconds} if kind == "page" else {"mid": one.id}
    return messaging(one, {**_from_customer(one), "read": body}, kind)


def _from_customer(one: Happening) -> Payload:
    return {
        "sender": {"id": one.person},
        "recipient": {"id": one.account},
        "timestamp": one.milliseconds,
    }
