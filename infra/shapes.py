"""What all shapes of care.yaml share: mappings with known keys only, and durations."""

import re

import msgspec

Duration = int | str
"""Seconds, or a number with its unit: 90s, 5m, 1h, 3d."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping with known keys only: a misspelt one is an error, not a setting without effect."""


def seconds(duration: Duration) -> int:
    """Return a duration in seconds.

    Raises ValueError when it is neither a number nor a number with s, m, h or d.
    """
    if isinstance(duration, int):
        return duration
    match = re.fullmatch(r"(\d+)\s*([smhd])", duration.strip())
    if not match:
        raise ValueError(f"{duration!r} is not a duration: write 90s, 5m, 1h or 3d")
    return int(match[1]) * _UNITS[match[2]]
