"""Pages by room: one file or folder per door, with words, forms, templates and tests beside."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType

from songbai.rooms import GROUND, ROOMS

#: Rooms that have pages, in the order of the house.
WITH_PAGES = [room for room in (*GROUND, *ROOMS) if (Path(__file__).parent / room).is_dir()]


def modules(name: str) -> list[ModuleType]:
    """The module of this name in every room that has one, in order; of a folder with its files."""
    names = [f"{__name__}.{room}.{name}" for room in WITH_PAGES]
    found = [import_module(one) for one in names if find_spec(one)]
    for one in found:
        for part in walk_packages(getattr(one, "__path__", []), f"{one.__name__}."):
            import_module(part.name)
    return found
