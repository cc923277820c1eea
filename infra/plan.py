"""Plan: what publishing care.yaml would change, in plain words, a line each."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from enum import Enum
from itertools import zip_longest

from chalicelib.domain.alert import span
from chalicelib.domain.policy import Policy

SECTIONS = {
    "handles": "handle",
    "teams": "team",
    "targets": "promise",
    "subscribers": "subscriber",
    "endpoints": "endpoint",
    "searches": "search",
    "ladders": "ladder",
    "rules": "rule",
    "limits": "limit",
    "reviews": "review",
    "shifts": "shift",
}
"""The lists of a policy, and what one row of each is called."""

AMOUNTS = frozenset({"seconds", "cents"})
"""What a row without an id may change and still be the same row."""

MOST_SHOWN = 120


def changes(before: Policy | None, after: Policy) -> list[str]:
    """Return what would change; nothing when the two mean the same."""
    if before is None:
        return [f"This is the first policy: {after.version}"]
    lines = [
        line
        for name, word in SECTIONS.items()
        for line in _rows(word, getattr(before, name), getattr(after, name))
    ]
    lines += _calendars(before, after)
    for field in fields(Policy):
        if field.name not in {*SECTIONS, "calendars", "version"}:
            old, new = getattr(before, field.name), getattr(after, field.name)
            name, timed = _name(field.name), _timed(field.name)
            lines += _lengths(name, old, new) if timed else _values(name, old, new)
    return lines


def _rows(word: str, before: Sequence[object], after: Sequence[object]) -> Iterator[str]:
    old, new = _named(word, before), _named(word, after)
    for name in sorted({*old, *new}):
        if name not in old:
            yield f"+ {word} {name}"
        elif name not in new:
            yield f"- {word} {name}"
        else:
            yield from _values(f"{word} {name}", old[name], new[name])


def _named(word: str, rows: Sequence[object]) -> dict[str, object]:
    """Return the rows by what a person calls them: their id, or all that chooses them."""
    found: dict[str, object] = {}
    for row in rows:
        name = str(getattr(row, "id", "")) or _words(word, row)
        found[name] = row
    return found


def _words(word: str, row: object) -> str:
    chosen = [
        _shown(getattr(row, field.name))
        for field in fields(row)  # type: ignore[arg-type]  # every row is a dataclass
        if field.name not in AMOUNTS and getattr(row, field.name) not in ("", None)
    ]
    return " ".join(chosen) or word


def _calendars(before: Policy, after: Policy) -> Iterator[str]:
    for name in sorted({*before.calendars, *after.calendars}):
        old, new = before.calendars.get(name), after.calendars.get(name)
        if old is None:
            yield f"+ calendar {name}"
        elif new is None:
            yield f"- calendar {name}"
        else:
            yield from _values(f"calendar {name}", old, new)


def _values(where: str, before: object, after: object) -> Iterator[str]:
    if before == after:
        return
    if is_dataclass(before) and is_dataclass(after) and type(before) is type(after):
        for field in fields(before):
            name = f"{where}: {_name(field.name)}"
            old, new = getattr(before, field.name), getattr(after, field.name)
            yield from _lengths(name, old, new) if _timed(field.name) else _values(name, old, new)
    elif _steps(before) and _steps(after):
        yield from _step_by_step(where, _steps(before), _steps(after))
    elif isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}, key=str):
            yield from _values(f"{where} {_shown(key)}", before.get(key), after.get(key))
    else:
        yield f"~ {where}: {_shown(before)} -> {_shown(after)}"


def _timed(name: str) -> bool:
    return name == "seconds" or name.endswith("_seconds")


def _name(field: str) -> str:
    """Return what a person calls a field: `within` for the length of a promise."""
    return "within" if field == "seconds" else field.removesuffix("_seconds").replace("_", " ")


def _lengths(where: str, before: int, after: int) -> Iterator[str]:
    """Yield a changed length of time, and which way it goes."""
    if before != after:
        way = "shorter" if after < before else "longer"
        yield f"~ {where}: {span(before)} -> {span(after)} ({way})"


def _steps(value: object) -> tuple[object, ...]:
    """Return a list of steps whose order counts, such as a ladder's rungs; else nothing."""
    held = value if isinstance(value, tuple) else ()
    return held if all(is_dataclass(one) for one in held) else ()


def _step_by_step(where: str, before: Sequence[object], after: Sequence[object]) -> Iterator[str]:
    for number, (old, new) in enumerate(zip_longest(before, after), 1):
        name = f"{where} {number}"
        if old is None:
            yield f"+ {name}: {_shown(new)}"
        elif new is None:
            yield f"- {name}: {_shown(old)}"
        else:
            yield from _values(name, old, new)


def _shown(value: object) -> str:
    if value is None or value in ("", ()):
        return "nothing"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date | time | timedelta):
        return str(value)
    if isinstance(value, tuple | list | frozenset | set):
        shown = ", ".join(_shown(one) for one in value)
    elif is_dataclass(value):
        shown = " ".join(_shown(getattr(value, field.name)) for field in fields(value))
    else:
        shown = str(value)
    return shown if len(shown) <= MOST_SHOWN else shown[:MOST_SHOWN] + "..."
