"""Replies as mails: what each header says, and what SES's refusals mean."""

from collections.abc import Callable, Mapping
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from chalicelib.channels.answers import refused
from chalicelib.channels.email import refusals
from chalicelib.channels.email.guard import LOOP_HEADER
from chalicelib.channels.email.headers import ids_of, shown
from chalicelib.channels.email.reply_address import keys_of, plain, reply_address
from chalicelib.channels.places import Places
from chalicelib.workflows.networks import (
    AwsRefusedError,
    ErrorClass,
    File,
    NoAnswerError,
    NotSentError,
    Outgoing,
    SendResult,
    SendState,
)

MAIL_BYTES = 40_000_000
"""What SES takes in one mail, its files as text included (protocols part 5)."""

MOST_REFERENCES = 20
SUBJECT_LIMIT = 200
MADE_ID = "ses:"
"""Begins the id that we gave a mail which came without one: nothing that its sender could know."""

# Long lines, because ids must not be broken; only ASCII, because not every server takes more.
_POLICY = SMTP.clone(max_line_length=998, cte_type="7bit")
_AUTOMATIC = {
    "Auto-Submitted": "auto-replied",
    "X-Auto-Response-Suppress": "All",
    "Precedence": "auto_reply",
}


class FileGoneError(Exception):
    """Raised when a file that should leave with a mail is not there any more."""


class FileLaterError(Exception):
    """Raised when a file could not be read now."""


def send(outgoing: Outgoing, secret: Mapping[str, object], places: Places) -> SendResult:
    """Send one mail, once: SES does not recognise a repeat, so nothing is tried twice here."""
    if places.mailer is None:
        return refused(ErrorClass.CHANNEL, "no_mailer", "No mail service is set up.")
    try:
        raw = mail(outgoing, secret, places)
    except FileGoneError:
        return refused(ErrorClass.CONTENT, "file_gone", "A file of this message is gone.")
    except FileLaterError:
        return SendResult(
            SendState.RETRY, error_class=ErrorClass.UNAVAILABLE, error_code="file_unreadable"
        )
    except (ValueError, LookupError, MessageError):
        return refused(ErrorClass.RECIPIENT, "address_malformed", "This is no mail address.")
    if len(raw) > MAIL_BYTES:
        text = f"With its files this mail has {len(raw)} bytes; SES takes {MAIL_BYTES}."
        return refused(ErrorClass.CONTENT, "too_large", text)
    return _sent(outgoing, raw, places.mailer().send)


def mail(outgoing: Outgoing, secret: Mapping[str, object], places: Places) -> bytes:
    """Return the mail as bytes.

    No text of ours or of a customer can add a header: line ends become spaces. Raises ValueError,
    LookupError or MessageError for an address that is none, FileGoneError and FileLaterError.
    """
    account = plain(outgoing.handle.account_id)
    made = EmailMessage(policy=_POLICY)
    made["From"] = Address(_line(outgoing.handle.name), addr_spec=account)
    made["To"] = Address(_line(outgoing.contact_name), addr_spec=_ascii(outgoing.recipient))
    made["Subject"] = _subject(outgoing.title)
    made["Date"] = format_datetime(places.now())
    replies = reply_address(account, outgoing.thread, keys_of(secret.get("reply_keys")))
    if replies != account:
        made["Reply-To"] = Address(_line(outgoing.handle.name), addr_spec=replies)
    for name, value in _threading(outgoing).items():
        made[name] = value
    made[LOOP_HEADER] = _line(f"{account} {outgoing.thread}.{outgoing.token}")
    if not outgoing.human:
        for name, value in _AUTOMATIC.items():
            made[name] = value
    made.set_content(shown(outgoing.text) + "\n")
    for file in outgoing.files:
        _attach(made, file)
    return made.as_bytes()


def _threading(outgoing: Outgoing) -> Mapping[str, str]:
    """Return the headers by which every client finds the thread: the whole chain, bounded.

    The first and the newest stay. Ids that we made up ourselves stay away.
    """
    listed = (outgoing.post_id, *outgoing.answers, outgoing.reply_to_id)
    known = [one for one in listed if one and not one.startswith(MADE_ID)]
    chain = list(dict.fromkeys(id_ for one in known for id_ in ids_of(f"<{one}>")))
    if not chain:
        return {}
    newest = outgoing.reply_to_id if outgoing.reply_to_id in chain else chain[-1]
    chain = [*(one for one in chain if one != newest), newest]
    kept = chain if len(chain) <= MOST_REFERENCES else [chain[0], *chain[1 - MOST_REFERENCES :]]
    return {"In-Reply-To": f"<{newest}>", "References": " ".join(f"<{one}>" for one in kept)}


def _subject(title: str) -> str:
    """Return the subject of an answer: one Re:, however many there were."""
    rest = _line(title)[:SUBJECT_LIMIT]
    while rest[:3].lower() == "re:":
        rest = rest[3:].lstrip()
    return f"Re: {rest}" if rest else "Re: your message"


def _attach(made: EmailMessage, file: File) -> None:
    try:
        data = file.read()
    except LookupError as error:
        raise FileGoneError from error
    except Exception as error:
        raise FileLaterError from error
    main, _, sub = file.mime_type.partition("/")
    known = main.isalpha() and sub.replace("-", "").replace(".", "").replace("+", "").isalnum()
    main, sub = (main, sub) if known and main not in ("multipart", "message") else _UNKNOWN
    made.add_attachment(data, maintype=main, subtype=sub, filename=_line(file.name) or "file")


_UNKNOWN = ("application", "octet-stream")


def _sent(
    outgoing: Outgoing, raw: bytes, mailer: Callable[[str, list[str], bytes, str], str]
) -> SendResult:
    account = plain(outgoing.handle.account_id)
    recipient = _ascii(outgoing.recipient)
    try:
        message_id = mailer(account, [recipient], raw, outgoing.token)
    except AwsRefusedError as error:
        return refusals.meaning(error, account, recipient)
    except NotSentError as error:
        return SendResult(
            SendState.RETRY, "", ErrorClass.UNAVAILABLE, "not_reached", str(error)[:200]
        )
    except NoAnswerError as error:
        return SendResult(
            SendState.UNKNOWN, "", ErrorClass.UNANSWERED, "no_answer", str(error)[:200]
        )
    return SendResult(SendState.ACCEPTED, platform_id=message_id)


def _ascii(address: str) -> str:
    """Return the address with its domain as the mail servers know it (IDNA)."""
    local, at, domain = address.strip().rpartition("@")
    if not (local and at and domain) or not local.isascii():
        raise ValueError("no mail address")
    return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode('ascii')}"


def _line(text: str) -> str:
    """Return the text in one line without control characters: a header cannot be added by it."""
    return " ".join(shown(text).split())
