"""How an order reads, as filters of every template."""

from django import template

from songbai.domain.visits.rules import Doubt

from .words import bill_of, items, paid, screen_of, services, whole_of

register = template.Library()
register.filter(items)
register.filter(paid)
register.filter(services)
register.filter("bill", bill_of)
register.filter("screen", screen_of)
register.filter("whole", whole_of)


@register.filter
def doubt_words(code: str) -> str:
    """Why somebody looks at a visit again."""
    return Doubt(code).words
