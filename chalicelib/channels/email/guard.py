"""Which mails a machine wrote: they are kept and shown, and open or answer nothing (protocols 5).

Without this two systems that both answer would write to each other for ever.
"""

import re

from chalicelib.channels.email.headers import Headers, Named
from chalicelib.channels.email.mime import Part
from chalicelib.channels.email.reply_address import plain
from chalicelib.channels.email.told import Told

LOOP_HEADER = "X-Care-Loop"
"""On each mail of ours: `<our address> <conversation>.<message>`."""

_MACHINES = re.compile(
    r"(mailer-daemon|postmaster|bounces?([+=.-].*)?|no[._-]?reply.*|do[._-]?not[._-]?reply.*"
    r"|.*[._-]no[._-]?reply)@.*",
    re.IGNORECASE,
)
_FORMS = re.compile(
    r"(no[._-]?reply|do[._-]?not[._-]?reply|forms?|web[._-]?forms?|contact[._-]?form|website"
    r"|wordpress|www-data|mailer|notifications?)([+.].*)?@.*",
    re.IGNORECASE,
)
_BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
_AUTO_HEADERS = ("x-autoreply", "x-autorespond", "x-auto-reply-from")
_LIST_HEADERS = ("list-id", "list-unsubscribe")
_SUPPRESSED = ("all", "autoreply", "oof")


def is_loop(headers: Headers, account: str) -> bool:
    """Return whether this is a mail of this very address that came back to it."""
    return _looped(headers) == plain(account)


def is_automatic(told: Told, mail: Part, headers: Headers, account: str) -> bool:
    """Return whether a machine wrote it, as far as it says so itself."""
    submitted = headers.word("auto-submitted")
    suppress = {one.strip() for one in headers.raw("x-auto-response-suppress").lower().split(",")}
    sender = next(iter(headers.people("from")), Named(""))
    domain = plain(account).rpartition("@")[2]
    return (
        submitted not in ("", "no")
        or bool(suppress & set(_SUPPRESSED))
        or headers.word("precedence") in _BULK
        or any(headers.all(name) for name in (*_AUTO_HEADERS, *_LIST_HEADERS))
        or is_bounce(told, mail, headers)
        or _is_machine(sender, headers)
        or plain(sender.address) == plain(account)
        or _looped(headers).rpartition("@")[2] == domain
    )


def is_bounce(told: Told, mail: Part, headers: Headers) -> bool:
    """Return whether it reports on another mail: nobody waits for an answer to it."""
    returned = str(told.mail.get("source", "unknown") or "").strip()
    empty = returned in ("", "<>") or headers.raw("return-path").strip() == "<>"
    return empty or mail.get_content_type() == "multipart/report"


def is_form(sender: Named) -> bool:
    """Return whether the sender is only the carrier of somebody else's words: a website's form."""
    return _FORMS.fullmatch(sender.address) is not None


def _is_machine(sender: Named, headers: Headers) -> bool:
    """Return whether the sender takes no answers; one that names where answers go does."""
    answers = headers.people("reply-to")
    elsewhere = any(one.address != sender.address for one in answers) and is_form(sender)
    return _MACHINES.fullmatch(sender.address) is not None and not elsewhere


def _looped(headers: Headers) -> str:
    return plain(headers.raw(LOOP_HEADER.lower()).partition(" ")[0])
