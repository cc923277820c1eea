"""The API's people: who am I, presence, agents, and a contact's timeline."""

from dataclasses import replace
from typing import Any
from zoneinfo import available_timezones

from chalicelib.domain.agent import Agent
from chalicelib.domain.channel import Channel
from chalicelib.entrypoints import answers
from chalicelib.entrypoints.access import ADMINS, EVERYONE, LEADS
from chalicelib.entrypoints.answers import Answer, ConversationAnswer
from chalicelib.entrypoints.answers_people import AgentAnswer, agent
from chalicelib.entrypoints.bodies import PageQuery
from chalicelib.entrypoints.bodies_people import AgentBody, PresenceBody
from chalicelib.entrypoints.refusals import RequestError
from chalicelib.entrypoints.routes import Asked, route
from chalicelib.workflows import read
from chalicelib.workflows.errors import NotFoundError
from chalicelib.workflows.ports import StaleError


class AgentsAnswer(Answer):
    """Who works."""

    agents: tuple[AgentAnswer, ...]


class IdentityAnswer(Answer):
    """One account of a contact, and why it is linked to the contact."""

    channel: Channel
    ref: str
    username: str
    evidence: str


class ContactAnswer(Answer):
    """A contact with identities and a page of conversations across channels, newest first."""

    id: str
    name: str
    identities: tuple[IdentityAnswer, ...]
    conversations: tuple[ConversationAnswer, ...]
    cursor: str


@route("GET", "/api/me", roles=EVERYONE, answer=AgentAnswer)
def get_me(asked: Asked) -> AgentAnswer:
    """Say who is signed in.

    The role comes from the token; somebody without an agent's row has no teams.
    """
    found = asked.parts.agents.get(asked.actor.id) or Agent(asked.actor.id, capacity=0)
    return agent(replace(found, role=asked.actor.role), asked.actor)


@route("PUT", "/api/me/presence", roles=EVERYONE, body=PresenceBody, answer=AgentAnswer)
def put_presence(asked: Asked) -> AgentAnswer:
    """Declare to be present, away or offline. Becoming present drains the team's queue."""
    from chalicelib.workflows.presence import declare

    if asked.parts.agents.get(asked.actor.id) is None:
        raise NotFoundError("You are not set up as an agent yet. An admin does that.")
    return agent(declare(asked.parts, asked.actor, asked.body.presence), asked.actor)


@route("GET", "/api/agents", roles=LEADS, answer=AgentsAnswer)
def list_agents(asked: Asked) -> AgentsAnswer:
    """List the agents: leads see those who share a team with them, admins everybody."""
    rows = [
        row
        for row in asked.parts.agents.all()
        if any(asked.actor.sees(team) for team in row.teams) or _admin(asked)
    ]
    return AgentsAnswer(agents=tuple(agent(row, asked.actor) for row in rows))


@route("PUT", "/api/agents/{agent_id}", roles=ADMINS, body=AgentBody, answer=AgentAnswer)
def put_agent(asked: Asked, agent_id: str) -> AgentAnswer:
    """Create an agent or change what is known of one.

    Presence and load stay as they are, and so does what the body leaves null.
    """
    body: AgentBody = asked.body
    found = asked.parts.agents.get(agent_id) or Agent(agent_id)
    wanted = replace(
        found,
        name=body.name,
        email=body.email,
        teams=tuple(dict.fromkeys(body.teams)),
        role=body.role,
        capacity=body.capacity,
        rev=body.rev,
        **_told(body),
    )
    try:
        return agent(asked.parts.agents.save(wanted), asked.actor)
    except StaleError:
        raise RequestError(
            409, "stale", "The agent has changed since you read it. Read it again."
        ) from None


@route("GET", "/api/contacts/{contact_id}", roles=EVERYONE, query=PageQuery, answer=ContactAnswer)
def get_contact(asked: Asked, contact_id: str) -> ContactAnswer:
    """Read a contact: identities, and the conversations that this person may see, newest first."""
    found, identities, page = read.contact(
        asked.parts, asked.actor, contact_id, asked.query.limit, asked.query.cursor
    )
    return ContactAnswer(
        id=found.id,
        name=found.name,
        identities=tuple(
            IdentityAnswer(
                channel=one.channel, ref=one.ref, username=one.username, evidence=one.evidence
            )
            for one in identities
        ),
        conversations=tuple(answers.conversation(asked.parts, row) for row in page.rows),
        cursor=page.cursor,
    )


def _told(body: AgentBody) -> dict[str, Any]:
    """Return what is told of skills, pages and training. Raises RequestError for no such zone."""
    if body.zone is not None and body.zone not in available_timezones():
        raise RequestError(400, "bad_zone", "The zone is a name such as Europe/Berlin.")
    if body.quiet and body.quiet[:5] == body.quiet[6:]:
        raise RequestError(400, "bad_quiet", "Quiet hours end at another time than they begin.")
    told = {
        "skills": body.skills and tuple(dict.fromkeys(body.skills)),
        "trainee": body.trainee,
        "phone": body.phone,
        "zone": body.zone,
        "quiet": body.quiet,
    }
    return {name: value for name, value in told.items() if value is not None}


def _admin(asked: Asked) -> bool:
    return asked.actor.role in ADMINS
