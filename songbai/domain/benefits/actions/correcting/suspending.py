"""Not paying somebody for a time, and paying again: with the reason and the dates."""

from datetime import date
from typing import Any

from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, on, publish, require
from songbai.core.errors import Refused
from songbai.core.found import found_in, refusing
from songbai.core.reasons import reason_in
from songbai.domain.benefits.declares import BENEFIT_CHECK
from songbai.domain.benefits.models import Arrears, Payment, Recovery, Suspension
from songbai.domain.benefits.queries.accounts import RESUMED
from songbai.domain.benefits.rules.paying import PaymentState, SuspensionReason
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import reach_of

NOTE_MISSING = "请写明情况，至少 4 个字，本人和家属会看到。"


class AlreadySuspended(Refused):
    """这项待遇已经在暂停中，不用再办。"""


class NotSuspended(Refused):
    """这项待遇已经恢复了。请刷新看最新状态。"""


class WrongDay(Refused):
    """日期不对：不能是将来，恢复不能早于暂停。"""

    field = "day"


@transaction.atomic
def suspend(
    actor: Actor, elder: Elder, policy: str, reason: SuspensionReason, since: date, note: str
) -> Suspension:
    """Stop paying a benefit from the next list on, until it is resumed.

    Raises NotAllowed, AlreadySuspended, WrongDay, ReasonMissing.
    """
    require(actor, BENEFIT_CHECK, reach_of(elder))
    reason_in(note, NOTE_MISSING, field="note")
    if since > clock.today():
        raise WrongDay
    with refusing(AlreadySuspended, "one_open_suspension"):
        made = Suspension.objects.create(
            elder=elder,
            region_id=elder.region_id,
            policy=policy,
            reason=reason,
            note=note.strip()[:120],
            since=since,
            begun_at=clock.now(),
            begun_by_id=actor.account_id,
            begun_by=actor.name,
        )
    _tell(actor, "benefit.suspended", made)
    return made


@transaction.atomic
def resume(
    actor: Actor, suspension_id: int, until: date, note: str, *, pay_back: bool = True
) -> int:
    """Pay again; what was kept back comes with the next list, unless it was rightly kept back.

    Returns how many months are paid back. Raises NotFound, NotAllowed, NotSuspended, WrongDay,
    ReasonMissing.
    """
    found = found_in(
        Suspension.objects.select_for_update().select_related("elder").filter(pk=suspension_id)
    )
    require(actor, BENEFIT_CHECK, reach_of(found.elder))
    if found.ended_at is not None:
        raise NotSuspended
    if until < found.since or until > clock.today():
        raise WrongDay
    reason_in(note, NOTE_MISSING, field="note")
    Suspension.objects.filter(pk=found.pk).update(
        until=until,
        ended_at=clock.now(),
        ended_by_id=actor.account_id,
        ended_by=actor.name,
        end_note=note.strip()[:120],
    )
    rows = _kept_back(found) if pay_back else []
    Arrears.objects.bulk_create(rows)
    _tell(actor, "benefit.resumed", found, months=len(rows))
    return len(rows)


def _kept_back(suspension: Suspension) -> list[Arrears]:
    this = {"elder_id": suspension.elder_id, "policy": suspension.policy}
    kept = Payment.objects.filter(
        **this, state=PaymentState.SUSPENDED, entitled__gt=0, made_at__gte=suspension.begun_at
    )
    now, rows = clock.now(), []
    for payment in kept.order_by("month"):
        month = {**this, "month": payment.month}
        earlier = Arrears.objects.filter(**month).values_list("number", flat=True)
        recovered = Recovery.objects.filter(**month).values_list("number", flat=True)
        rows.append(
            Arrears(
                elder_id=suspension.elder_id,
                region_id=suspension.region_id,
                policy=suspension.policy,
                month=payment.month,
                number=max([*earlier, *recovered], default=0) + 1,
                amount=payment.entitled,
                cause=RESUMED,
                cycle_id=payment.cycle_id,
                known_at=now,
                found_at=now,
            )
        )
    return rows


def _tell(actor: Actor, kind: str, suspension: Suspension, **payload: Any) -> None:
    publish(
        kind,
        actor,
        **on("suspension", suspension),
        policy=suspension.policy,
        reason=suspension.reason,
        **payload,
    )
