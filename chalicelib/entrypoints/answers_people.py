"""Answers about people: who works, where, and how much they carry."""

from datetime import datetime

from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Agent, Presence, Role
from chalicelib.entrypoints.access import LEADS
from chalicelib.entrypoints.answers import Answer


class AgentAnswer(Answer):
    """Somebody who answers customers. `load` and `capacity` are in hundredths of a case.

    `presence_at` is since when they declare that. `phone` is empty unless one asks for oneself or
    is a lead.
    """

    id: str
    name: str
    email: str
    teams: tuple[str, ...]
    role: Role
    presence: Presence
    presence_at: datetime | None
    capacity: int
    load: int
    last_assigned_at: datetime | None
    rev: int
    skills: tuple[str, ...]
    trainee: bool
    phone: str
    zone: str
    quiet: str


def agent(found: Agent, actor: Actor) -> AgentAnswer:
    """Return what the API shows of an agent to whoever asks."""
    private = actor.id == found.id or actor.role in LEADS
    return AgentAnswer(
        id=found.id,
        name=found.name,
        email=found.email,
        teams=found.teams,
        role=found.role,
        presence=found.presence,
        presence_at=found.presence_at,
        capacity=found.capacity,
        load=found.load,
        last_assigned_at=found.last_assigned_at,
        rev=found.rev,
        skills=found.skills,
        trainee=found.trainee,
        phone=found.phone if private else "",
        zone=found.zone,
        quiet=found.quiet,
    )
