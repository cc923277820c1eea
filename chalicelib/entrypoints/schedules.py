"""Schedules: what runs by the clock of the wall."""

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib import bootstrap
from chalicelib.entrypoints.observed import noted, observed

schedules_blueprint = Blueprint(__name__)


@schedules_blueprint.schedule(Rate(5, unit=Rate.MINUTES), name="sweep")
@observed
def sweep(event: CloudWatchEvent) -> None:  # noqa: ARG001  (Chalice's signature)
    """Find the cases that no machine looked at in time."""
    from chalicelib.workflows.stuck import sweep as work

    noted(found=work(bootstrap.parts()))
