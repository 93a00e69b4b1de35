"""The cards of a place, and what rooms need to make theirs: history, words for a month."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.web.places import Place
from songbai.web.plugs import Kpi, cards

from .shell import kept

T = TypeVar("T")
#: History may be ten minutes old: only its last week still grows.
HISTORY_SECONDS = 600
#: The numbers of a month may be a minute old; the page says when they were computed.
FIGURE_SECONDS = 60
WEEKS = 8


@dataclass(frozen=True)
class Cards:
    """The cards, and when they were computed."""

    kpis: list[Kpi]
    read_at: datetime


def cards_of(actor: Actor, place: Place, month: str) -> Cards:
    """The cards of a division for a month, at most a minute old. Raises NotAllowed."""

    def compute() -> Cards:
        return Cards([card(actor, place, month) for card in cards], clock.now())

    return kept(actor, f"cards:{place.prefix}:{month}", FIGURE_SECONDS, compute)


def mondays() -> list[date]:
    """The Mondays of the last eight whole weeks."""
    today = clock.today()
    this = today - timedelta(days=today.weekday())
    return [this - timedelta(weeks=back) for back in range(WEEKS, 0, -1)]


def weekly(actor: Actor, place: Place, read: Callable[[Actor, str, datetime], T]) -> T:
    """What a query says of a division's last weeks, at most ten minutes old.

    Raises what the query raises.
    """
    since = clock.at(mondays()[0], 0)
    name = f"weekly:{read.__module__}:{place.prefix}"
    return kept(actor, name, HISTORY_SECONDS, lambda: read(actor, place.prefix, since))


def by_week(found: Mapping[date, int]) -> list[float]:
    """One number for each of the last weeks, by its Monday; the empty beginning is left out."""
    return from_first([float(found.get(day, 0)) for day in mondays()])


def from_first(values: list[float]) -> list[float]:
    """Without the empty beginning: before the platform began there is no history."""
    first = next((i for i, value in enumerate(values) if value), len(values))
    return values[first:]


def month_name(month: str) -> str:
    """本月, 10 月."""
    return "本月" if month == clock.month_of(clock.today()) else f"{int(month[5:])} 月"
