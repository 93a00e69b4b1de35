"""What rooms plug into the frames of the doors, in a ``plug.py`` of their pages.

A frame shows what is plugged in, in the order of the numbers, and knows no room.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.urls import reverse

from songbai.core.accounts.rules import Actor
from songbai.core.registry import Registry
from songbai.web.places import Place
from songbai.web.templatetags.songbai import fen, thousands

T = TypeVar("T")
#: Headings of the bureau's side bar.
CARE, MONEY, WATCH = "待遇和服务", "资金", "监管"


class Plugs(Registry[T]):
    """Things of one sort, in the order of their numbers."""

    def at(self, order: int) -> Callable[[T], T]:
        """Put a thing there: called with it, or as its decorator.

        Raises RuntimeError for a number that is taken, and after the start of the program.
        """

        def put(thing: T) -> T:
            return self.add(f"{order:04}", thing)

        return put

    def __iter__(self) -> Iterator[T]:
        return iter([self[name] for name in sorted(self.names())])


@dataclass(frozen=True)
class Link:
    """A page to go to: an entry of a menu, a button. ``name`` is that of its address.

    ``under`` is the heading above it, ``count`` the work that waits there. Where a link is about
    somebody, ``shown`` tells for whom it is there; ``query`` holds their number as ``{}``, where
    the address does not.
    """

    name: str
    label: str
    icon: str = ""
    under: str = ""
    count: Callable[[Actor], int] | None = None
    shown: Callable[[Any], bool] = bool
    query: str = ""

    def url(self, *about: int) -> str:
        """The address."""
        return reverse(self.name, args=() if self.query else about) + self.query.format(*about)


#: The doors with a menu, in words.
DOOR_MENUS = {
    "bureau": "民政端", "provider": "服务商后台", "desk": "调度台", "family": "家庭版",
    "caregiver": "护理员手机", "assessor": "评估员手机", "body": "评估机构", "portal": "门户",
}  # fmt: skip
#: Links by place: the menu of a door, or a place on one of its pages.
links: dict[str, Plugs[Link]] = {
    place: Plugs(f"link at {place}")
    for place in (*DOOR_MENUS, "bureau elder", "family elder", "family home")
}


def menu(door: str, here: str, actor: Actor | None = None) -> list[dict[str, Any]]:
    """The menu of a door with its headings; ``here`` is the page shown, without the door's name."""
    rows: list[dict[str, Any]] = []
    heading = ""
    for link in links[door]:
        if link.under != heading:
            heading = link.under
            rows.append({"heading": heading})
        name = link.name.partition(":")[2]
        rows.append(
            {
                "name": name,
                "label": link.label,
                "icon": link.icon,
                "url": link.url(),
                "count": link.count(actor) if link.count and actor else 0,
                "current": name == here,
            }
        )
    return rows


def entry_of(door: str, address: str) -> str:
    """The entry of a door's menu under which a page is, without the door's name."""
    above = [link for link in links[door] if address.startswith(link.url())]
    return max(above, key=lambda link: len(link.url())).name.partition(":")[2]


def page_words(address: str) -> str:
    """What a page is called (``pages``), or the nearest above it; "" where none is."""
    named = pages()
    above = [url for url in named if address.startswith(url)]
    return named[max(above, key=len)] if above else ""


def pages() -> dict[str, str]:
    """The pages in the menus by address, each with its door in front: 调度台 · 订单."""
    return {
        link.url(): f"{words} · {link.label}"
        for door, words in DOOR_MENUS.items()
        for link in links[door]
    }


@dataclass(frozen=True)
class Panel:
    """A part of a page: a template and its values, and which fields of the person it shows."""

    template: str
    values: dict[str, Any]
    fields: tuple[str, ...] = ()


#: Parts of a page about somebody, for a reader; a part without anything to show is None.
panels: dict[str, Plugs[Callable[[Actor, Any], Panel | None]]] = {
    place: Plugs(f"panel at {place}") for place in ("bureau elder", "family home")
}


def panels_at(place: str, actor: Actor, about: object) -> list[Panel]:
    """What stands there about somebody. Raises what the rooms' queries raise."""
    return [panel for make in panels[place] if (panel := make(actor, about))]


def fields_of(shown: Iterable[Panel]) -> list[str]:
    """Which fields of the person these parts show, each once."""
    return list(dict.fromkeys(name for panel in shown for name in panel.fields))


@dataclass(frozen=True)
class Moment:
    """Something of a person's life that no event tells: when, what in words, whose word."""

    at: datetime
    words: str
    who: str


#: What else stands in a person's story, for a reader; the newest need not come first.
moments: Plugs[Callable[[Actor, Any], Iterable[Moment]]] = Plugs("moments of a person")


@dataclass(frozen=True)
class Task:
    """One line of the work list: a state of the vocabulary, what it is, how many, why, where.

    ``told`` lines are in no sum: they go on by themselves, or another line counts them.
    """

    status: tuple[str, str]
    title: str
    count: int
    why: str
    url: str
    told: bool = False


#: What waits in a division (its code prefix) for an officer; lines without work are left out.
tasks: Plugs[Callable[[Actor, str], Iterable[Task]]] = Plugs("task of the day")


@dataclass(frozen=True)
class Spark:
    """A line of at least three computed numbers, oldest first, and what they are."""

    values: list[float]
    words: str

    @property
    def points(self) -> list[tuple[float, float]]:
        """Corners of the line in a box of 90 × 26."""
        low, high = min(self.values), max(self.values)
        step = 84 / (len(self.values) - 1)
        return [
            (round(2 + i * step, 1), round(22 - 18 * (v - low) / (high - low), 1))
            if high > low
            else (round(2 + i * step, 1), 13.0)
            for i, v in enumerate(self.values)
        ]

    @property
    def line(self) -> str:
        """The corners as SVG reads them."""
        return " ".join(f"{x},{y}" for x, y in self.points)

    @property
    def label(self) -> str:
        """Name and numbers, for a screen reader."""
        return f"{self.words}：" + "、".join(f"{value:g}" for value in self.values)


@dataclass(frozen=True)
class Kpi:
    """One card. ``left`` and ``right`` are the context below the number, each with its rows.

    ``history`` are earlier numbers with their words; ``note`` says of when the number is, where it
    is not of now.
    """

    name: str
    value: str
    unit: str
    url: str
    left: str
    left_url: str = ""
    right: str = ""
    right_url: str = ""
    bad: bool = False
    history: tuple[list[float], str] = field(default=([], ""))
    note: str = ""

    @property
    def spark(self) -> Spark | None:
        """The line of its history, from three numbers on."""
        return Spark(*self.history) if len(self.history[0]) > 2 else None


#: The cards of a division in a month, for the overview.
cards: Plugs[Callable[[Actor, Place, str], Kpi]] = Plugs("card of the overview")


@dataclass(frozen=True)
class Column:
    """Numbers of a division's parts, by code; ``query`` are the rows behind, ``money`` is fen."""

    key: str
    head: str
    values: Mapping[str, int]
    page: str
    query: dict[str, str]
    money: bool = False

    def words(self, number: int) -> str:
        """A number of the column as it is read."""
        return fen(number) if self.money else thousands(number)


#: Columns of a division's table in a month.
columns: Plugs[Callable[[Actor, Place, str], list[Column]]] = Plugs("column of a place")

#: For each part of a division: numerator and denominator.
Pairs = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Indicator:
    """A ratio of two computed numbers; ``scale`` 100 makes percent of it."""

    key: str
    name: str
    unit: str
    scale: float
    top: str
    bottom: str
    definition: str
    pairs: Callable[[Actor, Place, str], Pairs]

    def value(self, top: float, bottom: float) -> float | None:
        """The indicator, None without a denominator."""
        return round(self.scale * top / bottom, 1) if bottom else None


indicators: Plugs[Indicator] = Plugs("indicator")
