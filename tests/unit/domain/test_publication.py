"""What is gone back to is the newest version that is not the current one."""

from datetime import UTC, datetime

import pytest

from chalicelib.domain.publication import Publication, before

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("versions", "back"),
    [
        ("a", None),
        ("ba", "a"),
        ("bba", "a"),
        ("aba", "b"),
        ("cba", "b"),
    ],
)
def test_going_back_is_to_the_version_that_was_in_force_before(versions, back):
    found = before([Publication(version, AT) for version in versions])
    assert (found.version if found else None) == back
