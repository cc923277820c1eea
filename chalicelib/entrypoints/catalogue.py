"""Catalogue: the declared routes, one or all. Importing a route's module declares it."""

from collections.abc import Sequence
from importlib import import_module

from chalicelib.entrypoints.paths import PATHS, Path
from chalicelib.entrypoints.routes import ROUTES, Route


def declared(path: Path) -> Route:
    """Return the route that a path stands for. Raises LookupError when nobody declares it."""
    _imported(path.module)
    found = next((route for route in ROUTES if route.name == path.name), None)
    if found is None:
        raise LookupError(f"{path.module} declares no {path.name}")
    return found


def catalogue() -> Sequence[Route]:
    """Return every route there is."""
    for path in PATHS:
        _imported(path.module)
    return ROUTES


def _imported(module: str) -> None:
    import_module(f"{__package__}.{module}")
