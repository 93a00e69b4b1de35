"""Two people record about the same person at the same moment: each sees what the other wrote."""

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.elders.actions.facts import NewFact, rebuild, record_facts
from songbai.domain.elders.models import Conflict, CurrentFact
from songbai.domain.elders.queries.facts.sets import digest
from tests.cast import Cast
from tests.together import failures, together

from .batches import record_batch

pytestmark = pytest.mark.django_db(transaction=True)


def record_both(cast: Cast) -> None:
    def village() -> int:
        new = [NewFact("living", "empty_nest", "1")]
        return record_facts(SYSTEM, cast.mother, new, source="village")

    def bureau() -> object:
        said = ("living", "1", "in_institution", b"", b"", None, None, clock.now(), False)
        return record_batch(SYSTEM, [(cast.mother.pk, *said)], source="minzheng")

    assert not failures(together(village, bureau))


def test_whoever_comes_first_both_words_count(cast: Cast) -> None:
    record_both(cast)
    stands = CurrentFact.objects.get(elder_id=cast.mother.pk, kind="living")
    assert (stands.value, Conflict.objects.count(), rebuild(SYSTEM)) == ("empty_nest", 1, 0)


def test_two_hands_derive_what_one_does(cast: Cast) -> None:
    record_both(cast)
    before = digest(SYSTEM)
    CurrentFact.objects.all().delete()
    rebuild(SYSTEM, hands=2)
    assert digest(SYSTEM) == before
