"""The demo city's register is what its facts say."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from pytest_django import DjangoDbBlocker

from songbai.cli.demo import build
from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.crypto import decrypt
from songbai.core.regions.queries import forget
from songbai.domain.elders.actions.facts import rebuild
from songbai.domain.elders.models import CurrentFact, Elder, Fact
from songbai.domain.elders.queries.facts import current_of
from songbai.domain.elders.queries.facts.sets import digest

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(scope="module")
def district(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Path]:
    """Six hundred elders of a district without named people."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setattr(settings, "DEMO", True)
        patch.setattr(settings, "HOME", tmp_path_factory.mktemp("home"))
        with transaction.atomic(), clock.moved_to(clock.at(clock.today(), 16, 50)):
            build.build_demo("500152", size=600, days=2)
            yield tmp_path_factory.getbasetemp()
            transaction.set_rollback(True)
        forget()


def test_a_rebuild_changes_nothing(district: Path) -> None:
    before = digest(SYSTEM)
    assert (rebuild(SYSTEM), digest(SYSTEM)) == (0, before)


def test_a_rebuild_from_nothing_gives_the_same(district: Path) -> None:
    before = digest(SYSTEM)
    with transaction.atomic():
        CurrentFact.objects.all().delete()
        Elder.objects.update(hardship="tekun", ability_level=4)
        assert digest(SYSTEM) != before
        rebuild(SYSTEM)
        told = set(Fact.objects.filter(kind="hardship").values_list("elder_id", flat=True))
        shown = set(Elder.objects.exclude(hardship="tekun").values_list("pk", flat=True))
        assert told - shown == set(
            Fact.objects.filter(kind="hardship", value="tekun").values_list("elder_id", flat=True)
        )
        said = Fact.objects.values("elder", "kind").distinct()
        assert CurrentFact.objects.count() == said.count()
        transaction.set_rollback(True)


def test_who_is_on_no_list_has_the_default_with_its_source(district: Path) -> None:
    plain = Elder.objects.exclude(facts__kind="hardship").first()
    assert plain is not None
    stands = current_of(SYSTEM, plain)["hardship"].stands
    assert (stands.value, stands.source, plain.hardship) == ("none", "minzheng", "none")


def test_the_old_have_an_account_that_can_be_decrypted(district: Path) -> None:
    fact = Fact.objects.filter(kind="bank_card").first()
    assert fact is not None
    assert decrypt(fact.secret).startswith("621700")


def test_the_register_and_the_facts_agree(district: Path) -> None:
    for kind in ("hardship", "living"):
        facts = dict(Fact.objects.filter(kind=kind).values_list("elder_id", "value"))
        default = {"hardship": "none", "living": "with_children"}[kind]
        shown = Elder.objects.exclude(**{kind: default}).values_list("pk", kind)
        assert dict(shown) == facts
