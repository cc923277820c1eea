"""X's webhooks: what customers and the brand do there, in the form of both of X's APIs, signed.

Every id is text, and a public post says where it belongs by `post` (the thread's root) and `parent`
(the post answered).
"""

import base64
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from infra.local.simulator.graph import Sent
from infra.local.simulator.happening import Happening
from infra.local.simulator.taker import Posting

Payload = dict[str, object]

ECHO, READ = 0.05, 1.0
"""Seconds after a message of ours. The echo is quick: it may come before the call is answered."""


@dataclass(frozen=True, slots=True)
class XAccount:
    """The brand's account, the app's keys, and our handle for it."""

    handle: str = "acme-x"
    account: str = "783214783214783214"
    username: str = "acme"
    consumer_secret: str = "x-consumer-secret"  # noqa: S105 - of the simulator
    access_token: str = "x-access-token"  # noqa: S105 - of the simulator
    bearer: str = "x-app-bearer"
    callback_url: str = "https://hearback.example.com/webhooks/x/acme-x"

    @property
    def secret(self) -> Payload:
        """Return what our secret for this handle has to hold."""
        return {
            "consumer_secrets": [self.consumer_secret],
            "access_token": self.access_token,
            "bearer": self.bearer,
        }


def signed(name: str, payload: Payload, keys: XAccount) -> Posting:
    """Return a webhook as X posts it."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    mac = hmac.new(keys.consumer_secret.encode(), body, sha256).digest()
    headers = {
        "Content-Type": "application/json",
        "x-twitter-webhooks-signature": "sha256=" + base64.b64encode(mac).decode(),
    }
    return Posting(name, f"/webhooks/x/{keys.handle}", body, headers)


def mention(one: Happening, keys: XAccount) -> Posting:
    """Return a post that names the brand."""
    return _posted("post.mention.create", one, keys, {"entities": {"mentions": [_us(one, keys)]}})


def reply(one: Happening, keys: XAccount) -> Posting:
    """Return an answer to a post of the brand, whose name X puts before the words."""
    return _posted("post.reply.create", one, keys, _answering(keys.username, one))


def quote(one: Happening, keys: XAccount) -> Posting:
    """Return a post that shows one of the brand's (`parent`) within itself."""
    quoted: Payload = {"referenced_tweets": [{"type": "quoted", "id": one.parent}]}
    return _posted("post.quote.create", one, keys, quoted)


def edited(one: Happening, keys: XAccount, first_id: str) -> Posting:
    """Return a later text of a mention: a post with an id of its own."""
    more: Payload = {
        "edit_history_tweet_ids": [first_id, one.id],
        "entities": {"mentions": [_us(one, keys)]},
    }
    return _posted("post.mention.create", one, keys, more)


def own_post(one: Happening, keys: XAccount) -> Posting:
    """Return a post of the brand itself: the echo of our answer, or one typed in X's own app."""
    payload = _post(one, keys.account) | _answering(one.name or "customer", one)
    return _event("post.create", payload, one, keys)


def own_deleted(one: Happening, keys: XAccount) -> Posting:
    """Return that the brand deleted a post of its own. X tells of nobody else's."""
    payload: Payload = {"id": one.id, "author_id": keys.account}
    data = _data("post.delete", payload, keys, f"-{one.id}")
    data["includes"] = {"users": [{"data": _user(keys.account, keys.username, "Acme")}]}
    return signed("x post.delete", {"data": data}, keys)


def message(one: Happening, keys: XAccount) -> Posting:
    """Return a direct message of a customer."""
    return _direct("dm.received", one, keys, one.person, keys.account)


def own_message(one: Happening, keys: XAccount) -> Posting:
    """Return a direct message of the brand: the echo of ours, or one typed in X's own app."""
    return _direct("dm.sent", one, keys, keys.account, one.person)


def read(one: Happening, keys: XAccount) -> Posting:
    """Return that the customer has read everything up to now."""
    seen: Payload = {
        "created_timestamp": str(one.milliseconds),
        "sender_id": one.person,
        "target": {"recipient_id": keys.account},
        "last_read_event_id": one.id,
    }
    payload: Payload = {"direct_message_mark_read_events": [seen]}
    data = _data("dm.read", payload, keys, f"-{one.milliseconds}")
    return signed("x dm.read", {"data": data}, keys)


def encrypted(one: Happening, keys: XAccount) -> Posting:
    """Return a message that only the customer and X's own app can read."""
    payload: Payload = {
        "id": one.id,
        "created_at_msec": str(one.milliseconds),
        "sender_id": one.person,
        "conversation_id": f"{one.person}:{keys.account}",
        "encoded_event": "CwABAAAA",
    }
    return signed("x chat.received", {"data": _data("chat.received", payload, keys, one.id)}, keys)


def blocked(one: Happening, keys: XAccount) -> Posting:
    """Return that the brand blocked a customer."""
    payload: Payload = {
        "source": {"data": _user(keys.account, keys.username, "Acme")},
        "target": {"data": _user(one.person, one.name.lower(), one.name)},
    }
    return signed(
        "x block.block", {"data": _data("block.block", payload, keys, f"-{one.id}")}, keys
    )


def unknown(keys: XAccount) -> Posting:
    """Return an event of a kind nobody has heard of yet."""
    data = _data("hologram.beam", {"id": "1"}, keys, "-1")
    return signed("x hologram.beam", {"data": data}, keys)


def legacy_message(one: Happening, keys: XAccount) -> Posting:
    """Return a direct message as the older Account Activity API tells it."""
    users = {one.person: {"id": one.person, "name": one.name, "screen_name": one.name.lower()}}
    event = _message(one, one.person, keys.account)
    payload: Payload = {
        "for_user_id": keys.account,
        "direct_message_events": [event],
        "users": users,
    }
    return signed("x direct_message_events", payload, keys)


def legacy_post(one: Happening, keys: XAccount) -> Posting:
    """Return a mention as the older Account Activity API tells it."""
    user: Payload = {"id": 1, "id_str": one.person, "name": one.name, "screen_name": one.name}
    tweet: Payload = {
        "created_at": one.at.strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "timestamp_ms": str(one.milliseconds),
        "id_str": one.id,
        "text": one.text,
        "user": user,
        "entities": {"user_mentions": [{"id_str": keys.account, "indices": [0, 5]}]},
    }
    payload: Payload = {"for_user_id": keys.account, "tweet_create_events": [tweet]}
    return signed("x tweet_create_events", payload, keys)


def aftermath(sent: Sent, keys: XAccount) -> Sequence[tuple[float, Posting]]:
    """Return (seconds from now, webhook) of what follows a message of ours, nearest first."""
    one = sent.received
    happening = Happening(
        keys.account,
        one.customer,
        one.at,
        one.platform_id,
        text=one.text,
        post=sent.post,
        parent=sent.parent,
    )
    if sent.parent:
        return ((ECHO, own_post(happening, keys)),)
    later = Happening(keys.account, one.customer, one.at + timedelta(seconds=READ), one.platform_id)
    return ((ECHO, own_message(happening, keys)), (READ, read(later, keys)))


def as_post(one: Happening) -> Payload:
    """Return a customer's post as a search finds it."""
    return _post(one, one.person)


def _posted(kind: str, one: Happening, keys: XAccount, more: Payload) -> Posting:
    return _event(kind, _post(one, one.person) | more, one, keys)


def _event(kind: str, payload: Payload, one: Happening, keys: XAccount) -> Posting:
    data = _data(kind, payload, keys, one.id)
    data["includes"] = {
        "users": [
            _user(one.person, one.name.lower(), one.name),
            _user(keys.account, keys.username, "Acme"),
        ],
        "tweets": [payload],
    }
    return signed(f"x {kind}", {"data": data}, keys)


def _data(kind: str, payload: Payload, keys: XAccount, uuid: str) -> Payload:
    return {
        "event_uuid": uuid,
        "filter": {"user_id": keys.account},
        "event_type": kind,
        "tag": keys.handle,
        "payload": payload,
    }


def _post(one: Happening, author: str) -> Payload:
    post: Payload = {
        "id": one.id,
        "text": _escaped(one.text),
        "author_id": author,
        "created_at": one.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "conversation_id": one.post or one.id,
        "edit_history_tweet_ids": [one.id],
        "lang": "en",
        "public_metrics": {"like_count": 0, "like_count_str": "0"},
    }
    if one.media:
        post["attachments"] = {"media_keys": [one.media]}
    return post


def _answering(username: str, one: Happening) -> Payload:
    """Return what makes a post an answer: the one answered is named before the words."""
    if not one.parent:
        return {}
    text = f"@{username} {_escaped(one.text)}"
    return {
        "text": text,
        "display_text_range": [len(username) + 2, len(text)],
        "referenced_tweets": [{"type": "replied_to", "id": one.parent}],
    }


def _us(one: Happening, keys: XAccount) -> Payload:
    start = max(one.text.find("@" + keys.username), 0)
    return {"start": start, "start_str": str(start), "username": keys.username, "id": keys.account}


def _direct(kind: str, one: Happening, keys: XAccount, sender: str, recipient: str) -> Posting:
    payload: Payload = {
        "direct_message_events": [_message(one, sender, recipient)],
        "users": {
            one.person: {"data": _user(one.person, one.name.lower(), one.name)},
            keys.account: {"data": _user(keys.account, keys.username, "Acme")},
        },
    }
    return signed(f"x {kind}", {"data": _data(kind, payload, keys, f"-{one.id}")}, keys)


def _message(one: Happening, sender: str, recipient: str) -> Payload:
    data: Payload = {"text": _escaped(one.text), "entities": {"urls": []}}
    if one.media:
        url = f"https://ton.twitter.com/1.1/ton/data/dm/{one.id}/{one.id}/{one.media}"
        data["attachment"] = {"type": "media", "media": {"type": "photo", "media_url_https": url}}
    return {
        "type": "message_create",
        "id": one.id,
        "created_timestamp": str(one.milliseconds),
        "message_create": {
            "target": {"recipient_id": recipient},
            "sender_id": sender,
            "message_data": data,
        },
    }


def _user(user_id: str, username: str, name: str) -> Payload:
    return {"id": user_id, "username": username, "name": name, "protected": False}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
