"""Actors and access."""

from datetime import timedelta

import pytest

from songbai.core import clock
from songbai.core.accounts.models import Account, Role
from songbai.core.accounts.queries import actors_of, people_of, reach_of_person, require
from songbai.core.accounts.registry import roles
from songbai.core.audit.declares import AUDIT_READ
from songbai.core.errors import NotAllowed
from tests.cast import Cast, acting
from tests.roles import FAMILY, OFFICER


def test_an_account_is_as_many_actors_as_it_holds_roles(cast: Cast) -> None:
    account = Account.objects.get(pk=cast.officer.account)
    Role.objects.create(account=account, kind=FAMILY, title="家属")
    assert [actor.kind for actor in actors_of(account)] == [OFFICER, FAMILY]


def test_an_ended_role_is_no_actor(cast: Cast) -> None:
    account = Account.objects.get(pk=cast.officer.account)
    account.roles.update(valid_until=clock.now() - timedelta(seconds=1))
    assert actors_of(account) == []
    account.roles.update(valid_until=clock.now() + timedelta(hours=1))
    assert len(actors_of(account)) == 1


def test_a_region_is_only_for_territorial_roles(cast: Cast) -> None:
    assert cast.officer.region == "500151"
    assert cast.daughter.region is None
    assert cast.provider_staff.organisation_id == cast.provider.pk
    assert cast.provider_staff.region is None


def test_a_person_is_reached_by_those_with_a_key(cast: Cast) -> None:
    reach = reach_of_person(cast.mother.pk, cast.mother.region_id)
    assert reach.accounts == {cast.daughter.account_id}
    assert reach.organisations == frozenset()


def test_a_key_that_ended_reaches_nobody(cast: Cast) -> None:
    with clock.moved_to(clock.now() + timedelta(days=366)):
        assert reach_of_person(cast.mother.pk, cast.mother.region_id).accounts == frozenset()
        assert people_of(cast.daughter) == []


def test_an_account_knows_its_people(cast: Cast) -> None:
    with acting(cast.daughter):
        assert people_of(cast.daughter) == [cast.mother.pk]
        assert people_of(cast.stranger_family) == []


def test_who_may_not_is_told_so(cast: Cast) -> None:
    require(cast.officer, AUDIT_READ)
    with pytest.raises(NotAllowed):
        require(cast.daughter, AUDIT_READ)


def test_a_role_is_given_once(cast: Cast) -> None:
    assert Role.objects.filter(account_id=cast.officer.account).count() == 1
    kinds = {role.kind for role in Role.objects.all()}
    assert kinds <= set(roles())
