"""The demo's story of the doors: somebody is unwell when her caregiver comes."""

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.queries import actors_of
from songbai.core.stages import Story, stage
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.rules import AssignmentState
from songbai.domain.elders.demo import key
from songbai.domain.orders.rules import OrderState

from .actions import report, see_to
from .rules import Trouble, Where

NOTES = ("说头晕，不想起床", "咳得厉害，想先休息")


@stage("visits", words="门口报的事")
def tell(story: Story) -> None:
    """Of today's visits that are not over: one waits for the desk, one was seen to."""
    left = Assignment.objects.filter(
        **story.inside,
        state=AssignmentState.ACTIVE,
        account_id__isnull=False,
        starts_at__range=clock.day_bounds(story.today),
        order__state__in=[OrderState.ASSIGNED, OrderState.IN_SERVICE],
    )
    rows = left.exclude(elder_id__in=story.subjects.values()).order_by("starts_at", "pk")
    for place, (row, note) in enumerate(zip(rows, NOTES, strict=False)):
        caregiver = actors_of(Account.objects.get(pk=row.account_id or 0))[0]
        said = report(
            caregiver,
            row.pk,
            Trouble.UNWELL,
            record=key("report", row.pk),
            note=note,
            where=Where.DOOR,
        )
        if place:
            see_to(story.actors["dispatcher"], said.pk, "家属已经接到电话，陪她去看了")
