"""Paging: the words of a page, as SMS, as email and for a paging system.

No word of the customer's is in any of them: who is paged may read it on a locked screen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chalicelib.domain.alert import SMS_LENGTH, SPOKEN, Severity, gsm, septets, span
from chalicelib.domain.ladder import Medium, Rung
from chalicelib.domain.page import Member, Page

LISTED = 10
"""How many members an email lists: the worst. The others are a link away."""

MOST = 1000
"""How many members of a page are read: as many or more are called `1000+`."""

ASK = "ask"
"""What a link's query says when its page shall ask first."""

SHORTEST_TEAM = 6
"""To how many septets a team's name is cut at most, to make room for the link."""

_RANK = {Severity.CRITICAL: 0, Severity.BREACH: 1, Severity.WARNING: 2}
_SPOKEN_MEDIA = {Medium.IN_APP: "in the desk", Medium.SMS: "SMS", Medium.TOPIC: "the topics"}
_SPOKEN_ROLES = {"assignee": "those who hold the cases", "on_call": "on-call"}


@dataclass(frozen=True, slots=True)
class Call:
    """What one person or system is told of a page, in plain facts.

    `team` is the team's name, `members` are what the page tells of. `link` acknowledges for this
    one person (empty: they have none). `answerable`: an SMS can be answered. `following` comes next
    (None: nobody), when the page climbs or repeats. Times are written in `zone`.
    """

    page: Page
    members: tuple[Member, ...]
    team: str
    now: datetime
    link: str = ""
    answerable: bool = False
    desk_url: str = ""
    following: Rung | None = None
    zone: str = "UTC"


def text(call: Call) -> str:
    """Return the SMS: 160 GSM characters at most.

    The severity always, the link whole or not at all, the team's name cut before the link is left
    out; how to answer only where answers arrive.
    """
    severity, team = call.page.severity.value.upper(), gsm(clean(call.team))
    ways = tuple(gsm(way) for way in (_long(call), _short(call)))
    tails = (_tail(call, link=True), _tail(call, link=False))
    for tail in tails:
        for head, what in (
            (f"HEARBACK {severity} ", ways[0]),
            (f"{severity} ", ways[0]),
            (f"{severity} ", ways[1]),
        ):
            room = SMS_LENGTH - septets(f"{head}: {what}.{tail}")
            whole = what is not ways[1]
            if room >= (septets(team) if whole else min(SHORTEST_TEAM, septets(team))):
                return f"{head}{cut(team, room)}: {what}.{tail}"
    return cut(f"{severity} {ways[1]}.{tails[1]}", SMS_LENGTH)


def subject(call: Call) -> str:
    """Return the subject of the email."""
    severity = call.page.severity.value
    return f"[Hearback {severity}] {clean(call.team)}: {_long(call)}"[:100]


def body(call: Call) -> str:
    """Return the email: the worst members, how to acknowledge, and who is told next."""
    listed = worst(call.members)[:LISTED]
    lines = [f"{clean(call.team)}: {_long(call)}.", ""]
    lines += [*_how(call), ""]
    lines += [f"{size(call.members)}, the worst first:"] if _many(call) else []
    for place, member in enumerate(listed, 1):
        due = written(member.due_at, call.zone)
        what = phrase(member, call.now)
        lines.append(f"{place:>3}. {member.handle} ({_words(member.channel)}): {what}, due {due}")
        lines.append(f"     {case_link(call.desk_url, member)}")
    lines += ["", *_held(call), then(call), ""]
    lines.append("The customers' words are in the cases, not in this message.")
    return "\n".join(lines)


def facts(call: Call) -> dict[str, str]:
    """Return what a paging system is told (ports.Pager.webhook says which facts)."""
    return {
        "page": call.page.id,
        "summary": f"{clean(call.team)}: {_long(call)}",
        "severity": call.page.severity.value,
        "team": call.page.team,
        "count": str(len(cases(call.members))),
        "link": call.link or call.desk_url,
        "body": body(call),
        "at": call.page.opened_at.astimezone(UTC).isoformat(timespec="milliseconds"),
    }


def worst(members: tuple[Member, ...]) -> tuple[Member, ...]:
    """Return the members, the loudest first, and of those the one longest overdue."""
    return tuple(sorted(members, key=lambda one: (_RANK[one.severity], one.due_at, one.key)))


def cases(members: tuple[Member, ...]) -> set[tuple[str, int]]:
    """Return the cases of the members: several clocks of one case are one."""
    return {(member.conversation_id, member.case_number) for member in members}


def size(members: tuple[Member, ...]) -> str:
    """Return how many cases these are, in words."""
    count = len(cases(members))
    return f"{count}{'+' if len(members) >= MOST else ''} case{'s' if count != 1 else ''}"


def phrase(member: Member, now: datetime) -> str:
    """Return what happened to a member, as of now.

    A clock's words follow from its deadline, so that a later rung does not quote an old "in 5 min".
    """
    if member.said:
        return clean(member.said)
    name = SPOKEN.get(member.clock, _words(member.clock))
    late = (now - member.due_at).total_seconds()
    return f"{name} ran out {span(late)} ago" if late >= 0 else f"{name} runs out in {span(-late)}"


def then(call: Call) -> str:
    """Return who is told next and when, or that nobody is."""
    at = call.page.climbs_at or call.page.repeats_at
    if call.following is None or at is None:
        return "Nobody else is told after this: somebody has to take it."
    people = _listed(call.following.to, lambda one: _SPOKEN_ROLES.get(one, _words(one)))
    media = _listed(call.following.by, lambda one: _SPOKEN_MEDIA.get(Medium(one), _words(one)))
    return f"If nobody acknowledges: {people} by {media} at {written(at, call.zone)}."


def written(at: datetime, zone: str, *, day: bool = True) -> str:
    """Return an instant as people of that zone write it; in UTC where the zone is not known."""
    pattern = "%Y-%m-%d %H:%M %Z" if day else "%H:%M %Z"
    return at.astimezone(_zone(zone)).strftime(pattern)


def case_link(desk_url: str, member: Member) -> str:
    """Return where a member's case is worked on."""
    return f"{desk_url.rstrip('/')}/c/{member.conversation_id}"


def asking(link: str) -> str:
    """Return the link as it stands in an email: its page asks, instead of acknowledging at once.

    Some mail scanners open links in a browser that runs scripts, and must not acknowledge.
    """
    return f"{link}?{ASK}"


def cut(words: str, room: int) -> str:
    """Return as much of a text's beginning as takes `room` septets."""
    while septets(words) > room:
        words = words[:-1]
    return words


def _long(call: Call) -> str:
    """Return the count and the worst member, or the one member with its handle."""
    if not call.members:
        return "something needs you"
    first = worst(call.members)[0]
    if _many(call):
        return f"{size(call.members)}, worst: {phrase(first, call.now)}"
    return f"{phrase(first, call.now)} on {clean(first.handle)} ({_words(first.channel)})"


def _short(call: Call) -> str:
    if _many(call) or not call.members:
        return _counted(call)
    return phrase(call.members[0], call.now)


def _counted(call: Call) -> str:
    return size(call.members)


def _many(call: Call) -> bool:
    return len(cases(call.members)) > 1


def _tail(call: Call, *, link: bool) -> str:
    shown = link and call.link and gsm(call.link) == call.link
    if shown:
        return f" Ack: {call.link}" + (" or answer OK" if call.answerable else "")
    return " Answer OK to ack." if call.answerable else ""


def _how(call: Call) -> list[str]:
    lines = [f"Acknowledge (do not pass this link on): {asking(call.link)}"] if call.link else []
    return lines + (["Or answer OK to the SMS about it."] if call.answerable else [])


def _held(call: Call) -> list[str]:
    by, at = call.page.acknowledged_by, call.page.acknowledged_at
    if not by or at is None:
        return []
    return [f"{by} acknowledged it at {written(at, call.zone)}; it is not settled yet."]


def _listed(items: tuple[str, ...], spoken: Callable[[str], str]) -> str:
    return " and ".join(spoken(item) for item in items)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _words(name: str) -> str:
    return name.replace("_", " ")


def clean(words: str) -> str:
    """Return the words on one line, single spaces between them."""
    return " ".join(words.split())
