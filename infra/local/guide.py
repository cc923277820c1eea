"""What to try next: the URLs, a login for each role, and commands that work as they stand."""

from infra.local.day import cast
from infra.local.stack import Stack

SHOWN = (cast.AGENTS[0], cast.LEAD, cast.ADMIN)


def guide(stack: Stack) -> str:
    """Return the text that is printed when the stack stays up."""
    logins = "\n".join(
        f"  {person.role.value:<6} {person.username:<6} {person.password}"
        for person in stack.people
        if person.username in SHOWN
    )
    names = " ".join(f"{name}={value}" for name, value in stack.environment().items())
    return f"""
The stack stays up until Ctrl-C.

API       {stack.api_url}/api
Webhooks  {stack.api_url}/webhooks/meta, and /webhooks/<network>/<handle> for the others
AWS       {stack.endpoint}

Logins (made for this run)
{logins}

Try next, in another terminal:

  export {names}
  API={stack.api_url}

  # who am I: {cast.LEAD} leads the team
  TOKEN={stack.id_token(cast.LEAD)}
  curl -s -H "Authorization: $TOKEN" $API/api/me

  # the open cases, nearest deadline first
  curl -s -H "Authorization: $TOKEN" "$API/api/cases?team={cast.TEAM}&limit=5"

  # the API describes itself
  curl -s $API/api/openapi.json

  # how every connection is and what it has cost; ask one of them anew
  .venv/bin/python -m infra.commands --stage local handles
  .venv/bin/python -m infra.commands --stage local probe acme-telegram

  # nobody is refused
  curl -si $API/api/me | head -1
"""
