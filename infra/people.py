"""People: users of the pool, with their role (a group) and their row in the table."""

import secrets
import string
from dataclasses import dataclass, replace

from botocore.exceptions import ClientError

from chalicelib.domain.agent import Agent, Role
from chalicelib.store.agents import Agents
from infra.cloud import Cloud
from infra.publish import table

LENGTH = 20
_CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in. `username` is the agent id.

    `phone` (E.164) is where pages go by SMS; empty leaves the number as it was.
    """

    username: str
    role: Role
    teams: tuple[str, ...] = ()
    name: str = ""
    email: str = ""
    password: str = ""
    phone: str = ""


def add(cloud: Cloud, outputs: dict[str, str], person: Person) -> Person:
    """Create or change user, role and the agent's row; return the person with the password set.

    Adding somebody again sets the role, the teams and the password anew, and keeps the load.
    """
    person = replace(person, password=person.password or password())
    pool = outputs["UserPoolId"]
    email = person.email or f"{person.username}@example.com"
    try:
        cloud.cognito.admin_create_user(
            UserPoolId=pool,
            Username=person.username,
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": email},
                {"Name": "email_verified", "Value": "true"},
            ],
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "UsernameExistsException":
            raise
    cloud.cognito.admin_set_user_password(
        UserPoolId=pool, Username=person.username, Password=person.password, Permanent=True
    )
    for role in Role:
        change = (
            cloud.cognito.admin_add_user_to_group
            if role is person.role
            else cloud.cognito.admin_remove_user_from_group
        )
        change(UserPoolId=pool, Username=person.username, GroupName=role.value)
    _save(cloud, outputs["TableName"], person, email)
    return person


def password() -> str:
    """Return a new password that the pool's policy accepts."""
    rest = [secrets.choice("".join(_CLASSES)) for _ in range(LENGTH - len(_CLASSES))]
    letters = [*(secrets.choice(letters) for letters in _CLASSES), *rest]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)


def _save(cloud: Cloud, table_name: str, person: Person, email: str) -> None:
    agents = Agents(table(cloud, table_name))
    agent = agents.get(person.username) or Agent(person.username)
    name = person.name or person.username.capitalize()
    phone = person.phone or agent.phone
    changed = replace(agent, name=name, email=email, teams=person.teams, role=person.role)
    agents.save(replace(changed, phone=phone))
