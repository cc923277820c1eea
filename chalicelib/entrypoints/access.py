"""Access: who asks, from the token's claims alone, and whether the route lets that role in.

Nobody is let in by default.
"""

import re
from collections.abc import Mapping
from typing import Any

from chalicelib.bootstrap import Parts
from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Role
from chalicelib.entrypoints.observed import noted
from chalicelib.entrypoints.refusals import RequestError

EVERYONE = frozenset(Role)
"""Every role; still nobody without a token."""

LEADS = frozenset({Role.LEAD, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})
ANYBODY: frozenset[Role] = frozenset()
"""No token needed. The one route that says so is the API's own description."""

_SEPARATORS = re.compile(r"[\s,\[\]]+")
_RANK = (Role.ADMIN, Role.LEAD, Role.AGENT)


def actor_of(context: Mapping[str, Any], roles: frozenset[Role], parts: Parts) -> Actor:
    """Return who asks.

    Raises RequestError: 401 without a token, 403 when the role may not use this route.

    `context` is API Gateway's requestContext: its authorizer has verified the token, so its claims
    are facts. Teams come from the agent's own row: no row, no teams.
    """
    claims = _claims(context)
    name = claims.get("cognito:username")
    # An access token is for another purpose; gateways that hand over the claim are held to it.
    of_id = claims.get("token_use", "id") == "id"
    if not of_id or not isinstance(name, str) or not name:
        raise RequestError(
            401, "unauthenticated", "Sign in and send the id token in the Authorization header."
        )
    noted(actor=name)
    role = role_of(claims.get("cognito:groups"))
    if role is None or role not in roles:
        raise RequestError(403, "forbidden", "Your role may not do this.")
    agent = parts.agents.get(name)
    return Actor(name, role, agent.teams if agent else ())


def role_of(groups: object) -> Role | None:
    """Return the highest role among the groups of a token, or None.

    API Gateway hands groups over as text ("agent,lead" or "[agent lead]"); a local gateway may keep
    the list.
    """
    names = (
        groups
        if isinstance(groups, list)
        else _SEPARATORS.split(groups)
        if isinstance(groups, str)
        else []
    )
    return next((role for role in _RANK if role.value in names), None)


def _claims(context: Mapping[str, Any]) -> Mapping[str, Any]:
    authorizer = context.get("authorizer")
    claims = authorizer.get("claims") if isinstance(authorizer, dict) else None
    return claims if isinstance(claims, dict) else {}
