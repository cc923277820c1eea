"""LINE: the Messaging API as we call it, and the webhooks of what customers do there."""

import base64
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import count
from threading import Lock

from infra.local.simulator.faults import Fault, Faults
from infra.local.simulator.graph import Sent
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger, Received, Refused
from infra.local.simulator.taker import Asked, Posting, Told

Json = dict[str, object]

MOST_CHARACTERS = 5_000
_WHERE = re.compile(r"[UCR][0-9a-f]{32}")
_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CONTENT = re.compile(r"/v2/bot/message/(?P<id>[^/]+)/content(?P<status>/transcoding)?")
_HOOK = "/v2/bot/channel/webhook/endpoint"
_NO = {
    Fault.THROTTLED: (429, "The API rate limit has been exceeded. Try again later."),
    Fault.GONE: (400, "Failed to send messages"),
    Fault.WINDOW: (429, "You have reached your monthly limit."),
}
"""LINE has no window: the fault stands for a month whose messages are used up."""

_FILE_BYTES = b"\xff\xd8\xff\xe0simulated"


@dataclass(frozen=True, slots=True)
class LineKeys:
    """One official account. `handle` is the name in our webhook's path."""

    bot: str
    access_token: str
    channel_secret: str
    username: str
    handle: str


class LineError(Exception):
    """Raised inside a call that LINE refuses."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class LinePlatform:
    """The Messaging API of one official account: prefix `line`.

    A push to a group names nobody: in the ledger it reaches who wrote there last.
    """

    prefix = "line"

    def __init__(
        self,
        keys: LineKeys,
        ledger: Ledger,
        faults: Faults,
        after: Callable[[Sent], None],
        now: Callable[[], datetime],
    ) -> None:
        self._keys, self._ledger, self._faults = keys, ledger, faults
        self._after, self._now = after, now
        self._numbers = count(900_001)
        self._writers: dict[str, str] = {}
        self._taken: dict[str, str] = {}
        self._lock = Lock()
        self.hook: Json | None = None
        self.most = 200

    def wrote(self, chat: str, person: str) -> None:
        """Remember who wrote in a group."""
        with self._lock:
            self._writers[chat] = person

    def take(self, asked: Asked) -> Told:
        """Answer one call."""
        try:
            self._prove(asked)
            return self._answer(asked)
        except LineError as refused:
            self._ledger.add(Refused(self._now(), "", str(refused)))
            return _told(refused.status, {"message": str(refused)})

    def _prove(self, asked: Asked) -> None:
        offered = asked.headers.get("authorization", "").encode()
        if not hmac.compare_digest(offered, f"Bearer {self._keys.access_token}".encode()):
            raise LineError(401, "Authentication failed due to the following reason: token")

    def _answer(self, asked: Asked) -> Told:
        if asked.method == "POST" and asked.path == "/v2/bot/message/push":
            return self._push(asked)
        content = _CONTENT.fullmatch(asked.path)
        if content is not None:
            ready = content["status"] is not None
            return (
                _told(200, {"status": "succeeded"})
                if ready
                else Told(200, _FILE_BYTES, "image/jpeg")
            )
        if asked.path == _HOOK:
            return self._webhook(asked)
        found = self._facts().get(f"{asked.method} {asked.path}")
        if found is None:
            raise LineError(404, "Not found")
        return _told(200, found)

    def _facts(self) -> Mapping[str, Json]:
        """Return what is answered to questions without a body of their own."""
        name = f"@{self._keys.username}"
        return {
            "GET /v2/bot/info": {"userId": self._keys.bot, "basicId": name},
            "POST /v2/bot/channel/webhook/test": {"success": True, "statusCode": 200},
            "GET /v2/bot/message/quota": {"type": "limited", "value": self.most},
            "GET /v2/bot/message/quota/consumption": {"totalUsage": len(self._taken)},
        }

    def _webhook(self, asked: Asked) -> Told:
        if asked.method == "PUT":
            self.hook = {"endpoint": str(_fields(asked).get("endpoint", "")), "active": True}
            return _told(200, {})
        if self.hook is None:
            raise LineError(404, "Webhook endpoint is not set")
        return _told(200, self.hook)

    def _push(self, asked: Asked) -> Told:
        key = asked.headers.get("x-line-retry-key", "")
        if not _KEY.fullmatch(key):
            raise LineError(400, "Invalid retry key")
        with self._lock:
            if key in self._taken:
                told = {"message": "The retry key is already accepted", **_sent(self._taken[key])}
                return _told(409, told)
        where, text = _pushed(_fields(asked))
        person = self._writers.get(where, where)
        fault = self._faults.next(person)
        if fault not in (None, Fault.SILENT):
            self._ledger.add(Refused(self._now(), person, fault.value))
            status, message = _NO[fault]
            return _told(status, {"message": message})
        number = str(next(self._numbers))
        with self._lock:
            self._taken[key] = number
        received = Received(self._now(), self._keys.bot, person, text, number)
        self._ledger.add(received)
        self._after(Sent(received, post="" if where.startswith("U") else where))
        return _told(200, _sent(number), silent=fault is Fault.SILENT)


def message(one: Happening, keys: LineKeys) -> Posting:
    """Return a message: in a group where `post` names one, else to the account alone."""
    said: Json = {"id": one.id, "quoteToken": f"quote-{one.id}"}
    if one.media:
        said |= {"type": "image", "contentProvider": {"type": "line"}}
    else:
        said |= {"type": "text", "text": one.text}
    if one.parent:
        said["quotedMessageId"] = one.parent
    return _posting("message", one, keys, {"message": said, "replyToken": f"reply-{one.id}"})


def unsent(one: Happening, keys: LineKeys) -> Posting:
    """Return that a customer took the message `id` back."""
    return _posting("unsend", one, keys, {"unsend": {"messageId": one.id}})


def pressed(one: Happening, keys: LineKeys) -> Posting:
    """Return the press of a button that stands for `text`."""
    return _posting("postback", one, keys, {"postback": {"data": one.text}})


def followed(one: Happening, keys: LineKeys) -> Posting:
    """Return that somebody added the account."""
    return _posting("follow", one, keys, {"follow": {"isUnblocked": False}})


def blocked(one: Happening, keys: LineKeys) -> Posting:
    """Return that a customer blocked the account."""
    return _posting("unfollow", one, keys, {})


def _posting(kind: str, one: Happening, keys: LineKeys, more: Json) -> Posting:
    named = f"{kind} {one.id} {one.person} {one.milliseconds} {one.text}"
    element: Json = {
        "type": kind,
        "mode": "active",
        "timestamp": one.milliseconds,
        "source": _source(one),
        "webhookEventId": sha256(named.encode()).hexdigest()[:26].upper(),
        "deliveryContext": {"isRedelivery": False},
        **more,
    }
    body = json.dumps({"destination": keys.bot, "events": [element]}).encode()
    proof = hmac.new(keys.channel_secret.encode(), body, sha256).digest()
    headers = {
        "Content-Type": "application/json",
        "X-Line-Signature": base64.b64encode(proof).decode(),
    }
    return Posting(f"line {kind}", f"/webhooks/line/{keys.handle}", body, headers)


def _source(one: Happening) -> Json:
    if one.post:
        return {"type": "group", "groupId": one.post, "userId": one.person}
    return {"type": "user", "userId": one.person}


def _pushed(fields: Mapping[str, object]) -> tuple[str, str]:
    """Return where to and the text. Raises LineError for what LINE does not take."""
    where, messages = str(fields.get("to", "")), fields.get("messages")
    if not _WHERE.fullmatch(where):
        raise LineError(400, "The property, 'to', in the request body is invalid")
    first = messages[0] if isinstance(messages, list) and messages else {}
    text = str(first.get("text", "")) if isinstance(first, dict) else ""
    if not 0 < len(text.encode("utf-16-le")) // 2 <= MOST_CHARACTERS:
        raise LineError(400, "The request body has 1 error(s)")
    return where, text


def _fields(asked: Asked) -> Mapping[str, object]:
    try:
        found = json.loads(asked.body)
    except ValueError:
        raise LineError(400, "The request body could not be parsed as JSON") from None
    return found if isinstance(found, dict) else {}


def _sent(number: str) -> Json:
    return {"sentMessages": [{"id": number, "quoteToken": f"quote-{number}"}]}


def _told(status: int, body: Mapping[str, object], *, silent: bool = False) -> Told:
    return Told(status, json.dumps(body).encode(), silent=silent)
