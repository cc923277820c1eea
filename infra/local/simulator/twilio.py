"""Twilio, as far as we call it: messages by SMS and WhatsApp, the account, its number, its files.

What it posts to us is in `twilio_post`.
"""

import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from itertools import count
from threading import Lock
from urllib.parse import parse_qs, parse_qsl, urldefrag, urlsplit

from infra.local.simulator.faults import Fault, Faults
from infra.local.simulator.graph import Sent
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger, Received, Refused
from infra.local.simulator.taker import Asked, Posting, Told
from infra.local.simulator.twilio_post import (
    WHATSAPP,
    Form,
    TwilioAccount,
    media_path,
    message,
    signed,
)

PICTURE = b"\xff\xd8\xff\xe0simulated"
STEPS = ((0.05, "sent"), (0.6, "delivered"), (1.2, "read"))
"""Seconds after the message; only WhatsApp tells of `read`."""

Row = dict[str, object]


class TwilioPlatform:
    """Satisfies `taker.Taker`: the API over one account, and what it knows of its messages."""

    prefix = "twilio"

    def __init__(
        self,
        account: TwilioAccount,
        ledger: Ledger,
        faults: Faults,
        after: Callable[[Sent], None],
        now: Callable[[], datetime],
    ) -> None:
        self._account, self._ledger, self._faults = account, ledger, faults
        self._after, self._now = after, now
        self._numbers, self._lock = count(1), Lock()
        self._messages: list[_Message] = []
        self._number: Row = {
            "sid": "PN0000000000000000000000000000local",
            "phone_number": account.number,
            "sms_url": f"{account.public_url}/webhooks/twilio/{account.sms_handle}",
            "sms_method": "POST",
        }

    def write(self, one: Happening, *, whatsapp: bool = False) -> Posting:
        """Let a customer write: kept for whoever reads back, and posted to us."""
        before = WHATSAPP if whatsapp else ""
        kept = _Message(
            one.id,
            {"From": before + one.person, "To": before + self._account.number, "Body": one.text},
            one.at,
            media=bool(one.media),
            inbound=True,
        )
        self._keep(kept)
        return message(one, self._account, whatsapp=whatsapp)

    def point_elsewhere(self, url: str) -> None:
        """Let somebody change in the console where the number posts to."""
        self._number |= {"sms_url": url, "date_updated": format_datetime(self._now())}

    def follows(self, sent: Sent) -> Sequence[tuple[float, Posting]]:
        """Return (seconds from now, status callback) of a message of ours, nearest first."""
        kept = next((m for m in self._kept() if m.sid == sent.received.platform_id), None)
        callback = kept.form.get("StatusCallback", "") if kept else ""
        if kept is None or not callback:
            return ()
        steps = STEPS if kept.form["To"].startswith(WHATSAPP) else STEPS[:2]
        return tuple((wait, self._status(kept, state)) for wait, state in steps)

    def take(self, asked: Asked) -> Told:
        """Answer one call."""
        if asked.path.startswith("/media/"):
            return Told(200, PICTURE, "image/jpeg")
        own = f"/2010-04-01/Accounts/{self._account.sid}"
        if not asked.path.startswith(own):
            return _error(404, 20404, "The requested resource was not found")
        if not self._known(asked):
            self._ledger.add(Refused(self._now(), "", "Authenticate"))
            return _error(401, 20003, "Authenticate")
        rest = asked.path.removeprefix(own)
        if asked.method == "POST":
            form = dict(parse_qsl(asked.body.decode("ascii"), keep_blank_values=True))
            return self._send(form) if rest == "/Messages.json" else self._change(rest, form)
        return self._read(rest, asked.query)

    def _read(self, rest: str, query: Mapping[str, str]) -> Told:
        if rest == ".json":
            return _told(200, {"sid": self._account.sid, "status": "active"})
        if rest == "/IncomingPhoneNumbers.json":
            asked = query.get("PhoneNumber", self._account.number)
            found = [self._number] if asked == self._account.number else []
            return _told(200, {"incoming_phone_numbers": found})
        if rest == "/Messages.json":
            return _told(200, {"messages": self._listed(query), "next_page_uri": None})
        if rest.endswith("/Media.json"):
            sid = rest.split("/")[2]
            uri = media_path(sid, self._account) + ".json"
            return _told(200, {"media_list": [{"uri": uri, "content_type": "image/jpeg"}]})
        if "/Media/" in rest:
            where = f"/{self.prefix}/media/{rest.rpartition('/')[2]}"
            return Told(307, b"", headers={"Location": where})
        return _error(404, 20404, f"The requested resource {rest} was not found")

    def _change(self, rest: str, form: Form) -> Told:
        if rest != f"/IncomingPhoneNumbers/{self._number['sid']}.json":
            return _error(404, 20404, f"The requested resource {rest} was not found")
        self._number |= {"sms_url": form["SmsUrl"], "sms_method": form.get("SmsMethod", "POST")}
        return _told(200, self._number)

    def _send(self, form: Form) -> Told:
        customer = form.get("To", "").removeprefix(WHATSAPP)
        wrong = self._wrong(form)
        if wrong is not None:
            self._ledger.add(Refused(self._now(), customer, json.loads(wrong.body)["message"]))
            return wrong
        fault = self._faults.next(customer)
        if fault not in (None, Fault.SILENT):
            self._ledger.add(Refused(self._now(), customer, fault.value))
            return _refusal(fault)
        sid = f"SM{next(self._numbers):032x}"
        self._keep(_Message(sid, form, self._now()))
        text = form.get("Body", "") or form.get("ContentSid", "")
        received = Received(self._now(), self._account.number, customer, text, sid, _token_of(form))
        self._ledger.add(received)
        self._after(Sent(received))
        told = _told(201, {"sid": sid, "status": "queued", "error_code": None})
        return Told(told.status, told.body, silent=fault is Fault.SILENT)

    def _wrong(self, form: Form) -> Told | None:
        sender = form.get("From", "").removeprefix(WHATSAPP)
        if not form.get("To", "").removeprefix(WHATSAPP).startswith("+"):
            return _error(400, 21211, "Invalid 'To' Phone Number")
        if sender != self._account.number:
            return _error(400, 21606, "The 'From' phone number provided is not a valid number")
        if form["From"].startswith(WHATSAPP) is not form["To"].startswith(WHATSAPP):
            return _error(400, 63007, "Channel did not find From address")
        if not (form.get("Body") or form.get("MediaUrl") or form.get("ContentSid")):
            return _error(400, 21602, "Message body is required")
        if len(form.get("Body", "")) > 1600:  # noqa: PLR2004 - Twilio's limit
            return _error(400, 21617, "The concatenated message body exceeds the 1600 limit")
        return None

    def _status(self, kept: "_Message", state: str) -> Posting:
        url = urldefrag(kept.form["StatusCallback"]).url
        form = {
            **dict.fromkeys(("SmsSid", "MessageSid"), kept.sid),
            **dict.fromkeys(("SmsStatus", "MessageStatus"), state),
            "AccountSid": self._account.sid,
            "From": kept.form["From"],
            "To": kept.form["To"],
            "ApiVersion": "2010-04-01",
        }
        path = url.removeprefix(self._account.public_url)
        return signed(f"{state} of {kept.sid}", path, form, self._account)

    def _known(self, asked: Asked) -> bool:
        pair = b64encode(f"{self._account.sid}:{self._account.token}".encode())
        given = asked.headers.get("authorization", "").encode("utf-8", "replace")
        return hmac.compare_digest(given, b"Basic " + pair)

    def _listed(self, query: Mapping[str, str]) -> list[Row]:
        since = query.get("DateSent>", "")
        found = [
            kept
            for kept in reversed(self._kept())
            if all(
                query.get(key, kept.form.get(key)) == kept.form.get(key) for key in ("To", "From")
            )
            and f"{kept.at:%Y-%m-%d}" >= since
        ]
        return [kept.row() for kept in found]

    def _keep(self, kept: "_Message") -> None:
        with self._lock:
            self._messages.append(kept)

    def _kept(self) -> "Sequence[_Message]":
        with self._lock:
            return tuple(self._messages)


@dataclass(frozen=True, slots=True)
class _Message:
    sid: str
    form: Form
    at: datetime
    media: bool = False
    inbound: bool = field(default=False)

    def row(self) -> Row:
        """Return the message as the API lists it."""
        at = format_datetime(self.at)
        return {
            "sid": self.sid,
            "from": self.form["From"],
            "to": self.form["To"],
            "body": self.form.get("Body", ""),
            "direction": "inbound" if self.inbound else "outbound-api",
            "status": "received" if self.inbound else "sent",
            "num_media": "1" if self.media else "0",
            "date_created": at,
            "date_sent": at,
        }


def _token_of(form: Form) -> str:
    query = parse_qs(urlsplit(form.get("StatusCallback", "")).query)
    return query.get("message", [""])[0]


_REFUSALS: Mapping[Fault, tuple[int, int, str]] = {
    Fault.THROTTLED: (429, 20429, "Too Many Requests"),
    Fault.GONE: (400, 21610, "Attempt to send to unsubscribed recipient"),
    Fault.WINDOW: (400, 63016, "Failed to send freeform message outside the allowed window"),
}


def _refusal(fault: Fault) -> Told:
    return _error(*_REFUSALS[fault])


def _error(status: int, code: int, text: str) -> Told:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return _told(status, {"code": code, "message": text, "more_info": more, "status": status})


def _told(status: int, content: Row) -> Told:
    return Told(status, json.dumps(content).encode())
