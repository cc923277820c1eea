"""Chance: the system's own, for what nobody may foresee. The workflows never toss a coin."""

import secrets

from chalicelib.domain import invitation


def new_code() -> str:
    """Return a new code for an invitation's link."""
    return invitation.code(secrets.choice)
