"""What is under way about a person, and what becomes of it when her life turns.

A death, a stay in hospital or prison ends or holds what is under way in every room; when it turns
out wrong, or the person is back, what was stopped is put back or goes on somebody's list. Each room
declares its part in ``turns.py``; a table whose rows end or are held with a death and that no room
declares stops the start. Signs of life, what says that somebody lives, are declared there too:
after a death they are for a person to look at.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import models

from songbai.core.accounts.rules import Actor
from songbai.core.following import following
from songbai.core.registry import Registry
from songbai.core.worded import Worded
from songbai.domain.elders.models import Elder, Followed


class Cause(Worded):
    """Why something stops."""

    DIED = "died", "老人离世"
    HOSPITAL = "hospital", "老人住院"
    PRISON = "prison", "老人不在家"
    MOVED = "moved", "老人搬到外区"
    LEFT = "left", "老人离开了本市"


@dataclass(frozen=True)
class Life:
    """How a person's life stands: her record, all records read as it, and what stops things.

    ``districts`` (6 digits) are where any of her records is; ``moved``: what is looked at is filed
    in another one, which she has left. ``left``: since when the hukou, or where she lives, is in
    another city.
    """

    elder: Elder
    records: tuple[int, ...]
    died_on: date | None = None
    away: Cause | None = None
    districts: frozenset[str] = frozenset()
    moved: bool = False
    left: Mapping[str, date] = field(default_factory=dict)

    def of(self, row: models.Model) -> "Life":
        """How it stands for one row that is under way."""
        filed = str(getattr(row, "region_id", ""))[:6]
        return replace(self, moved=bool(self.districts) and filed not in self.districts)

    @property
    def cause(self) -> Cause | None:
        """Why things stop; None while life goes on."""
        if self.died_on:
            return Cause.DIED
        return Cause.MOVED if self.moved and self.away is not Cause.LEFT else self.away

    @property
    def words(self) -> str:
        """The cause as people are told."""
        return self.cause.words if self.cause else ""


@dataclass(frozen=True)
class Parting:
    """Two records were read as one, ``kept``, for a time by ``merge``, and are two people again."""

    merge: int
    kept: Elder
    back: Elder
    since: datetime
    until: datetime


#: Sees to what was begun for the one person while two records were read as one: it goes to the one
#: whose it is, or on somebody's list.
Part = Callable[[Actor, Parting], None]
#: Stops one row that is under way; what it says people are told ("订单 … 取消，钱已退回").
Stop = Callable[[Actor, Life, Any], str]
#: Puts back what was stopped; False when somebody must see to it.
Again = Callable[[Actor, Life, Followed], bool]


#: Looks at rows (their numbers) that came along with a merge beside what the survivor has already:
#: those that somebody must see to, with the words for it.
Met = Callable[[Elder, Collection[int]], Iterable[tuple[int, str]]]
#: How a life stands for one row that is under way.
Stands = Callable[[Life, Any], Life]


#: Sees to one that stays ended because the survivor of a merge has such a one already; what
#: somebody must see to of it, in words, if anything.
Doubled = Callable[[Actor, Elder, Any], str]


def for_somebody(actor: Actor, life: Life, followed: Followed) -> bool:  # noqa: ARG001
    """What cannot go back by itself."""
    return False


@dataclass(frozen=True)
class UnderWay:
    """One kind of thing under way: ``rows`` of some records, which of them a life ``stops``;
    ``back``: how it stands once it was put back, as people are told.
    """

    code: str
    label: str
    model: type[models.Model]
    causes: frozenset[Cause]
    rows: Callable[[Collection[int]], models.QuerySet[Any]]
    stop: Stop
    again: Again
    applies: Callable[[Life, Any], bool]
    part: Part
    doubled: Doubled
    met: Met
    stands: Stands
    back: str

    def stops(self, life: Life, row: Any) -> bool:
        """Whether a life as it stands lets this row not go on."""
        return life.cause in self.causes and self.applies(life, row)


def stays_ended(actor: Actor, root: Elder, row: Any) -> str:  # noqa: ARG001
    """Nothing more is to be done about a second one than to end it."""
    return ""


def side_by_side(root: Elder, came: Collection[int]) -> Iterable[tuple[int, str]]:  # noqa: ARG001
    """What came along stands in nothing's way."""
    return ()


def all_go_back(actor: Actor, parting: Parting) -> None:
    """Nothing is begun for the one person that its own record's undo would not give back."""


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
    part: Part = all_go_back,
    doubled: Doubled = stays_ended,
    met: Met = side_by_side,
    stands: Stands = Life.of,
    back: str = "恢复了",
) -> None:
    """Declare something that is under way; stands in a room's ``turns.py``.

    Raises RuntimeError when it is declared twice or too late.
    """
    _under_way.add(
        code,
        UnderWay(
            *(code, label, model, frozenset(causes), rows, stop, again),
            *(applies, part, doubled, met, stands, back),
        ),
    )


def all_under_way() -> list[UnderWay]:
    """Everything that can be under way, in the order of the rooms."""
    return list(_under_way)


@dataclass(frozen=True)
class Sign:
    """Something of a record (its number) that says its person lived on a day; ``subject_id`` is its
    row, ``words`` say what and who: 人社做了生存认证.
    """

    record: int
    subject_id: int
    day: date
    words: str


#: Signs of records (their numbers) after the days on which their people are said to have died.
SignsOf = Callable[[Mapping[int, date]], Iterable[Sign]]
_signs: Registry[SignsOf] = Registry("sign of life")


def sign_of_life(code: str) -> Callable[[SignsOf], SignsOf]:
    """Decorator: a sort of signs. Raises RuntimeError when it comes twice or too late."""

    def register(function: SignsOf) -> SignsOf:
        return _signs.add(code, function)

    return register


def all_signs() -> Iterable[tuple[str, SignsOf]]:
    """Every sort of signs by its code, in the order of the rooms."""
    return [(code, _signs[code]) for code in _signs.names()]
