"""Reading credits."""

from __future__ import annotations

from dataclasses import dataclass

from songbai.core import clock
from songbai.core.ledger.queries import balance
from songbai.core.ledger.rules import AccountSpec
from songbai.domain.benefits.models import CreditGrant
from songbai.domain.benefits.rules import Policy, home_service, home_service_decision
from songbai.domain.elders.models import Elder


def credit_account(elder_id: int, region: str, month: str) -> AccountSpec:
    """The ledger account of an elder's credit of a month; it cannot be overdrawn."""
    return AccountSpec(
        code=f"elder:{elder_id}:credit:{month}",
        name=f"居家服务额度 {month}",
        region=region,
        person_id=elder_id,
    )


def fund_account(region: str, month: str) -> AccountSpec:
    """The public fund that pays a district's credits of a month."""
    return AccountSpec(
        code=f"fund:{region[:6]}:credit:{month}",
        name=f"政府购买居家服务资金 {month}",
        region=region[:6].ljust(12, "0"),
        floor=None,
    )


def credit_left(elder: Elder, month: str) -> int:
    """Fen of monthly credit not yet spent or held."""
    return balance(credit_account(elder.pk, elder.region_id, month).code)


def grant_of(elder: Elder, month: str) -> CreditGrant | None:
    """The grant of a month, which says why."""
    return CreditGrant.objects.filter(elder=elder, month=month).first()


@dataclass(frozen=True)
class MonthCredit:
    """An elder's home-service credit of a month: fen given and left, and on what ground.

    ``group`` is the group of the policy that covers the elder, "" when none does.
    """

    month: str
    policy: Policy
    granted: int
    left: int
    group: str

    @property
    def used(self) -> int:
        """Fen spent or held."""
        return self.granted - self.left


def month_credit(elder: Elder, month: str) -> MonthCredit:
    """What an elder has of a month's credit, and why; nothing for a month in which none was given.

    Raises ValueError for anything that is not a month.
    """
    try:
        decision = home_service_decision(
            elder.birth_date, elder.hardship, elder.living, elder.region_id, month, elder.died_on
        )
    except LookupError:
        return MonthCredit(month, home_service(clock.month_of(clock.today())), 0, 0, "")
    grant = grant_of(elder, month)
    if grant is not None:
        left = credit_left(elder, month)
        return MonthCredit(month, decision.policy, grant.amount, left, grant.group_name)
    return MonthCredit(month, decision.policy, 0, 0, decision.group)
