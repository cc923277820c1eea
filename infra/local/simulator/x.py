"""X as we call it: posts, direct messages, files, webhooks, subscriptions and the search.

Decides the answer to one call and writes the ledger. What customers write is told to `write`, so
that X knows which posts there are and whose; x_webhooks.py has the webhooks.
"""

import hmac
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from threading import Lock

from infra.local.simulator.faults import Fault, Faults
from infra.local.simulator.graph import Sent
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger, Received, Refused
from infra.local.simulator.taker import Asked, Told
from infra.local.simulator.x_webhooks import Payload, XAccount, as_post

WEBHOOK = "1900000000000000001"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x00" * 16
NOT_SUMMONED = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise "
    "engaged by the author of the post you are replying to."
)
NOT_THERE = "You attempted to reply to a Tweet that is deleted or not visible to you."

_APP = re.compile(r"/2/(webhooks|tweets/search|media/\d+_)|GET /2/activity")
_MEDIA = re.compile(r"/2/media/upload/(\d+)/(append|finalize)")
_DIRECT = re.compile(r"/2/dm_conversations/with/(\d+)/messages")
_HIDDEN = re.compile(r"/2/tweets/(\d+)/hidden")
_SUBSCRIPTION = re.compile(r"/2/activity/subscriptions/(\d+)")


class XPlatform:
    """X for one account of the brand.

    `webhook_valid` and `subscriptions` (event type: id) may be changed by who plays a mishap;
    `replays` are the stretches we asked for again.
    """

    prefix = "x"

    def __init__(
        self,
        account: XAccount,
        ledger: Ledger,
        faults: Faults,
        after: Callable[[Sent], None],
        now: Callable[[], datetime],
    ) -> None:
        self._keys, self._ledger, self._faults = account, ledger, faults
        self._after, self._now = after, now
        self._numbers, self._lock = count(1), Lock()
        self._posts: dict[str, tuple[str, str, bool]] = {}
        self._found: list[Payload] = []
        self._said: set[tuple[str, str]] = set()
        self._media: set[str] = set()
        self.webhook_valid = True
        self.subscriptions: dict[str, str] = {}
        self.hidden: dict[str, bool] = {}
        self.replays: list[tuple[str, str]] = []

    def write(self, one: Happening, *, summoned: bool = True) -> None:
        """Let X know a post of a customer. `summoned`: it names or quotes the brand."""
        with self._lock:
            self._posts[one.id] = (one.person, one.post or one.id, summoned)
            self._found.append(as_post(one))

    def take(self, asked: Asked) -> Told:
        """Answer one call."""
        path = "/" + asked.path.lstrip("/")
        by_app = _APP.match(path) or _APP.match(f"{asked.method} {path}")
        right = f"Bearer {self._keys.bearer if by_app else self._keys.access_token}"
        if not hmac.compare_digest(asked.headers.get("authorization", "").encode(), right.encode()):
            self._ledger.add(Refused(self._now(), "", "x: wrong token"))
            return _problem(401, "Unauthorized")
        content = json.loads(asked.body or b"{}")
        return self._dispatch(asked, path, content)

    def _dispatch(self, asked: Asked, path: str, content: Mapping[str, object]) -> Told:
        direct, hidden = _DIRECT.fullmatch(path), _HIDDEN.fullmatch(path)
        if path == "/2/tweets":
            return self._reply(content)
        if direct:
            return self._message(direct[1], content)
        if hidden:
            self.hidden[hidden[1]] = content.get("hidden") is True
            return _data({"hidden": self.hidden[hidden[1]]})
        if path.startswith(("/2/media", "/2/dm_conversations/media")):
            return self._file(path)
        return self._looked_after(asked, path, content)

    def _looked_after(self, asked: Asked, path: str, content: Mapping[str, object]) -> Told:
        """Answer what is not about a message of ours."""
        if path == "/2/tweets/search/recent":
            return self._search(asked.query)
        if path == "/2/users/me":
            return _data({"id": self._keys.account, "username": self._keys.username})
        if path.startswith("/2/activity"):
            return self._subscribed(asked.method, path, content)
        if path.startswith("/2/webhooks"):
            return self._webhooks(asked.method, path, content)
        return _problem(404, "Not Found")

    def _reply(self, content: Mapping[str, object]) -> Told:
        parent = str(_object(content, "reply").get("in_reply_to_tweet_id", ""))
        author, root, summoned = self._posts.get(parent, ("", "", False))
        text = str(content.get("text", ""))
        refusal = ""
        if not author:
            refusal = NOT_THERE
        elif not summoned:
            refusal = NOT_SUMMONED
        elif (parent, text) in self._said:
            refusal = "You are not allowed to create a Tweet with duplicate content."
        if refusal:
            self._ledger.add(Refused(self._now(), author, f"x: {refusal}"))
            return _problem(403, refusal)
        media = _object(content, "media").get("media_ids")
        return self._taken(author, text, media, parent=parent, root=root)

    def _message(self, customer: str, content: Mapping[str, object]) -> Told:
        listed = content.get("attachments")
        attached = listed if isinstance(listed, list) else []
        media = [one.get("media_id") for one in attached]
        return self._taken(customer, str(content.get("text", "")), media)

    def _taken(
        self, customer: str, text: str, media: object, *, parent: str = "", root: str = ""
    ) -> Told:
        unknown = set(media if isinstance(media, list) else ()) - self._media
        if unknown or not (text or media):
            return _problem(400, "Your media IDs are invalid." if unknown else "Text is missing.")
        fault = self._faults.next(customer)
        if fault not in (None, Fault.SILENT):
            self._ledger.add(Refused(self._now(), customer, fault.value))
            return self._refused(fault, public=bool(parent))
        with self._lock:
            platform_id = f"20900000{next(self._numbers):011d}"
            if parent:
                self._said.add((parent, text))
        received = Received(self._now(), self._keys.account, customer, text, platform_id)
        self._ledger.add(received)
        self._after(Sent(received, parent, root))
        silent = fault is Fault.SILENT
        if parent:
            return _data({"id": platform_id, "text": text}, status=201, silent=silent)
        both = "-".join(sorted((customer, self._keys.account)))
        body = {"dm_conversation_id": both, "dm_event_id": platform_id}
        return _data(body, status=201, silent=silent)

    def _refused(self, fault: Fault, *, public: bool) -> Told:
        if fault is Fault.THROTTLED:
            reset = str(int(self._now().timestamp()) + 1)
            headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": reset}
            return _problem(429, "Too Many Requests", headers)
        if public:
            return _problem(403, NOT_THERE if fault is Fault.GONE else NOT_SUMMONED)
        return _problem(403, "You cannot send messages to this user.")

    def _file(self, path: str) -> Told:
        if path.startswith("/2/dm_conversations/media"):
            return Told(200, PICTURE, "image/png")
        step = _MEDIA.fullmatch(path)
        if step:
            return _data({"id": step[1]})
        if path not in ("/2/media/upload", "/2/media/upload/initialize"):
            return _problem(404, "Not Found")
        with self._lock:
            media_id = f"19000000{next(self._numbers):011d}"
            self._media.add(media_id)
        return _data({"id": media_id, "media_key": f"3_{media_id}"})

    def _search(self, query: Mapping[str, str]) -> Told:
        since = int(query.get("since_id", "0"))
        words = re.sub(r"-\S+|[()\"]", " ", query.get("query", "")).lower().split()
        fits = [
            post
            for post in self._found
            if int(str(post["id"])) > since
            and all(word in str(post["text"]).lower() for word in words)
        ]
        newest = sorted(fits, key=lambda post: -int(str(post["id"])))
        newest = newest[: int(query.get("max_results", "10"))]
        ids = [str(post["id"]) for post in newest]
        meta = {"result_count": len(ids)} | ({"newest_id": ids[0]} if ids else {})
        return Told(body=json.dumps({"data": newest, "meta": meta}).encode())

    def _subscribed(self, method: str, path: str, content: Mapping[str, object]) -> Told:
        if method == "POST":
            self.subscriptions[str(content["event_type"])] = str(content["webhook_id"])
        known = _SUBSCRIPTION.fullmatch(path)
        if known:
            kind = [*self.subscriptions][int(known[1]) - 1]
            self.subscriptions[kind] = str(content["webhook_id"])
        rows = [
            {
                "subscription_id": str(number),
                "event_type": kind,
                "filter": {"user_id": self._keys.account},
                "webhook_id": webhook_id,
            }
            for number, (kind, webhook_id) in enumerate(self.subscriptions.items(), 1)
        ]
        return _data(rows)

    def _webhooks(self, method: str, path: str, content: Mapping[str, object]) -> Told:
        if path == "/2/webhooks/replay":
            self.replays.append((str(content["from_date"]), str(content["to_date"])))
            return Told(body=b'{"job_id": "1", "created_at": "2026-11-22T10:00:00Z"}')
        if method == "PUT":
            self.webhook_valid = True
            return _data({"valid": True})
        url = self._keys.callback_url
        return _data([{"id": WEBHOOK, "url": url, "valid": self.webhook_valid}])


def _object(source: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = source.get(name)
    return found if isinstance(found, Mapping) else {}


def _data(data: object, *, status: int = 200, silent: bool = False) -> Told:
    return Told(status, json.dumps({"data": data}).encode(), silent=silent)


def _problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Told:
    body = {"title": "Problem", "detail": detail, "type": "about:blank", "status": status}
    return Told(status, json.dumps(body).encode(), headers=headers or {})
