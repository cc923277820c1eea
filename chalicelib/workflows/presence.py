"""Presence: an agent declares to be there, away or gone."""

from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Agent, Presence
from chalicelib.workflows.errors import NotFoundError
from chalicelib.workflows.ports import Parts


def declare(parts: Parts, actor: Actor, presence: Presence) -> Agent:
    """Set the agent's presence.

    Becoming present drains the teams' queues, by way of the table's stream.

    Raises NotFoundError when the person is no agent.
    """
    try:
        return parts.agents.set_presence(actor.id, presence, parts.now())
    except LookupError as unknown:
        raise NotFoundError("You are no agent here.", code="no_such_agent") from unknown
