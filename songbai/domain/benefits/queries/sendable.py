"""Whether a payment may be sent to the bank now, and what holds it back.

One condition for the files, and for every list and page that says what goes into them.
"""

from collections.abc import Iterable

from django.db.models import Q
from django.db.models.expressions import RawSQL

from songbai.core import sql
from songbai.core.worded import Worded
from songbai.domain.benefits.models import Payment
from songbai.domain.benefits.rules.paying import PaymentState

from .cycles import texts_paying_dead


class Hold(Worded):
    """Why a payment may not be sent now."""

    DEATH = "death", "登记已去世，去世以后的月份不发"
    TURN = "turn", "登记去世或离开本市，核实后再发"
    SUSPENDED = "suspended", "这项待遇正在暂停，恢复以后再发"
    CLAIM = "claim", "这个月多发的钱还在追缴，不能再发"
    ACCOUNT = "account", "账号也登记在另一位老人名下，两位工作人员核对过才发"


#: Payments p of cycles y with their records r and the account f that stands.
SOURCE = """
FROM benefits_payment p
JOIN benefits_cycle y ON y.id = p.cycle_id
JOIN elders_elder r ON r.id = p.elder_id
LEFT JOIN elders_currentfact c ON c.elder_id = p.elder_id AND c.kind = 'bank_card'
LEFT JOIN elders_fact f ON f.id = c.fact_id
"""
#: The code of a ``Hold`` or NULL; asks for the texts that pay the dead. What an officer let go
#: after a death is ready and told to be sent. Two officers took another's account knowingly by a
#: correction that says so, or by the month's list, for the account that stood then.
_WHY = """
CASE
  WHEN to_char(coalesce(r.died_on, (
      SELECT e.died_on FROM elders_elder e WHERE e.id = r.merged_into_id)), 'YYYY-MM') < p.month
    AND NOT (p.state = 'ready' AND p.retry) AND y.policy_text_id <> ALL (%s::text[]) THEN 'death'
  WHEN p.state = 'held' THEN 'turn'
  WHEN (p.policy, coalesce(r.merged_into_id, r.id)) IN (
    SELECT s.policy, coalesce(e.merged_into_id, e.id)
    FROM benefits_suspension s JOIN elders_elder e ON e.id = s.elder_id
    WHERE s.ended_at IS NULL) THEN 'suspended'
  WHEN EXISTS (
    SELECT FROM benefits_recovery o
    WHERE o.elder_id = p.elder_id AND o.policy = p.policy AND o.month = p.month
      AND o.owed > o.settled + o.waived + o.released) THEN 'claim'
  WHEN NOT (f.source = 'decision' AND f.source_id = 'shared')
    AND elders_anothers_account(p.elder_id, f.value_index, false)
    AND NOT EXISTS (
      SELECT FROM benefits_cycleexception x
      WHERE x.cycle_id = p.cycle_id AND x.elder_id = p.elder_id AND x.kind = 'double_account'
        AND x.state = 'released' AND x.found_at >= f.recorded_at) THEN 'account'
END
"""
#: Payments never sent, and failed ones with another account than those that failed (or told to
#: try again), which nothing holds back.
SENDABLE = f"""
f.id IS NOT NULL AND (p.state = 'ready' OR p.state = 'failed' AND (p.retry OR NOT EXISTS (
  SELECT FROM benefits_paymentline l
  WHERE l.payment_id = p.id AND l.account_index = f.value_index))) AND ({_WHY}) IS NULL
"""


def sendable() -> Q:
    """Payments that the next file takes along."""
    return _such(f"SELECT p.id {SOURCE} WHERE {SENDABLE}")


def held_back() -> Q:
    """Payments that no file takes along until somebody decides: they are not only without an
    account, and not failed.
    """
    ready = f"SELECT p.id {SOURCE} WHERE p.state = 'ready' AND ({_WHY}) IS NOT NULL"
    return Q(state=PaymentState.HELD) | _such(ready)


def held_for(hold: Hold) -> Q:
    """Payments, not with the bank, that are held back for this reason."""
    open_ = "p.state IN ('ready', 'failed', 'held')"
    return _such(f"SELECT p.id {SOURCE} WHERE {open_} AND ({_WHY}) = '{hold.value}'")


def _such(query: str) -> Q:
    return Q(pk__in=RawSQL(query, [texts_paying_dead()]))  # noqa: S611  # texts of this file


def held_why(payments: Iterable[Payment]) -> dict[int, Hold]:
    """What holds payments back that are not with the bank; the caller read them in scope."""
    open_ = {PaymentState.READY, PaymentState.FAILED, PaymentState.HELD}
    found = [one.pk for one in payments if one.state in open_]
    rows = sql.rows(
        f"SELECT p.id, {_WHY} {SOURCE} WHERE p.id = ANY (%s)", [texts_paying_dead(), found]
    )
    return {pk: Hold(why) for pk, why in rows if why}
