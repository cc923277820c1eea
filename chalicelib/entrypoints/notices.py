"""Notices: what AWS tells by topics - mails that came, what became of ours, text messages.

SES stores a mail before it tells of it; so a notice that fails comes again and nothing is missed.
The queue's policy lets only our own topics write to it, which proves the sender.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, SQSEvent

from chalicelib import bootstrap
from chalicelib.bootstrap import Parts
from chalicelib.entrypoints.batch import Response, work_off
from chalicelib.entrypoints.observed import noted, observed

if TYPE_CHECKING:
    from chalicelib.channels.contract import Secret

QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:notices-placeholder"
"""Replaced by the infrastructure's own queue when the template is merged."""

SETUP_FILE = "AMAZON_SES_SETUP_NOTIFICATION"
"""What SES puts into the bucket to see whether it may; nobody wrote it."""

EMAIL, SMS = "email", "sms"
"""The rooms that AWS tells us of."""

Notice = Mapping[str, Any]

log = logging.getLogger(__name__)

notices_blueprint = Blueprint(__name__)


@notices_blueprint.on_sqs_message(queue_arn=QUEUE_ARN, batch_size=5, name="notices")
@observed
def notices(event: SQSEvent) -> Response:
    """Take a batch of notices; what fails is told again, and only that."""
    parts = bootstrap.parts()
    records = event.to_dict()["Records"]
    return work_off(records, lambda record: _take(parts, record["body"]), _wait, "notices")


def _wait(receipt: str, seconds: int) -> None:
    """Leave it to the queue's own time when a notice that is only too early comes again."""
    del receipt, seconds


def _take(parts: Parts, body: str) -> None:
    """Hand one notice to its room. Raises what an outage raises, and LookupError: no such mail."""
    from chalicelib.channels.contract import Verified
    from chalicelib.entrypoints.receiving import Delivery, receive

    envelope = _object(body)
    message = envelope.get("Message")
    notice = _object(message if isinstance(message, str) else body)
    kind = str(notice.get("eventType") or notice.get("notificationType") or "")
    noted(notice=kind[:40])
    if _is_text(notice, kind):
        raw = body.encode("utf-8")
        receive(parts, Delivery(SMS, raw), Verified(raw, str(envelope.get("MessageId", ""))))
    elif kind == "Received":
        _received(parts, notice)
    elif kind and isinstance(notice.get("mail"), dict):
        _mail(parts, _line(notice), ("",))
    else:
        # AWS tries a topic with words of its own when it is set up.
        parts.meter.count("NoticeIgnored")
        log.info("Ignored a notice of no known kind.")


def _is_text(notice: Notice, kind: str) -> bool:
    """Return whether AWS tells of a text message: a customer's, or what became of one of ours."""
    return kind.startswith("TEXT_") or "originationNumber" in notice


def _received(parts: Parts, notice: Notice) -> None:
    """Read the mail that SES has stored, and take it for each address of ours that got it."""
    from chalicelib.channels.contract import PayloadError
    from chalicelib.channels.email import told

    try:
        seen = told.Told(notice)
        key, accounts = seen.key, seen.accounts
    except PayloadError:
        key, accounts = "", ()
    if key.endswith(SETUP_FILE):
        parts.meter.count("NoticeIgnored")
        return
    stored = parts.places.stored_mail
    raw = stored(key) if key and stored else b""
    _mail(parts, _line(notice) + b"\n" + raw, accounts or ("",))


def _mail(parts: Parts, body: bytes, accounts: Iterable[str]) -> None:
    from chalicelib.channels.registry import room
    from chalicelib.entrypoints.receiving import Delivery, receive

    at_room = room(EMAIL)
    for account in accounts:
        url = f"mailto:{account}" if account else ""
        proven = at_room.verify(body, {}, _secret(parts, account), parts.now(), url=url)
        receive(parts, Delivery(EMAIL, body, account), proven)


def _secret(parts: Parts, account: str) -> "Secret":
    """Return the secret of an address, an empty one where there is none: mail comes in anyway."""
    from chalicelib.channels.registry import room
    from chalicelib.domain.channel import Channel

    handle = parts.policies.current().handle_of(Channel.EMAIL, account) if account else None
    if handle is None:
        return {}
    try:
        return parts.secrets.get(room(EMAIL).secret_name(handle))
    except LookupError:
        parts.meter.count("SecretMissing", handle=handle.id)
        log.warning("There is no secret for %s: reply addresses prove nothing.", handle.id)
        return {}


def _line(notice: Notice) -> bytes:
    return json.dumps(notice, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def _object(text: str) -> dict[str, Any]:
    """Return a JSON object, an empty one for anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
