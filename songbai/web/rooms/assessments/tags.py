"""How an assessment reads, as filters of every template."""

from django import template

from songbai.domain.assessments.models import Assessment
from songbai.domain.assessments.queries import instrument_of
from songbai.domain.assessments.rules.process import Channel

from .assessing import level_words, name_of

register = template.Library()
register.filter(level_words)


@register.filter
def which(assessment: Assessment) -> str:
    """能力评估: what its instrument is called."""
    return name_of(instrument_of(assessment))


@register.filter
def channel_words(code: str) -> str:
    """Who asked for it."""
    return Channel(code).words
