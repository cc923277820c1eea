"""What the tests of email share: a notice around a mail, and its event."""

import json
from datetime import UTC, datetime
from pathlib import Path

from chalicelib.channels.email.room import EmailRoom
from infra.local.simulator import mails

CARE = "care@example.com"
ANA = "ana@example.net"
KEYS = ("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210")
THREAD = "abcdefghijklmnopqrstuvwx23"
RECEIVED = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
EVENTS = Path(__file__).parents[2] / "events" / "email"


def recorded(name):
    return json.loads((EVENTS / f"{name}.json").read_text("utf-8"))


def body(raw, *, to=(CARE,), id_="ses-1", **verdicts):
    """Return what the room takes: the notice, and the mail behind it."""
    told = mails.received(raw, id_, list(to), RECEIVED, {**mails.PASSED, **verdicts})
    return json.dumps(told).encode() + b"\n" + raw


def parse(raw, *, account=CARE, thread="", **facts):
    return EmailRoom().parse(body(raw, **facts), RECEIVED, account_id=account, thread=thread)


def event(raw, **facts):
    """Return the first event of a mail, which is the mail itself."""
    return parse(raw, **facts).events[0]


def news(name):
    line = json.dumps(recorded(name)).encode()
    return EmailRoom().parse(line, RECEIVED)


def lines(*given):
    """Return a mail of these lines, with a sender if there is none."""
    text = "\r\n".join(given)
    head = "" if "From:" in text else f"From: Ana <{ANA}>\r\nMessage-ID: <m1@example.net>\r\n"
    return (head + text).encode("utf-8", "surrogateescape")
