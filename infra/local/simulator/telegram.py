"""Telegram: the Bot API as we call it, and the updates of what customers do there."""

import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from hashlib import sha256
from itertools import count
from threading import Lock

from infra.local.simulator.faults import Fault, Faults
from infra.local.simulator.graph import Sent
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger, Received, Refused
from infra.local.simulator.taker import Asked, Posting, Told

Json = dict[str, object]

_PATH = re.compile(r"/?bot(?P<token>[^/]+)/(?P<method>\w+)")
_FILE = re.compile(r"/?file/bot(?P<token>[^/]+)/(?P<path>.+)")
_SENDS = {
    "sendMessage": "text",
    "sendPhoto": "caption",
    "sendVideo": "caption",
    "sendAudio": "caption",
    "sendDocument": "caption",
}
_NO = {
    Fault.THROTTLED: (429, "Too Many Requests: retry after 1"),
    Fault.GONE: (403, "Forbidden: bot was blocked by the user"),
    Fault.WINDOW: (400, "Bad Request: BUSINESS_PEER_USAGE_MISSING"),
}
_FILE_BYTES = b"\xff\xd8\xff\xe0simulated"


@dataclass(frozen=True, slots=True)
class TelegramKeys:
    """One bot. `handle` is the name in our webhook's path."""

    bot: str
    token: str
    secret_token: str
    username: str
    handle: str


class TelegramError(Exception):
    """Raised inside a call that Telegram refuses."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status


class TelegramPlatform:
    """The Bot API of one bot: prefix `telegram`.

    `writer` remembers who wrote a group's message, so that the ledger knows whom a public answer
    reaches.
    """

    prefix = "telegram"

    def __init__(
        self,
        keys: TelegramKeys,
        ledger: Ledger,
        faults: Faults,
        after: Callable[[Sent], None],
        now: Callable[[], datetime],
    ) -> None:
        self._keys, self._ledger, self._faults = keys, ledger, faults
        self._after, self._now = after, now
        self._numbers = count(900_001)
        self._writers: dict[tuple[str, str], str] = {}
        self._lock = Lock()
        self.hook: Json = {"url": "", "pending_update_count": 0}
        self.deleted: list[tuple[str, str]] = []

    def wrote(self, chat: str, number: str, person: str) -> None:
        """Remember who wrote a message of a group."""
        with self._lock:
            self._writers[chat, number] = person

    def take(self, asked: Asked) -> Told:
        """Answer one call."""
        try:
            file = _FILE.fullmatch(asked.path)
            called = self._proven(file or _PATH.fullmatch(asked.path))
            if file is not None:
                return Told(200, _FILE_BYTES, "application/octet-stream")
            return self._answer(called["method"], _fields(asked))
        except TelegramError as refused:
            self._ledger.add(Refused(self._now(), "", str(refused)))
            return _no(refused.status, str(refused))

    def _proven(self, found: re.Match[str] | None) -> re.Match[str]:
        if found is None:
            raise TelegramError(404, "Not Found")
        if not _same(found["token"], self._keys.token):
            raise TelegramError(401, "Unauthorized")
        return found

    def _answer(self, method: str, fields: Mapping[str, object]) -> Told:
        if method in _SENDS:
            return self._send(method, fields)
        if method == "deleteMessage":
            self.deleted.append((str(fields.get("chat_id")), str(fields.get("message_id"))))
            return _yes(result=True)
        if method == "getFile":
            number = str(fields.get("file_id", ""))
            return _yes({"file_id": number, "file_path": f"photos/{number}.jpg", "file_size": 13})
        if method == "getMe":
            me = {"id": int(self._keys.bot), "is_bot": True, "username": self._keys.username}
            return _yes(me)
        if method == "getWebhookInfo":
            return _yes(self.hook)
        if method == "setWebhook":
            return self._set_webhook(fields)
        raise TelegramError(404, "Not Found")

    def _set_webhook(self, fields: Mapping[str, object]) -> Told:
        if fields.get("secret_token") != self._keys.secret_token:
            raise TelegramError(400, "Bad Request: this bot's updates are signed otherwise")
        kinds = fields.get("allowed_updates")
        url = str(fields.get("url", ""))
        self.hook = {"url": url, "pending_update_count": 0, "allowed_updates": kinds}
        return _yes(result=True)

    def _send(self, method: str, fields: Mapping[str, object]) -> Told:
        chat = str(fields.get("chat_id", ""))
        text = str(fields.get(_SENDS[method], ""))
        if not re.fullmatch(r"-?\d+", chat):
            raise TelegramError(400, "Bad Request: chat not found")
        if method == "sendMessage" and not text:
            raise TelegramError(400, "Bad Request: message text is empty")
        answered = str(_table(fields, "reply_parameters").get("message_id", ""))
        person = self._writers.get((chat, answered), chat)
        fault = self._faults.next(person)
        if fault not in (None, Fault.SILENT):
            self._ledger.add(Refused(self._now(), person, fault.value))
            status, description = _NO[fault]
            wait = {"retry_after": 1} if fault is Fault.THROTTLED else {}
            return _no(status, description, wait)
        number = str(next(self._numbers))
        connection = str(fields.get("business_connection_id", ""))
        where = "/".join(part for part in (connection, chat, number) if part)
        received = Received(self._now(), self._keys.bot, person, text, where)
        self._ledger.add(received)
        public = chat.startswith("-")
        self._after(Sent(received, answered, chat if public else ""))
        told: Json = {
            "message_id": int(number),
            "date": int(self._now().timestamp()),
            "chat": {"id": int(chat), "type": "supergroup" if public else "private"},
        }
        return _yes(told, silent=fault is Fault.SILENT)


def message(one: Happening, keys: TelegramKeys) -> Posting:
    """Return a message: in a group where `post` names one, else to the bot alone."""
    return _posting("message", one, keys, {"message": {**_message(one), **_content(one)}})


def edited(one: Happening, keys: TelegramKeys) -> Posting:
    """Return a later text of the message `id`."""
    body = {**_message(one), **_content(one), "edit_date": one.seconds}
    return _posting("edited_message", one, keys, {"edited_message": body})


def started(one: Happening, keys: TelegramKeys) -> Posting:
    """Return the press of Start; `token` is the code of the link that led there."""
    body = {**_message(one), "text": f"/start {one.token}".strip()}
    return _posting("start", one, keys, {"message": body})


def business(one: Happening, keys: TelegramKeys, connection: str) -> Posting:
    """Return a message of a customer to the business account that the bot is connected to."""
    body = {**_message(one), **_content(one), "business_connection_id": connection}
    return _posting("business_message", one, keys, {"business_message": body})


def reacted(one: Happening, keys: TelegramKeys) -> Posting:
    """Return a reaction (`text`) of a customer to the message `id`."""
    emoji = [{"type": "emoji", "emoji": one.text}] if one.text else []
    body: Json = {
        "chat": _chat(one),
        "message_id": int(one.id),
        "user": _user(one),
        "date": one.seconds,
        "old_reaction": [],
        "new_reaction": emoji,
    }
    return _posting("message_reaction", one, keys, {"message_reaction": body})


def blocked(one: Happening, keys: TelegramKeys) -> Posting:
    """Return that a customer blocked the bot."""
    status: Json = {"user": {"id": int(keys.bot), "is_bot": True}, "status": "kicked"}
    body: Json = {
        "chat": _chat(one),
        "from": _user(one),
        "date": one.seconds,
        "new_chat_member": status,
    }
    return _posting("my_chat_member", one, keys, {"my_chat_member": body})


def _posting(name: str, one: Happening, keys: TelegramKeys, update: Json) -> Posting:
    named = f"{name} {one.id} {one.person} {one.seconds} {one.text}"
    number = int.from_bytes(sha256(named.encode()).digest()[:4])
    body = json.dumps({"update_id": number, **update}).encode()
    headers = {
        "Content-Type": "application/json",
        "X-Telegram-Bot-Api-Secret-Token": keys.secret_token,
    }
    return Posting(f"telegram {name}", f"/webhooks/telegram/{keys.handle}", body, headers)


def _message(one: Happening) -> Json:
    made: Json = {
        "message_id": int(one.id),
        "date": one.seconds,
        "from": _user(one),
        "chat": _chat(one),
    }
    if one.parent:
        answered = {"message_id": int(one.parent), "date": one.seconds, "chat": _chat(one)}
        made["reply_to_message"] = answered
    return made


def _content(one: Happening) -> Json:
    if not one.media:
        return {"text": one.text}
    sizes = [{"file_id": f"{one.media}-{size}", "width": size} for size in (90, 1280)]
    return {"photo": sizes, **({"caption": one.text} if one.text else {})}


def _user(one: Happening) -> Json:
    return {"id": int(one.person), "is_bot": False, "first_name": one.name}


def _chat(one: Happening) -> Json:
    if one.post:
        return {"id": int(one.post), "type": "supergroup", "title": "Acme fans"}
    return {"id": int(one.person), "type": "private", "first_name": one.name}


def _fields(asked: Asked) -> Mapping[str, object]:
    kind = asked.headers.get("content-type", "")
    try:
        if "multipart" not in kind:
            found = json.loads(asked.body or b"{}")
            return found if isinstance(found, dict) else {}
        whole = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + asked.body)
        parts = [part for part in whole.walk() if not part.is_multipart()]
        return {_name(part): _part(part.get_payload(decode=True)) for part in parts}
    except ValueError:
        raise TelegramError(400, "Bad Request: can't parse the request") from None


def _name(part: Message) -> str:
    return str(part.get_param("name", header="content-disposition"))


def _part(body: object) -> object:
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else ""
    return json.loads(text) if text.startswith("{") else text


def _table(fields: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def _same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode(), right.encode())


def _yes(result: object, *, silent: bool = False) -> Told:
    return Told(200, json.dumps({"ok": True, "result": result}).encode(), silent=silent)


def _no(status: int, description: str, parameters: Mapping[str, object] | None = None) -> Told:
    body: Json = {"ok": False, "error_code": status, "description": description}
    if parameters:
        body["parameters"] = parameters
    return Told(status, json.dumps(body).encode())
