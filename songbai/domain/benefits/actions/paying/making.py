"""Who gets how much from a cycle: its decisions, with arrears added and instalments withheld."""

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.rules import Actor, system_only
from songbai.core.ledger.actions import post_many
from songbai.core.regions.rules import bounds
from songbai.core.sql import run
from songbai.domain.benefits import money
from songbai.domain.benefits.models import Cycle, CycleStep, Payment
from songbai.domain.benefits.queries.cycles import payable, policy_of
from songbai.domain.benefits.rules.cycle import State
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.paying import PaymentState
from songbai.domain.elders.actions.turning import look_again
from songbai.domain.elders.queries.turns import left_of

#: Everybody with a decision to pay or arrears to get, with what they come to before withholding:
#: once who was decided as two, by the record she is read as where that has a decision.
_DUE = """
CREATE TEMP TABLE due ON COMMIT DROP AS
SELECT coalesce(d.elder_id, a.elder_id) AS elder_id,
  coalesce(d.region_id, a.region_id) AS region_id,
  coalesce(d.amount, 0) AS entitled, coalesce(a.amount, 0) AS arrears, 0::bigint AS withheld,
  EXISTS (SELECT FROM benefits_suspension s
          WHERE s.elder_id = coalesce(d.elder_id, a.elder_id) AND s.policy = %s
            AND s.ended_at IS NULL) AS suspended
FROM (
  SELECT DISTINCT ON (elder_id) coalesce(e.merged_into_id, e.id) AS elder_id, p.region_id, p.amount
  FROM ({payable}) p JOIN elders_elder e ON e.id = p.elder_id
  ORDER BY elder_id, e.merged_into_id NULLS FIRST
) d
FULL JOIN (
  SELECT elder_id, max(region_id) AS region_id, sum(amount)::bigint AS amount
  FROM benefits_arrears
  WHERE payment_id IS NULL AND withdrawn_at IS NULL AND policy = %s AND region_id BETWEEN %s AND %s
    AND month < %s AND found_at <= %s
  GROUP BY elder_id
) a ON a.elder_id = d.elder_id
"""
_SUSPENDED = """
DELETE FROM due WHERE suspended AND entitled = 0;
UPDATE due SET arrears = 0 WHERE suspended;
"""
#: Instalments due, oldest first, while they fit whole into what somebody gets.
_HELD = """
CREATE TEMP TABLE held ON COMMIT DROP AS
SELECT id, recovery_id, elder_id, amount FROM (
  SELECT i.id, i.recovery_id, i.elder_id, i.amount, d.entitled + d.arrears AS most,
    sum(i.amount) OVER (PARTITION BY i.elder_id ORDER BY i.due_month, i.id) AS so_far
  FROM (SELECT i.* FROM benefits_instalment i JOIN benefits_recovery r ON r.id = i.recovery_id
        WHERE i.state = 'due' AND i.due_month <= %s AND r.policy = %s
        ORDER BY r.id FOR UPDATE OF r) i
  JOIN due d ON d.elder_id = i.elder_id AND NOT d.suspended
) fitting WHERE so_far <= most;
"""
_WITHHELD = """
UPDATE due SET withheld = h.amount
FROM (SELECT elder_id, sum(amount)::bigint AS amount FROM held GROUP BY elder_id) h
WHERE h.elder_id = due.elder_id
"""
_WRITE = """
INSERT INTO benefits_payment (cycle_id, elder_id, region_id, policy, month, entitled, arrears,
  withheld, amount, state, retry, made_at)
SELECT %s, elder_id, region_id, %s, %s, entitled, arrears, withheld, entitled + arrears - withheld,
  CASE WHEN suspended THEN 'suspended' WHEN entitled + arrears = withheld THEN 'nothing'
    WHEN EXISTS (SELECT FROM elders_elder e WHERE e.id = due.elder_id
      AND to_char(e.died_on, 'YYYY-MM') < %s) AND NOT %s THEN 'held'
    ELSE 'ready' END, false, %s
FROM due ORDER BY region_id, elder_id
"""
_CARRY = """
UPDATE benefits_arrears a SET payment_id = p.id
FROM benefits_payment p
WHERE p.cycle_id = %s AND p.arrears > 0 AND a.elder_id = p.elder_id AND a.policy = p.policy
  AND a.payment_id IS NULL AND a.withdrawn_at IS NULL AND a.month < p.month AND a.found_at <= %s
  AND a.region_id BETWEEN %s AND %s;
"""
_SETTLE = """
UPDATE benefits_instalment i SET state = 'withheld', payment_id = p.id, settled_at = %s
FROM held h JOIN benefits_payment p ON p.elder_id = h.elder_id AND p.cycle_id = %s
WHERE i.id = h.id
"""
_RECOVERED = """
UPDATE benefits_recovery r SET settled = r.settled + h.amount
FROM (SELECT recovery_id, sum(amount) AS amount FROM held GROUP BY recovery_id) h
WHERE h.recovery_id = r.id
"""


@transaction.atomic
def make_payments(actor: Actor, cycle: Cycle) -> int:
    """Write one payment for everybody a cycle pays, once; returns how many there are now.

    Arrears count when they were found before the list was proposed, so that who approved it saw
    them. Raises NotAllowed.
    """
    system_only(actor)
    held = Cycle.objects.select_for_update().get(pk=cycle.pk)
    if held.state == State.PAYING and not Payment.objects.filter(cycle=held).exists():
        _make(held)
        _post_withheld(actor, held)
        _hold_of_the_gone(held)
        stopped = Payment.objects.filter(cycle=held, state=PaymentState.HELD)
        look_again(stopped.values_list("elder_id", flat=True))
    return Payment.objects.filter(cycle=held).count()


def _hold_of_the_gone(cycle: Cycle) -> None:
    """Nothing goes to who left the city since the list was decided."""
    ready = Payment.objects.filter(cycle=cycle, state=PaymentState.READY)
    left, policy = left_of(ready.values("elder_id")), policy_of(cycle)
    month = Month(cycle.month)
    gone = [elder for elder, since in left.items() if policy.left_by(month, since)]
    ready.filter(elder_id__in=gone).update(state=PaymentState.HELD)


def _make(cycle: Cycle) -> None:
    decided, values = (
        payable(cycle).values("elder_id", "region_id", "amount").query.sql_with_params()
    )
    low, high = bounds(cycle.region_id[:6])
    proposed = CycleStep.objects.filter(cycle=cycle, state=State.PROPOSED).order_by("-at").first()
    until = proposed.at if proposed else clock.now()
    now = clock.now()
    run("DROP TABLE IF EXISTS due, held")
    run(
        _DUE.format(payable=decided),
        [cycle.policy, *values, cycle.policy, low, high, cycle.month, until],
    )
    for statement in _SUSPENDED.strip().split("\n"):
        run(statement)
    run(_HELD, [cycle.month, cycle.policy])
    run(_WITHHELD)
    pays_dead = policy_of(cycle).pays_dead
    run(_WRITE, [cycle.pk, cycle.policy, cycle.month, cycle.month, pays_dead, now])
    run(_CARRY, [cycle.pk, until, low, high])
    run(_SETTLE, [now, cycle.pk])
    run(_RECOVERED)


def _post_withheld(actor: Actor, cycle: Cycle) -> None:
    fund = money.fund(cycle.region_id, cycle.policy, cycle.month)
    memo = f"{clock.month_words(cycle.month)}从发放中扣还"
    post_many(
        actor,
        [
            money.moved("payment", row, "withheld", (fund, money.owed(row.elder_id, row.region_id)),
                        row.withheld, memo)
            for row in Payment.objects.filter(cycle=cycle, withheld__gt=0)
        ],
    )  # fmt: skip
