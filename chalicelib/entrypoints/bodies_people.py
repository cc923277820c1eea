"""What may be sent about people: presence, and an agent as an admin sets it."""

from typing import Annotated

from msgspec import Meta

from chalicelib.domain.agent import Presence, Role
from chalicelib.entrypoints.bodies import Name, Strict

E164 = r"^(?:\+[1-9][0-9]{6,14})?$(?!\n)"
HOURS = r"^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]-(?:[01][0-9]|2[0-3]):[0-5][0-9])?$(?!\n)"

Skill = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9._-]*$(?!\n)")]


class PresenceBody(Strict):
    """What an agent declares."""

    presence: Presence


class AgentBody(Strict):
    """An agent as an admin sets it.

    `rev` is the one that was read; 0 creates. `capacity` in hundredths of a case. `skills` are what
    cases may ask for, `phone` is where pages go by SMS (E.164), `quiet` the hours without them in
    `zone` (`22:00-07:00`). What is null of the last five stays as it is.
    """

    rev: Annotated[int, Meta(ge=0, le=2**53)]
    name: Annotated[str, Meta(max_length=200)] = ""
    email: Annotated[str, Meta(max_length=320)] = ""
    teams: Annotated[tuple[Name, ...], Meta(max_length=50)] = ()
    role: Role = Role.AGENT
    capacity: Annotated[int, Meta(ge=0, le=100_000)] = 800
    skills: Annotated[tuple[Skill, ...], Meta(max_length=50)] | None = None
    trainee: bool | None = None
    phone: Annotated[str, Meta(max_length=16, pattern=E164)] | None = None
    zone: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    quiet: Annotated[str, Meta(max_length=11, pattern=HOURS)] | None = None
