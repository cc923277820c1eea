"""What must be true of the parts of care.yaml that concern people and time.

Each function yields problems in words, with the place in the file.
"""

import re
from collections.abc import Iterator

from chalicelib.domain.agent import Role
from chalicelib.domain.authority import PromiseKind
from chalicelib.domain.ladder import ROLES, Medium
from chalicelib.domain.rule import Act
from infra.care_file import CareShape
from infra.care_people import LadderShape, LimitShape, RuleShape
from infra.shapes import Duration, seconds

SHORTEST_GATHER = 1
LONGEST_GATHER = 300
"""Seconds. Who gathers for longer wakes people late."""

LONGEST_OFFER = 3600
MONEY = frozenset({PromiseKind.REFUND, PromiseKind.GOODWILL})
_DOLLARS = re.compile(r"\d+(\.\d{1,6})?")
_AMOUNT = re.compile(r"\d+(\.\d{1,2})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_WORD = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def problems(shape: CareShape) -> Iterator[str]:
    """Yield everything that is wrong with them."""
    yield from _team_problems(shape)
    yield from _ladder_problems(shape)
    yield from _paging_problems(shape)
    yield from _rule_problems(shape)
    yield from _limit_problems(shape)
    yield from _shift_problems(shape)
    yield from _routing_problems(shape)


def _team_problems(shape: CareShape) -> Iterator[str]:
    ladders = {ladder.id for ladder in shape.ladders}
    for team in shape.teams:
        if team.ladder and team.ladder not in ladders:
            yield f"team {team.id} names the ladder {team.ladder!r}, which does not exist"
    for review in shape.reviews:
        yield from _known(shape, "review", team=review.team, handle=review.handle)


def _ladder_problems(shape: CareShape) -> Iterator[str]:
    yield from _twice("ladder", [ladder.id for ladder in shape.ladders])
    for ladder in shape.ladders:
        where = f"ladder {ladder.id}"
        if not ladder.rungs:
            yield f"{where} has no rung"
        yield from _within(f"{where}: gather", ladder.gather, SHORTEST_GATHER, LONGEST_GATHER)
        yield from _within(f"{where}: freeze", ladder.freeze, 60, 86_400)
        yield from _rungs(shape, ladder)


def _rungs(shape: CareShape, ladder: LadderShape) -> Iterator[str]:
    endpoints = {endpoint.id for endpoint in shape.paging.endpoints}
    for number, rung in enumerate(ladder.rungs, 1):
        where = f"ladder {ladder.id}, rung {number}"
        yield from _within(f"{where}: after", rung.after, 0, 86_400)
        if not rung.to or not rung.by:
            yield f"{where} tells nobody: it needs `to` and `by`"
        if "subscribers" in rung.to and Medium.TOPIC not in rung.by:
            yield f"{where} tells subscribers: only `topic` reaches them"
        if Medium.WEBHOOK in rung.by and not (endpoints or _waked(shape)):
            yield f"{where} uses a webhook, and paging.endpoints has none"
        if Medium.EMAIL in rung.by and not shape.paging.email_from:
            yield f"{where} sends email: say paging.email_from, an address that SES may send from"
        for name in rung.to:
            if name not in ROLES | endpoints and not _WORD.fullmatch(name):
                yield f"{where} names {name!r}: write a role, an agent's id or a paging endpoint"


def _waked(shape: CareShape) -> set[str]:
    return {name for team in shape.teams for name in team.on_call}


def _paging_problems(shape: CareShape) -> Iterator[str]:
    paging = shape.paging
    yield from _twice("paging endpoint", [endpoint.id for endpoint in paging.endpoints])
    texting = {handle.id for handle in shape.handles if handle.channel == "sms"}
    if paging.sms_handle and paging.sms_handle not in texting:
        yield f"paging.sms_handle is {paging.sms_handle!r}: name a handle of the channel sms"
    for name in ("sms_budget_usd", "sms_price_usd"):
        said = getattr(paging, name)
        if said and not _DOLLARS.fullmatch(said):
            yield f'paging.{name} is {said!r}: write dollars like "25" or "0.05"'
    if paging.email_from and "@" not in paging.email_from:
        yield f"paging.email_from is {paging.email_from!r}, which is not an email address"
    yield from _within("paging.person", paging.person, 0, 3600)
    for endpoint in paging.endpoints:
        if endpoint.url and not endpoint.url.startswith("https://"):
            yield f"paging endpoint {endpoint.id}: {endpoint.url!r} is no https address"
        if endpoint.kind == "standard" and not endpoint.url:
            yield f"paging endpoint {endpoint.id} needs a url"


def _rule_problems(shape: CareShape) -> Iterator[str]:
    """Yield what cannot be read; what makes no sense is told by the domain's rule_checks."""
    for rule in shape.rules:
        where = f"rule {rule.id}"
        for name in ("after", "repeat"):
            yield from _within(f"{where}: {name}", getattr(rule, name), 0, 365 * 86_400)
        yield from _snoozes(where, rule)


def _snoozes(where: str, rule: RuleShape) -> Iterator[str]:
    for step in rule.do:
        if Act.SNOOZE in step:
            value = step[Act.SNOOZE]
            yield from _within(f"{where}: snooze", "" if value is None else value, 60, 90 * 86_400)


def _limit_problems(shape: CareShape) -> Iterator[str]:
    for number, limit in enumerate(shape.limits, 1):
        where = f"limit {number} ({limit.kind})"
        if limit.role not in set(Role):
            yield f"{where} names the role {limit.role!r}: choose {', '.join(Role)}"
        yield from _known(shape, where, team=limit.team)
        yield from _amount(where, limit)


def _amount(where: str, limit: LimitShape) -> Iterator[str]:
    if limit.kind not in MONEY and (limit.most is not None or limit.currency):
        yield f"{where} is about no money: leave out most and currency"
    if limit.most is not None and not _AMOUNT.fullmatch(limit.most):
        yield f'{where} has the amount {limit.most!r}: write it like "50" or "50.00"'
    if limit.most is not None and not _CURRENCY.fullmatch(limit.currency):
        yield f"{where} has the currency {limit.currency!r}: write it like EUR"


def _shift_problems(shape: CareShape) -> Iterator[str]:
    yield from _twice("shift", [shift.id for shift in shape.shifts])
    for shift in shape.shifts:
        where = f"shift {shift.id}"
        yield from _known(shape, where, team=shift.team)
        if shift.calendar not in shape.calendars:
            yield f"{where} names the calendar {shift.calendar!r}, which is unknown"


def _routing_problems(shape: CareShape) -> Iterator[str]:
    routing = shape.routing
    if routing.offer != 0:
        yield from _within("routing.offer", routing.offer, 15, LONGEST_OFFER)
    yield from _within("routing.away", routing.away, 0, 86_400)
    yield from _within("routing.nobody", routing.nobody, 0, 86_400)
    for label, length in {"": routing.handling, **routing.handling_by_label}.items():
        yield from _within(f"routing.handling {label}".strip(), length, 0, 86_400)
    weights = routing.weights
    for name in weights.__struct_fields__:
        if not 1 <= getattr(weights, name) <= 1000:  # noqa: PLR2004 - hundredths of a case
            yield f"routing.weights.{name} must lie between 1 and 1000 hundredths of a case"
    for number, need in enumerate(routing.needs, 1):
        where = f"routing need {number}"
        yield from _known(shape, where, handle=need.handle)
        if not _WORD.fullmatch(need.skill):
            yield f"{where} has the skill {need.skill!r}: write small letters, digits, hyphens"


def _known(shape: CareShape, where: str, *, team: str = "", handle: str = "") -> Iterator[str]:
    if team and team not in {one.id for one in shape.teams}:
        yield f"{where} names the team {team!r}, which does not exist"
    if handle and handle not in {one.id for one in shape.handles}:
        yield f"{where} names the handle {handle!r}, which does not exist"


def _within(where: str, duration: Duration, least: int, most: int) -> Iterator[str]:
    try:
        length = seconds(duration)
    except ValueError as error:
        yield f"{where}: {error}"
        return
    if not least <= length <= most:
        yield f"{where} is {length} s: it must lie between {least} and {most} s"


def _twice(kind: str, ids: list[str]) -> Iterator[str]:
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield f"{kind} {name} stands there twice"
    for name in ids:
        if not _WORD.fullmatch(name):
            yield f"the {kind} id {name!r} must be small letters, digits and hyphens"
