# ruff: noqa: RUF001  (the words of many languages)
"""What a person wrote in a mail, apart from the mails before it and the signature below.

Own lines instead of mail-parser-reply (1.36, which knows more languages): that takes 55 seconds for
16,000 empty lines, which anybody can send, and returns the text without its indentation. Here every
line is looked at once, cut to a bound. Nothing is lost: what is cut is kept beside the text, and
where cutting would leave nothing, or words stand between quoted lines, nothing is cut.
"""

import re
from collections.abc import Sequence
from itertools import islice

_LINE = 400
_MOST_SIGNATURE = 12
_LONGEST_INTRODUCTION = 4  # lines that "On ... wrote:" may be broken into

_WROTE = re.compile(
    r"(wrote|writes|schrieb|a écrit|escribió|ha scritto|scritto|escreveu|schreef|napisał(\(a\))?"
    r"|napisała|skrev|kirjoitti|napsal(\(a\))?|írta|a scris|yazdı|написал(\(а\)|а)?|писал(\(а\))?"
    r"|пише|έγραψε|geschreven|escrigué|va escriure|写道|寫道|님이 작성|のメッセージ)"
    r"[^:：]{0,120}[:：]$",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"^[-_*\s]{0,40}(original message|original appointment|ursprüngliche nachricht"
    r"|originalnachricht|message d'origine|message original|mensaje original|messaggio originale"
    r"|mensagem original|oorspronkelijk bericht|wiadomość oryginalna|ursprungligt meddelande"
    r"|oprindelig meddelelse|opprinnelig melding|alkuperäinen viesti|původní zpráva"
    r"|исходное сообщение|原始邮件|元のメッセージ|원본 메시지)[-_*\s]{0,40}$",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"^\*{0,2}(from|von|de|da|van|od|från|fra|lähettäjä|от|发件人|寄件者|差出人|보낸 사람)"
    r"\*{0,2} ?[:：]\*{0,2} ?\S",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"^\*{0,2}(sent|date|to|cc|subject|gesendet|datum|an|betreff|envoyé|objet|à|enviado|fecha|para"
    r"|asunto|inviato|data|a|oggetto|assunto|verzonden|aan|onderwerp|wysłano|do|temat|skickat|till"
    r"|ämne|sendt|til|emne|lähetetty|vastaanottaja|aihe|odesláno|komu|předmět|отправлено|кому|тема"
    r"|дата|发送时间|收件人|主题|送信日時|宛先|件名|보낸 날짜|받는 사람|제목)\*{0,2} ?[:：]",
    re.IGNORECASE,
)
_BEGINS = re.compile(
    r"\s*((on|am|le|el|il|em|op|dnia|w dniu|den|dne|ke|la|в|на)\b|\d{1,4}[-./年])", re.IGNORECASE
)
_DEVICE = re.compile(
    r"^(sent from (my|mail|outlook|yahoo|proton)|get outlook for|sent with "
    r"|von meinem .{1,40} gesendet|gesendet (von|mit) |envoyé (de|depuis|à partir) "
    r"|enviado (desde|do|de) |inviato da"
    r"|verzonden (vanaf|met) |wysłane z |skickat från |sendt fra |lähetetty |odesláno z "
    r"|отправлено (с|из) |发自我的|iphoneから送信)",
    re.IGNORECASE,
)


def parted(text: str) -> tuple[str, str]:
    """Return (what was written, what was cut): every line is in one of both, in its order."""
    lines = text.split("\n")
    cut = _signature(lines, _earlier(lines))
    written = "\n".join(lines[:cut]).rstrip()
    if not written.strip():
        return text.strip("\n"), ""
    return written.strip("\n"), "\n".join(lines[cut:]).strip("\n")


def _earlier(lines: Sequence[str]) -> int:
    """Return where an earlier mail begins and reaches to the end; the number of lines if none."""
    marked = [number for number, line in enumerate(lines) if line.lstrip().startswith(">")]
    last = _last_word(lines, marked)
    for number, line in enumerate(lines):
        short = line[:_LINE].strip()
        if _ORIGINAL.match(short) or _is_header(lines, number):
            return number
        if number >= last and short.endswith((":", "\uff1a")) and _WROTE.search(short):
            first = _introduction(lines, number)
            if marked or _dated(lines[first : number + 1]):
                return first
        if number > last and marked and short.startswith(">"):
            return number
    return len(lines)


def _last_word(lines: Sequence[str], marked: Sequence[int]) -> int:
    """Return the last line that is not quoted, before quotes that reach to the end.

    That may be what introduces the quote. Where words stand below the last quoted line, it is
    behind the end: then no quote is cut. Without marked lines it is the first line.
    """
    if not marked:
        return 0
    below = next((n for n in range(marked[-1] + 1, len(lines)) if lines[n].strip()), None)
    if below is not None and not _is_signature(lines, below, len(lines)):
        return len(lines)
    number = marked[-1]
    while number >= 0 and (not lines[number].strip() or lines[number].lstrip().startswith(">")):
        number -= 1
    return max(number, 0)


def _introduction(lines: Sequence[str], number: int) -> int:
    """Return where "On ... wrote:" begins, which clients break into several lines."""
    first = number
    while not _BEGINS.match(lines[first][:_LINE]):
        first -= 1
        if first < 0 or not lines[first].strip() or number - first >= _LONGEST_INTRODUCTION:
            return number
    return first


def _dated(lines: Sequence[str]) -> bool:
    """Return whether an introduction tells when or by which address: else it may be a person's."""
    said = " ".join(line[:_LINE] for line in lines)
    return _BEGINS.match(said) is not None and re.search(r"[0-9@]", said) is not None


def _is_header(lines: Sequence[str], number: int) -> bool:
    """Return whether Outlook's block of From, Sent, To and Subject begins here."""
    if not _FROM.match(lines[number][:_LINE].strip()):
        return False
    below = (line[:_LINE].strip() for line in lines[number + 1 : number + 7])
    return sum(1 for line in below if _FIELD.match(line)) >= 2  # noqa: PLR2004 (two more fields)


def _signature(lines: Sequence[str], end: int) -> int:
    """Return where the signature before `end` begins, or `end`."""
    return next((number for number in range(end) if _is_signature(lines, number, end)), end)


def _is_signature(lines: Sequence[str], number: int, end: int) -> bool:
    """Return whether a signature begins here: "-- ", or a phone that says what it is, at the end.

    "--" without its blank may be a line that somebody drew: then only a short end counts.
    """
    if lines[number] == "-- ":
        return True
    short = lines[number][:_LINE].strip()
    drawn = short in ("--", "\u2014", "__")
    if not drawn and not _DEVICE.match(short):
        return False
    most = _MOST_SIGNATURE if drawn else 1
    rest = (n for n in range(number + 1, end) if lines[n].strip() and lines[n][0] != ">")
    return len(list(islice(rest, most + 1))) <= most
