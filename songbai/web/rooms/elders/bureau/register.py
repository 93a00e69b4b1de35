"""What the register shows: rows of a list, and what is known of a person and from whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from songbai.core.accounts.queries import names_of
from songbai.core.accounts.rules import Actor
from songbai.core.regions.models import Region
from songbai.core.regions.queries import children
from songbai.core.regions.rules import Level
from songbai.domain.elders.models import Elder, Fact
from songbai.domain.elders.queries.facts import findings, of_person, view_of
from songbai.domain.elders.queries.facts.words import masked_value, open_value
from songbai.domain.elders.queries.withdrawn import speaking_of
from songbai.domain.elders.rules.facts import Finding, Statement
from songbai.domain.elders.rules.kinds import (
    DISTRICT,
    Kind,
    kind_of,
    kinds,
)
from songbai.web.places import Place
from songbai.web.words import village_of, who_did


@dataclass(frozen=True)
class VillageRow:
    """How many elders of a group live in a village, and the list of them."""

    village: Region
    n: int
    url: str

    @property
    def name(self) -> str:
        """巴川街道东方社区."""
        return village_of(self.village.code)

    def circle(self) -> dict[str, Any]:
        """What the map draws."""
        return {
            "type": "Feature",
            "properties": {"name": self.name, "n": self.n, "url": self.url},
            "geometry": {
                "type": "Point",
                "coordinates": [self.village.longitude, self.village.latitude],
            },
        }


def villages_of(place: Place) -> tuple[Region, ...]:
    """The villages of a place; of a village, itself."""
    if place.region.level == Level.VILLAGE:
        return (place.region,)
    return children(place.prefix, Level.VILLAGE)


@dataclass(frozen=True)
class Story:
    """All that is known of a person. ``known``: what stands, its value in words and, where nobody
    said it, from what it follows. ``said``: everything that was said, newest first, its value,
    whether it stands, who entered it, and whether it can be taken back.
    """

    known: list[tuple[Finding, str, str]]
    said: list[tuple[Fact, str, bool, str, bool]]


def story_of(
    actor: Actor, elder: Elder, *, day: date | None = None, known_at: datetime | None = None
) -> Story:
    """What stands for a person on a day from what was known at a moment, and all that was said.

    The caller leaves the trace of reading. Raises NotAllowed.
    """
    facts = of_person(actor, elder)
    if known_at is not None:
        facts = [fact for fact in facts if fact.recorded_at <= known_at]
    found = findings(elder, facts, view_of(day, known_at))
    by_id = {fact.pk: fact for fact in facts}
    order = {code: place for place, code in enumerate(kinds())}
    known = [
        (one, _value(kind_of(code), one.stands, by_id), silence_words(kind_of(code), one.stands))
        for code, one in sorted(found.items(), key=lambda item: order[item[0]])
    ]
    standing = {finding.stands.fact_id for finding in found.values()}
    return Story(known, _said(facts, standing))


def silence_words(kind: Kind, said: Statement) -> str:
    """From what a value follows that nobody said; "" when somebody did."""
    if not said.default:
        return ""
    if kind.closed[said.source] == DISTRICT:
        return "没有收到迁出的变动"
    return "不在该部门的完整名单上"


def _said(facts: list[Fact], standing: set[int]) -> list[tuple[Fact, str, bool, str, bool]]:
    people, speaking = names_of(fact.entered_by for fact in facts), speaking_of(facts)
    return [
        (
            fact,
            "" if fact.withdrawn else masked_value(kind_of(fact.kind), fact),
            fact.pk in standing,
            who_did(people, fact.entered_by) if fact.entered_by else "",
            fact.pk in speaking,
        )
        for fact in facts
    ]


def _value(kind: Kind, said: Statement, facts: dict[int, Fact]) -> str:
    fact = facts.get(said.fact_id)
    return masked_value(kind, fact) if fact else open_value(kind, said.value)


def sides_in_words(
    elder: Elder, code: str, facts: Iterable[Fact]
) -> list[tuple[Statement, str, str]]:
    """The sides of a person's disagreement about one kind, each with its value and how it says so
    where it does by not naming them; empty when it has ended.
    """
    facts = [fact for fact in facts if fact.kind == code]
    finding = findings(elder, facts, view_of()).get(code)
    by_id, kind = {fact.pk: fact for fact in facts}, kind_of(code)
    return [
        (side, _value(kind, side, by_id), silence_words(kind, side))
        for side in (finding.sides if finding else ())
    ]
