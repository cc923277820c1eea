"""Agents: who works, for which teams, and how much each can carry at once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a signed-in person may do; each role may do all that the ones before it may."""

    AGENT = "agent"
    LEAD = "lead"
    ADMIN = "admin"


class Presence(StrEnum):
    """What an agent declares, not what a socket guesses."""

    PRESENT = "present"
    AWAY = "away"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who answers customers.

    `load` and `capacity` are in hundredths of a case (100 = one open case). `skills` are words that
    cases may ask for. A `trainee`'s replies may be read before they leave. `phone` is where pages
    go by SMS (E.164); `quiet` are hours of the day in `zone` without them ("22:00-07:00").
    """

    id: str
    name: str = ""
    email: str = ""
    teams: tuple[str, ...] = ()
    role: Role = Role.AGENT
    presence: Presence = Presence.OFFLINE
    presence_at: datetime | None = None
    capacity: int = 800
    load: int = 0
    last_assigned_at: datetime | None = None
    rev: int = 0
    skills: tuple[str, ...] = ()
    trainee: bool = False
    phone: str = ""
    zone: str = "UTC"
    quiet: str = ""

    @property
    def spare(self) -> int:
        """Return how much more this agent can carry, in hundredths of a case (never below zero)."""
        return max(0, self.capacity - self.load)
