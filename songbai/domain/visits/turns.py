"""Visits say that somebody lives."""

from collections.abc import Iterator, Mapping
from datetime import date

from songbai.core import clock
from songbai.domain.elders.under_way import Sign, sign_of_life

from .models import Visit


@sign_of_life("visit")
def served(died: Mapping[int, date]) -> Iterator[Sign]:
    """Visits of whose beginning the code at the door tells, after the death."""
    visits = Visit.objects.filter(elder_id__in=list(died), in_scanned=True)
    for visit in visits.select_related("order").order_by("id"):
        day = visit.in_at.astimezone(clock.SHANGHAI).date()
        if day > died[visit.elder_id]:
            words = f"护理员上门，对上了门口的码（订单 {visit.order.number}）"
            yield Sign(visit.elder_id, visit.pk, day, words)
