"""What each room imports to receive: a webhook's cold start pays for all of it.

Measured in a process of its own. test_imports.py holds the doors; this holds the rooms behind them,
which a door imports when it is called.
"""

import subprocess
import sys
import textwrap

import pytest

from chalicelib.channels.registry import ROOMS

HEAVY = (
    "boto3",
    "chalice",
    "msgspec",
    "botocore",
    "cryptography",
    "nh3",
    "phonenumbers",
    "urllib3",
    "standardwebhooks",
    "pynamodb",
    "aws_lambda_powertools",
    "http.client",
    "ssl",
)
"""What sends, fetches, cleans or checks certificates, and is imported where that is done."""

LATER = (
    "chalicelib.workflows",
    "chalicelib.channels.transport",
    "chalicelib.channels.answers",
    "chalicelib.channels.download",
    "chalicelib.domain.policy",
    "chalicelib.domain.upload",
)
"""Our own modules that reading a delivery does not need."""

PROGRAM = textwrap.dedent(
    """
    import sys
    from chalicelib.channels.registry import room
    room(sys.argv[1])
    print("\\n".join(sorted(sys.modules)))
    """
)


@pytest.fixture(scope="module")
def brought_in():
    """Return what a fresh process holds once it has made a room, asked for once a room."""
    seen = {}

    def of(name):
        if name not in seen:
            done = subprocess.run(
                [sys.executable, "-c", PROGRAM, name],
                capture_output=True,
                text=True,
                check=True,
                timeout=60,
            )
            seen[name] = set(done.stdout.split())
        return seen[name]

    return of


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_that_receives_brings_in_nothing_heavy(brought_in, room):
    assert not brought_in(room) & set(HEAVY)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_that_receives_brings_in_nothing_that_sends_or_polls(brought_in, room):
    found = {one for one in brought_in(room) for held in LATER if one == held}
    assert not found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_brings_in_no_other_room(brought_in, room):
    others = {f"chalicelib.channels.{one}" for one in ROOMS if one != room}
    assert not brought_in(room) & others
