"""How plans and whoever goes read, as filters of every template."""

from django import template

from songbai.domain.dispatch.models import Assignment, PlanLine
from songbai.domain.dispatch.queries.plans import change_of, key_of, sentence
from songbai.web.rooms.orders.words import services
from songbai.web.templatetags.songbai import hm

register = template.Library()
register.filter(change_of)
register.filter(key_of)
register.filter(sentence)
register.filter(services)


@register.filter
def going(row: Assignment | PlanLine | None) -> str:
    """李棠 9:30, or that nobody goes."""
    return f"{row.staff_name} {hm(row.starts_at)}" if row and row.staff_id else "没有人"


@register.filter
def rounded(points: float) -> int:
    """Points as people read them."""
    return round(points)
