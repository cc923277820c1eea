"""Every specimen there is: each module `<room>_specimen.py` of this package names its own."""

from importlib import import_module
from pathlib import Path

from tests.contract.channels.specimen import Specimen

MODULES = sorted(path.stem for path in Path(__file__).parent.glob("*_specimen.py"))


def _all() -> list[Specimen]:
    found = (import_module(f"tests.contract.channels.{module}") for module in MODULES)
    return [specimen for module in found for specimen in module.SPECIMENS]


SPECIMENS = _all()
