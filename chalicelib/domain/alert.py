"""Alerts: what people are told when a clock is about to run out or has run out."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Topic(StrEnum):
    """Where an alert goes. Ops subscribe by SMS, email or queue, with filters on the attributes."""

    WARNINGS = "warnings"
    BREACHES = "breaches"


class Severity(StrEnum):
    """How loud."""

    WARNING = "warning"
    BREACH = "breach"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class AlertCase:
    """One of the things that an alert tells of. `what` is a word: breach, warning, stuck, ..."""

    case_id: str
    clock: str
    handle: str
    channel: str
    severity: Severity
    what: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Alert:
    """One announcement. `key` is the same however often the step that makes it runs.

    `sms` fits 160 GSM characters and holds no customer text; `subject` and `body` are the email.
    One that tells of several cases has handle, channel, clock and case id of the worst; all of them
    are in `cases`. `page` is the id of the page that it tells of, `count` how many cases it has.
    """

    key: str
    topic: Topic
    severity: Severity
    team: str
    handle: str
    channel: str
    clock: str
    case_id: str
    at: datetime
    sms: str
    subject: str
    body: str
    count: int = 1
    page: str = ""
    cases: tuple[AlertCase, ...] = ()


GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The basic character set of GSM 03.38, each one septet."""

GSM_EXTENSION = frozenset("^{}\\[~]|€")
"""What its extension table adds, each two septets."""

SMS_LENGTH = 160
"""Septets: the longest text that is one SMS."""

SPOKEN = {"expose": "time to hide personal data"}
"""Clocks whose name alone would not tell people what to do."""

SHORTEST_NAME = 12
"""To how many septets a handle's name is cut at most, to make room for the link."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What an alert is about, in plain facts. Holds no word of the customer's."""

    handle: str
    handle_name: str
    channel: str
    team: str
    clock: str
    case_id: str
    assignee: str
    priority: str
    link: str
    now: datetime
    due_at: datetime


def topic_of(severity: Severity) -> Topic:
    """Return the topic that alerts of a severity go to."""
    return Topic.WARNINGS if severity is Severity.WARNING else Topic.BREACHES


def alone(occasion: Occasion, key: str, severity: Severity, what: str) -> Alert:
    """Return the alert about one case. `what` is what happened, in words."""
    return Alert(
        key=key,
        topic=topic_of(severity),
        severity=severity,
        team=occasion.team,
        handle=occasion.handle,
        channel=occasion.channel,
        clock=occasion.clock,
        case_id=occasion.case_id,
        at=occasion.now,
        sms=_sms(occasion, severity, what),
        subject=f"[Hearback {severity.value}] {_clean(occasion.handle_name)}: {what}"[:100],
        body=_body(occasion, what),
    )


def span(seconds: float) -> str:
    """Return a length of time in the one or two units people use, cut down.

    `45 s`, `5 min`, `2 h 10 min`, `3 d`.
    """
    whole = max(0, int(seconds))
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if minutes == 0:
        return f"{whole} s"
    if hours == 0:
        return f"{minutes} min"
    if days == 0:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{days} d {hours % 24} h" if hours % 24 else f"{days} d"


def gsm(text: str) -> str:
    """Return the text in the GSM character set.

    Accents dropped where that helps, anything else as a question mark.
    """
    return "".join(_gsm_character(character) for character in text)


def septets(text: str) -> int:
    """Return how many septets a text in the GSM character set takes."""
    return sum(2 if character in GSM_EXTENSION else 1 for character in text)


def _gsm_character(character: str) -> str:
    if character in GSM or character in GSM_EXTENSION:
        return character
    plain = unicodedata.normalize("NFKD", character)[0]
    return plain if plain in GSM else "?"


def _words(clock: str) -> str:
    return SPOKEN.get(clock, clock.replace("_", " "))


def _sms(occasion: Occasion, severity: Severity, what: str) -> str:
    """Return the SMS: the whole link or none, the name shortened before that, the rest always."""
    place = gsm(f" ({_words(occasion.channel)}): {what}.")
    link = f" {occasion.link}" if gsm(occasion.link) == occasion.link else ""
    name = gsm(_clean(occasion.handle_name))
    for head, tail in (
        (f"HEARBACK {severity.value.upper()}: ", link),
        (f"{severity.value.upper()}: ", link),
        (f"HEARBACK {severity.value.upper()}: ", ""),
    ):
        room = SMS_LENGTH - septets(head + place + tail)
        if room >= min(SHORTEST_NAME, septets(name)):
            return head + _cut(name, room) + place + tail
    return _cut(gsm(f"{severity.value.upper()}: {what}. {occasion.case_id}"), SMS_LENGTH)


def _cut(text: str, room: int) -> str:
    """Return as much of a text's beginning as takes `room` septets."""
    while septets(text) > room:
        text = text[:-1]
    return text


def _body(occasion: Occasion, what: str) -> str:
    lines = [
        f"{_clean(occasion.handle_name)} on {_words(occasion.channel)}: {what}.",
        "",
        f"Case      {occasion.case_id}",
        f"Team      {occasion.team}",
        f"Assignee  {occasion.assignee or 'nobody'}",
        f"Priority  {occasion.priority or 'normal'}",
        f"Deadline  {occasion.due_at.isoformat(timespec='seconds')}",
        f"Open it   {occasion.link}",
        "",
        "The customer's words are in the case, not in this message.",
    ]
    return "\n".join(lines)


def _clean(text: str) -> str:
    return " ".join(text.split())
