"""Looking at an account: who named it, what it answered itself, private messages, and words."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from chalicelib.channels import wire
from chalicelib.channels.bluesky import api, cursor, inbound
from chalicelib.channels.bluesky.cursor import Cursor, Mark
from chalicelib.channels.contract import PayloadError, Secret
from chalicelib.channels.places import Places
from chalicelib.domain.event import ChannelEvent
from chalicelib.workflows.networks import Polled, PollError, SendResult, Wanted

PAGE = 50
FIRST_LOOK = timedelta(days=1)
"""How far back the very first look goes."""

BEGINNING = "2222222222222"
"""The lowest revision of a log: where nothing has been said yet, all that comes is new."""

Query = list[tuple[str, str]]
Read = Callable[[wire.Json], Sequence[ChannelEvent]]


class Look:
    """One look and what it has found so far. `more`: it has to be made again at once."""

    def __init__(self, wanted: Wanted, account: api.Account) -> None:
        self.wanted, self.account = wanted, account
        self.talks: dict[str, str] = {}
        self.events: list[ChannelEvent] = []
        self.ignored: list[str] = []
        self.odd: list[bytes] = []
        self.more = False

    @property
    def reader(self) -> inbound.Reader:
        """Return who reads what is found."""
        now = self.account.places.now()
        return inbound.Reader(self.wanted.handle.account_id, now, self.other)

    def other(self, talk: str) -> str:
        """Return whom a private talk is with. Raises PollError."""
        if talk not in self.talks:
            call = api.Call("chat.bsky.convo.getConvo", [("convoId", talk)], headers=api.CHAT)
            convo = _table(api.asked(call, self.account), "convo")
            own = self.wanted.handle.account_id
            dids = [wire.ident(_object(one), "did") for one in wire.rows(convo, "members")]
            self.talks[talk] = next((did for did in dids if did and did != own), f"hidden:{talk}")
        return self.talks[talk]


def poll(wanted: Wanted, secret: Secret, places: Places) -> Polled:
    """Look once. Raises PollError."""
    account = api.account_of(wanted.handle, secret, places)
    if isinstance(account, SendResult):
        raise PollError(account.error_code, lasting=True)
    look, before = Look(wanted, account), cursor.read(wanted.cursor)
    after = _searched(look, before) if wanted.words else _looked(look, before)
    again = 1 if look.more else 0
    found = (tuple(look.events), tuple(look.ignored), tuple(look.odd))
    return Polled(*found, after.written(), again_seconds=again)


def _looked(look: Look, before: Cursor) -> Cursor:
    named = _named(look, before.named)
    after = replace(before, named=named, own=_own(look, before.own))
    private = look.wanted.handle.settings.get("private", "yes") != "no"
    return replace(after, talk=_private(look, before.talk)) if private else after


def _named(look: Look, mark: Mark) -> Mark:
    query = [("reasons", reason) for reason in inbound.REASONS]
    call = "app.bsky.notification.listNotifications"
    told, rows = _page(look, call, query, "notifications", mark)

    def read(row: wire.Json) -> Sequence[ChannelEvent]:
        reason = wire.text(row, "reason")
        if reason not in inbound.REASONS:
            look.ignored.append(f"bluesky.{wire.word(reason)}")
            return ()
        return (look.reader.post(row),)

    return _read(look, rows, mark, told, read)


def _own(look: Look, mark: Mark) -> Mark:
    """Take in what we answered, whoever typed it: in the app, or here."""
    did = look.wanted.handle.account_id
    query = [("actor", did), ("filter", "posts_with_replies")]
    told, rows = _page(look, "app.bsky.feed.getAuthorFeed", query, "feed", mark)
    posts = [wire.table(row, "post") for row in rows if not row.get("reason")]

    def read(row: wire.Json) -> Sequence[ChannelEvent]:
        answers = bool(wire.table(wire.table(row, "record"), "reply"))
        look.ignored += [] if answers else ["bluesky.own_post"]
        return (look.reader.post(row),) if answers else ()

    return _read(look, posts, mark, told, read)


def _private(look: Look, since: str) -> str:
    """Take in the log of private messages; the first look only notes where it ends."""
    if not since:
        call = api.Call("chat.bsky.convo.listConvos", [("limit", "1")], headers=api.CHAT)
        talks = _rows(api.asked(call, look.account), "convos")
        return wire.ident(talks[0], "rev") if talks else BEGINNING
    call = api.Call("chat.bsky.convo.getLog", [("cursor", since)], headers=api.CHAT)
    told = api.asked(call, look.account)
    rows = _rows(told, "logs")
    for row in rows:
        try:
            found = look.reader.log(row)
        except PayloadError:
            look.odd.append(inbound.kept("log", row))
            continue
        if isinstance(found, str):
            look.ignored.append(found)
        else:
            look.events.append(found)
    after = wire.ident(told, "cursor")
    look.more |= bool(rows) and bool(after) and after != since
    return after or since


def _searched(look: Look, before: Cursor) -> Cursor:
    """Take in posts with the words, but not our own."""
    most = str(max(1, min(look.wanted.most, PAGE)))
    query = [("q", look.wanted.words), ("sort", "latest"), ("limit", most)]
    told = api.asked(api.Call("app.bsky.feed.searchPosts", query), look.account)
    rows, own = _rows(told, "posts"), look.wanted.handle.account_id

    def read(row: wire.Json) -> Sequence[ChannelEvent]:
        event = look.reader.post(row)
        return () if event.author is not None and event.author.id == own else (event,)

    return replace(before, found=_read(look, rows, before.found, {}, read))


def _page(
    look: Look, method: str, query: Query, name: str, mark: Mark
) -> tuple[wire.Json, list[wire.Json]]:
    going_on = [("cursor", mark.page)] if mark.page else []
    told = api.asked(api.Call(method, [*query, ("limit", str(PAGE)), *going_on]), look.account)
    return told, _rows(told, name)


def _read(look: Look, rows: Sequence[wire.Json], mark: Mark, told: wire.Json, read: Read) -> Mark:
    """Read the new rows of a page, the oldest first; return how far the list is read now.

    A list begins with the newest. Where a whole page is new it goes on in the next look, and only
    its end moves `seen`.
    """
    first = not mark.seen
    since = (look.account.places.now() - FIRST_LOOK).isoformat()[:19]
    fresh: list[wire.Json] = []
    for row in rows:
        try:
            if mark.new(row) and not (first and wire.text(row, "indexedAt") < since):
                fresh.append(row)
        except PayloadError:
            look.odd.append(inbound.kept("post", row))
    for row in reversed(fresh):
        try:
            look.events += read(row)
        except PayloadError:
            look.odd.append(inbound.kept("post", row))
    top, tops = (mark.top, mark.tops) if mark.page else cursor.topmost(rows)
    onward = wire.ident(told, "cursor") if fresh and len(fresh) == len(rows) and not first else ""
    if onward:
        look.more = True
        return replace(mark, page=onward, top=top, tops=tops)
    return _done(mark, top, tops)


def _done(mark: Mark, top: str, tops: tuple[str, ...]) -> Mark:
    if top < mark.seen or not top:
        return Mark(mark.seen, mark.last)
    return Mark(top, tops[:PAGE])


def _rows(told: wire.Json, name: str) -> list[wire.Json]:
    found = told.get(name)
    if not isinstance(found, list):
        raise PollError("odd_answer")
    return [_object(one) for one in found]


def _table(told: wire.Json, name: str) -> wire.Json:
    return _object(told.get(name))


def _object(value: object) -> wire.Json:
    return value if isinstance(value, dict) else {}
