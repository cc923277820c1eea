"""What SES tells of a mail: the first line of a body, and the mail that follows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.channels import wire
from chalicelib.channels.contract import PayloadError
from chalicelib.channels.email import reply_address

RECEIVED = "Received"
FOLDER = "mail/"
"""Where the receipt rule stores mails in the bucket (infra/mail.yaml)."""

MOST_RECIPIENTS = 100  # SES itself takes 100 recipients a mail


@dataclass(frozen=True, slots=True)
class Told:
    """A notice of SES. `raw` is the stored mail, empty for news of a mail that we sent."""

    notice: wire.Json
    raw: bytes = b""

    @property
    def kind(self) -> str:
        """Return Received, Bounce, Complaint, Delivery, ..."""
        return wire.text(self.notice, "eventType") or wire.text(self.notice, "notificationType")

    @property
    def mail(self) -> wire.Json:
        """Return what SES says of the mail itself."""
        return wire.table(self.notice, "mail")

    @property
    def receipt(self) -> wire.Json:
        """Return what SES says of how it came in."""
        return wire.table(self.notice, "receipt")

    @property
    def message_id(self) -> str:
        """Return SES's own id of the mail, which is not its Message-ID."""
        return wire.ident(self.mail, "messageId")

    @property
    def key(self) -> str:
        """Return where the bucket keeps the mail."""
        action = wire.table(self.receipt, "action")
        return wire.ident(action, "objectKey") or FOLDER + self.message_id

    @property
    def recipients(self) -> Sequence[str]:
        """Return the addresses the mail was delivered to, whatever its header says."""
        listed = wire.rows(self.receipt, "recipients")[:MOST_RECIPIENTS]
        return [wire.clean(one) for one in listed if isinstance(one, str)]

    @property
    def accounts(self) -> tuple[str, ...]:
        """Return our addresses among the recipients, each once, in order."""
        found = (reply_address.plain(one) for one in self.recipients)
        return tuple(dict.fromkeys(one for one in found if one))

    def verdict(self, name: str) -> str:
        """Return PASS, FAIL, GRAY or PROCESSING_FAILED; nothing where SES did not look."""
        return wire.text(wire.table(self.receipt, f"{name}Verdict"), "status").upper()


def read(body: bytes) -> Told:
    """Return the notice and the mail of a body. Raises PayloadError when it is none."""
    line, _, raw = body.partition(b"\n")
    notice = wire.as_object(wire.read(line), "notice")
    told = Told(notice, raw)
    if not told.kind or not told.message_id:
        raise PayloadError("notice_unknown")
    if told.kind == RECEIVED and not raw:
        raise PayloadError("mail_missing")
    return told
