"""Assessments under way end with a death; whether to begin anew is for an officer."""

from collections.abc import Collection

from django.db.models import QuerySet

from songbai.core.accounts.rules import Actor
from songbai.domain.elders.under_way import Life, under_way

from .actions.requesting import end_for_death
from .models import Assessment
from .rules.process import OPEN, State


def _open(records: Collection[int]) -> QuerySet[Assessment]:
    states = sorted(OPEN - {State.PUBLICISED})
    return Assessment.objects.filter(elder_id__in=records, state__in=states)


def _stop(actor: Actor, life: Life, row: Assessment) -> str:  # noqa: ARG001
    end_for_death(actor, row)
    return f"能力评估 {row.number or ''} 停办，约好的上门取消"


under_way(Assessment, "assessment", "能力评估", rows=_open, stop=_stop)
