"""Registering elders and those who act for them."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from songbai.core import clock
from songbai.core.accounts.models import Access, Account
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.errors import NotAllowed, UnknownRegion
from songbai.core.events.models import Event
from songbai.domain.elders.actions import AlreadyRegistered, bind_proxy, recount, register
from songbai.domain.elders.actions.registration import ImpossibleBirth
from songbai.domain.elders.models import Elder, ElderCount, Proxy
from songbai.domain.elders.rules import ProxyScope, door
from songbai.domain.elders.tasks import recount as recount_nightly
from tests.cast import Cast, acting, bind, make_elder


def test_personal_fields_are_stored_encrypted(cast: Cast) -> None:
    row = Elder.objects.get(pk=cast.mother.pk)
    stored = bytes(row.id_number) + bytes(row.phone) + bytes(row.address)
    for plain in ("500190194205061024", "12800001024", "幸福路"):
        assert plain.encode() not in stored


def test_registering_is_told(cast: Cast) -> None:
    event = Event.objects.get(kind="elder.registered", subject_id=cast.mother.pk)
    assert (event.person_id, event.region_id) == (cast.mother.pk, cast.mother.region_id)
    assert event.payload == {}


def test_nobody_is_registered_twice(cast: Cast) -> None:
    with pytest.raises(AlreadyRegistered):
        make_elder("王桂英", 1024)


def test_a_village_must_exist(cast: Cast) -> None:
    with pytest.raises(UnknownRegion):
        make_elder("张三", 1099, region="500151001999")


@pytest.mark.parametrize("away", [timedelta(days=1), -timedelta(days=140 * 365)])
def test_a_birth_that_cannot_be_is_not_registered(cast: Cast, away: timedelta) -> None:
    with pytest.raises(ImpossibleBirth):
        make_elder("张三", 1099, birth_date=clock.today() + away)


def test_every_door_has_its_own_code(cast: Cast) -> None:
    codes = {elder.door_code for elder in Elder.objects.all()}
    assert len(codes) == 3
    assert all(door.read(code) == code for code in codes)


def test_a_code_that_hangs_at_a_door_is_drawn_anew(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter([cast.mother.door_code, cast.neighbour.door_code, "ACEFGHJK"])
    monkeypatch.setattr(door, "draw", lambda: next(drawn))
    assert make_elder("张三", 1099).door_code == "ACEFGHJK"


@pytest.mark.parametrize("name", ["daughter", "dispatcher", "officer", "provider_staff"])
def test_people_do_not_write_the_register(cast: Cast, name: str) -> None:
    actor: Actor = getattr(cast, name)
    account = Account.objects.get(pk=actor.account)
    until = clock.now() + timedelta(days=1)
    with pytest.raises(NotAllowed):
        bind_proxy(
            actor, cast.mother, account, relation="x", scope=ProxyScope(), proof="", until=until
        )
    with pytest.raises(NotAllowed):
        recount(actor)


def test_registering_by_hand_is_not_allowed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.cast.SYSTEM", cast.officer)
    with pytest.raises(NotAllowed):
        make_elder("张三", 1099)
    assert register.__doc__


def test_binding_gives_a_key_and_binding_again_renews_it(cast: Cast) -> None:
    bind(cast.neighbour, cast.daughter)
    with clock.moved_to(clock.now() + timedelta(days=100)):
        bind(cast.neighbour, cast.daughter)
    [proxy] = Proxy.objects.filter(elder=cast.neighbour)
    [key] = Access.objects.filter(person_id=cast.neighbour.pk)
    assert key.valid_until == proxy.valid_until
    assert proxy.valid_until > clock.now() + timedelta(days=464)


def test_a_binding_ends_after_it_begins(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="proxy_ends_later"), transaction.atomic():
        bind_proxy(
            SYSTEM,
            cast.neighbour,
            Account.objects.get(pk=cast.daughter.account),
            relation="女儿",
            scope=ProxyScope(),
            proof="",
            until=clock.now() - timedelta(days=1),
        )


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [("ability_level", 5, "ability_level_0_to_4"), ("sex", "x", "elder_sex_known")],
)
def test_the_database_knows_what_cannot_be(
    cast: Cast, column: str, value: object, constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Elder.objects.filter(pk=cast.mother.pk).update(**{column: value})


def counted() -> dict[str, int]:
    return {row.region_id: row.n for row in ElderCount.objects.all()}


def test_counting_by_village_leaves_out_the_dead(cast: Cast) -> None:
    assert recount(SYSTEM) == 3
    assert counted() == {"500151001001": 2, "500152001001": 1}
    Elder.objects.filter(pk=cast.neighbour.pk).update(died_on=clock.today())
    assert recount(SYSTEM) == 2


def test_counting_one_district_leaves_the_other_as_it_was(cast: Cast) -> None:
    recount(SYSTEM)
    Elder.objects.update(died_on=clock.today())
    assert recount(SYSTEM, "500151") == 0
    assert counted() == {"500152001001": 1}


@pytest.mark.parametrize(
    ("birth", "band"),
    [((1926, 1, 1), 100), ((1900, 1, 1), 100), ((1946, 6, 1), 70), ((1980, 1, 1), 50)],
)
def test_ages_are_counted_in_tens(cast: Cast, birth: tuple[int, int, int], band: int) -> None:
    Elder.objects.exclude(pk=cast.mother.pk).update(died_on=clock.today())
    Elder.objects.filter(pk=cast.mother.pk).update(birth_date=date(*birth))
    with clock.moved_to(clock.at(date(2026, 5, 31), 12)):
        recount(SYSTEM)
    assert ElderCount.objects.get().age_band == band


def test_the_nightly_count_is_the_programs_own(cast: Cast) -> None:
    recount_nightly(timestamp=0)
    with acting(cast.officer):
        assert ElderCount.objects.count() == 1
    with acting(cast.far_officer):
        assert set(counted()) == {"500152001001"}
