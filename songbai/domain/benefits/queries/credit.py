"""Reading credits and vouchers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from songbai.core import clock
from songbai.core.ledger.queries import balance, balances, entries
from songbai.core.ledger.rules import AccountSpec
from songbai.domain.benefits.models import CreditGrant
from songbai.domain.benefits.rules import Policy, home_service, home_service_decision
from songbai.domain.benefits.rules.credit import Setting, voucher_policy
from songbai.domain.benefits.rules.policy import Channel
from songbai.domain.elders.models import Elder

_SPENT_WORDS = {Channel.CREDIT: "居家服务额度", Channel.VOUCHER: "消费补贴电子券"}
_FUND_WORDS = {Channel.CREDIT: "政府购买居家服务资金", Channel.VOUCHER: "养老服务消费补贴资金"}


def spending_account(elder_id: int, region: str, month: str, channel: Channel) -> AccountSpec:
    """The ledger account of an elder's credit or voucher of a month; it cannot be overdrawn."""
    return AccountSpec(
        code=f"elder:{elder_id}:{channel}:{month}",
        name=f"{_SPENT_WORDS[channel]} {month}",
        region=region,
        person_id=elder_id,
    )


def credit_account(elder_id: int, region: str, month: str) -> AccountSpec:
    """The ledger account of an elder's credit of a month."""
    return spending_account(elder_id, region, month, Channel.CREDIT)


def fund_account(region: str, month: str, channel: Channel = Channel.CREDIT) -> AccountSpec:
    """The public fund that pays a district's credits or vouchers of a month."""
    return AccountSpec(
        code=f"fund:{region[:6]}:{channel}:{month}",
        name=f"{_FUND_WORDS[channel]} {month}",
        region=region[:6].ljust(12, "0"),
        floor=None,
    )


def credit_left(elder: Elder, month: str) -> int:
    """Fen of monthly credit not yet spent or held."""
    return balance(credit_account(elder.pk, elder.region_id, month).code)


@dataclass(frozen=True)
class Purse:
    """What of an elder's month orders may spend: fen of credit and of vouchers.

    ``rate`` is the share of what is left to pay that vouchers take, in hundredths of a percent.
    """

    credit: int = 0
    voucher: int = 0
    rate: int = 0


def purse(elder: Elder, month: str, setting: Setting = Setting.HOME) -> Purse:
    """What is left of an elder's credit and voucher of a month, for services in a setting."""
    codes = {
        channel: spending_account(elder.pk, elder.region_id, month, channel).code
        for channel in (Channel.CREDIT, Channel.VOUCHER)
    }
    left = balances(list(codes.values()))
    voucher = left.get(codes[Channel.VOUCHER], 0)
    rate = 0
    if voucher:
        given = CreditGrant.objects.filter(elder=elder, month=month, channel=Channel.VOUCHER)
        grant = given.order_by("-id").first()
        rate = getattr(grant, f"{setting}_rate") if grant else 0
    return Purse(left.get(codes[Channel.CREDIT], 0), voucher if rate else 0, rate)


def grant_of(elder: Elder, month: str, channel: Channel = Channel.CREDIT) -> CreditGrant | None:
    """The grant of a month, which says why."""
    return CreditGrant.objects.filter(elder=elder, month=month, channel=channel).first()


@dataclass(frozen=True)
class MonthCredit:
    """An elder's home-service credit of a month: fen given and left, and on what ground.

    ``group`` is the group of the policy that covers the elder, "" when none does. ``lapsed`` is
    what went back to the fund unspent, at ``lapsed_at``.
    """

    month: str
    policy: Policy
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
    try:
        decision = home_service_decision(
            elder.birth_date, elder.hardship, elder.living, elder.region_id, month, elder.died_on
        )
    except LookupError:
        return MonthCredit(month, home_service(clock.month_of(clock.today())), 0, 0, "")
    grant = grant_of(elder, month)
    if grant is None:
        return MonthCredit(month, decision.policy, 0, 0, decision.group)
    left, lapsed = credit_left(elder, month), _lapsed(elder, month) if grant.lapsed_at else 0
    return MonthCredit(
        month, decision.policy, grant.amount, left, grant.group_name, lapsed, grant.lapsed_at
    )


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
        month, voucher_policy(month, grant.region_id), grant.amount, left, grant.home_rate
    )


def _lapsed(elder: Elder, month: str) -> int:
    account = credit_account(elder.pk, elder.region_id, month)
    return sum(row.amount for row in entries([account.code]) if row.kind == "lapse")
