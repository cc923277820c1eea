"""One look at a channel's comments: one page of threads, and the replies that it does not show."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.channels import wire
from chalicelib.channels.contract import PayloadError, Unreadable
from chalicelib.channels.places import Places
from chalicelib.channels.questions import poll_error
from chalicelib.channels.youtube import cursor, inbound
from chalicelib.channels.youtube.api import Api
from chalicelib.domain.event import ChannelEvent
from chalicelib.domain.ident import digest
from chalicelib.workflows.networks import (
    ErrorClass,
    Polled,
    PollError,
    SendResult,
    Wanted,
)

PAGE = 100
MOST_LISTS = 20  # of replies in one look; the others follow at the next
_PAGE_GONE = ("invalidPageToken", "processingFailure")
_GONE = ("commentNotFound", "parentCommentNotFound", "notFound")


class _Found:
    """What a look has brought so far."""

    def __init__(self, account_id: str, received_at: datetime, kept: cursor.Cursor) -> None:
        self.account_id, self.received_at, self.kept = account_id, received_at, kept
        self.events: list[ChannelEvent] = []
        self.ignored: list[str] = []
        self.odd: list[bytes] = []
        self.lists = 0

    def add(self, item: object) -> None:
        """Take in one element of a list; an odd one does not cost the others."""
        try:
            kind, found = inbound.said(item)
        except PayloadError:
            if self.kept.fresh(digest(wire.canonical(item))[:10], None):
                self.odd.append(inbound.kept(item))
            return
        if kind:
            self.ignored.append(kind)
        for one in found:
            if self.kept.fresh(one.mark, one.changed_at):
                self._take(inbound.tell(one, self.received_at, self.account_id))

    def _take(self, told: list[ChannelEvent] | Unreadable) -> None:
        if isinstance(told, Unreadable):
            self.odd.append(told.raw)
        else:
            self.events += told


def poll(wanted: Wanted, secret: Mapping[str, object], places: Places) -> Polled:
    """Look once. Raises PollError.

    More pages, and the end of a look that was cut, follow at once.
    """
    if wanted.words:
        raise PollError("cannot_search", lasting=True)
    api, now = Api(secret, places), places.now()
    found = _Found(wanted.handle.account_id, now, cursor.read(wanted.cursor, now))
    page = _page(api, found)
    items = page.get("items")
    for item in items if isinstance(items, list) else ():
        found.add(item)
    threads = _objects(page)
    for thread in threads:
        _replies(api, thread, found)
    token = page.get("nextPageToken")
    more = isinstance(token, str) and bool(token) and not _past(threads, found.kept)
    if more:
        found.kept.page = str(token)
    else:
        found.kept.ended()
    return Polled(
        tuple(found.events),
        tuple(found.ignored),
        tuple(found.odd),
        cursor=found.kept.text(),
        again_seconds=1 if more else 0,
    )


def _page(api: Api, found: _Found) -> wire.Json:
    """Return the page that this look is for; where a sweep's page is gone, the sweep begins anew.

    Raises PollError.
    """
    query = {
        "part": "snippet,replies",
        "allThreadsRelatedToChannelId": found.account_id,
        "order": "time",
        "textFormat": "plainText",
        "maxResults": str(PAGE),
    }
    if found.kept.page:
        page = api.read("commentThreads", {**query, "pageToken": found.kept.page})
        if not isinstance(page, SendResult):
            return page
        if page.error_code not in _PAGE_GONE:
            raise _error(page)
        found.kept.page = ""
    page = api.read("commentThreads", query)
    if isinstance(page, SendResult):
        raise _error(page)
    return page


def _objects(page: wire.Json) -> Sequence[wire.Json]:
    items = page.get("items")
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else ()


def _replies(api: Api, thread: wire.Json, found: _Found) -> None:
    """List a thread's replies when there are more than it shows, and their number has changed."""
    where, total, shown = _counts(thread)
    known = found.kept.replies.get(where)
    if not where or total <= shown or total == known or found.lists >= MOST_LISTS:
        return
    began, token = found.lists, _listed(api, where, _video(thread), found)
    if not token or not began:  # a thread that is too long for a look of its own is left at that
        found.kept.replies.pop(where, None)
        found.kept.replies[where] = total


def _listed(api: Api, where: str, post_id: str, found: _Found) -> str:
    """List replies as far as this look may; return where it would go on. Raises PollError."""
    token = ""
    while found.lists < MOST_LISTS:
        found.lists += 1
        query = {"part": "snippet", "parentId": where, "textFormat": "plainText"}
        more = {"pageToken": token} if token else {}
        page = api.read("comments", {**query, "maxResults": str(PAGE), **more})
        if isinstance(page, SendResult):
            if page.error_code in _GONE:
                return ""  # the thread was deleted meanwhile
            raise _error(page)
        for item in _objects(page):
            found.add(_placed(item, post_id))
        token = str(page.get("nextPageToken") or "")
        if not token:
            break
    return token


def _counts(thread: wire.Json) -> tuple[str, int, int]:
    try:
        shown = len(wire.rows(wire.table(thread, "replies"), "comments"))
        total = wire.number(wire.table(thread, "snippet"), "totalReplyCount")
        return wire.ident(thread, "id"), total, shown
    except PayloadError:
        return "", 0, 0


def _video(thread: wire.Json) -> str:
    about = thread.get("snippet")
    if not isinstance(about, dict):
        return ""
    return str(about.get("videoId") or about.get("channelId") or "")


def _placed(comment: wire.Json, post_id: str) -> wire.Json:
    """Return a reply with the video of its thread, which a list of replies leaves out."""
    about = comment.get("snippet")
    if not isinstance(about, dict) or about.get("videoId"):
        return comment
    return {**comment, "snippet": {**about, "videoId": post_id}}


def _past(threads: Sequence[wire.Json], kept: cursor.Cursor) -> bool:
    """Return whether the page's last thread began before anything new."""
    for thread in reversed(threads):
        try:
            _, found = inbound.said(thread)
        except PayloadError:
            continue
        at = found[0].published_at if found else None
        if at is not None:
            return at.timestamp() < kept.horizon
    return True


def _error(result: SendResult) -> PollError:
    if result.error_class is ErrorClass.LIMIT:
        return PollError("quota_exceeded", wait_seconds=result.retry_after_seconds)
    return poll_error(replace(result, error_code=wire.word(result.error_code)))
