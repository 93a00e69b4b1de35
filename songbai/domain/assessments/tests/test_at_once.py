"""Two at the same moment want the same assessor."""

import uuid
from collections.abc import Callable

import pytest

from songbai.core.accounts.rules import SYSTEM
from songbai.domain.assessments import actions
from songbai.domain.assessments.actions import TimeTaken
from songbai.domain.assessments.models import Assessment
from songbai.domain.assessments.rules.process import Channel
from tests.cast import Cast, acting, tomorrow
from tests.together import failures, together

from .scene import make_scene, sent


@pytest.mark.django_db(transaction=True)
def test_of_two_bookings_of_one_assessor_one_is_told_the_time_is_taken(cast: Cast) -> None:
    scene = make_scene(cast, bodies=1)
    wanted = actions.NewRequest(cast.neighbour, "gbt42195-2022", Channel.VILLAGE, uuid.uuid4())
    with acting(cast.officer):
        other = actions.request(cast.officer, wanted)
    first, second = sent(scene), sent(scene, other)

    def booking(found: Assessment, hour: int) -> Callable[[], object]:
        return lambda: actions.book(SYSTEM, found.pk, tomorrow(hour))

    for hour in range(8, 20, 2):
        [error] = failures(together(booking(first, hour), booking(second, hour)))
        assert isinstance(error, TimeTaken), error
