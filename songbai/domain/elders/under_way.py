"""What is under way about a person, and what becomes of it when her life turns.

A death, a stay in hospital or prison ends or holds what is under way in every room; when it turns
out wrong, or the person is back, what was stopped is put back or goes on somebody's list. Each room
declares its part in ``turns.py``; a table whose rows end or are held with a death and that no room
declares stops the start.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models

from songbai.core.accounts.rules import Actor
from songbai.core.following import following
from songbai.core.registry import Registry
from songbai.core.worded import Worded

from .models import Elder, Followed


class Cause(Worded):
    """Why something stops."""

    DIED = "died", "老人离世"
    HOSPITAL = "hospital", "老人住院"
    PRISON = "prison", "老人不在家"


@dataclass(frozen=True)
class Life:
    """How a person's life stands: her record, all records read as it, and what stops things."""

    elder: Elder
    records: tuple[int, ...]
    died_on: date | None = None
    away: Cause | None = None

    @property
    def cause(self) -> Cause | None:
        """Why things stop; None while life goes on."""
        return Cause.DIED if self.died_on else self.away

    @property
    def words(self) -> str:
        """The cause as people are told."""
        return self.cause.words if self.cause else ""


#: Stops one row that is under way; what it says people are told ("订单 … 取消，钱已退回").
Stop = Callable[[Actor, Life, Any], str]
#: Puts back what was stopped; False when somebody must see to it.
Again = Callable[[Actor, Life, Followed], bool]


def for_somebody(actor: Actor, life: Life, followed: Followed) -> bool:  # noqa: ARG001
    """What cannot go back by itself."""
    return False


@dataclass(frozen=True)
class UnderWay:
    """One kind of thing under way: ``rows`` of some records, which of them a life ``stops``."""

    code: str
    label: str
    model: type[models.Model]
    causes: frozenset[Cause]
    rows: Callable[[Collection[int]], models.QuerySet[Any]]
    stop: Stop
    again: Again
    applies: Callable[[Life, Any], bool]

    def stops(self, life: Life, row: Any) -> bool:
        """Whether a life as it stands lets this row not go on."""
        return life.cause in self.causes and self.applies(life, row)


def _missing() -> list[str]:
    known = {one.model for one in _under_way}
    return [
        f"{one.model.__module__.partition('.models')[0]}.turns: under_way({one.model.__name__}, …)"
        f" is missing; its rows are {one.death!r} when the person dies"
        for one in following()
        if one.death != "stays" and one.model not in known
    ]


_under_way: Registry[UnderWay] = Registry("thing under way", _missing)


def under_way(
    model: type[models.Model],
    code: str,
    label: str,
    *,
    rows: Callable[[Collection[int]], models.QuerySet[Any]],
    stop: Stop,
    again: Again = for_somebody,
    causes: Collection[Cause] = (Cause.DIED,),
    applies: Callable[[Life, Any], bool] = lambda _life, _row: True,
) -> None:
    """Declare something that is under way; stands in a room's ``turns.py``.

    Raises RuntimeError when it is declared twice or too late.
    """
    _under_way.add(
        code, UnderWay(code, label, model, frozenset(causes), rows, stop, again, applies)
    )


def all_under_way() -> list[UnderWay]:
    """Everything that can be under way, in the order of the rooms."""
    return list(_under_way)
