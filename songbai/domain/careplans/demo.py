"""The demo's story of care plans: suggested, agreed, ordered by the week, changed, ended."""

from datetime import timedelta

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import Refused
from songbai.core.stages import Story, stage
from songbai.domain.assessments.models import Assessment

from .actions import agree, draft, end, order_week, revise

PLANS = 24


@stage("careplans", words="服务计划")
def tell(story: Story) -> None:
    """Results of the last weeks became drafts; most were agreed, some ordered, one ended."""
    found = Assessment.objects.filter(
        current=True, **story.inside, final_level__gte=2, elder__died_on=None
    )
    named = list(
        Assessment.objects.filter(current=True, elder__in=story.subjects.values()).order_by("id")
    )
    recent = found.filter(concluded_at__lt=clock.now() - timedelta(days=3))
    recent = recent.exclude(pk__in=[one.pk for one in named]).order_by("-concluded_at", "id")
    for place, one in enumerate([*named, *recent[:PLANS]]):
        begun = clock.at(story.today - timedelta(days=14 - place % 12), 10)
        with clock.moved_to(max(begun, (one.concluded_at or begun) + timedelta(hours=1))):
            try:
                plan = draft(SYSTEM, one.pk)
            except Refused:
                continue
        if place >= len(named):
            _go_on(story, plan.pk, place)


def _go_on(story: Story, plan: int, place: int) -> None:
    """Every sixth waits for the family, every fourth of the others has its next week ordered."""
    if place % 6 == 0:
        return
    with story.ago(1, 15), transaction.atomic():
        agree(SYSTEM, plan, 1)
        if place % 11 == 3:
            revise(SYSTEM, plan)
        if place % 11 == 5:
            end(SYSTEM, plan, "老人住进养老机构")
    if place % 11 == 4:
        order_week(SYSTEM, plan, again=True)
