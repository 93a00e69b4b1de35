"""Drafting, changing, agreeing, ordering and ending care plans. Each function is one act."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from songbai.core import clock, scope
from songbai.core.acting import Actor, on, publish, require
from songbai.core.errors import NotFound, Refused
from songbai.core.reasons import reason_in
from songbai.domain.assessments.models import Assessment
from songbai.domain.assessments.queries import get as assessment_of
from songbai.domain.assessments.queries import suggestions_of
from songbai.domain.assessments.rules.needs import Frequency, Suggestion
from songbai.domain.careplans.declares import CAREPLAN_KEEP
from songbai.domain.catalogue.models import ServiceItem
from songbai.domain.catalogue.queries import home_item, home_offers_of
from songbai.domain.elders.declares import FAMILY
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import reach_of, require_proxy
from songbai.domain.orders.actions import NewOrder, place
from songbai.domain.orders.alike import ask_again
from songbai.domain.orders.models import Order

from .models import CarePlan, CarePlanLine
from .queries import Week, lines_of, offers_for, visible, week_of
from .rules import MOST, PER_WORDS, Choice, PlanState, fewest_hands


class NothingSuggested(Refused):
    """这次评估没有需要定期上门的服务。想要什么服务，可以直接下单。"""


class NoResult(Refused):
    """这次评估还没有生效的结果，或已经有了更新的结果，不能用来做服务计划。"""


class DraftChanged(Refused):
    """计划刚刚被改过。请看一眼现在的内容，再同意。"""


class NotDraft(Refused):
    """这份计划已经商定或停用，不能直接改。请点“改计划”，商定后换上新的。"""


class NotAgreed(Refused):
    """这份计划还没有商定，或已经停用。"""


class CostChanged(Refused):
    """价格、额度或要订的次数刚刚变了，还没有下单。请看一眼新的金额，再按一次。"""


@dataclass(frozen=True)
class Wish:
    """What somebody wants of one line: how often, from which offer, or not at all."""

    times: int
    per: str
    offer: int | None
    kept: bool = True


def draft(actor: Actor, assessment_id: int) -> CarePlan:
    """Make the draft that a concluded result suggests; the same result again gives the same plan.

    An older draft of the elder ends. Raises NotFound, NotAllowed, NoResult, NothingSuggested.
    """
    found = assessment_of(actor, assessment_id)
    _ask(actor, found.elder)
    earlier = _first_plan(found)
    if earlier:
        return earlier
    if not found.current or found.elder.died_on:
        raise NoResult
    suggestions = suggestions_of(found)
    if not suggestions:
        raise NothingSuggested
    try:
        with transaction.atomic():
            return _draft(actor, found, suggestions)
    except IntegrityError as error:
        earlier = _first_plan(found)
        if earlier is None:
            raise DraftChanged from error
        return earlier


def _first_plan(found: Assessment) -> CarePlan | None:
    return CarePlan.objects.filter(assessment=found, revises=None).first()


def _draft(actor: Actor, found: Assessment, suggestions: Sequence[Suggestion]) -> CarePlan:
    for older in CarePlan.objects.filter(elder=found.elder, state=PlanState.DRAFT):
        _end(actor, older, "有了新的评估结果")
    plan = _new(found.elder, assessment=found, verified=all(one.verified for one in suggestions))
    # What goes out asks for a destination each time: it is ordered one by one.
    regular = scope.visible(ServiceItem, actor).filter(goes_out=False)
    known = regular.in_bulk([one.service for one in suggestions])
    chosen = _offers(plan, known)
    CarePlanLine.objects.bulk_create(
        CarePlanLine(
            plan=plan,
            elder=plan.elder,
            region_id=plan.region_id,
            item=known[one.service],
            offer_id=chosen.get(one.service),
            times=one.frequency.times,
            per=one.frequency.per,
            suggested_times=one.frequency.times,
            suggested_per=one.frequency.per,
            minutes=known[one.service].minutes,
            because=[why[:80] for why in one.because],
        )
        for one in suggestions
        if one.service in known
    )
    _tell(actor, "careplan.drafted", plan, assessment=found.pk)
    return plan


def _new(elder: Elder, **columns: Any) -> CarePlan:
    now = clock.now()
    plan = CarePlan.objects.create(
        elder=elder, region_id=elder.region_id, drafted_at=now, **columns
    )
    plan.number = f"F{now.astimezone(clock.SHANGHAI):%y%m%d}{plan.pk % 1_000_000:06d}"
    plan.save(update_fields=["number"])
    return plan


def _offers(plan: CarePlan, items: Mapping[str, ServiceItem]) -> dict[str, int]:
    """An offer for each item somebody gives here, from as few providers as can be."""
    order = sorted(items)
    rows = list(home_offers_of(order, plan.region_id))
    choices = {
        n: [Choice(row.provider_id, row.price) for row in rows if row.item_id == code]
        for n, code in enumerate(order)
    }
    hands = fewest_hands(choices)
    return {
        row.item_id: row.pk
        for row in rows
        if hands.get(order.index(row.item_id)) == row.provider_id
    }


@transaction.atomic
def change(actor: Actor, plan_id: int, version: int, wishes: Mapping[int, Wish]) -> CarePlan:
    """Change lines of a draft, by number of the line, as it was shown in ``version``.

    Raises NotFound, NotAllowed, NotDraft, DraftChanged, Refused naming the line's field.
    """
    plan = _open(actor, plan_id, version)
    _write(actor, plan, wishes)
    return plan


def _open(actor: Actor, plan_id: int, version: int) -> CarePlan:
    plan = _lock(actor, plan_id)
    if plan.state != PlanState.DRAFT:
        raise NotDraft
    if plan.version != version:
        raise DraftChanged
    return plan


def _write(actor: Actor, plan: CarePlan, wishes: Mapping[int, Wish]) -> None:
    lines = {line.pk: line for line in lines_of(plan)}
    if set(wishes) - set(lines):
        raise NotFound
    offers = offers_for(plan, [line.item_id for line in lines.values()])
    changed = []
    for pk, wish in wishes.items():
        line = lines[pk]
        if wish == Wish(line.times, line.per, line.offer_id, line.kept):
            continue
        _check(wish.times, wish.per, f"times-{pk}")
        offered = {offer.pk for offer in offers.get(line.item_id, [])}
        if wish.offer and wish.offer not in offered:
            raise Refused("这家服务商现在不做这一项。请换一家。", field=f"offer-{pk}")
        line.times, line.per, line.offer_id, line.kept = dataclasses.astuple(wish)
        changed.append(line)
    if changed:
        CarePlanLine.objects.bulk_update(changed, ["times", "per", "offer_id", "kept"])
        _changed(actor, plan, lines=sorted(line.pk for line in changed))


@transaction.atomic
def add(
    actor: Actor, plan_id: int, version: int, item_code: str, frequency: Frequency
) -> CarePlanLine:
    """Put a service into a draft that the assessment did not suggest.

    Raises NotFound, NotAllowed, NotDraft, DraftChanged, Refused for an item the plan has already,
    and for one that asks for a destination.
    """
    plan = _open(actor, plan_id, version)
    item = home_item(item_code)
    if item.goes_out:
        raise Refused("陪去医院每次要选医院，不放进计划。请直接下单。", field="item")
    _check(frequency.times, frequency.per, "times")
    if CarePlanLine.objects.filter(plan=plan, item=item).exists():
        raise Refused("计划里已经有这一项了。请直接改次数。", field="item")
    cheapest = home_offers_of([item.pk], plan.region_id).first()
    line = CarePlanLine.objects.create(
        plan=plan,
        elder=plan.elder,
        region_id=plan.region_id,
        item=item,
        offer=cheapest,
        times=frequency.times,
        per=frequency.per,
        minutes=item.minutes,
        because=["家属或工作人员加的"],
    )
    _changed(actor, plan, added=item.pk)
    return line


def _check(times: int, per: str, field: str) -> None:
    if per not in MOST or not 1 <= times <= MOST[per]:
        words = PER_WORDS.get(per, "每周")
        raise Refused(f"{words}最少 1 次，最多 {MOST.get(per, 21)} 次。", field=field)


def _changed(actor: Actor, plan: CarePlan, **payload: Any) -> None:
    plan.version += 1
    plan.save(update_fields=["version"])
    _tell(actor, "careplan.changed", plan, version=plan.version, **payload)


@transaction.atomic
def agree(
    actor: Actor, plan_id: int, version: int, wishes: Mapping[int, Wish] | None = None
) -> CarePlan:
    """Agree to a draft as it was shown, with these last changes; the plan in force before ends.

    Raises NotFound, NotAllowed, NotDraft, DraftChanged, Refused when nothing is left in it.
    """
    plan = _lock(actor, plan_id)
    if plan.state == PlanState.AGREED:
        return plan
    plan = _open(actor, plan_id, version)
    _write(actor, plan, wishes or {})
    if not CarePlanLine.objects.filter(plan=plan, kept=True).exists():
        raise Refused("计划里一项服务也没有留。请至少留一项，或停用这份计划。")
    for old in CarePlan.objects.filter(elder=plan.elder, state=PlanState.AGREED):
        _end(actor, old, "换成了新的计划")
    _move(
        plan,
        PlanState.AGREED,
        agreed_at=clock.now(),
        agreed_by_id=actor.account_id,
        agreed_by=actor.name,
    )
    _tell(actor, "careplan.agreed", plan)
    return plan


@transaction.atomic
def revise(actor: Actor, plan_id: int) -> CarePlan:
    """A draft with the lines of an agreed plan, which stays in force until the draft is agreed.

    Raises NotFound, NotAllowed, NotAgreed.
    """
    plan = _lock(actor, plan_id)
    if plan.state != PlanState.AGREED:
        raise NotAgreed
    standing = CarePlan.objects.filter(elder=plan.elder, state=PlanState.DRAFT).first()
    if standing:
        return standing
    again = _new(plan.elder, assessment=plan.assessment, verified=plan.verified, revises=plan)
    rows = lines_of(plan)
    for row in rows:
        row.pk, row.plan = None, again
    CarePlanLine.objects.bulk_create(rows)
    _tell(actor, "careplan.drafted", again, revises=plan.pk)
    return again


@transaction.atomic
def end(actor: Actor, plan_id: int, reason: str) -> CarePlan:
    """Stop a plan; what is ordered already stays ordered.

    Raises NotFound, NotAllowed, NotAgreed, Refused without a reason.
    """
    plan = _lock(actor, plan_id)
    reason_in(reason, "请写明为什么停用。", least=2)
    if plan.state == PlanState.ENDED:
        raise NotAgreed
    _end(actor, plan, reason)
    return plan


def stand_again(actor: Actor, plan_id: int, was: PlanState) -> bool:
    """Let a plan that ended by an error stand as it did; False when another stands meanwhile."""
    plan = CarePlan.objects.select_for_update(of=("self",)).select_related("elder").get(pk=plan_id)
    if plan.state != PlanState.ENDED:
        return False
    if CarePlan.objects.filter(elder=plan.elder, state=was).exists():
        return False
    _move(plan, was, ended_at=None, end_reason="")
    _tell(actor, "careplan.restored", plan)
    return True


def order_week(
    actor: Actor, plan_id: int, expected_own: int | None = None, *, again: bool = False
) -> list[Order]:
    """Order every visit of the seven days from tomorrow that is not ordered yet: all or none.

    ``expected_own`` is what the page said the elder pays (fen); None where it was not shown. The
    same visit is never ordered twice, a cancelled one stays so; what else is ordered alike is asked
    for, unless ``again``. Raises NotFound, NotAllowed, NotAgreed, CostChanged, LikeOrder, and what
    ``orders.actions.place`` raises.
    """
    with transaction.atomic():
        plan = _lock(actor, plan_id)
        if plan.state != PlanState.AGREED:
            raise NotAgreed
        week = week_of(plan)
        if expected_own is not None and expected_own != week.own:
            raise CostChanged
        if not again:
            own = {one.order.idempotency_key if one.order else one.key for one in week.visits}
            ask_again(plan.elder, week.wanted, own)
        orders = _placed(actor, plan, week)
        made = {"orders": [order.pk for order in orders], "first": str(week.first)}
        _tell(actor, "careplan.ordered", plan, **made)
        return orders


def _placed(actor: Actor, plan: CarePlan, week: Week) -> list[Order]:
    return [
        place(
            actor,
            NewOrder(
                key=visit.key,
                elder=plan.elder,
                offer_ids=visit.offers,
                window_start=visit.begin,
                window_end=visit.end,
                note=f"按服务计划 {plan.number}",
                expected_own=visit.own,
                again=True,
            ),
        )
        for visit in week.open
    ]


def _ask(actor: Actor, elder: Elder) -> None:
    require(actor, CAREPLAN_KEEP, reach_of(elder))
    if actor.kind is FAMILY:
        require_proxy(actor, elder, ordering=True)


def _lock(actor: Actor, plan_id: int) -> CarePlan:
    require(actor, CAREPLAN_KEEP)
    if not visible(actor).filter(pk=plan_id).exists():
        raise NotFound
    plan = (
        CarePlan.objects.select_for_update(of=("self",))
        .select_related("elder", "assessment")
        .get(pk=plan_id)
    )
    _ask(actor, plan.elder)
    return plan


def _move(plan: CarePlan, new: PlanState, **columns: Any) -> None:
    changed = CarePlan.objects.filter(pk=plan.pk, state=plan.state).update(state=new, **columns)
    if changed != 1:
        raise DraftChanged
    for name, value in {"state": new, **columns}.items():
        setattr(plan, name, value)


def _end(actor: Actor, plan: CarePlan, reason: str) -> None:
    _move(plan, PlanState.ENDED, ended_at=clock.now(), end_reason=reason.strip()[:120])
    _tell(actor, "careplan.ended", plan, reason=plan.end_reason)


def _tell(actor: Actor, kind: str, plan: CarePlan, **payload: Any) -> None:
    publish(kind, actor, **on("careplan", plan), **payload)
