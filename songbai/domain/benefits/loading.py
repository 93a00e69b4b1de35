"""Months of credit by volume: the grants and transfers the actions write."""

from collections.abc import Iterable
from datetime import datetime

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.ledger.loading import Books
from songbai.core.loading import fresh

from .actions.credit import given, values_of
from .actions.lapsing import given_back
from .models import CreditGrant
from .queries import spending_account
from .rules import Policy
from .rules.policy import Channel

#: Who gets what on which ground: number and division of the elder, group, fen.
Entitled = tuple[int, str, str, int]


def give(
    books: Books, at: datetime, policy: Policy, month: str, people: Iterable[Entitled]
) -> list[CreditGrant]:
    """A month's credit of many people."""
    made = []
    for elder, region, group, amount in people:
        values = values_of(region, policy, month, group, amount) | {"granted_at": at}
        grant = fresh(CreditGrant)(elder_id=elder, policy=policy.code, month=month, **values)
        made.append(books.load.add(grant))
    books.post(SYSTEM, at, (given(grant, policy) for grant in made))
    return made


def lapse(books: Books, grants: Iterable[CreditGrant]) -> None:
    """What is left of months that are over goes back to the fund at their end."""
    now = clock.now()
    for grant in grants:
        at = grant.lapses_at
        if at is None or at > now:
            continue
        channel = Channel(grant.channel)
        account = spending_account(grant.elder_id, grant.region_id, grant.month, channel)
        left = books.left[account.code]
        if left > 0:
            books.post(SYSTEM, at, [given_back(grant, left)])
        grant.lapsed_at = at
