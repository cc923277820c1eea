"""YouTube, as far as we call it: comment threads, replies, moderation, and Google's tokens."""

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import RLock
from urllib.parse import parse_qsl

from infra.local.simulator.faults import Fault, Faults
from infra.local.simulator.graph import Sent
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger, Received, Refused
from infra.local.simulator.taker import Asked, Told

EMBEDDED = 5
"""So many replies of a thread are shown with it; the others have to be listed."""

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class YoutubeKeys:
    """The channel and what opens it, as the handle's secret holds it."""

    channel: str
    api_key: str
    client_id: str
    client_secret: str
    refresh_token: str
    access_token: str = "ya29.simulated"  # noqa: S105 - given out by this simulator alone


@dataclass(frozen=True, slots=True)
class _Comment:
    said: Happening
    changed_at: datetime
    status: str = "published"


class YoutubeError(Exception):
    """Raised inside a call that is refused. `reason` is Google's own word."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


_REFUSALS: Mapping[Fault, tuple[int, str]] = {
    Fault.THROTTLED: (429, "rateLimitExceeded"),
    Fault.GONE: (404, "parentCommentNotFound"),
    Fault.WINDOW: (403, "commentsDisabled"),
}


@dataclass(slots=True)
class _Shelf:
    """The comments by id, oldest first."""

    comments: dict[str, _Comment] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)
    used: int = 0  # units of the day's quota


class YoutubePlatform:
    """Implements Taker. `places.urls`: youtube and google_oauth are both `<server>/youtube`.

    `quota` is how many units a day has; reading costs 1, writing 50, as on the platform.
    """

    prefix = "youtube"

    def __init__(  # noqa: PLR0913 - as every simulated network is made
        self,
        keys: YoutubeKeys,
        ledger: Ledger,
        faults: Faults,
        after: Callable[[Sent], None],
        now: Callable[[], datetime],
        *,
        quota: int = 10_000,
        page: int = 100,
    ) -> None:
        self._keys, self._ledger, self._faults = keys, ledger, faults
        self._after, self._now, self._quota, self._page = after, now, quota, page
        self._shelf = _Shelf()

    def write(self, one: Happening) -> None:
        """Let somebody comment: `post` is the video, `parent` the thread that is answered."""
        with self._shelf.lock:
            self._shelf.comments[one.id] = _Comment(one, one.at)

    def edit(self, comment_id: str, text: str, at: datetime) -> None:
        """Let somebody change a comment."""
        with self._shelf.lock:
            before = self._shelf.comments[comment_id]
            said = replace(before.said, text=text)
            self._shelf.comments[comment_id] = replace(before, said=said, changed_at=at)

    def status(self, comment_id: str) -> str:
        """Return whether a comment is published, heldForReview or rejected."""
        return self._shelf.comments[comment_id].status

    def take(self, asked: Asked) -> Told:
        """Answer one call."""
        try:
            with self._shelf.lock:
                return self._taken(asked)
        except YoutubeError as refused:
            self._ledger.add(Refused(self._now(), "", refused.reason))
            return _refusal(refused.status, refused.reason)

    def _taken(self, asked: Asked) -> Told:
        route = (asked.method, asked.path)
        if route == ("POST", "/token"):
            return self._token(asked)
        self._check(asked, own=route not in _PUBLIC)
        self._pay(50 if asked.method == "POST" else 1)
        if route == ("GET", "/youtube/v3/commentThreads"):
            return _told(self._threads(asked.query))
        if route == ("GET", "/youtube/v3/comments"):
            return _told(self._replies(asked.query))
        if route == ("GET", "/youtube/v3/channels"):
            return _told({"items": [{"kind": "youtube#channel", "id": self._keys.channel}]})
        if route == ("POST", "/youtube/v3/comments"):
            return self._insert(json.loads(asked.body))
        if route == ("POST", "/youtube/v3/comments/setModerationStatus"):
            return self._moderated(asked.query)
        raise YoutubeError(404, "notFound")

    def _token(self, asked: Asked) -> Told:
        form = dict(parse_qsl(asked.body.decode()))
        keys = self._keys
        right = (form.get("client_id"), form.get("client_secret"), form.get("refresh_token"))
        if right != (keys.client_id, keys.client_secret, keys.refresh_token):
            error = {"error": "invalid_grant", "error_description": "Token has been revoked."}
            return Told(400, json.dumps(error).encode())
        return _told({"access_token": keys.access_token, "expires_in": 3599})

    def _check(self, asked: Asked, *, own: bool) -> None:
        bearer = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if _same(bearer, self._keys.access_token):
            return
        if own:
            raise YoutubeError(401, "authError")
        if not _same(asked.headers.get("x-goog-api-key", ""), self._keys.api_key):
            raise YoutubeError(400, "keyInvalid")

    def _pay(self, units: int) -> None:
        if self._shelf.used + units > self._quota:
            raise YoutubeError(403, "quotaExceeded")
        self._shelf.used += units

    def _threads(self, query: Mapping[str, str]) -> Row:
        if query.get("allThreadsRelatedToChannelId") != self._keys.channel:
            raise YoutubeError(404, "channelNotFound")
        shown = [one for one in self._shown() if not one.said.parent]
        shown.sort(key=lambda one: one.said.at, reverse=True)
        start = int(query.get("pageToken", "0"))
        page = shown[start : start + self._page]
        answer: Row = {"items": [self._thread(one) for one in page]}
        if start + self._page < len(shown):
            answer["nextPageToken"] = str(start + self._page)
        return answer

    def _thread(self, top: _Comment) -> Row:
        replies = self._under(top.said.id)
        about: Row = {
            "channelId": self._keys.channel,
            "videoId": top.said.post,
            "topLevelComment": _comment(top),
            "totalReplyCount": len(replies),
            "canReply": True,
        }
        thread: Row = {"kind": "youtube#commentThread", "id": top.said.id, "snippet": about}
        if replies:
            thread["replies"] = {"comments": [_comment(one) for one in replies[:EMBEDDED]]}
        return thread

    def _replies(self, query: Mapping[str, str]) -> Row:
        parent = self._shelf.comments.get(query.get("parentId", ""))
        if parent is None:
            raise YoutubeError(404, "commentNotFound")
        return {"items": [_comment(one, video=False) for one in self._under(parent.said.id)]}

    def _under(self, thread: str) -> Sequence[_Comment]:
        return [one for one in self._shown() if one.said.parent == thread]

    def _shown(self) -> list[_Comment]:
        return [one for one in self._shelf.comments.values() if one.status == "published"]

    def _insert(self, body: Mapping[str, Mapping[str, str]]) -> Told:
        parent_id, text = body["snippet"]["parentId"], body["snippet"]["textOriginal"]
        parent = self._shelf.comments.get(parent_id)
        customer = parent.said.person if parent else ""
        fault = self._faults.next(customer)
        if fault is not None and fault in _REFUSALS:
            raise YoutubeError(*_REFUSALS[fault])
        if parent is None or parent.said.parent:
            raise YoutubeError(404, "parentCommentNotFound")
        number = len(self._under(parent_id)) + 1
        said = Happening(
            self._keys.channel,
            self._keys.channel,
            self._now(),
            id=f"{parent_id}.own{number:04d}",
            name="@acme",
            text=text,
            post=parent.said.post,
            parent=parent_id,
        )
        self._shelf.comments[said.id] = _Comment(said, said.at)
        received = Received(said.at, self._keys.channel, customer, text, said.id)
        self._ledger.add(received)
        self._after(Sent(received, parent_id, said.post))
        return replace(_told(_comment(self._shelf.comments[said.id])), silent=fault is Fault.SILENT)

    def _moderated(self, query: Mapping[str, str]) -> Told:
        before = self._shelf.comments.get(query.get("id", ""))
        status = query.get("moderationStatus", "")
        if before is None or status not in ("published", "heldForReview", "rejected"):
            raise YoutubeError(404 if before is None else 400, "commentNotFound")
        if before.status == "rejected" and status != "rejected":
            raise YoutubeError(400, "processingFailure")
        self._shelf.comments[before.said.id] = replace(before, status=status)
        return Told(204, b"")


_PUBLIC = (("GET", "/youtube/v3/commentThreads"), ("GET", "/youtube/v3/comments"))


def _comment(one: _Comment, *, video: bool = True) -> Row:
    """Return a comment as the API shows it; a list of replies leaves the video out."""
    said = one.said
    about: Row = {
        "channelId": said.account,
        "textDisplay": said.text,
        "authorDisplayName": said.name,
        "authorChannelId": {"value": said.person},
        "publishedAt": _iso(said.at),
        "updatedAt": _iso(one.changed_at),
    }
    if video:
        about["videoId"] = said.post
    if said.parent:
        about["parentId"] = said.parent
    return {"kind": "youtube#comment", "id": said.id, "snippet": about}


def _told(row: Row) -> Told:
    return Told(200, json.dumps(row).encode())


def _refusal(status: int, reason: str) -> Told:
    detail = {"message": reason, "domain": "youtube", "reason": reason}
    error = {"code": status, "message": reason, "errors": [detail]}
    return Told(status, json.dumps({"error": error}).encode())


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
