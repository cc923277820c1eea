"""Read and check care.yaml, and make the policy that every decision names.

Every problem is told at once, in words, with the place in the file. The version is a digest of what
the file means, so that the same settings are the same version, and a comment does not make a new
one.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import yaml

from chalicelib.domain import rule_checks
from chalicelib.domain.alert import Severity
from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import ClockName
from chalicelib.domain.policy import (
    Endpoint,
    Handle,
    Policy,
    Privacy,
    Search,
    Subscriber,
    Survey,
    Target,
    Team,
)
from infra import care_rules, closed_days, hours, people_policy, people_rules
from infra.care_file import CareShape, EndpointShape, TargetShape, TeamShape
from infra.closed_days import Fetch
from infra.errors import ConfigurationError
from infra.shapes import Duration, seconds

SHORTEST_TARGET = 15
"""Seconds. A shorter promise would be broken by the time that queues and cold starts take."""

LONGEST_DURATION = 365 * 86_400
"""Seconds. A state machine's execution lives for a year at most."""

BEST_SCORE = 5
MOST_WARNINGS = 10

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_PROTOCOLS = ("sms", "email", "sqs", "https")
_TOPICS = ("warnings", "breaches", "ops")


def load(path: Path, today: date | None = None, fetch: Fetch = closed_days.fetch) -> Policy:
    """Return the policy that the file describes.

    `today` (None: by the machine's clock) is the day from whose year on public holidays are worked
    out. Raises ConfigurationError with every problem found.
    """
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
        shape = msgspec.convert(content, CareShape, strict=True)
    except FileNotFoundError:
        raise ConfigurationError(
            [f"there is no {path.name}; copy the example from the repository"]
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{path.name} is not YAML: {error}"]) from None
    except msgspec.ValidationError as error:
        raise ConfigurationError([str(error).replace("`$", "`").replace("`.", "`")]) from None
    problems = list(_problems(shape))
    if problems:
        raise ConfigurationError(problems)
    day = today or datetime.now(UTC).date()
    closed = {
        name: closed_days.found(calendar, path.parent, day, fetch)
        for name, calendar in shape.calendars.items()
    }
    policy = _policy(shape, closed)
    problems = rule_checks.problems(policy.rules, policy)
    if problems:
        raise ConfigurationError(problems)
    return replace(policy, version=version(policy))


def version(policy: Policy) -> str:
    """Return 16 characters that are the same for the same settings."""
    content = msgspec.to_builtins(replace(policy, version=""), str_keys=True, order="deterministic")
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _policy(shape: CareShape, closed: Mapping[str, frozenset[date]]) -> Policy:
    text = shape.survey.text.strip() or Survey().text
    calendars = {
        name: hours.calendar(calendar, closed[name]) for name, calendar in shape.calendars.items()
    }
    return Policy(
        version="",
        brand=shape.brand,
        handles=tuple(Handle(**msgspec.structs.asdict(handle)) for handle in shape.handles),
        teams=tuple(_team(team) for team in shape.teams),
        targets=tuple(_target(target) for target in shape.targets),
        calendars=calendars,
        survey=Survey(shape.survey.enabled, text, shape.survey.reopen_at_most, shape.survey.public),
        subscribers=tuple(
            Subscriber(**msgspec.structs.asdict(person)) for person in shape.subscribers
        ),
        warn_percents=tuple(sorted(shape.warn_percents)),
        follow_delay_seconds=seconds(shape.survey.delay),
        reopen_window_seconds=seconds(shape.reopen_window),
        public_url=shape.public_url.rstrip("/"),
        endpoints=tuple(_endpoint(endpoint) for endpoint in shape.endpoints),
        searches=tuple(
            Search(s.id, s.handle, s.words, s.enabled, seconds(s.every), s.most)
            for s in shape.searches
        ),
        privacy=Privacy(
            shape.privacy.detect,
            shape.privacy.region,
            shape.privacy.hide,
            shape.privacy.invite.strip(),
            tuple(shape.privacy.allowed),
        ),
        ladders=people_policy.ladders(shape),
        paging=people_policy.paging(shape.paging),
        rules=people_policy.rules(shape),
        limits=people_policy.limits(shape),
        reviews=people_policy.reviews(shape),
        shifts=people_policy.shifts(shape, calendars),
        routing=people_policy.routing(shape.routing),
    )


def _team(shape: TeamShape) -> Team:
    return Team(**msgspec.structs.asdict(shape) | {"on_call": tuple(shape.on_call)})


def _target(shape: TargetShape) -> Target:
    named = msgspec.structs.asdict(shape)
    return Target(seconds=seconds(named.pop("within")), **named)


def _endpoint(shape: EndpointShape) -> Endpoint:
    """Return an endpoint; its secret is `hook-<id>` unless it says otherwise."""
    named = msgspec.structs.asdict(shape) | {"secret": shape.secret or f"hook-{shape.id}"}
    return Endpoint(**named | {"events": tuple(shape.events)})


def _problems(shape: CareShape) -> Iterator[str]:
    yield from _numbers(shape)
    yield from _teams(shape)
    yield from _handles(shape)
    yield from _targets(shape)
    yield from _calendars(shape)
    yield from _subscribers(shape)
    yield from _networks(shape)
    yield from people_rules.problems(shape)


def _networks(shape: CareShape) -> Iterator[str]:
    for handle in shape.handles:
        yield from care_rules.handle_problems(handle)
    for kind, ids in (
        ("search", [search.id for search in shape.searches]),
        ("endpoint", [endpoint.id for endpoint in shape.endpoints]),
    ):
        yield from _repeated(kind, ids)
        yield from _ids(kind, ids)
    for search in shape.searches:
        yield from _duration(f"search {search.id}", search.every, care_rules.SHORTEST_SEARCH)
    for endpoint in shape.endpoints:
        for name in ("team", "handle", "channel"):
            value, known = getattr(endpoint, name), _known(shape)[name]
            yield from _selector(f"endpoint {endpoint.id}", name, value, known)
    yield from care_rules.search_problems(shape)
    yield from care_rules.endpoint_problems(shape)
    yield from care_rules.privacy_problems(shape)
    yield from care_rules.address_problems(shape)


def _numbers(shape: CareShape) -> Iterator[str]:
    wrong = [one for one in shape.warn_percents if not 1 <= one < 100]  # noqa: PLR2004 - per cent
    if wrong:
        yield f"warn_percents has {wrong[0]}: each must lie between 1 and 99"
    if len(set(shape.warn_percents)) < len(shape.warn_percents):
        yield "warn_percents names one twice"
    if len(shape.warn_percents) > MOST_WARNINGS:
        yield f"warn_percents has {len(shape.warn_percents)}: {MOST_WARNINGS} are the most"
    if not 0 <= shape.survey.reopen_at_most <= BEST_SCORE:
        yield f"survey.reopen_at_most is {shape.survey.reopen_at_most}: it must lie in 0 to 5"
    for name, duration in (
        ("survey.delay", shape.survey.delay),
        ("reopen_window", shape.reopen_window),
    ):
        yield from _duration(name, duration, 1)


def _teams(shape: CareShape) -> Iterator[str]:
    yield from _repeated("team", [team.id for team in shape.teams])
    yield from _ids("team", [team.id for team in shape.teams])
    if not shape.teams:
        yield "there is no team: somebody must answer"


def _handles(shape: CareShape) -> Iterator[str]:
    teams = {team.id for team in shape.teams}
    yield from _repeated("handle", [handle.id for handle in shape.handles])
    yield from _ids("handle", [handle.id for handle in shape.handles])
    yield from _repeated(
        "account", [f"{handle.channel} {handle.account_id}" for handle in shape.handles]
    )
    for handle in shape.handles:
        if handle.team not in teams:
            yield f"handle {handle.id} names the team {handle.team!r}, which is not in teams"
        if handle.calendar and handle.calendar not in shape.calendars:
            yield f"handle {handle.id} names the calendar {handle.calendar!r}, which is unknown"
        if not handle.account_id:
            yield f"handle {handle.id} has no account_id"
        yield from _ids("secret", [handle.secret] if handle.secret else [])


def _targets(shape: CareShape) -> Iterator[str]:
    known = _known(shape)
    for number, target in enumerate(shape.targets, 1):
        where = f"target {number} ({target.clock})"
        yield from _duration(where, target.within, SHORTEST_TARGET)
        for name in ("team", "channel", "handle"):
            yield from _selector(where, name, getattr(target, name), known[name])


def _calendars(shape: CareShape) -> Iterator[str]:
    for name, calendar in shape.calendars.items():
        try:
            ZoneInfo(calendar.zone)
        except (LookupError, ValueError, OSError):
            yield f"calendar {name} has the zone {calendar.zone!r}: write one like Europe/Berlin"
        for problem in (*hours.problems(calendar), *closed_days.problems(calendar)):
            yield f"calendar {name}: {problem}"


def _subscribers(shape: CareShape) -> Iterator[str]:
    known = _known(shape)
    for number, person in enumerate(shape.subscribers, 1):
        where = f"subscriber {number}"
        if person.topic not in _TOPICS:
            yield f"{where} names the topic {person.topic!r}: choose {', '.join(_TOPICS)}"
        if person.protocol not in _PROTOCOLS:
            yield f"{where} has the protocol {person.protocol!r}: choose {', '.join(_PROTOCOLS)}"
        if person.protocol == "sms" and not re.fullmatch(r"\+[1-9]\d{6,14}", person.endpoint):
            yield f"{where} has the number {person.endpoint!r}: write it like +15550100"
        if person.protocol == "email" and "@" not in person.endpoint:
            yield f"{where} has the address {person.endpoint!r}, which is not an email address"
        for name in ("team", "handle", "channel", "clock", "severity"):
            yield from _selector(where, name, getattr(person, name), known[name])


def _known(shape: CareShape) -> dict[str, set[str]]:
    return {
        "team": {team.id for team in shape.teams},
        "handle": {handle.id for handle in shape.handles},
        "channel": {channel.value for channel in Channel},
        "clock": {clock.value for clock in ClockName},
        "severity": {severity.value for severity in Severity},
    }


def _selector(where: str, name: str, value: str, known: set[str]) -> Iterator[str]:
    if value and value not in known:
        yield f"{where} names the {name} {value!r}, which does not exist"


def _duration(where: str, duration: Duration, least: int) -> Iterator[str]:
    try:
        length = seconds(duration)
    except ValueError as error:
        yield f"{where}: {error}"
        return
    if not least <= length <= LONGEST_DURATION:
        yield f"{where} is {length} s: it must lie between {least} s and a year"


def _ids(kind: str, ids: list[str]) -> Iterator[str]:
    for name in ids:
        if not _ID.fullmatch(name):
            yield f"the {kind} id {name!r} must be small letters, digits and hyphens, at most 63"


def _repeated(kind: str, ids: list[str]) -> Iterator[str]:
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield f"{kind} {name} stands there twice"
