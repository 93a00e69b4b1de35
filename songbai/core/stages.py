"""The stages of the demo city's story: each room tells its part with its own actions.

A stage stands in a room's ``demo.py``. The files are read when a demo city is built, not at the
start of the program, and in the order of the rooms.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.module_loading import autodiscover_modules

from . import clock
from .accounts.rules import Actor
from .registry import Registry


@dataclass(frozen=True)
class Story:
    """What a stage is given: where it plays, who acts in it, whom it is about.

    ``region`` is the district told about (six digits), ``place`` a village of it (twelve).
    """

    region: str
    place: str
    seed: int
    actors: Mapping[str, Actor]
    """Who logs in, by key."""
    subjects: Mapping[str, int] = field(default_factory=dict)
    """Numbers of the people it is about, by name."""
    today: date = field(default_factory=clock.today)
    """The day on which it is told; acts move the clock, not this."""

    @property
    def inside(self) -> dict[str, str]:
        """The filter of rows of the district."""
        return {"region_id__gte": f"{self.region}000000", "region_id__lte": f"{self.region}999999"}

    def ago(self, days: int, hour: int = 10, minute: int = 0) -> AbstractContextManager[None]:
        """Act as if it were so many days ago, at a time of that day."""
        return clock.moved_to(clock.at(self.today - timedelta(days=days), hour, minute))


#: Tells one part of the story with the room's own actions.
Tell = Callable[[Story], object]


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
