"""What the tests with hostile input and wrong callers share."""

from collections.abc import Iterator

import pytest

from tests.fakes.house import House, open_house


@pytest.fixture
def house() -> Iterator[House]:
    """Return a small company whose doors are open."""
    with open_house() as opened:
        yield opened
