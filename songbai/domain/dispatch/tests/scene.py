"""What dispatch lays out for pages to be looked at."""

from datetime import timedelta

from songbai.core import clock
from songbai.domain.dispatch.actions import plan
from songbai.domain.dispatch.models import Assignment, DayPlan
from tests.acts import assigned
from tests.cast import acting
from tests.scenes import Scene


def lay(scene: Scene) -> None:
    """Tomorrow is planned, and whoever the plan sends, Li Fang goes to Mrs Wang."""
    dispatcher, order = scene.cast.dispatcher, scene.things["order"]
    with acting(dispatcher):
        plan(dispatcher, clock.today() + timedelta(days=1))
    sent = Assignment.objects.filter(order=order, staff=scene.cast.staff).first()
    assignment = sent or assigned(scene.cast, order)
    scene.things["assignment"] = assignment
    scene.own(
        assignment_id=assignment.pk,
        staff_id=scene.cast.staff.pk,
        draft_id=DayPlan.objects.earliest("id").pk,
    )
