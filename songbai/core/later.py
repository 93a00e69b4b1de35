"""Heavy libraries are loaded when they are first used: a process that needs none starts sooner.

``import ibis`` then names a stand-in, which becomes the library at the first attribute. A file
that names such a library in its annotations says ``from __future__ import annotations``.
"""

import importlib
import sys
from threading import Lock
from types import ModuleType
from typing import Any

_first = Lock()


class _Later(ModuleType):
    """Stands for a library until somebody asks it for something."""

    def __getattr__(self, name: str) -> Any:
        with _first:
            if sys.modules.get(self.__name__) is self:
                del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def later(*names: str) -> None:
    """Load these top-level libraries when first used, from now on."""
    for name in names:
        sys.modules.setdefault(name, _Later(name))
