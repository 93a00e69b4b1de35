"""How people and places read in every door."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from songbai.core.events.models import Event
from songbai.core.events.registry import said
from songbai.core.regions.queries import path
from songbai.core.texts import mask_name

#: Name of an account and whether its holder is somebody at work.
Person = tuple[str, bool]


def village_of(code: str) -> str:
    """安居 · 白云村, from the cached tree; a district by its name."""
    found = path(code)
    return " · ".join(region.short for region in found[1:] or found)


def who_did(people: Mapping[int, Person], account_id: int | None) -> str:
    """Somebody at work by name, family masked, the program itself as 系统."""
    if account_id is None:
        return "系统"
    name, at_work = people.get(account_id, ("", False))
    return name if at_work else f"家属 {mask_name(name)}" if name else "账号已停用"


@dataclass(frozen=True)
class Moment:
    """A line of a story: when, what, who did it where that is told; ``state`` is done, now, todo or
    bad.
    """

    at: datetime | None
    words: str
    who: str = ""
    state: str = "done"


def moments(events: Iterable[Event], people: Mapping[int, Person] | None = None) -> list[Moment]:
    """Events in words, oldest first, and who did each if ``people`` are given."""
    return [
        Moment(
            event.at,
            said(event.kind, event.payload),
            who_did(people, event.actor_id) if people is not None else "",
        )
        for event in events
    ]
