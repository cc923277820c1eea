"""A received mail as an event for each of our addresses that got it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.channels.contract import Parsed, PayloadError, Unreadable
from chalicelib.channels.email import guard, mime, quotes, report
from chalicelib.channels.email.headers import Headers, Named
from chalicelib.channels.email.told import Told
from chalicelib.channels.instant import instant
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent, EventKind, Person
from chalicelib.domain.ident import digest

TEXT_BYTES = 100_000
"""Of what was written, and as much of what was cut: a row of the table ends at 400 kB."""

MOST_ANSWERS = 20
TITLE_LIMIT = 500
_PASS, _FAIL, _GRAY = "PASS", "FAIL", "GRAY"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail and all that is known of it before its words are read."""

    told: Told
    mail: mime.Part
    headers: Headers
    received_at: datetime
    thread: str = ""

    @property
    def message_id(self) -> str:
        """Return the Message-ID, or one made of SES's id where the mail has none."""
        ids = self.headers.ids("message-id")
        return ids[0] if ids else f"ses:{self.told.message_id}"

    @property
    def answers(self) -> tuple[str, ...]:
        """Return what it answers: In-Reply-To, then References from the newest."""
        chain = tuple(reversed(self.headers.ids("references")))
        found = dict.fromkeys((*self.headers.ids("in-reply-to"), *chain))
        return tuple(one for one in found if one != self.message_id)[:MOST_ANSWERS]

    @property
    def root(self) -> str:
        """Return where its thread began, as far as it tells."""
        chain = self.headers.ids("references") or self.headers.ids("in-reply-to")
        return chain[0] if chain else self.message_id


def parse(told: Told, body: bytes, received_at: datetime, account: str, thread: str) -> Parsed:
    """Return the events of a mail: one, or one for each of our addresses when none is given.

    A mail with a virus and one that is certainly spam are set aside whole.
    """
    accounts = (account,) if account else told.accounts
    if not accounts:
        raise PayloadError("recipient_missing")
    for name in ("virus", "spam"):
        if told.verdict(name) == _FAIL:
            return Parsed(unreadable=(Unreadable(name, body),))
    mail = mime.read(told.raw)
    arrival = Arrival(told, mail, Headers(mail), received_at, thread)
    loops = [one for one in accounts if guard.is_loop(arrival.headers, one)]
    content = mime.content(mail, told.key)
    rest = (one for one in accounts if one not in loops)
    events = tuple(event for one in rest for event in _events(arrival, one, content))
    return Parsed(events=events, ignored=("email.loop",) * len(loops))


def _events(arrival: Arrival, account: str, content: mime.Content) -> Iterator[ChannelEvent]:
    yield _message(arrival, account, content)
    yield from report.receipts(arrival.told, arrival.mail, account, arrival.received_at)


def _message(arrival: Arrival, account: str, content: mime.Content) -> ChannelEvent:
    headers, told = arrival.headers, arrival.told
    sender = _sender(told, headers)
    own = sender is not None and sender.address == account and told.verdict("dmarc") == _PASS
    contact = _addressee(headers, account) if own else _contact(sender, headers, account)
    written, cut, whole = _within(*quotes.parted(content.text))
    bare = ChannelEvent(
        key=digest("mail", account, told.message_id),
        kind=EventKind.ECHO if own and contact else EventKind.MESSAGE,
        channel=Channel.EMAIL,
        account_id=account,
        public=False,
        received_at=arrival.received_at,
        occurred_at=instant(headers.at("date")) or instant(told.mail.get("timestamp")),
        contact=_person(contact),
        author=_person(sender),
        message_id=arrival.message_id,
        post_id=arrival.root,
        parent_id=next(iter(arrival.answers), ""),
        text=written,
        attachments=content.files,
        subject="mail",
        title=headers.text("subject")[:TITLE_LIMIT],
        quoted=cut,
        automatic=guard.is_automatic(told, arrival.mail, headers, account),
        thread=arrival.thread,
        answers=arrival.answers,
    )
    left_out = () if whole else ("text_cut",)
    return replace(bare, flags=(*_flags(arrival, bare, content), *left_out))


def _sender(told: Told, headers: Headers) -> Named | None:
    """Return who wrote it: From, else Sender, else the envelope's."""
    for name in ("from", "sender"):
        found = headers.people(name)
        if found:
            return found[0]
    source = str(told.mail.get("source") or "").strip().strip("<>").lower()
    return Named(source[:320]) if "@" in source else None


def _contact(sender: Named | None, headers: Headers, account: str) -> Named | None:
    """Return whom we answer: the writer; Reply-To only where From is a form or takes no answers.

    Elsewhere a strange Reply-To would let somebody speak in another's name and get our answers.
    """
    if sender is None or not guard.is_form(sender):
        return sender
    others = [one for one in headers.people("reply-to") if one.address != account]
    return others[0] if others else sender


def _addressee(headers: Headers, account: str) -> Named | None:
    listed = (*headers.people("to"), *headers.people("cc"))
    return next((one for one in listed if one.address != account), None)


def _person(named: Named | None) -> Person | None:
    return Person(named.address, named.name) if named else None


def _flags(arrival: Arrival, event: ChannelEvent, content: mime.Content) -> list[str]:
    """Return what an agent should know of the mail, as machine words."""
    told = arrival.told
    dmarc = {_PASS: "dmarc_pass", _FAIL: "dmarc_fail"}.get(told.verdict("dmarc"), "dmarc_none")
    replies = {one.address for one in arrival.headers.people("reply-to")}
    contact = event.contact.id if event.contact else ""
    listed = {
        dmarc: True,
        "spf_fail": told.verdict("spf") == _FAIL,
        "dkim_fail": told.verdict("dkim") == _FAIL,
        "spam_gray": told.verdict("spam") == _GRAY,
        "virus_unscanned": told.verdict("virus") not in (_PASS, ""),
        "automatic": event.automatic,
        "reply_to_differs": bool(replies) and contact not in replies,
        "files_left_out": content.more,
    }
    return [word for word, holds in listed.items() if holds]


def _within(written: str, cut: str) -> tuple[str, str, bool]:
    """Return as much of both as a row holds, and whether that is all; the bucket has all of it.

    What is too long to be shown goes on in what was cut.
    """
    text, rest = _split(written)
    kept, lost = _split("\n".join(filter(None, (rest, cut))))
    return text, kept, not lost


def _split(text: str) -> tuple[str, str]:
    data = text.encode("utf-8")
    if len(data) <= TEXT_BYTES:
        return text, ""
    first = data[:TEXT_BYTES].decode("utf-8", "ignore")
    return first, text[len(first) :]
