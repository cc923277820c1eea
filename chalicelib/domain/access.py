"""Access: what a signed-in person may see and do.

Comes from the token alone, never from a request's body.
"""

from dataclasses import dataclass

from chalicelib.domain.agent import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: the agent id and role from the token, the teams from the agent's own row."""

    id: str
    role: Role
    teams: tuple[str, ...] = ()

    def sees(self, team: str) -> bool:
        """Return whether this person may see the cases of `team`: its members, and admins."""
        return self.role is Role.ADMIN or team in self.teams
