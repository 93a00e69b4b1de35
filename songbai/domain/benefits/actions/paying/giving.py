"""Cycles whose money orders spend: everybody's credit or voucher of the month, in blocks."""

from collections.abc import Mapping

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.ledger.actions import Posting, post_many
from songbai.core.ledger.rules import WHOLE, transfer_id
from songbai.domain.benefits.lake.engine import frozen
from songbai.domain.benefits.models import CreditGrant, Cycle, Decision
from songbai.domain.benefits.population import labels
from songbai.domain.benefits.queries import fund_account, spending_account
from songbai.domain.benefits.queries.cycles import not_given, policy_of
from songbai.domain.benefits.rules.credit import SPENT_IN, Setting, month_ends, too_late
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.policy import Channel, Lapse, Policy

BLOCK = 5_000


def give(actor: Actor, cycle: Cycle) -> int:
    """Give a cycle's credits or vouchers; a killed run is gone on with. Returns the new ones.

    What would lapse at once is not given.
    """
    policy, last, given = policy_of(cycle), 0, 0
    waiting = not_given(cycle).order_by("elder_id")
    if not waiting.exists() or too_late(policy, cycle.month, clock.now()):
        return 0
    with frozen(cycle.snapshot) as people:
        group = labels(people, policy, Month(cycle.month))
    while rows := list(waiting.filter(elder_id__gt=last)[:BLOCK]):
        given += _block(actor, cycle, policy, rows, group)
        last = rows[-1].elder_id
    return given


@transaction.atomic
def _block(
    actor: Actor, cycle: Cycle, policy: Policy, rows: list[Decision], group: Mapping[int, str]
) -> int:
    grants = [
        CreditGrant(
            elder_id=row.elder_id,
            region_id=row.region_id,
            policy=cycle.policy,
            channel=policy.pay,
            month=cycle.month,
            group_name=group.get(row.elder_id, "")[:40],
            amount=row.amount or 0,
            home_rate=_rate(policy, Setting.HOME),
            institution_rate=_rate(policy, Setting.INSTITUTION),
            granted_at=clock.now(),
            lapses_at=month_ends(cycle.month) if policy.lapses is Lapse.MONTH_END else None,
        )
        for row in rows
        if row.amount
    ]
    CreditGrant.objects.bulk_create(grants, ignore_conflicts=True)
    # What another run gives at the same time keeps its amount: the transfer is named by person and
    # month.
    return post_many(actor, [_posting(policy, grant) for grant in grants])


def _rate(policy: Policy, setting: Setting) -> int:
    if policy.pay is Channel.CREDIT:
        return WHOLE if setting is Setting.HOME else 0
    for part in policy.amounts:
        if part.percent_of is not None and part.percent_of.key == SPENT_IN[setting]:
            return part.rows[0].amount
    return 0


def _posting(policy: Policy, grant: CreditGrant) -> Posting:
    return Posting(
        id=transfer_id(policy.pay, policy.code, grant.elder_id, grant.month),
        debit=fund_account(grant.region_id, grant.month, policy.pay),
        credit=spending_account(grant.elder_id, grant.region_id, grant.month, policy.pay),
        amount=grant.amount,
        kind=policy.pay,
        month=grant.month,
        subject=("elder", grant.elder_id),
        memo=f"{policy.name} {grant.month}",
        region=grant.region_id,
        person_id=grant.elder_id,
    )
