"""Assessments under way end with a death or a move to another district or city.

An officer begins anew.
"""

from collections.abc import Collection

from django.db.models import QuerySet

from songbai.core.accounts.rules import Actor
from songbai.domain.elders.under_way import Cause, Life, under_way

from .actions.requesting import end_early
from .models import Assessment
from .rules.process import OPEN, State


def _open(records: Collection[int]) -> QuerySet[Assessment]:
    states = sorted(OPEN - {State.PUBLICISED})
    return Assessment.objects.filter(elder_id__in=records, state__in=states)


def _stop(actor: Actor, life: Life, row: Assessment) -> str:
    end_early(actor, row, "老人已去世" if life.died_on else life.words)
    return f"能力评估 {row.number or ''} 停办，约好的上门取消"


under_way(
    Assessment,
    "assessment",
    "能力评估",
    rows=_open,
    stop=_stop,
    causes=(Cause.DIED, Cause.MOVED, Cause.LEFT),
)
