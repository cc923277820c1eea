"""Companies: the policy and the people of a history."""

from dataclasses import replace
from datetime import UTC, datetime
from random import Random

from chalicelib.domain import agent as people
from chalicelib.domain.agent import Presence, Role
from chalicelib.domain.alert import Severity
from chalicelib.domain.authority import Review
from chalicelib.domain.case import Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import ClockName
from chalicelib.domain.ladder import Ladder, Medium, Paging, Rung
from chalicelib.domain.policy import Handle, Policy, Survey, Target, Team
from chalicelib.domain.rule import Act, Action, Rule, Trigger
from chalicelib.domain.shift import Shift, Weights
from tests.simulation.calendars import HOURS, calendar
from tests.simulation.history import Agent, Company

NAMES = ("ann", "ben", "cid")
LEADING = ("lou", "mia", "olu")
"""Who leads, manages and is on call: they are paged, and given no cases."""

SECONDS = (15, 60, 300, 900, 3600, 14_400, 86_400)
USUAL = ("assign", "first_response", "next_response", "resolution", "follow_up")
BEGINS = ("2026-11-02T09:00:00", "2026-11-04T15:30:00", "2027-03-26T13:00:00")
SELECTORS = (("channel", "messenger"), ("public", True), ("priority", "high"), ("team", "care"))


def company(rng: Random) -> Company:
    """Return a random company."""
    return Company(
        targets=_targets(rng),
        agents=tuple(
            Agent(name, rng.choice((100, 200, 800)), rng.random() < 0.8, rng.random() < 0.1)
            for name in NAMES[: rng.choice((0, 1, 1, 2, 3))]
        ),
        hours=rng.choice(("", "", "office", "shop", "night")),
        begins=rng.choice(BEGINS),
        warn_percents=rng.choice(((75,), (50, 75, 90), (90,))),
        survey=rng.random() < 0.8,
        survey_public=rng.random() < 0.3,
        follow_delay=rng.choice((60, 600, 3600, 86_400)),
        reopen_window=rng.choice((1800, 7200, 259_200)),
        extras=tuple(name for name in EXTRAS if rng.random() < EXTRAS_SHARE),
    )


def _targets(rng: Random) -> tuple[tuple[str | int, ...], ...]:
    found: list[tuple[str | int, ...]] = []
    for name in ClockName:
        if rng.random() < (0.8 if name.value in USUAL else 0.3):
            found.append((name.value, rng.choice(SECONDS)))
            if rng.random() < 0.2:
                found.append((name.value, rng.choice(SECONDS), *rng.choice(SELECTORS)))
    return tuple(found)


def handles(company: Company) -> tuple[Handle, ...]:
    """Return the company's handles."""
    hours = company.hours
    return (
        Handle("acme-dm", Channel.MESSENGER, "100", "Acme", "care", calendar=hours),
        Handle("acme-page", Channel.FACEBOOK_PAGE, "100", "Acme Page", "care", calendar=hours),
        Handle("acme-shop", Channel.WEBHOOK, "shop", "Acme Shop", "care", calendar=hours),
    )


def policy(company: Company) -> Policy:
    """Return the policy of a company."""
    made = Policy(
        "v1",
        brand="Acme",
        handles=handles(company),
        teams=(Team("care", lead="lou", manager="mia", on_call=("olu",)),),
        targets=tuple(_target(*words) for words in company.targets),
        calendars={name: calendar(hours) for name, hours in HOURS.items()},
        survey=Survey(enabled=company.survey, public=company.survey_public),
        warn_percents=company.warn_percents,
        follow_delay_seconds=company.follow_delay,
        reopen_window_seconds=company.reopen_window,
    )
    made = replace(made, paging=Paging(email_from="care@acme.example"))
    for name in company.extras:
        made = EXTRAS[name](made)
    return made


def _target(clock: str, seconds: int, selector: str = "", value: str | bool = "") -> Target:
    return Target(ClockName(clock), seconds, **({selector: value} if selector else {}))


def staff(company: Company) -> list[people.Agent]:
    """Return the people of a company, as they are saved."""
    working = [
        people.Agent(
            one.name,
            one.name.title(),
            email=f"{one.name}@acme.example",
            teams=("care",),
            presence=Presence.PRESENT if one.present else Presence.OFFLINE,
            capacity=one.capacity,
            skills=one.skills,
            trainee=one.trainee,
        )
        for one in company.agents
    ]
    return working + [
        people.Agent(
            name,
            name.title(),
            email=f"{name}@acme.example",
            role=Role.LEAD,
            phone=f"+1555010{number}",
            quiet="22:00-07:00" if name == "mia" else "",
        )
        for number, name in enumerate(LEADING)
    ]


def begins(company: Company) -> datetime:
    """Return when the history begins."""
    return datetime.fromisoformat(company.begins).replace(tzinfo=UTC)


def _offers(made: Policy) -> Policy:
    return replace(made, routing=replace(made.routing, offer_seconds=60))


def _away(made: Policy) -> Policy:
    return replace(made, routing=replace(made.routing, away_seconds=30))


def _fast(made: Policy) -> Policy:
    """Let pages climb fast, so that a short history sees the last rung."""
    lead, rest = (Medium.SMS, Medium.EMAIL), (Medium.SMS,)
    rungs = (Rung(0, ("assignee", "lead"), lead), Rung(60, ("manager",), rest))
    rungs = (*rungs, Rung(200, ("on_call",), rest, (Severity.BREACH, Severity.CRITICAL)))
    ladder = Ladder("fast", rungs, gather_seconds=5, freeze_seconds=FREEZE_SECONDS)
    teams = tuple(replace(team, ladder="fast") for team in made.teams)
    return replace(made, ladders=(ladder,), teams=teams)


def _weights(made: Policy) -> Policy:
    routing = replace(made.routing, weights=Weights(100, 50, 30, 0))
    return replace(made, routing=routing)


def _shifts(made: Policy) -> Policy:
    shift = Shift("day", "care", calendar(HOURS["office"]))
    return replace(made, shifts=(*made.shifts, shift))


def _rules(made: Policy) -> Policy:
    """Let rules lead to each other: labels, priorities, snoozes, notes, and an end."""
    rules = (
        Rule(
            "urgent",
            (Action(Act.PRIORITY, "high"), Action(Act.LABEL, "late")),
            status=Status.QUEUED,
            after_seconds=60,
        ),
        Rule(
            "nag",
            (Action(Act.NOTE, "Still waiting."),),
            status=Status.ASSIGNED,
            after_seconds=300,
            repeat_seconds=3000,
        ),
        Rule("greet", (Action(Act.LABEL, "new"),), on=Trigger.MESSAGE_RECEIVED),
        Rule("poor", (Action(Act.PRIORITY, "high"),), on=Trigger.SCORE_RECEIVED),
        Rule(
            "silence",
            (Action(Act.CLOSE, "no answer"),),
            status=Status.WAITING_CUSTOMER,
            after_seconds=7200,
        ),
    )
    return replace(made, rules=rules)


def _ping(made: Policy) -> Policy:
    """Let two rules lead to each other for ever, if nothing cuts them."""
    rules = (
        Rule(
            "there",
            (Action(Act.SNOOZE, "60"),),
            on=Trigger.STATUS_CHANGED,
            to_status=Status.ASSIGNED,
        ),
        Rule("back", (Action(Act.NOTE, "Again."),), on=Trigger.STATUS_CHANGED),
    )
    return replace(made, rules=(*made.rules, *rules))


def _reviews(made: Policy) -> Policy:
    return replace(made, reviews=(Review(trainees=True),))


FREEZE_SECONDS = 120
EXTRAS = {
    "offers": _offers,
    "away": _away,
    "fast": _fast,
    "weights": _weights,
    "shifts": _shifts,
    "rules": _rules,
    "ping": _ping,
    "reviews": _reviews,
}
"""Further parts of a policy, each drawn for some companies."""

EXTRAS_SHARE = 0.25
