"""Prices: AWS list prices by the unit, and what an amount of work costs.

us-east-1, on demand, without the free amounts and without tax. An account's own prices differ by
region and contract: change the numbers here and run `make bench` again.
"""

from dataclasses import dataclass, fields

READ_ON = "2026-11-21"
SOURCE = "AWS price pages and Price List for us-east-1 (lambda, apigateway, dynamodb, sqs, states)"

MILLION = 1_000_000
PRICES = {
    "api_requests": 3.50 / MILLION,  # REST API
    "invocations": 0.20 / MILLION,
    "gb_seconds": 13.33 / MILLION,  # arm64
    "write_units": 0.625 / MILLION,
    "read_units": 0.125 / MILLION,
    "queue_requests": 0.50 / MILLION,  # FIFO
    "transitions": 25.00 / MILLION,
    "log_bytes": 0.50 / 1_000_000_000,
}
"""Dollars a unit, by the field of `Work`."""

STORED_GB_MONTH = 0.25 + 0.20
"""Dollars: DynamoDB's storage, and the same again for point-in-time recovery."""


@dataclass(frozen=True, slots=True)
class Work:
    """What something asks of AWS, in the units that are paid for."""

    api_requests: float = 0
    invocations: float = 0
    gb_seconds: float = 0
    write_units: float = 0
    read_units: float = 0
    queue_requests: float = 0
    transitions: float = 0
    log_bytes: float = 0


def dollars(work: Work) -> dict[str, float]:
    """Return what the work costs, by kind of unit."""
    return {one.name: getattr(work, one.name) * PRICES[one.name] for one in fields(Work)}


def total(work: Work) -> float:
    """Return what the work costs in all, in dollars."""
    return sum(dollars(work).values())
