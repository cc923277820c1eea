"""Looking at an account: who named it, what it answered itself, what was edited, and words."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from chalicelib.channels import wire
from chalicelib.channels.contract import PayloadError, Secret
from chalicelib.channels.instant import instant
from chalicelib.channels.mastodon import api, cursor, inbound
from chalicelib.channels.mastodon.cursor import Cursor
from chalicelib.channels.mastodon.threads import EnoughError, Threads, asked
from chalicelib.channels.places import Places
from chalicelib.domain.event import ChannelEvent
from chalicelib.workflows.networks import Polled, PollError, SendResult, Wanted

PAGE = 40
FIRST_LOOK = timedelta(days=1)
"""How far back the very first look goes: nobody waits for answers to what is older."""

Events = tuple[ChannelEvent, ...]
Row = tuple[str, wire.Json]


class Look:
    """One look and what it has found so far. `more`: it has to be made again at once."""

    def __init__(
        self, wanted: Wanted, instance: api.Instance, reader: inbound.Reader, threads: Threads
    ) -> None:
        self.wanted, self.instance, self.reader, self.threads = wanted, instance, reader, threads
        self.events: list[ChannelEvent] = []
        self.ignored: list[str] = []
        self.odd: list[bytes] = []
        self.more = False

    @property
    def account_id(self) -> str:
        """Return our account's id on its instance."""
        return self.wanted.handle.account_id


def poll(wanted: Wanted, secret: Secret, places: Places) -> Polled:
    """Look once. Raises PollError."""
    instance = api.instance_of(wanted.handle, secret, places)
    if isinstance(instance, SendResult):
        raise PollError(instance.error_code, lasting=True)
    account, domain = wanted.handle.account_id, api.domain_of(wanted.handle)
    threads = Threads(instance)
    reader = inbound.Reader(account, domain, places.now(), threads.root)
    look = Look(wanted, instance, reader, threads)
    before = cursor.read(wanted.cursor)
    after = _searched(look, before) if wanted.words else _looked(look, before)
    return Polled(
        tuple(look.events),
        tuple(look.ignored),
        tuple(look.odd),
        after.written(),
        again_seconds=1 if look.more else 0,
    )


def _looked(look: Look, before: Cursor) -> Cursor:
    mention = _mentions(look, before.mention)
    after = replace(before, mention=mention, own=_own(look, before.own))
    return after if look.more else replace(after, edited=_edits(look, before))


def _mentions(look: Look, since: str) -> str:
    """Take in who named us since then, the oldest first; return how far that went."""
    rows = _page(look, "/api/v1/notifications", since, ("types[]", "mention"))
    return _each(look, rows, since, lambda row: look.reader.mention(wire.table(row, "status")))


def _own(look: Look, since: str) -> str:
    """Take in what we answered, whoever typed it: in the app, or here."""
    path = f"/api/v1/accounts/{look.account_id}/statuses"
    rows = _page(look, path, since, ("exclude_reblogs", "true"))

    def read(row: wire.Json) -> Events:
        echo = look.reader.echo(row)
        look.ignored += [] if echo else ["mastodon.own_post"]
        return (echo,) if echo else ()

    return _each(look, rows, since, read)


def _edits(look: Look, before: Cursor) -> dict[str, str]:
    """Take in which of the newest mentions were edited: Mastodon tells nobody.

    Returns when each of them was edited, so that the next look tells only what is new. The very
    first look only notes it: it takes in nothing that is old.
    """
    query = (("types[]", "mention"), ("limit", str(PAGE)))
    listed = _listed(asked(look.instance, api.Call("/api/v1/notifications", query)))
    told, seen = {event.key for event in look.events}, dict[str, str]()
    for _, row in _sorted(look, listed, keep=False):
        try:
            status = wire.table(row, "status")
            number, at = wire.ident(status, "id"), wire.text(status, "edited_at")
            new = bool(at and before.mention) and before.edited.get(number) != at
            edit = look.reader.edit(status) if new else None
        except (PayloadError, EnoughError):
            continue  # set aside when it was new; or it is looked at again
        seen |= {number: at} if at else {}
        look.events += [edit] if edit and edit.key not in told else []
    return seen


def _searched(look: Look, before: Cursor) -> Cursor:
    """Take in posts with the words, but not our own, nor those that name us: they come anyway."""
    most = str(max(1, min(look.wanted.most, PAGE)))
    query = [("q", look.wanted.words), ("type", "statuses"), ("limit", most)]
    query += [("min_id", before.found)] if before.found else []
    told = asked(look.instance, api.Call("/api/v2/search", query))
    rows = _sorted(look, _listed(told, "statuses"))

    def read(row: wire.Json) -> Events:
        ours = inbound.author_of(row) == look.account_id or inbound.names(row, look.account_id)
        return () if ours else look.reader.mention(row)

    return replace(before, found=_each(look, rows, before.found, read))


def _page(look: Look, path: str, since: str, chosen: tuple[str, str]) -> Sequence[Row]:
    """Return what came after `since`, the oldest first; there is more when the page is full."""
    query = [chosen, ("limit", str(PAGE)), *([("min_id", since)] if since else [])]
    rows = _listed(asked(look.instance, api.Call(path, query)))
    look.more |= bool(since) and len(rows) >= PAGE
    return _sorted(look, rows)


def _each(look: Look, rows: Sequence[Row], since: str, read: Callable[[wire.Json], Events]) -> str:
    """Read rows one by one; return the id of the last that is done with."""
    first, done = not since, since
    for number, row in rows:
        try:
            found = () if first and _is_old(look, row) else read(row)
        except EnoughError:
            look.more = True
            break
        except PayloadError:
            look.odd.append(inbound.kept(row, look.reader.domain))
            found = ()
        look.threads.learn(found)
        look.events += found
        done = cursor.newest(number, done)
    return done


def _is_old(look: Look, row: wire.Json) -> bool:
    at = instant(row.get("created_at"))
    return at is not None and at < look.reader.received_at - FIRST_LOOK


def _listed(told: api.Found, name: str = "") -> Sequence[object]:
    found = told.table.get(name) if name else told.value
    if not isinstance(found, list):
        raise PollError("odd_answer")
    return found


def _sorted(look: Look, rows: Sequence[object], *, keep: bool = True) -> Sequence[Row]:
    """Return rows by their ids, the oldest first; one without an id is set aside."""
    found: list[Row] = []
    for row in rows:
        try:
            element = wire.as_object(row, "row")
            number = wire.ident(element, "id")
        except PayloadError:
            element, number = {}, ""
        if number:
            found.append((number, element))
        elif keep:
            look.odd.append(inbound.kept(row, look.reader.domain))
    return sorted(found, key=lambda one: cursor.order(one[0]))
