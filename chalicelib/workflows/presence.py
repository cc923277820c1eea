"""Presence: an agent declares to be there, away or gone."""

from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Agent, Presence
from chalicelib.workflows.ports import Parts


def declare(parts: Parts, actor: Actor, presence: Presence) -> Agent:
    """Set the agent's presence.

    Becoming present drains the teams' queues, by way of the table's stream.

    Raises NotFoundError's kin from the store when the person is no agent.
    """
    return parts.agents.set_presence(actor.id, presence, parts.now())
