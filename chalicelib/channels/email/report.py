"""What became of mails that we sent: SES's own events, and the reports of other mail servers.

SES's events name our message by a tag. A report (RFC 3464) only quotes the mail it is about; it is
believed where it quotes a Message-ID that SES gave us, which nobody but the recipient knows.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_string, policy
from email.utils import parseaddr

from chalicelib.channels import wire
from chalicelib.channels.contract import Parsed
from chalicelib.channels.email import mime
from chalicelib.channels.email.guard import LOOP_HEADER
from chalicelib.channels.email.headers import Headers, sent_id, shown
from chalicelib.channels.email.reply_address import plain
from chalicelib.channels.email.told import Told
from chalicelib.channels.instant import instant
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent, EventKind, Person, ReceiptState
from chalicelib.domain.ident import digest

LONGEST_REASON = 300
_LASTING = frozenset({"MailboxFull", "MessageTooLarge", "ContentRejected", "AttachmentRejected"})
"""Passing bounces after which SES has given this mail up all the same."""

_OURS = re.compile(r"[\x21-\x7e]{1,200}@(email|[a-z]{2}(-[a-z]+){1,3}-\d)\.amazonses\.com")
_LOOP = re.compile(r"\S+ ([a-z2-7]{26})\.(\S+)")
_MOST_PARTS = 50


@dataclass(frozen=True, slots=True)
class _News:
    """One event of SES about one mail of ours."""

    told: Told
    received_at: datetime
    account: str

    def about(self, part: str) -> wire.Json:
        return wire.table(self.told.notice, part)

    def event(self, kind: EventKind, at: str, customer: str) -> ChannelEvent:
        """Return a bare event about our message."""
        told = self.told
        found = _LOOP.fullmatch(_header(told, LOOP_HEADER))
        tags = wire.rows(wire.table(told.mail, "tags"), "token")
        return ChannelEvent(
            key=digest("mail", self.account, told.message_id, told.kind, at, customer),
            kind=kind,
            channel=Channel.EMAIL,
            account_id=self.account,
            public=False,
            received_at=self.received_at,
            occurred_at=instant(at),
            contact=Person(customer) if customer else None,
            message_id=sent_id(told.message_id, _region(told)),
            reply_token=str(tags[0]) if tags else found[2] if found else "",
            thread=found[1] if found else "",
        )


def parse(told: Told, received_at: datetime, account: str) -> Parsed:
    """Return what an event of a configuration set says of a mail of ours.

    https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
    """
    news = _News(told, received_at, account or sender_of(told))
    read = _READERS.get(told.kind)
    return read(news) if read else Parsed(ignored=(f"email.{wire.word(told.kind)}",))


def sender_of(told: Told) -> str:
    """Return which address of ours sent the mail that an event is about."""
    return plain(parseaddr(wire.text(told.mail, "source")[:500])[1])


def receipts(
    told: Told, mail: mime.Part, account: str, received_at: datetime
) -> Iterator[ChannelEvent]:
    """Yield that a mail of ours failed, where this one reports it (a delivery status, RFC 3464)."""
    if mail.get_content_type() != "multipart/report":
        return
    status, original = Headers(mail), ""
    for part in list(mail.walk())[:_MOST_PARTS]:
        kind = part.get_content_type()
        if part.get_content_maintype() == "text" and Headers(part).raw("action"):
            status = Headers(part)
        if kind in ("text/rfc822-headers", "message/rfc822"):
            original = original or _quoted_id(part)
    if status.word("action") != "failed" or not _OURS.fullmatch(original):
        return
    customer = status.raw("final-recipient").rpartition(";")[2].strip().lower()
    yield ChannelEvent(
        key=digest("mail", account, told.message_id, "report"),
        kind=EventKind.RECEIPT,
        channel=Channel.EMAIL,
        account_id=account,
        public=False,
        received_at=received_at,
        occurred_at=instant(told.mail.get("timestamp")),
        contact=Person(customer) if "@" in customer else None,
        message_id=original,
        receipt=ReceiptState.FAILED,
        error_code="bounced",
        error_text=_reason(status.text("diagnostic-code") or status.text("status")),
    )


def _delivery(news: _News) -> Parsed:
    about = news.about("delivery")
    customer = _first(about, "recipients")
    bare = news.event(EventKind.RECEIPT, wire.text(about, "timestamp"), customer)
    return Parsed((replace(bare, receipt=ReceiptState.DELIVERED),))


def _bounce(news: _News) -> Parsed:
    about = news.about("bounce")
    listed = [one for one in wire.rows(about, "bouncedRecipients") if isinstance(one, dict)]
    first: wire.Json = listed[0] if listed else {}
    customer = wire.text(first, "emailAddress").lower()
    kind, more = wire.text(about, "bounceType"), wire.text(about, "bounceSubType")
    given_up = wire.text(first, "action").lower() == "failed" or more in _LASTING
    at = wire.text(about, "timestamp")
    if kind != "Permanent" and not given_up:
        # An out-of-office note often comes as a passing bounce: the mail may well have arrived.
        bare = news.event(EventKind.NOTICE, at, customer)
        return Parsed((replace(bare, detail="bounce_passing"),))
    code = "bounced" if kind == "Permanent" else f"bounced_{wire.word(more)}"
    bare = news.event(EventKind.RECEIPT, at, customer)
    why = f"{more}: {wire.text(first, 'diagnosticCode')}".strip(": ")
    failed = replace(bare, receipt=ReceiptState.FAILED, error_code=code, error_text=_reason(why))
    return Parsed((failed,))


def _complaint(news: _News) -> Parsed:
    """Return that the customer pressed "spam": nothing more may be sent there.

    Unless it was the opposite.
    """
    about = news.about("complaint")
    listed = [one for one in wire.rows(about, "complainedRecipients") if isinstance(one, dict)]
    customer = wire.text(listed[0], "emailAddress").lower() if listed else ""
    bare = news.event(EventKind.NOTICE, wire.text(about, "timestamp"), customer)
    taken_back = wire.text(about, "complaintFeedbackType") == "not-spam"
    consent, detail = ("", "not_spam") if taken_back else ("stop", "complaint")
    return Parsed((replace(bare, consent=consent, detail=detail),))


def _reject(news: _News) -> Parsed:
    """SES found a virus in what we sent, and did not send it."""
    why = wire.text(news.about("reject"), "reason")
    bare = news.event(EventKind.RECEIPT, wire.text(news.told.mail, "timestamp"), "")
    failed = replace(
        bare, receipt=ReceiptState.FAILED, error_code="rejected", error_text=_reason(why)
    )
    return Parsed((failed,))


def _delay(news: _News) -> Parsed:
    about = news.about("deliveryDelay")
    bare = news.event(EventKind.NOTICE, wire.text(about, "timestamp"), "")
    return Parsed((replace(bare, detail="delivery_delayed"),))


def _first(about: wire.Json, name: str) -> str:
    listed = wire.rows(about, name)
    return str(listed[0]).lower() if listed else ""


def _header(told: Told, name: str) -> str:
    for one in wire.rows(told.mail, "headers"):
        if isinstance(one, dict) and str(one.get("name", "")).lower() == name.lower():
            return str(one.get("value", ""))
    return ""


def _region(told: Told) -> str:
    """Return the region of the identity that sent: arn:aws:ses:<region>:..."""
    pieces = wire.text(told.mail, "sourceArn").split(":")
    return pieces[3] if len(pieces) > 3 else ""  # noqa: PLR2004 (an ARN's fourth piece)


def _quoted_id(part: mime.Part) -> str:
    """Return the Message-ID of the mail that a report quotes, whole or by its headers."""
    quoted = mime.bytes_of(part)[:65_536].decode("ascii", "replace")
    found = Headers(message_from_string(quoted, policy=policy.compat32)).ids("message-id")
    return found[0] if found else ""


def _reason(text: str) -> str:
    return " ".join(shown(text).split())[:LONGEST_REASON]


_READERS = {
    "Bounce": _bounce,
    "Complaint": _complaint,
    "Delivery": _delivery,
    "DeliveryDelay": _delay,
    "Reject": _reject,
}
