"""Makes the policy's ladders, paging, rules, limits, shifts and routing of what care.yaml says."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from chalicelib.domain.authority import Limit, Review
from chalicelib.domain.calendar import Calendar
from chalicelib.domain.ladder import Ladder, Paging, PagingEndpoint, Rung
from chalicelib.domain.rule import Act, Action, Condition, Rule
from chalicelib.domain.shift import Need, Routing, Shift, Weights
from infra.care_file import CareShape
from infra.care_people import (
    LadderShape,
    LimitShape,
    PagingShape,
    RoutingShape,
    RuleShape,
)
from infra.shapes import seconds

MICROS = 1_000_000
CENTS = 100


def ladders(shape: CareShape) -> tuple[Ladder, ...]:
    """Return the ladders, each with its rungs in the order of their times."""
    return tuple(_ladder(one) for one in shape.ladders)


def _ladder(shape: LadderShape) -> Ladder:
    rungs = (
        Rung(seconds(rung.after), tuple(rung.to), tuple(rung.by), tuple(rung.severities))
        for rung in shape.rungs
    )
    in_order = tuple(sorted(rungs, key=lambda rung: rung.after_seconds))
    return Ladder(shape.id, in_order, seconds(shape.gather), seconds(shape.freeze))


def paging(shape: PagingShape) -> Paging:
    """Return how people are paged; an endpoint's secret is `paging-<id>` unless it is named."""
    return Paging(
        sms_handle=shape.sms_handle,
        sms_budget_micros=micros(shape.sms_budget_usd) if shape.sms_budget_usd else None,
        sms_micros=micros(shape.sms_price_usd),
        email_from=shape.email_from,
        person_seconds=seconds(shape.person),
        quiet_below=shape.quiet_below,
        endpoints=tuple(
            PagingEndpoint(one.id, one.kind, one.secret or f"paging-{one.id}", one.url)
            for one in shape.endpoints
        ),
    )


def micros(dollars: str) -> int:
    """Return an amount of dollars in millionths of one."""
    return int(Decimal(dollars) * MICROS)


def rules(shape: CareShape) -> tuple[Rule, ...]:
    """Return the rules in the order of the file."""
    return tuple(_rule(one) for one in shape.rules)


def _rule(shape: RuleShape) -> Rule:
    return Rule(
        id=shape.id,
        do=tuple(_action(act, value) for step in shape.do for act, value in step.items()),
        on=shape.on,
        to_status=shape.to_status,
        status=shape.status,
        after_seconds=seconds(shape.after),
        repeat_seconds=seconds(shape.repeat),
        when=msgspec.convert(msgspec.structs.asdict(shape.when), Condition),
        enabled=shape.enabled,
    )


def _action(act: Act, value: str | int | None) -> Action:
    text = "" if value is None else str(value)
    return Action(act, str(seconds(text)) if act is Act.SNOOZE else text)


def limits(shape: CareShape) -> tuple[Limit, ...]:
    """Return who may promise what."""
    return tuple(_limit(one) for one in shape.limits)


def _limit(shape: LimitShape) -> Limit:
    cents = None if shape.most is None else int(Decimal(shape.most) * CENTS)
    return Limit(shape.kind, shape.role, shape.team, cents, shape.currency)


def reviews(shape: CareShape) -> tuple[Review, ...]:
    """Return whose replies are read before they leave."""
    return tuple(Review(**msgspec.structs.asdict(one)) for one in shape.reviews)


def shifts(shape: CareShape, calendars: Mapping[str, Calendar]) -> tuple[Shift, ...]:
    """Return the shifts, each with the hours of the calendar it names."""
    return tuple(
        Shift(one.id, one.team, calendars[one.calendar], tuple(one.agents)) for one in shape.shifts
    )


def routing(shape: RoutingShape) -> Routing:
    """Return how cases find people."""
    return Routing(
        offer_seconds=seconds(shape.offer),
        away_seconds=seconds(shape.away),
        handling_seconds=seconds(shape.handling),
        handling_by_label=tuple(
            (label, seconds(length)) for label, length in sorted(shape.handling_by_label.items())
        ),
        nobody_seconds=seconds(shape.nobody),
        weights=Weights(**msgspec.structs.asdict(shape.weights)),
        needs=tuple(Need(**msgspec.structs.asdict(one)) for one in shape.needs),
    )
