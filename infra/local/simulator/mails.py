"""Mails as customers and their servers write them, and what SES tells of them.

Every builder is pure: the same happening makes the same bytes. `deliver` of
infra.local.simulator.email brings them to us as SES does.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import format_datetime, getaddresses
from typing import Any

from infra.local.simulator.happening import Happening

Json = dict[str, Any]

REGION = "us-east-1"
FOLDER = "mail/"
PASSED: Mapping[str, str] = dict.fromkeys(("spam", "virus", "spf", "dkim", "dmarc"), "PASS")
"""What SES says of an honest mail."""

_SHORT = policy.SMTP.clone(max_line_length=998)


def message(one: Happening, subject: str = "A question") -> bytes:
    """Return a mail of a customer; with `parent` an answer to that Message-ID.

    `post` is the first Message-ID of the thread: without it the client drops References, as some
    do. `media` attaches a picture of that name.
    """
    made = _mail(one, subject)
    if one.parent:
        made["In-Reply-To"] = f"<{one.parent}>"
    if one.parent and one.post:
        made["References"] = " ".join(f"<{id_}>" for id_ in dict.fromkeys((one.post, one.parent)))
    made.set_content(one.text)
    if one.media:
        picture = b"\x89PNG\r\n\x1a\n" + one.id.encode()
        made.add_attachment(picture, maintype="image", subtype="png", filename=one.media)
    return made.as_bytes()


def quoting_reply(one: Happening, said: str, subject: str = "Re: A question") -> bytes:
    """Return an answer above the mail it answers (`said`), as most clients write it."""
    quoted = "\n".join(f"> {line}" for line in said.splitlines())
    introduced = f"On Sat, 21 Nov 2026 at 10:00, Acme <{one.account}> wrote:"
    text = f"{one.text}\n\n{introduced}\n{quoted}\n"
    return message(replace(one, text=text), subject)


def auto_reply(one: Happening) -> bytes:
    """Return an out-of-office note to the Message-ID `parent`."""
    made = _mail(one, "Automatic reply: away")
    made["Auto-Submitted"] = "auto-replied"
    made["X-Auto-Response-Suppress"] = "All"
    made["In-Reply-To"] = f"<{one.parent}>"
    made.set_content(one.text or "I am away until Monday.")
    return made.as_bytes()


def bounce(one: Happening) -> bytes:
    """Return another server's report that our mail `parent` to `person` failed (RFC 3464)."""
    border = "report-border"
    return "\r\n".join(
        [
            "From: Mail Delivery Subsystem <mailer-daemon@mx.example.net>",
            f"To: {one.account}",
            f"Date: {format_datetime(one.at)}",
            f"Message-ID: <{one.id}>",
            "Subject: Undelivered Mail Returned to Sender",
            "MIME-Version: 1.0",
            f'Content-Type: multipart/report; report-type=delivery-status; boundary="{border}"',
            "",
            f"--{border}",
            "Content-Type: text/plain",
            "",
            "The mail could not be delivered.",
            f"--{border}",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; mx.example.net",
            "",
            f"Final-Recipient: rfc822; {one.person}",
            "Action: failed",
            "Status: 5.1.1",
            "Diagnostic-Code: smtp; 550 5.1.1 no such user",
            "",
            f"--{border}",
            "Content-Type: text/rfc822-headers",
            "",
            f"From: {one.account}",
            f"To: {one.person}",
            f"Message-ID: <{one.parent}>",
            "",
            f"--{border}--",
            "",
        ]
    ).encode()


def received(
    raw: bytes,
    message_id: str,
    recipients: Sequence[str],
    at: datetime,
    verdicts: Mapping[str, str] = PASSED,
) -> Json:
    """Return what SES tells of a stored mail. `recipients` are those of the envelope."""
    heads = BytesHeaderParser(policy=policy.compat32).parsebytes(raw)
    senders = getaddresses([str(heads.get("from", ""))])
    judged = {f"{name}Verdict": {"status": status} for name, status in verdicts.items()}
    return {
        "notificationType": "Received",
        "mail": {
            "timestamp": _instant(at),
            "source": senders[0][1] if senders else "",
            "messageId": message_id,
            "destination": list(recipients),
        },
        "receipt": {
            "timestamp": _instant(at),
            "recipients": list(recipients),
            **judged,
            "action": {"type": "S3", "objectKey": FOLDER + message_id},
        },
    }


def news(kind: str, message_id: str, source: str, about: Json, token: str = "") -> Json:
    """Return an event of the configuration set about a mail of ours: Bounce, Delivery, ...

    `about` is the part that is named after it.
    """
    tags = {"ses:configuration-set": ["hearback-local"]} | ({"token": [token]} if token else {})
    arn = f"arn:aws:ses:{REGION}:000000000000:identity/{source.rpartition('@')[2]}"
    mail = {"messageId": message_id, "source": source, "sourceArn": arn, "tags": tags}
    return {"eventType": kind, kind[0].lower() + kind[1:]: about, "mail": mail}


def envelope(told: Json, topic_arn: str, number: int = 1) -> str:
    """Return what a queue gets of a topic that was told this."""
    return json.dumps(
        {
            "Type": "Notification",
            "MessageId": f"00000000-0000-4000-8000-{number:012d}",
            "TopicArn": topic_arn,
            "Message": json.dumps(told),
        }
    )


def _mail(one: Happening, subject: str) -> EmailMessage:
    made = EmailMessage(policy=_SHORT)
    made["From"] = f'"{one.name}" <{one.person}>' if one.name else one.person
    made["To"] = one.account
    made["Subject"] = subject
    made["Date"] = format_datetime(one.at)
    if one.id:
        made["Message-ID"] = f"<{one.id}>"
    return made


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
