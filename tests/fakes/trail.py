"""The trail: every place where a call leaves the process, and a way to die at one of them.

Every call of every fake passes `Trail.step` twice, before and after it takes effect, so that a test
can end the process at each of those places in turn without knowing where they are.
"""

from collections.abc import Iterator
from contextlib import contextmanager


class CrashError(BaseException):
    """Raised instead of the process dying.

    A BaseException, so that no `except Exception` survives it.
    """


class OutageError(Exception):
    """Raised by a fake that was told to fail: what a broken service would do."""


class Trail:
    """Every place where a call left the process, in order, and a way to die at one of them."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.crash_at: int | None = None

    def step(self, site: str) -> None:
        """Note the place; raise CrashError when it is the chosen one."""
        number = len(self.steps)
        self.steps.append(site)
        if self.crash_at == number:
            raise CrashError(site)

    @contextmanager
    def around(self, site: str) -> Iterator[None]:
        """Note `site` before and after the block."""
        self.step(f"before {site}")
        yield
        self.step(f"after {site}")


class Fragile:
    """Fails the next `failures` calls with OutageError, before they take effect."""

    def __init__(self, trail: Trail | None = None) -> None:
        self.trail = trail or Trail()
        self.failures = 0

    @contextmanager
    def call(self, site: str) -> Iterator[None]:
        """Guard one call: fail if told to, and mark the trail before and after."""
        if self.failures > 0:
            self.failures -= 1
            raise OutageError(site)
        with self.trail.around(site):
            yield
