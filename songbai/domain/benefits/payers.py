"""How a month's credit and voucher pay: by the rate they were given at, while their month lasts."""

from songbai.core.ledger.registry import Bill, Payer, Terms, takes_back, terms_of
from songbai.core.ledger.rules import AccountSpec

from .actions import lapsing
from .declares import CREDIT, VOUCHER
from .queries import grant_of
from .rules.policy import Channel


@terms_of(CREDIT, VOUCHER)
def rate(payer: Payer, bill: Bill) -> Terms:
    """The rate of the latest grant of the month for where the service is given."""
    grant = grant_of(bill.person_id, bill.month, Channel(payer.code))
    return Terms(getattr(grant, f"{bill.setting}_rate") if grant else 0)


@takes_back(CREDIT, VOUCHER)
def back(payer: Payer, bill: Bill) -> AccountSpec:
    """The elder's account, or the fund's once the month's money has lapsed."""
    return lapsing.takes_back(bill.person_id, bill.region, bill.month, Channel(payer.code))
