"""A process that writes a delivery is killed: the next one goes on, and nothing differs."""

import random
import time

import pytest
from django.db import transaction

from songbai.core.accounts.rules import SYSTEM
from songbai.domain.feeds.actions.checking import check
from songbai.domain.feeds.actions.writing import write
from songbai.domain.feeds.models import Piece
from songbai.domain.feeds.reading import pieces
from songbai.domain.feeds.rules.states import DeliveryState
from tests.cast import Cast
from tests.children import child

from .deliveries import MOTHER, NEIGHBOUR, Row, deliver, hand_in, number_of, pension, view

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

_CHILD = """
import sys, django
django.setup()
from songbai.domain.feeds.actions.writing import write_next
while write_next(int(sys.argv[1])):
    print("piece", flush=True)
"""


def rows() -> list[Row]:
    """Sixty rows about two people and strangers, some wrong, some twice."""
    people = [(MOTHER, "王桂英"), (NEIGHBOUR, "李松福"), (number_of(17), "周某某")]
    found = []
    for at in range(60):
        number, name = people[at % 3]
        amount = "约两千" if at % 13 == 5 else f"{1000 + at}"
        found.append(pension(number, name, amount, f"2026-{at % 9 + 1:02d}", f"K{at // 2}"))
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_killed_in_the_middle_and_taken_up_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(pieces, "ROWS", 6)
    with transaction.atomic():
        deliver("renshe_pensions", rows())
        whole = view()
        transaction.set_rollback(True)
    delivery = hand_in("renshe_pensions", rows())
    check(SYSTEM, delivery.pk)
    _write_and_die(delivery.pk, seed)
    left = Piece.objects.filter(delivery=delivery, done_at=None).count()
    assert 0 < left < 10
    done = write(SYSTEM, delivery.pk)
    assert (done.state, done.rows) == (DeliveryState.WRITTEN, 60)
    assert view() == whole


def _write_and_die(delivery_id: int, seed: int) -> None:
    """Another process writes; it is killed somewhere after its first piece."""
    with child(_CHILD, delivery_id) as writing:
        assert writing.stdout is not None
        assert writing.stdout.readline() == b"piece\n"
        time.sleep(random.Random(seed).uniform(0, 0.05))
        writing.kill()
