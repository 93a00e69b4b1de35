"""What was said about a person and taken back, and what became of what had followed from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from songbai.core import scope
from songbai.core.accounts.queries import require
from songbai.core.accounts.rules import Actor
from songbai.core.errors import NotFound
from songbai.domain.elders.declares import ELDER_READ, SEE_TO
from songbai.domain.elders.models import Elder, Fact, Followed, FollowedState
from songbai.domain.elders.queries.facts import findings, statement, view_of
from songbai.domain.elders.queries.facts.words import masked_value, open_value
from songbai.domain.elders.queries.turns import followed_of
from songbai.domain.elders.rules.facts import speaking
from songbai.domain.elders.rules.kinds import (
    DEATH,
    HUKOU,
    REGISTER,
    RESIDENCE,
    Kind,
    kind_of,
    source_words,
)
from songbai.domain.elders.under_way import Cause, all_under_way

#: What a kind of fact stops in the rooms.
_STOPS = {
    "death": (Cause.DIED,),
    "hospital_stay": (Cause.HOSPITAL,),
    "exclusion": (Cause.PRISON,),
    HUKOU: (Cause.LEFT,),
    RESIDENCE: (Cause.LEFT, Cause.MOVED),
}


@dataclass(frozen=True)
class Withdrawal:
    """One statement that was taken back: the row that says so and the last one it takes back.

    ``followed``: what had been stopped because of it, with what became of that.
    """

    gone: Fact
    said: Fact
    followed: tuple[Followed, ...]

    @property
    def kind(self) -> Kind:
        """What was said."""
        return kind_of(self.gone.kind)

    @property
    def source(self) -> str:
        """Who had said it, in words."""
        return source_words()[self.gone.source]

    @property
    def at(self) -> datetime:
        """When it was taken back, as far as the register knows."""
        return self.gone.recorded_at

    @property
    def by_source(self) -> bool:
        """Whether its source took it back itself, and not two officers."""
        return self.gone.entered_by is None

    @property
    def put_back(self) -> list[Followed]:
        """What stands again."""
        return [row for row in self.followed if row.state != FollowedState.TO_DO]

    @property
    def to_do(self) -> list[Followed]:
        """What somebody sees to."""
        return [row for row in self.followed if row.state == FollowedState.TO_DO]


def withdrawals(actor: Actor, elder: Elder) -> list[Withdrawal]:
    """Everything said about a person that was taken back and not said again, the newest first.

    The caller leaves the trace of reading. Raises NotAllowed.
    """
    require(actor, ELDER_READ)
    taken = set(
        Fact.objects.filter(elder=elder, withdrawn=True).values_list("kind", "source", "source_id")
    )
    kinds = {kind for kind, _, _ in taken}
    rows = Fact.objects.filter(elder=elder, kind__in=kinds).order_by(
        "kind", "source", "source_id", "observed_at", "withdrawn", "-digest"
    )
    by_row: dict[tuple[str, str, str], list[Fact]] = {}
    for row in rows if taken else ():
        by_row.setdefault((row.kind, row.source, row.source_id), []).append(row)
    stopped = _ended(actor, elder) if taken else []
    found = []
    for said in by_row.values():
        earlier = next((row for row in reversed(said) if not row.withdrawn), None)
        if said[-1].withdrawn and earlier is not None:
            since = min(row.recorded_at for row in said if not row.withdrawn)
            followed = tuple(
                row
                for row in stopped
                if row.cause in _STOPS.get(said[-1].kind, ())
                and since <= row.at <= said[-1].recorded_at
            )
            found.append(Withdrawal(said[-1], earlier, followed))
    return sorted(found, key=lambda one: (one.at, one.gone.pk), reverse=True)


def _ended(actor: Actor, elder: Elder) -> list[Followed]:
    """What had been stopped and is not any more."""
    things = [thing.code for thing in all_under_way()]
    rows = followed_of(actor, elder).filter(what__in=things)
    return list(rows.exclude(state=FollowedState.STOPPED))


def after(elder: Elder, fact: Fact) -> str:
    """What stands once a statement is taken back, and who says it, in words."""
    kind = kind_of(fact.kind)
    others = Fact.objects.filter(elder=elder, kind=fact.kind).exclude(
        source=fact.source, source_id=fact.source_id
    )
    by_id = {one.pk: one for one in others}
    found = findings(elder, by_id.values(), view_of()).get(kind.code)
    if found is None:
        return "没有去世登记，按在世算" if kind.code == DEATH else f"没有别的{kind.name}登记"
    said = found.stands
    if said.default:
        return f"{open_value(kind, said.value)}（不在{source_words()[said.source]}的完整名单上）"
    return f"{masked_value(kind, by_id[said.fact_id])}（{source_words()[said.source]}说的）"


def withdrawal(actor: Actor, elder: Elder, fact_id: int) -> Withdrawal:
    """One of them, by the number of the row that takes it back. Raises NotFound, NotAllowed."""
    for one in withdrawals(actor, elder):
        if one.gone.pk == fact_id:
            return one
    raise NotFound


def can_be_withdrawn(fact: Fact) -> bool:
    """Whether a statement says something of its own: it was not replaced, taken back, or assumed
    when the person was entered.
    """
    row = Fact.objects.filter(
        elder_id=fact.elder_id, kind=fact.kind, source=fact.source, source_id=fact.source_id
    )
    return fact.pk in speaking_of(row)


def speaking_of(facts: Iterable[Fact]) -> set[int]:
    """Which of these statements of one person can be taken back."""
    return {one.fact_id for one in speaking(map(statement, facts)) if one.source != REGISTER}


def to_see_to(actor: Actor) -> QuerySet[Followed]:
    """What could not go back by itself, the oldest first: the work list. Raises NotAllowed."""
    require(actor, SEE_TO)
    rows = scope.visible(Followed, actor).filter(state=FollowedState.TO_DO)
    return rows.select_related("elder").order_by("id")
