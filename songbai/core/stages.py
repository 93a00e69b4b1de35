"""The stages of the demo city's story: each room tells its part with its own actions.

A stage stands in a room's ``demo.py``. The files are read when a demo city is built, not at the
start of the program, and in the order of the rooms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.module_loading import autodiscover_modules

from .registry import Registry

#: Tells one part of the story; what it is given is the demo's affair.
Tell = Callable[[Any], None]


@dataclass(frozen=True)
class Stage:
    """One part of the story; ``words`` stand beside the progress bar."""

    name: str
    words: str
    tell: Tell


_stages: Registry[Stage] = Registry("demo stage")


def stage(name: str, *, words: str) -> Callable[[Tell], Tell]:
    """Decorator for what a room adds to the demo city's story.

    Raises RuntimeError for a name that is taken.
    """

    def register(tell: Tell) -> Tell:
        _stages.add(name, Stage(name, words, tell))
        return tell

    return register


def stages() -> list[Stage]:
    """All stages in the order of the rooms."""
    autodiscover_modules("demo")
    return list(_stages)
