"""Figures: what was measured, and how it is shown and kept."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WIDTH = 34


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    `against` is what it was compared with in the same run, `how` how it was measured. `value` None:
    it could not be measured here, and `how` says why. `aim` is the most it should be (None: it is
    only reported).
    """

    name: str
    value: float | None
    unit: str
    against: str
    how: str
    aim: float | None = None

    @property
    def met(self) -> bool | None:
        """Return whether the aim was reached; None without an aim or a value."""
        return None if self.aim is None or self.value is None else self.value <= self.aim


def line(figure: Figure) -> str:
    """Return the figure as one line of the table."""
    value = "-" if figure.value is None else f"{figure.value:,.3f}".rstrip("0").rstrip(".")
    aim = "" if figure.aim is None else f"<= {figure.aim:g}"
    verdict = {None: "", True: "reached", False: "MISSED"}[figure.met]
    return (
        f"{figure.name:<{WIDTH}} {value:>10} {figure.unit:<9} {aim:>8} {verdict:<8}"
        f"{figure.against if figure.value is not None else figure.how}"
    )


def write(figures: Sequence[Figure], path: Path) -> None:
    """Write the flat JSON object. Raises ValueError when two figures bear one name."""
    held = {
        one.name: {
            "value": one.value,
            "unit": one.unit,
            "against": one.against,
            "how": one.how,
        }
        for one in figures
    }
    if len(held) != len(figures):
        raise ValueError("two figures bear one name")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(held, indent=2) + "\n", "utf-8")
