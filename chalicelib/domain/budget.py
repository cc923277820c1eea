"""Budgets: what a handle's platform may charge in a calendar month (UTC), in micro-dollars."""

from datetime import UTC, datetime

from chalicelib.domain.policy import Handle

SETTING = "monthly_budget_usd"
"""The handle's setting with the limit in dollars; without it nothing is limited, all is counted."""

MICROS = 1_000_000
NEARLY = 4, 5
"""From four fifths on people are told."""


def monthly_limit(handle: Handle) -> int | None:
    """Return the limit in millionths of a dollar; None where there is none."""
    said = handle.settings.get(SETTING)
    return round(float(said) * MICROS) if said else None


def month(at: datetime) -> str:
    """Return the calendar month of an instant, as the budgets name it: 2026-11."""
    return f"{at.astimezone(UTC):%Y-%m}"


def nearly_spent(spent: int, limit: int | None) -> bool:
    """Return whether so much of a limit is spent that people should know."""
    part, whole = NEARLY
    return limit is not None and spent * whole > limit * part
