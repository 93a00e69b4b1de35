"""How plans read, as filters of every template."""

from django import template

from songbai.domain.dispatch.models import Assignment, PlanLine
from songbai.domain.dispatch.queries.plans import Change, change_of, key_of, sentence
from songbai.web.templatetags.songbai import hm

register = template.Library()
register.filter(sentence)
register.filter("plan_key", key_of)


@register.filter
def whole_minutes(minutes: float) -> int:
    """Minutes as they are told."""
    return round(minutes)


@register.filter
def going(visit: PlanLine | Assignment | None) -> str:
    """Who goes, and when."""
    return f"{visit.staff_name} {hm(visit.starts_at)}" if visit and visit.staff_id else "没有人"


@register.filter
def change(line: PlanLine) -> str:
    """What a line of a plan changes."""
    return (change_of(line) or Change.NEW).value
