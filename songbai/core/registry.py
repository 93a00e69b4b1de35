"""What rooms add to the house: registered by name while the program starts, then closed.

A room's files of these names are found by themselves, in the order of the rooms; whatever is
missing or comes twice stops the start and names the file to mend.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_registries: list[Registry[Any]] = []


class Registry(Generic[T]):
    """Things of one sort by name, in the order they came.

    ``missing`` is asked when the registry closes: sentences that say what is undeclared, and where.
    """

    def __init__(self, sort: str, missing: Callable[[], list[str]] = list) -> None:
        self._sort, self._missing = sort, missing
        self._things: dict[str, T] = {}
        self._files: dict[str, str] = {}
        self.closed = False
        _registries.append(self)

    def add(self, name: str, thing: T) -> T:
        """Keep a thing; called by the registering function that a room's file calls.

        Raises RuntimeError when the name is taken, or the program has started.
        """
        file = sys._getframe(2).f_globals["__name__"]
        if name in self._things:
            raise RuntimeError(f"{file}: {self._sort} {name!r} stands in {self._files[name]} too")
        if self.closed:
            raise RuntimeError(f"{file}: {self._sort} {name!r} comes after the start")
        self._things[name], self._files[name] = thing, file
        return thing

    def file_of(self, name: str) -> str:
        """The module that registered it."""
        return self._files[name]

    def close(self) -> list[str]:
        """From now on nothing can be added; returns what is missing."""
        self.closed = True
        return self._missing()

    def __getitem__(self, name: str) -> T:
        return self._things[name]

    def __contains__(self, name: object) -> bool:
        return name in self._things

    def __iter__(self) -> Iterator[T]:
        return iter(self._things.values())

    def get(self, name: str) -> T | None:
        """The thing of this name, or None."""
        return self._things.get(name)

    @contextmanager
    def reopened(self) -> Iterator[None]:
        """For tests: what is added inside is gone afterwards."""
        before = dict(self._things), dict(self._files), self.closed
        self.closed = False
        try:
            yield
        finally:
            self._things, self._files, self.closed = before

    def names(self) -> list[str]:
        """All names, in the order they came."""
        return list(self._things)


def close_all() -> None:
    """Close every registry.

    Raises RuntimeError for whatever a room left undeclared.
    """
    if missing := [line for registry in _registries for line in registry.close()]:
        raise RuntimeError("\n".join(missing))


@contextmanager
def reopened() -> Iterator[None]:
    """For tests: a room more for the length of a block."""
    with ExitStack() as stack:
        for registry in _registries:
            stack.enter_context(registry.reopened())
        yield
