"""Cycles whose money orders spend: everybody's credit or voucher of the month, in blocks."""

import json
from collections.abc import Mapping, Sequence

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.ledger.actions import Posting, post_many
from songbai.core.ledger.registry import money_came
from songbai.core.ledger.rules import WHOLE, transfer_id
from songbai.core.sql import run
from songbai.domain.benefits.lake.engine import frozen
from songbai.domain.benefits.models import Cycle
from songbai.domain.benefits.population import labels
from songbai.domain.benefits.queries import fund_account, spending_account
from songbai.domain.benefits.queries.cycles import policy_of, to_give
from songbai.domain.benefits.rules.credit import ends_at, too_late
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.policy import Channel, Policy

BLOCK = 5_000
_GRANT = """
INSERT INTO benefits_creditgrant (elder_id, region_id, policy, month, group_name, amount, channel,
  home_rate, institution_rate, granted_at, lapses_at)
SELECT r.elder, r.region, %s, %s, r.label, r.fen, %s, %s, %s, %s, %s
FROM json_to_recordset(%s) AS r(elder bigint, region text, label text, fen bigint)
ON CONFLICT DO NOTHING
"""


def give(actor: Actor, cycle: Cycle) -> int:
    """Give a cycle's credits or vouchers; a killed run is gone on with. Returns the new ones.

    What would lapse at once is not given.
    """
    policy, last, new = policy_of(cycle), 0, 0
    # Whoever has it already keeps it: leaving them out here would compare everybody with everybody.
    waiting = to_give(cycle).filter(amount__gt=0).order_by("elder_id")
    if not waiting.exists() or too_late(policy, cycle.month, clock.now()):
        return 0
    with frozen(cycle.snapshot) as people:
        group = labels(people, policy, Month(cycle.month))
    left = waiting.values_list("elder_id", "region_id", "amount")
    while block := list(left.filter(elder_id__gt=last)[:BLOCK]):
        rows = [(elder, region, fen or 0) for elder, region, fen in block]
        new += _block(actor, cycle, policy, rows, group)
        money_came(actor, [elder for elder, _, _ in rows], cycle.month)
        last = rows[-1][0]
    return new


@transaction.atomic
def _block(
    actor: Actor,
    cycle: Cycle,
    policy: Policy,
    rows: Sequence[tuple[int, str, int]],
    group: Mapping[int, str],
) -> int:
    """Give to people (number, division, fen).

    What another run gives at the same time keeps its amount: the transfer is named by person and
    month.
    """
    month = cycle.month
    told = [
        {"elder": elder, "region": region, "label": group.get(elder, "")[:40], "fen": fen}
        for elder, region, fen in rows
    ]
    values = [policy.pay, *rates_of(policy), clock.now(), ends_at(policy, month)]
    run(_GRANT, [cycle.policy, month, *values, json.dumps(told)])
    postings = [given(policy, elder, region, month, fen) for elder, region, fen in rows]
    return post_many(actor, postings)


def given(policy: Policy, elder: int, region: str, month: str, amount: int) -> Posting:
    """The money of a grant, from the fund to its account."""
    return Posting(
        id=transfer_id(policy.pay, policy.code, elder, month),
        debit=fund_account(region, month, policy.pay),
        credit=spending_account(elder, region, month, policy.pay),
        amount=amount,
        kind=policy.pay,
        month=month,
        subject=("elder", elder),
        memo=f"{policy.name}，{clock.month_words(month)}",
        region=region,
        person_id=elder,
    )


def rates_of(policy: Policy) -> tuple[int, int]:
    """What a policy's money pays at home and in an institution, hundredths of a percent."""
    if policy.pay is Channel.CREDIT:
        return WHOLE, 0
    shares = {p.percent_of.key: p.rows[0].amount for p in policy.amounts if p.percent_of}
    return shares.get("home_spend", 0), shares.get("institution_spend", 0)
