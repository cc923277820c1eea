"""The API of routing: offers, other teams, and who is on shift."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from chalicelib.domain.agent import Presence
from chalicelib.entrypoints import answers, answers_messages
from chalicelib.entrypoints.access import EVERYONE
from chalicelib.entrypoints.answers import Answer
from chalicelib.entrypoints.api_changes import DoneAnswer
from chalicelib.entrypoints.bodies import Change, Name, NoQuery, Reason
from chalicelib.entrypoints.routes import Asked, route
from chalicelib.workflows.change import Ask, Done
from chalicelib.workflows.routing.shifts import Roster

ONE = "/api/conversations/{conversation_id}"


class DeclineBody(Change):
    """Why the offer passes, if one likes to say."""

    reason: Annotated[str, Meta(max_length=500)] = ""


class TeamBody(Change):
    """Which team gets the case, and why."""

    team: Name
    reason: Reason


class OnShiftAnswer(Answer):
    """Somebody who is on shift now. `since`: when they declared their presence."""

    id: str
    name: str
    presence: Presence
    since: datetime | None
    load: int
    capacity: int


class ShiftAnswer(Answer):
    """A shift. `agents` empty: everybody of the team.

    `closes_at` null while open: not within 48 hours. `opens_at` is when it opens next.
    """

    id: str
    agents: tuple[str, ...]
    open: bool
    closes_at: datetime | None
    opens_at: datetime | None


class GapAnswer(Answer):
    """A time ahead at which promises run and no shift is open."""

    begins_at: datetime
    ends_at: datetime


class RosterAnswer(Answer):
    """Who is there for a team. `nobody`: nobody is on shift and present now.

    Without `shifts` its people may work at any time, and there are no gaps.
    """

    team: str
    nobody: bool
    people: tuple[OnShiftAnswer, ...]
    shifts: tuple[ShiftAnswer, ...]
    gaps: tuple[GapAnswer, ...]


class ShiftsAnswer(Answer):
    """Who is there for the teams one sees, with the gaps of the next 48 hours."""

    teams: tuple[RosterAnswer, ...]


@route("POST", ONE + "/accept", roles=EVERYONE, body=Change, answer=DoneAnswer)
def post_accept(asked: Asked, conversation_id: str) -> DoneAnswer:
    """Accept the case that is offered to oneself."""
    from chalicelib.workflows.routing.offers import accept

    return _done(asked, accept(asked.parts, _ask(asked, conversation_id)))


@route("POST", ONE + "/decline", roles=EVERYONE, body=DeclineBody, answer=DoneAnswer)
def post_decline(asked: Asked, conversation_id: str) -> DoneAnswer:
    """Let the case pass that is offered to oneself: it goes to the next."""
    from chalicelib.workflows.routing.offers import decline

    return _done(asked, decline(asked.parts, _ask(asked, conversation_id), asked.body.reason))


@route("POST", ONE + "/team", roles=EVERYONE, body=TeamBody, answer=DoneAnswer)
def post_team(asked: Asked, conversation_id: str) -> DoneAnswer:
    """Give the case to another team."""
    from chalicelib.workflows.routing.transfer import transfer

    ask, body = _ask(asked, conversation_id), asked.body
    return _done(asked, transfer(asked.parts, ask, body.team, body.reason))


@route("GET", "/api/shifts", roles=EVERYONE, query=NoQuery, answer=ShiftsAnswer)
def list_shifts(asked: Asked) -> ShiftsAnswer:
    """Say who is on shift now and next for the teams one sees, and when nobody will be."""
    from chalicelib.workflows.routing.shifts import rosters

    return ShiftsAnswer(teams=tuple(_roster(one) for one in rosters(asked.parts, asked.actor)))


def _roster(found: Roster) -> RosterAnswer:
    return RosterAnswer(
        team=found.team,
        nobody=not found.present,
        people=tuple(
            OnShiftAnswer(
                id=one.id,
                name=one.name,
                presence=one.presence,
                since=one.presence_at,
                load=one.load,
                capacity=one.capacity,
            )
            for one in found.people
        ),
        shifts=tuple(
            ShiftAnswer(
                id=one.shift.id,
                agents=one.shift.agents,
                open=one.open,
                closes_at=one.closes_at,
                opens_at=one.opens_at,
            )
            for one in found.planned
        ),
        gaps=tuple(GapAnswer(begins_at=begins, ends_at=ends) for begins, ends in found.gaps),
    )


def _ask(asked: Asked, conversation_id: str) -> Ask:
    return Ask(asked.actor, conversation_id, asked.body.version, asked.key)


def _done(asked: Asked, done: Done) -> DoneAnswer:
    return DoneAnswer(
        conversation=answers.conversation(asked.parts, done.conversation),
        message=answers_messages.message(done.message) if done.message else None,
        repeated=done.repeated,
    )
