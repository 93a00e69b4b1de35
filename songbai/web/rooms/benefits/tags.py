"""How benefits and their money read, as filters of every template."""

from django import template

from songbai.domain.benefits.models import Recovery
from songbai.domain.benefits.queries.cycles import policy_of
from songbai.domain.benefits.rules.facts import yuan
from songbai.domain.benefits.rules.missing import cause_words
from songbai.domain.benefits.rules.paying import InstalmentState, SuspensionReason
from songbai.domain.benefits.rules.telling import line_words, money, unit_words
from songbai.web.templatetags.songbai import month_words

from .bureau.people_rows import outcome_status
from .explaining import gap_words, has_words, policy_name, sources, version

register = template.Library()
register.filter(cause_words)
register.filter(gap_words)
register.filter("given_words", money)
register.filter(has_words)
register.filter(line_words)
register.filter(outcome_status)
register.filter(policy_name)
register.filter(policy_of)
register.filter(sources)
register.filter(unit_words)
register.filter(version)


@register.filter
def suspended_because(code: str) -> str:
    """Why somebody is not paid for a time."""
    return SuspensionReason(code).words


@register.filter
def recovery_next(row: Recovery) -> str:
    """When the next part is due, or that nothing was agreed, or that it is settled."""
    if not row.open:
        return "结清了"
    due = [one for one in row.instalments.all() if one.state == InstalmentState.DUE]
    if row.elder.died_on:
        return "和家属商量退回"
    if not due:
        return "还没排分期"
    first = min(due, key=lambda one: (one.due_month, one.number))
    return f"{month_words(first.due_month)}还 {yuan(first.amount)}，剩 {len(due)} 期"
