"""What the register knows of that says somebody lives."""

from collections.abc import Iterator, Mapping
from datetime import date

from songbai.core import scope
from songbai.core.acting import SYSTEM
from songbai.domain.elders.models import Fact
from songbai.domain.elders.queries.facts import statement
from songbai.domain.elders.rules.facts import Statement, speaking
from songbai.domain.elders.rules.kinds import kind_of, source_words
from songbai.domain.elders.under_way import Sign, sign_of_life

#: Kinds that only the living have: with what happened, told of their source.
_DONE = {"survival": "做了生存认证", "hospital_stay": "登记住院"}


@sign_of_life("fact")
def said(died: Mapping[int, date]) -> Iterator[Sign]:
    """What departments said happened after the death."""
    facts = scope.visible(Fact, SYSTEM).filter(elder_id__in=list(died), kind__in=_DONE)
    by_record: dict[int, list[Statement]] = {}
    for fact in facts.order_by("id"):
        by_record.setdefault(fact.elder_id, []).append(statement(fact))
    for record, statements in by_record.items():
        for one in speaking(statements):
            day = _day(one)
            if day and day > died[record]:
                words = f"{source_words()[one.source]}{_DONE[one.kind]}"
                yield Sign(record, one.fact_id, day, words)


def _day(one: Statement) -> date | None:
    return one.valid_from if kind_of(one.kind).type != "date" else date.fromisoformat(one.value)
