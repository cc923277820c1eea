"""Mastodon: one instance as we call it, with the posts that people write there."""

import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from itertools import count
from threading import RLock
from urllib.parse import unquote
from zlib import crc32

from infra.local.simulator.faults import Fault, Faults
from infra.local.simulator.graph import Sent
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger, Received, Refused
from infra.local.simulator.taker import Asked, Told

Json = dict[str, object]

_NAME = re.compile(r"@([\w-]+)@([\w.-]+)")
_CONTEXT = re.compile(r"/api/v1/statuses/([^/]+)/context")
_NO = {
    Fault.THROTTLED: (429, "Too many requests"),
    Fault.GONE: (404, "Record not found"),
    Fault.WINDOW: (422, "Validation failed: Text can't be blank"),
}
_PUBLIC = ("public", "unlisted")


@dataclass(frozen=True, slots=True)
class MastodonKeys:
    """The brand's account. `acct` is its name on its own instance."""

    account: str
    token: str
    acct: str
    domain: str


@dataclass(slots=True)
class Status:
    """One post. `person` is the author's whole address; the brand's own has none."""

    number: str
    person: str
    text: str
    at: datetime
    visibility: str
    parent: str = ""
    name: str = ""
    edited_at: datetime | None = None
    media: tuple[str, ...] = ()
    names_us: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    value: object
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False


class MastodonError(Exception):
    """Raised inside a call that the instance refuses."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class MastodonPlatform:
    """One instance: prefix `mastodon`. Ids are longer than a float is exact, as in life."""

    prefix = "mastodon"

    def __init__(
        self,
        keys: MastodonKeys,
        ledger: Ledger,
        faults: Faults,
        after: Callable[[Sent], None],
        now: Callable[[], datetime],
    ) -> None:
        self._keys, self._ledger, self._faults = keys, ledger, faults
        self._after, self._now = after, now
        self._numbers = count(113_000_000_000_000_001)
        self._statuses: dict[str, Status] = {}
        self._notices: list[tuple[str, str]] = []
        self._keyed: dict[str, str] = {}
        self._media = count(22_000_001)
        self._lock = RLock()
        self.asked: list[Asked] = []

    def write(self, one: Happening, *, public: bool = True, named: bool = True) -> str:
        """Let a person write a post; returns its id. `named`: it names the brand, who is told.

        `person` is the whole address, `parent` the post answered, `media` a picture's name.
        """
        made = Status(
            one.id or str(next(self._numbers)),
            one.person,
            one.text,
            one.at,
            "public" if public else "direct",
            one.parent,
            one.name,
            media=(one.media,) if one.media else (),
            names_us=named,
        )
        with self._lock:
            self._statuses[made.number] = made
            if named:
                self._notices.append((str(next(self._numbers)), made.number))
        return made.number

    def edit(self, number: str, text: str, at: datetime) -> None:
        """Let the author give a post another text."""
        with self._lock:
            status = self._statuses[number]
            status.text, status.edited_at = text, at

    def native(self, parent: str, text: str, at: datetime, *, public: bool = True) -> str:
        """Let the brand answer in its own app; returns the post's id."""
        number = str(next(self._numbers))
        visibility = "unlisted" if public else "direct"
        with self._lock:
            self._statuses[number] = Status(number, "", text, at, visibility, parent)
        return number

    def take(self, asked: Asked) -> Told:
        """Answer one call."""
        with self._lock:
            self.asked.append(asked)
            try:
                given = asked.headers.get("authorization", "").encode()
                if not hmac.compare_digest(given, f"Bearer {self._keys.token}".encode()):
                    return _told(_Answer({"error": "The access token is invalid"}, 401))
                answer = self._answer(asked)
            except MastodonError as refused:
                self._ledger.add(Refused(self._now(), "", str(refused)))
                answer = _Answer({"error": str(refused)}, refused.status)
        return _told(answer)

    def _answer(self, asked: Asked) -> _Answer:
        reads = {
            "/api/v1/notifications": self._notifications,
            f"/api/v1/accounts/{self._keys.account}/statuses": self._own,
            "/api/v2/search": self._search,
            "/api/v1/accounts/verify_credentials": self._me,
        }
        context = _CONTEXT.fullmatch(asked.path)
        if asked.method == "GET" and context is not None:
            return self._context(unquote(context[1]))
        if asked.method == "GET" and asked.path in reads:
            return reads[asked.path](asked.query)
        if asked.method == "POST" and asked.path == "/api/v2/media":
            return _Answer({"id": str(next(self._media)), "type": "image"})
        if asked.method == "POST" and asked.path == "/api/v1/statuses":
            return self._publish(asked)
        raise MastodonError(404, "Record not found")

    def _me(self, query: Mapping[str, str]) -> _Answer:
        del query
        return _Answer({"id": self._keys.account, "acct": self._keys.acct})

    def _notifications(self, query: Mapping[str, str]) -> _Answer:
        rows: list[Json] = [
            {
                "id": number,
                "type": "mention",
                "created_at": self._statuses[status].at.isoformat(),
                "account": self._account(self._statuses[status]),
                "status": self._shown(self._statuses[status]),
            }
            for number, status in self._notices
        ]
        return _Answer(_page(rows, query))

    def _own(self, query: Mapping[str, str]) -> _Answer:
        own = [self._shown(one) for one in self._statuses.values() if not one.person]
        return _Answer(_page(own, query))

    def _search(self, query: Mapping[str, str]) -> _Answer:
        words = query.get("q", "").lower()
        seen = [one for one in self._statuses.values() if one.visibility in _PUBLIC]
        found = [self._shown(one) for one in seen if words in one.text.lower()]
        return _Answer({"accounts": [], "statuses": _page(found, query), "hashtags": []})

    def _context(self, number: str) -> _Answer:
        if number not in self._statuses:
            raise MastodonError(404, "Record not found")
        before: list[Json] = []
        parent = self._statuses[number].parent
        while parent in self._statuses:
            before.insert(0, self._shown(self._statuses[parent]))
            parent = self._statuses[parent].parent
        return _Answer({"ancestors": before, "descendants": []})

    def _publish(self, asked: Asked) -> _Answer:
        key = asked.headers.get("idempotency-key", "")
        if key in self._keyed:
            return _Answer(self._shown(self._statuses[self._keyed[key]]))
        fields = _fields(asked.body)
        text, parent = str(fields.get("status", "")), str(fields.get("in_reply_to_id", ""))
        name = _NAME.search(text)
        person = f"{name[1]}@{name[2]}" if name else ""
        fault = self._faults.next(person)
        if fault not in (None, Fault.SILENT):
            return self._fault(fault, person)
        if parent and parent not in self._statuses:
            raise MastodonError(404, "Record not found")
        number, visibility = str(next(self._numbers)), str(fields.get("visibility", ""))
        made = Status(number, "", text, self._now(), visibility, parent)
        self._statuses[number] = made
        self._keyed[key] = number
        said = text.removeprefix(f"@{person} ") if person else text
        received = Received(self._now(), self._keys.account, person, said, number, key)
        self._ledger.add(received)
        self._after(Sent(received, parent, parent if visibility in _PUBLIC else ""))
        return _Answer(self._shown(made), silent=fault is Fault.SILENT)

    def _fault(self, fault: Fault, person: str) -> _Answer:
        self._ledger.add(Refused(self._now(), person, fault.value))
        status, text = _NO[fault]
        reset = (self._now() + timedelta(seconds=2)).isoformat()
        headers = {"X-RateLimit-Reset": reset} if fault is Fault.THROTTLED else {}
        return _Answer({"error": text}, status, headers)

    def _shown(self, one: Status) -> Json:
        answered = self._statuses.get(one.parent)
        named = [self._keys.acct] if one.names_us else []
        mentions: list[Json] = [{"id": self._keys.account, "acct": acct} for acct in named]
        for user, domain in _NAME.findall(one.text):
            mentions.append({"id": _number(f"{user}@{domain}"), "acct": f"{user}@{domain}"})
        media = [{"id": name, "type": "image", "url": f"https://{name}"} for name in one.media]
        return {
            "id": one.number,
            "created_at": one.at.isoformat(),
            "edited_at": one.edited_at.isoformat() if one.edited_at else None,
            "in_reply_to_id": one.parent or None,
            "in_reply_to_account_id": self._account(answered)["id"] if answered else None,
            "visibility": one.visibility,
            "content": _html(one.text),
            "spoiler_text": "",
            "url": f"https://{self._keys.domain}/@x/{one.number}",
            "account": self._account(one),
            "mentions": mentions,
            "media_attachments": media,
        }

    def _account(self, one: Status) -> Json:
        if not one.person:
            return {"id": self._keys.account, "acct": self._keys.acct, "bot": False}
        local = one.person.removesuffix(f"@{self._keys.domain}")
        number = _number(one.person)
        return {"id": number, "acct": local, "display_name": one.name, "bot": False}


def _page(rows: list[Json], query: Mapping[str, str]) -> list[Json]:
    """Return one page, the newest first, as the real one does even for `min_id`."""
    limit, since = int(query.get("limit", "20")), query.get("min_id", "")
    ordered = sorted(rows, key=lambda row: (len(str(row["id"])), str(row["id"])))
    if not since:
        return ordered[-limit:][::-1]
    newer = [row for row in ordered if (len(str(row["id"])), str(row["id"])) > (len(since), since)]
    return newer[:limit][::-1]


def _html(text: str) -> str:
    """Return the text as an instance shows it: with names as cards, and the domain left out."""
    link = r'<a href="https://\2/@\1" class="u-url mention">@<span>\1</span></a>'
    card = f'<span class="h-card">{link}</span>'
    lines = _NAME.sub(card, escape(text, quote=False)).replace("\n", "<br />")
    return f"<p>{lines}</p>"


def _number(address: str) -> str:
    return str(110_000_000_000_000_000 + crc32(address.encode()))


def _fields(body: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        raise MastodonError(400, "Invalid JSON") from None
    return found if isinstance(found, dict) else {}


def _told(answer: _Answer) -> Told:
    body = json.dumps(answer.value).encode()
    return Told(answer.status, body, headers=answer.headers, silent=answer.silent)
