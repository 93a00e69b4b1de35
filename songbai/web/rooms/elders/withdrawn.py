"""What was taken back, as people are told: a line on the page and a letter on paper."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string

from songbai.core import clock
from songbai.domain.elders.models import Elder, Followed, FollowedState
from songbai.domain.elders.queries.facts.words import masked_value
from songbai.domain.elders.queries.withdrawn import Withdrawal
from songbai.domain.elders.rules import mask_name
from songbai.domain.elders.under_way import all_under_way
from songbai.web import letters

TITLE = "登记情况更正告知书"


@dataclass(frozen=True)
class Told:
    """One statement that was taken back, in words for whoever may see the record."""

    number: int
    what: str
    source: str
    by: str
    reason: str
    back: list[str]
    to_do: list[str]


def told(one: Withdrawal) -> Told:
    """A withdrawal in words, secrets masked."""
    return Told(
        one.gone.pk,
        f"{one.kind.name}：{masked_value(one.kind, one.said)}",
        one.source,
        one.source if one.by_source else "两位工作人员核对证明后",
        "" if one.by_source else one.gone.reason,
        [_back(row) for row in one.put_back],
        [row.words for row in one.to_do],
    )


def _back(row: Followed) -> str:
    """What had been done and how it stands now, so that nobody takes the one for the other."""
    again = {thing.code: thing.back for thing in all_under_way()}[row.what]
    now = again if row.state == FollowedState.PUT_BACK else row.note
    return f"当时{row.words}，现在{now}"


def letter(elder: Elder, one: Withdrawal) -> HttpResponse:
    """The letter to the person. Raises LetterUnprintable."""
    number = f"G{one.at.astimezone(clock.SHANGHAI):%y%m%d}{one.gone.pk:09d}"
    return letters.answer(letters.pdf(html(elder, one, number)), number, TITLE)


def html(elder: Elder, one: Withdrawal, number: str) -> str:
    """The HTML of the letter; it says nothing that depends on when it is drawn."""
    values: dict[str, Any] = {
        "number": number,
        "title": TITLE,
        "who": mask_name(elder.name),
        "one": told(one),
        "office": letters.office_of(elder.region_id),
        "day": letters.day_of(one.at.astimezone(clock.SHANGHAI).date()),
    }
    return render_to_string("letters/withdrawn.html", values)
