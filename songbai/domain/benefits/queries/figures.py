"""Counting credits for an overview: sums in the database, always inside the asker's scope."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Left

from songbai.core.acting import Actor, require
from songbai.core.regions.rules import bounds
from songbai.domain.benefits.models import CreditGrant
from songbai.domain.benefits.rules import Policy
from songbai.domain.benefits.rules.facts import yuan
from songbai.domain.benefits.rules.policy import Channel
from songbai.domain.elders.declares import OVERVIEW_READ

#: The fields of ``Granted`` of some grants.
_SUMS = {
    "fen": Sum("amount"),
    "n": Count("id"),
    "back_fen": Sum("ended"),
    "back": Count("id", filter=Q(ended__gt=0)),
}


@dataclass(frozen=True)
class Granted:
    """Credit given: fen and grants (one for each person and policy), and what of it was taken back
    because nobody can spend it any more.
    """

    fen: int = 0
    grants: int = 0
    back_fen: int = 0
    back: int = 0

    @property
    def back_words(self) -> str:
        """其中 2 人 400 元已收回; "" when nothing was."""
        return f"其中 {self.back:,} 人 {yuan(self.back_fen)}已收回" if self.back else ""


def grants_in(actor: Actor, region: str, month: str) -> QuerySet[CreditGrant]:
    """Grants of a month in a division, as far as the actor's scope reaches. Raises NotAllowed."""
    return _within(actor, region).filter(month=month)


def granted_by_month(actor: Actor, region: str, months: list[str]) -> dict[str, Granted]:
    """Credit given in each of these months. Raises NotAllowed."""
    found = _sums(_within(actor, region).filter(month__in=months), "month")
    return {month: found.get(month, Granted()) for month in months}


def granted_by_division(actor: Actor, region: str, month: str, digits: int) -> dict[str, Granted]:
    """Credit of a month by the first ``digits`` of the division code. Raises NotAllowed."""
    return _sums(grants_in(actor, region, month), Left("region_id", digits))


def granted_under(actor: Actor, policy: Policy, month: str, region: str) -> Granted:
    """What a month's cycle of a policy gave in a division. Raises NotAllowed."""
    rows = _within(actor, region, policy.pay).filter(policy=policy.code, month=month)
    return _sums(rows, "policy").get(policy.code, Granted())


def grants_of(actor: Actor, elder_id: int) -> QuerySet[CreditGrant]:
    """An elder's credits, latest month first. Raises NotAllowed."""
    return _within(actor, "").filter(elder_id=elder_id).order_by("-month", "id")


def _sums(rows: QuerySet[CreditGrant], by: str | Left) -> dict[str, Granted]:
    """What some grants come to, by what stands in a column."""
    sums = rows.values_list(by).annotate(**_SUMS).order_by()
    return {part: Granted(*found) for part, *found in sums}


def _within(actor: Actor, region: str, channel: Channel = Channel.CREDIT) -> QuerySet[CreditGrant]:
    require(actor, OVERVIEW_READ)
    low, high = bounds(actor.region or "")
    inner_low, inner_high = bounds(region)
    return CreditGrant.objects.filter(
        region_id__gte=max(low, inner_low),
        region_id__lte=min(high, inner_high),
        channel=channel,
    )
