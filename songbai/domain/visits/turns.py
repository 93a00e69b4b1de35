"""Visits say that somebody lives; a death while somebody is in the house is looked at."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date

from django.db.models import QuerySet

from songbai.core import clock
from songbai.core.acting import Actor, publish
from songbai.domain.elders.actions.turning import ask_to_see_to, seen_to_by_itself
from songbai.domain.elders.models import Followed
from songbai.domain.elders.under_way import Life, Sign, sign_of_life, under_way
from songbai.domain.orders.rules import OrderState

from .models import Visit
from .queries import IN_SERVICE


@sign_of_life("visit")
def served(died: Mapping[int, date]) -> Iterator[Sign]:
    """Visits of whose beginning the code at the door tells, after the death."""
    visits = Visit.objects.filter(elder_id__in=list(died), in_scanned=True)
    for visit in visits.select_related("order").order_by("id"):
        day = visit.in_at.astimezone(clock.SHANGHAI).date()
        if day > died[visit.elder_id]:
            words = f"护理员上门，对上了门口的码（订单 {visit.order.number}）"
            yield Sign(visit.elder_id, visit.pk, day, words)


def _in_the_house(records: Collection[int]) -> QuerySet[Visit]:
    rows = Visit.objects.filter(elder_id__in=records, out_at=None)
    return rows.filter(order__state=OrderState.IN_SERVICE).select_related("order", "assignment")


def _ask(actor: Actor, life: Life, visit: Visit) -> str:
    """Somebody is in the house: she looks, and an officer or the desk calls her."""
    number, account = visit.order.number, visit.assignment.account_id
    words = f"登记说{life.words}，订单 {number} 的护理员正在家里，请打电话问情况"
    if ask_to_see_to(life.elder, IN_SERVICE, visit.order_id, words, str(life.cause)):
        publish(
            "visit.look_asked",
            actor,
            subject=("order", visit.order_id),
            region=visit.region_id,
            person_id=visit.elder_id,
            organisation_id=visit.provider_id,
            topics=(f"account:{account}",) if account else (),
            caregiver=visit.assignment.staff_name,
            because=life.words,
        )
    return f"订单 {number} 正在做，请人问情况"


def _nothing(actor: Actor, life: Life, followed: Followed) -> bool:
    """The visit was not stopped; nobody need ask any more."""
    order = Visit.objects.values_list("order_id", flat=True).get(pk=followed.subject_id)
    seen_to_by_itself(actor, life, IN_SERVICE, order, followed.cause)
    return True


under_way(
    Visit,
    "in_house",
    "正在做的上门",
    rows=_in_the_house,
    stop=_ask,
    again=_nothing,
    back="不用问了",
)
