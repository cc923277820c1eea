"""Reports: the sums of a dry run as plain data and as lines that people read."""

from collections.abc import Iterator
from typing import Any

from chalicelib.domain.dry_run import Difference
from chalicelib.domain.ledger import Account
from chalicelib.domain.policy import Policy
from chalicelib.domain.sums import COUNTS, LISTS, Cases, Sums, tellings

ESTIMATES = (
    "Clocks and breaches are exact for what customers and people did. Pages and rules are "
    "estimates: what they lead to is not played on, and nobody is taken to acknowledge."
)


def as_data(sums: Sums, policy: Policy) -> dict[str, Any]:
    """Return the sums as JSON holds them; `policy` gives the ladders that pages would climb."""
    return {
        "cases": sums.cases,
        "tallies": [
            {"team": team, "channel": channel, "clock": clock}
            | {name: getattr(tally, name) for name in COUNTS}
            | {name: _cases(getattr(tally, name)) for name in LISTS}
            for (team, channel, clock), tally in sorted(sums.tallies.items())
        ],
        "differences": [_difference(one) for one in sums.differences],
        "pages": [_pages(name, sums, policy) for name in sorted(sums.spans)],
        "rules": [
            {"rule": rule, "fired": times, "cases": _cases(sums.rule_cases[rule])}
            for rule, times in sorted(sums.rules.items())
        ],
        "unread": _cases(sums.unread),
        "estimates": ESTIMATES,
    }


def _cases(cases: Cases) -> dict[str, Any]:
    return {"count": cases.count, "ids": list(cases.ids)}


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "case_id": one.case_id,
        "clock": one.clock.value,
        "was": _account(one.was),
        "would": _account(one.would),
        "why": one.why,
    }


def _account(account: Account | None) -> dict[str, Any] | None:
    if account is None:
        return None
    return {"due_at": account.due_at.isoformat(), "breached": account.breached}


def _pages(name: str, sums: Sums, policy: Policy) -> dict[str, Any]:
    spans = sums.pages()[name]
    told = tellings(spans, policy, name)
    return {
        "queue": name,
        "pages": len(spans),
        "members": sum(span.members for span in spans),
        "largest": max((span.members for span in spans), default=0),
        "spans": [
            {
                "since": span.since.isoformat(),
                "until": span.until.isoformat(),
                "members": span.members,
            }
            for span in spans
        ],
        "tellings": [
            {"rung": rung, "medium": medium.value, "count": count}
            for (rung, medium), count in sorted(told.items())
        ],
    }


COLUMNS = (
    ("team", "team"),
    ("channel", "channel"),
    ("clock", "clock"),
    ("started", "started"),
    ("met", "met"),
    ("breached", "breached"),
    ("recorded", "was"),
    ("newly", "new"),
    ("no_longer", "gone"),
    ("moved", "moved"),
    ("warned", "warned"),
    ("running", "running"),
)
"""What the table shows of a tally, and how it is headed."""

SHOWN = 20
"""How many differences are printed; all of them are in the file."""


def as_text(data: dict[str, Any]) -> Iterator[str]:
    """Give a report as lines: the table, the differences, pages and rules."""
    yield f"{data['cases']} cases"
    rows = [[head for _, head in COLUMNS]]
    rows += [[str(_number(tally[name])) for name, _ in COLUMNS] for tally in data["tallies"]]
    yield from _aligned(rows)
    differences = data["differences"]
    if differences:
        yield "Promises that would have come out otherwise:"
    for one in differences[:SHOWN]:
        yield f"  {one['case_id']} {one['clock']}: {_turn(one)}; {one['why']}"
    if len(differences) > SHOWN:
        yield f"  and {len(differences) - SHOWN} more (--json FILE has all)"
    for queue in data["pages"]:
        told = ", ".join(
            f"{t['count']} {t['medium']} (rung {t['rung']})" for t in queue["tellings"]
        )
        size = f"{queue['pages']} pages with {queue['members']} members in all"
        yield f"Pages of {queue['queue']}: {size}, at most {told or 'nobody told'}"
    for rule in data["rules"]:
        times, cases = rule["fired"], rule["cases"]["count"]
        yield f"Rule {rule['rule']} would have fired {times} times, in {cases} cases"
    if data["unread"]["count"]:
        yield f"{data['unread']['count']} cases could not be read: their logs are older than this"
    yield data["estimates"]


def _number(found: object) -> object:
    return found["count"] if isinstance(found, dict) else found


def _turn(one: dict[str, Any]) -> str:
    was, would = one["was"], one["would"]
    return f"{_end(was)}, would be {_end(would)}"


def _end(account: dict[str, Any] | None) -> str:
    if account is None:
        return "not promised"
    return f"{'breached' if account['breached'] else 'kept'} (due {account['due_at']})"


def _aligned(rows: list[list[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
