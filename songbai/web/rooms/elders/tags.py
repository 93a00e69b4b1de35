"""How people read, as filters of every template."""

from django import template

from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import age, village_words
from songbai.domain.elders.rules import tags
from songbai.domain.elders.rules.kinds import kind_of, source_words

from .words import who

register = template.Library()
register.filter(age)
register.filter(village_words)
register.filter(who)


@register.filter
def elder_tags(elder: Elder) -> list[str]:
    """低保, 独居, 中度: what a list says of somebody beside the name."""
    return tags(elder.hardship, elder.living, elder.ability_level)


@register.filter
def kind_name(code: str) -> str:
    """What a kind of fact is called."""
    return kind_of(code).name


@register.filter
def source_name(code: str) -> str:
    """Who says a fact."""
    return source_words()[code]
