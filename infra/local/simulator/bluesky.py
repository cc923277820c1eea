"""Bluesky: one service as we call it, with the posts and private messages that people write."""

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from threading import RLock

from infra.local.simulator.faults import Fault, Faults
from infra.local.simulator.graph import Sent
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger, Received, Refused
from infra.local.simulator.taker import Asked, Told

Json = dict[str, object]

_CHAT = "did:web:api.bsky.chat#bsky_chat"
_NO = {
    Fault.THROTTLED: (429, "RateLimitExceeded"),
    Fault.GONE: (400, "BlockedActor"),
    Fault.WINDOW: (400, "InvalidRequest"),
}


@dataclass(frozen=True, slots=True)
class BlueskyKeys:
    """The brand's account."""

    did: str
    handle: str
    password: str


class BlueskyError(Exception):
    """Raised inside a call that the service refuses."""

    def __init__(self, status: int, name: str) -> None:
        super().__init__(name)
        self.status = status


class BlueskyPlatform:
    """One service: prefix `bluesky`. A person is known by a DID."""

    prefix = "bluesky"

    def __init__(
        self,
        keys: BlueskyKeys,
        ledger: Ledger,
        faults: Faults,
        after: Callable[[Sent], None],
        now: Callable[[], datetime],
    ) -> None:
        self._keys, self._ledger, self._faults = keys, ledger, faults
        self._after, self._now = after, now
        self._numbers = count(1)
        self._posts: dict[str, Json] = {}
        self._named: list[tuple[str, str]] = []
        self._logs: list[Json] = []
        self._lock = RLock()
        self.tokens: list[str] = []
        self.asked: list[Asked] = []

    def write(self, one: Happening, *, named: bool = True, reason: str = "mention") -> str:
        """Let a person publish a post; returns its id (an at-uri). `named`: we are told of it.

        The happening's own id is taken where it has one; so is a private message's.
        """
        with self._lock:
            uri = self._publish(one.person, one.name, one.text, one.parent, one.at, uri=one.id)
            if named:
                self._named.append((uri, reason))
        return uri

    def whisper(self, one: Happening, *, own: bool = False) -> str:
        """Let a person (`own`: the brand in its app) write in private; returns the message's id."""
        with self._lock:
            sender = self._keys.did if own else one.person
            return self._said(one.person, sender, one.text, one.at, number=one.id)

    def native(self, parent: str, text: str, at: datetime) -> str:
        """Let the brand publish in its own app."""
        with self._lock:
            return self._publish(self._keys.did, "Acme", text, parent, at)

    def expire(self) -> None:
        """Let every session end."""
        self.tokens.clear()

    def take(self, asked: Asked) -> Told:
        """Answer one call."""
        with self._lock:
            self.asked.append(asked)
            try:
                return self._answer(asked)
            except BlueskyError as refused:
                self._ledger.add(Refused(self._now(), "", str(refused)))
                return _told({"error": str(refused), "message": "refused"}, refused.status)

    def _answer(self, asked: Asked) -> Told:
        method = asked.path.removeprefix("/xrpc/")
        if method == "com.atproto.server.createSession":
            return self._session(_fields(asked.body))
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            raise BlueskyError(400, "ExpiredToken")
        if method.startswith("chat.") and asked.headers.get("atproto-proxy") != _CHAT:
            raise BlueskyError(404, "XRPCNotSupported")
        reads: dict[str, Callable[[Mapping[str, str]], Json]] = {
            "com.atproto.server.getSession": self._whose,
            "app.bsky.notification.listNotifications": self._notifications,
            "app.bsky.feed.getAuthorFeed": self._feed,
            "app.bsky.feed.searchPosts": self._search,
            "app.bsky.feed.getPosts": self._get,
            "chat.bsky.convo.listConvos": self._convos,
            "chat.bsky.convo.getLog": self._log,
            "chat.bsky.convo.getConvo": self._convo,
            "chat.bsky.convo.getConvoForMembers": self._convo_with,
        }
        if method in reads and asked.method == "GET":
            return _told(reads[method](asked.query))
        if method == "com.atproto.repo.uploadBlob" and asked.body:
            kind, size = asked.headers.get("content-type", ""), len(asked.body)
            blob = {"$type": "blob", "ref": {"$link": "bafy1"}, "mimeType": kind, "size": size}
            return _told({"blob": blob})
        if method == "com.atproto.repo.createRecord":
            return self._create(_fields(asked.body))
        if method == "chat.bsky.convo.sendMessage":
            return self._send(_fields(asked.body))
        raise BlueskyError(404, "XRPCNotSupported")

    def _session(self, fields: Json) -> Told:
        given = str(fields.get("password", "")).encode()
        right = hmac.compare_digest(given, self._keys.password.encode())
        if fields.get("identifier") != self._keys.handle or not right:
            raise BlueskyError(401, "AuthenticationRequired")
        ends = int((self._now() + timedelta(hours=2)).timestamp())
        claims = base64.urlsafe_b64encode(json.dumps({"exp": ends}).encode()).decode().rstrip("=")
        token = f"e30.{claims}.sign{next(self._numbers)}"
        self.tokens.append(token)
        return _told({"accessJwt": token, "refreshJwt": "r", "did": self._keys.did})

    def _whose(self, query: Mapping[str, str]) -> Json:
        del query
        return {"did": self._keys.did, "handle": self._keys.handle, "active": True}

    def _notifications(self, query: Mapping[str, str]) -> Json:
        rows = [{**self._posts[uri], "reason": reason} for uri, reason in self._named]
        return _page(rows, query, "notifications")

    def _feed(self, query: Mapping[str, str]) -> Json:
        own = [one for uri, one in self._posts.items() if uri.split("/")[2] == query.get("actor")]
        rows: list[Json] = [{"post": one, "indexedAt": one["indexedAt"]} for one in own]
        return _page(rows, query, "feed")

    def _search(self, query: Mapping[str, str]) -> Json:
        words = query.get("q", "").lower()
        found = [one for one in self._posts.values() if words in str(one["record"]).lower()]
        return _page(found, query, "posts")

    def _get(self, query: Mapping[str, str]) -> Json:
        found = self._posts.get(query.get("uris", ""))
        return {"posts": [found] if found else []}

    def _convos(self, query: Mapping[str, str]) -> Json:
        del query
        last = self._logs[-1:]
        return {"convos": [{"id": one["convoId"], "rev": one["rev"]} for one in last]}

    def _log(self, query: Mapping[str, str]) -> Json:
        since = query.get("cursor", "")
        rows = [one for one in self._logs if str(one["rev"]) > since][:100]
        return {"logs": rows, "cursor": rows[-1]["rev"] if rows else since}

    def _convo(self, query: Mapping[str, str]) -> Json:
        number = query.get("convoId", "")
        return {"convo": {"id": number, "members": self._members(_person(number))}}

    def _convo_with(self, query: Mapping[str, str]) -> Json:
        person = query.get("members", "")
        return {"convo": {"id": _talk(person), "members": self._members(person)}}

    def _members(self, person: str) -> list[Json]:
        return [{"did": self._keys.did}, {"did": person}]

    def _create(self, fields: Json) -> Told:
        record = _table(fields, "record")
        reply = _table(record, "reply")
        parent = str(_table(reply, "parent").get("uri", ""))
        if parent not in self._posts:
            raise BlueskyError(400, "InvalidRequest")
        author = _table(self._posts[parent], "author")
        person = str(author.get("did", ""))
        refusal, fault = self._fault(person)
        if refusal is not None:
            return refusal
        text = str(record.get("text", ""))
        uri = self._publish(self._keys.did, "Acme", text, parent, self._now(), given=record)
        root = str(_table(reply, "root").get("uri", ""))
        self._took(person, text, uri, parent, root)
        value = {"uri": uri, "cid": self._posts[uri]["cid"]}
        return _told(value, silent=fault is Fault.SILENT)

    def _send(self, fields: Json) -> Told:
        person = _person(str(fields.get("convoId", "")))
        text = str(_table(fields, "message").get("text", ""))
        refusal, fault = self._fault(person)
        if refusal is not None:
            return refusal
        number = self._said(person, self._keys.did, text, self._now())
        self._took(person, text, f"{_talk(person)}/{number}", "", "")
        return _told({"id": number, "rev": self._logs[-1]["rev"]}, silent=fault is Fault.SILENT)

    def _fault(self, person: str) -> tuple[Told | None, Fault | None]:
        fault = self._faults.next(person)
        if fault in (None, Fault.SILENT):
            return None, fault
        self._ledger.add(Refused(self._now(), person, fault.value))
        status, name = _NO[fault]
        reset = str(int(self._now().timestamp()) + 2)
        headers = {"ratelimit-reset": reset} if fault is Fault.THROTTLED else {}
        return _told({"error": name, "message": "refused"}, status, headers), fault

    def _took(self, person: str, text: str, platform_id: str, parent: str, post: str) -> None:
        received = Received(self._now(), self._keys.did, person, text, platform_id)
        self._ledger.add(received)
        self._after(Sent(received, parent, post))

    def _publish(  # noqa: PLR0913  (what a post is made of)
        self,
        did: str,
        name: str,
        text: str,
        parent: str,
        at: datetime,
        *,
        given: Json | None = None,
        uri: str = "",
    ) -> str:
        uri = uri or f"at://{did}/app.bsky.feed.post/{next(self._numbers):013d}"
        made: Json = {"$type": "app.bsky.feed.post", "text": text, "createdAt": at.isoformat()}
        if parent:
            answered = _table(self._posts.get(parent, {}), "record")
            root = _table(answered, "reply").get("root") or {"uri": parent, "cid": "c"}
            made["reply"] = {"root": root, "parent": {"uri": parent, "cid": "c"}}
        self._posts[uri] = {
            "uri": uri,
            "cid": f"bafy{next(self._numbers)}",
            "author": {"did": did, "handle": f"{did[-3:]}.example", "displayName": name},
            "record": {**made, **(given or {})},
            "indexedAt": self._stamp(),
        }
        return uri

    def _said(self, person: str, sender: str, text: str, at: datetime, *, number: str = "") -> str:
        number = number or f"m{next(self._numbers):012d}"
        message = {"id": number, "text": text, "sender": {"did": sender}, "sentAt": at.isoformat()}
        kind = "chat.bsky.convo.defs#logCreateMessage"
        rev = f"3{next(self._numbers):012d}"
        self._logs.append({"$type": kind, "rev": rev, "convoId": _talk(person), "message": message})
        return number

    def _stamp(self) -> str:
        """Return when the network saw a post: each one a millisecond after the one before."""
        at = self._now() + timedelta(milliseconds=len(self._posts))
        return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def _page(rows: list[Json], query: Mapping[str, str], name: str) -> Json:
    """Return a page, the newest first; the cursor counts what was shown before."""
    ordered = sorted(rows, key=lambda row: str(row["indexedAt"]), reverse=True)
    begin, limit = int(query.get("cursor", "0")), int(query.get("limit", "50"))
    page: Json = {name: ordered[begin : begin + limit]}
    more = begin + limit < len(ordered)
    return {**page, "cursor": str(begin + limit)} if more else page


def _talk(person: str) -> str:
    return f"talk-{person.removeprefix('did:plc:')}"


def _person(talk: str) -> str:
    return f"did:plc:{talk.removeprefix('talk-')}"


def _table(source: Mapping[str, object], name: str) -> Json:
    value = source.get(name)
    return dict(value) if isinstance(value, Mapping) else {}


def _fields(body: bytes) -> Json:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        raise BlueskyError(400, "InvalidRequest") from None
    return found if isinstance(found, dict) else {}


def _told(
    value: Json,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    *,
    silent: bool = False,
) -> Told:
    return Told(status, json.dumps(value).encode(), headers=headers or {}, silent=silent)
