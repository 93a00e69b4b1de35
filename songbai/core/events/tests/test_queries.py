import pytest
from django.db import connection

from songbai.core.accounts.rules import SYSTEM
from songbai.core.events.actions import publish
from songbai.core.events.models import Event
from songbai.core.events.queries import position
from tests.cast import Cast, acting

VILLAGE = "500151001001"


def happen() -> None:
    publish("order.placed", SYSTEM, subject=("order", 1), region=VILLAGE)


@pytest.mark.django_db
def test_the_position_stays_while_nothing_happens() -> None:
    happen()
    assert position() == position()


@pytest.mark.django_db
def test_anything_that_happens_moves_the_position() -> None:
    before = position()
    happen()
    assert position() != before


@pytest.mark.django_db
def test_an_event_numbered_earlier_and_committed_later_moves_the_position() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('events_event', 'id'))")
        taken = cursor.fetchone()[0]
    happen()
    before = position()
    Event.objects.create(
        pk=taken, kind="order.placed", subject_kind="order", subject_id=1, region_id=VILLAGE
    )
    assert position() != before
    assert position()[0] == before[0]


def test_what_happens_out_of_sight_does_not_move_the_position(cast: Cast) -> None:
    with acting(cast.far_dispatcher):
        before = position()
    happen()
    with acting(cast.far_dispatcher):
        assert position() == before
