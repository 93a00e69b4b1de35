"""Reading credits and vouchers."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import QuerySet

from songbai.core import clock, scope
from songbai.core.acting import Actor, require
from songbai.core.ledger.queries import balance, entries
from songbai.core.ledger.registry import Bill, payer_of
from songbai.core.ledger.rules import AccountSpec
from songbai.domain.benefits.declares import BENEFIT_READ, FUNDS
from songbai.domain.benefits.models import CreditGrant
from songbai.domain.benefits.rules import Policy, credit_decision, spending_policy
from songbai.domain.benefits.rules.policy import Channel
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import person_of_records


def spending_account(elder_id: int, region: str, month: str, channel: Channel) -> AccountSpec:
    """The ledger account of an elder's credit or voucher of a month; it cannot be overdrawn."""
    return payer_of(channel).account_of(Bill(elder_id, region, month))


def fund_account(region: str, month: str, channel: Channel = Channel.CREDIT) -> AccountSpec:
    """The public fund that pays a district's credits or vouchers of a month."""
    return _fund(region[:6], month, channel)


@lru_cache(maxsize=256)
def _fund(district: str, month: str, channel: Channel) -> AccountSpec:
    name = f"{FUNDS[channel].words}，{clock.month_words(month)}"
    whole = district.ljust(12, "0")
    return AccountSpec(f"fund:{district}:{channel}:{month}", name, whole, floor=None)


def grant_of(
    elder: Elder | int, month: str, channel: Channel = Channel.CREDIT
) -> CreditGrant | None:
    """The latest grant of a month, which says why and at what rates it pays."""
    return CreditGrant.objects.filter(elder=elder, month=month, channel=channel).last()


def grants_of_person(actor: Actor, elder: Elder) -> QuerySet[CreditGrant]:
    """All credits and vouchers of a person under all her records, newest first.

    Raises NotAllowed.
    """
    require(actor, BENEFIT_READ)
    mine = CreditGrant.objects.filter(elder__in=person_of_records([elder.pk]))
    return scope.cut(mine, actor).order_by("-id")


@dataclass(frozen=True)
class MonthCredit:
    """An elder's home-service credit of a month: fen given and left, and on what ground.

    ``policy`` is None where no credit holds; ``group`` is its group that covers the elder, "" when
    none does. ``lapsed`` is
    what went back to the fund unspent, when the month ended or before, at ``lapsed_at``.
    """

    month: str
    policy: Policy | None
    granted: int
    left: int
    group: str
    lapsed: int = 0
    lapsed_at: datetime | None = None

    @property
    def used(self) -> int:
        """Fen spent or held."""
        return self.granted - self.left - self.lapsed


def month_credit(elder: Elder, month: str) -> MonthCredit:
    """What an elder has of a month's credit, and why; nothing for a month in which none was given.

    Raises ValueError for anything that is not a month.
    """
    grant = grant_of(elder, month)
    if grant is None:
        try:
            decision = credit_decision(
                elder.birth_date,
                elder.hardship,
                elder.living,
                elder.region_id,
                month,
                elder.died_on,
            )
        except LookupError:
            return MonthCredit(month, None, 0, 0, "")
        return MonthCredit(month, decision.policy, 0, 0, decision.group)
    policy = spending_policy(Channel.CREDIT, month, grant.region_id)  # also after a move
    account = spending_account(elder.pk, elder.region_id, month, Channel.CREDIT).code
    gone = entries([account]) if grant.lapsed_at else ()
    left, lapsed = balance(account), sum(row.amount for row in gone if row.kind == "lapse")
    lapsed += grant.ended
    return MonthCredit(month, policy, grant.amount, left, grant.group_name, lapsed, grant.lapsed_at)


@dataclass(frozen=True)
class MonthVoucher:
    """What an elder may use of vouchers in a month, and what is left: fen.

    ``rate`` is what they pay at home, in hundredths of a percent.
    """

    month: str
    policy: Policy
    most: int
    left: int
    rate: int

    @property
    def share(self) -> str:
        """The rate as people read it."""
        return f"{self.rate / 100:g}%"


def month_voucher(elder: Elder, month: str) -> MonthVoucher | None:
    """The voucher of a month, None when none was given."""
    grant = grant_of(elder, month, Channel.VOUCHER)
    if grant is None:
        return None
    left = balance(spending_account(elder.pk, elder.region_id, month, Channel.VOUCHER).code)
    return MonthVoucher(
        month,
        spending_policy(Channel.VOUCHER, month, grant.region_id),
        grant.amount,
        left,
        grant.home_rate,
    )
