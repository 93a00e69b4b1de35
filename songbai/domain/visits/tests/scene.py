"""What visits lay out for pages to be looked at."""

import uuid

from songbai.core import clock
from songbai.domain.visits.actions import report
from songbai.domain.visits.rules import Trouble
from tests.acts import begun
from tests.cast import acting
from tests.scenes import Scene


def lay(scene: Scene) -> None:
    """Li Fang is at Mrs Wang's, who is not well."""
    sent = scene.things["assignment"]
    scene.own(visit_id=begun(scene.cast, sent).pk)
    with clock.moved_to(sent.starts_at), acting(scene.cast.caregiver):
        said = report(scene.cast.caregiver, sent.pk, Trouble.UNWELL, record=uuid.uuid4())
    scene.own(report_id=said.pk)
