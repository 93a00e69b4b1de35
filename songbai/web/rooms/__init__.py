"""Pages by room: one file or folder per door, with words, forms, templates and tests beside."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from songbai.rooms import GROUND, ROOMS

#: Rooms that have pages, in the order of the house.
WITH_PAGES = [room for room in (*GROUND, *ROOMS) if (Path(__file__).parent / room).is_dir()]


def modules(name: str) -> list[ModuleType]:
    """The module of this name in every room that has one, in order."""
    names = [f"{__name__}.{room}.{name}" for room in WITH_PAGES]
    return [import_module(found) for found in names if find_spec(found)]
