"""One cast for the whole suite: an elder, her daughter, her caregiver, and strangers.

Everybody is made through the same actions the platform uses.
"""

import contextlib
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from django.contrib.auth.hashers import make_password
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from songbai.core import clock, scope
from songbai.core.accounts.models import Account, LoginCode, Role, TotpKey, totp_step
from songbai.core.accounts.queries import actor_of
from songbai.core.accounts.registry import RoleKind
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.crypto import blind_index, encrypt_bytes
from songbai.core.geo import Place, cell
from songbai.core.regions.models import Region
from songbai.core.regions.queries import forget
from songbai.core.regions.rules import level_of, short_name
from songbai.domain.benefits.tests.giving import grant_credit
from songbai.domain.catalogue.actions import make_offer, publish_catalogue
from songbai.domain.catalogue.models import Offer, ServiceItem
from songbai.domain.elders.actions import NewElder, bind_proxy, register
from songbai.domain.elders.declares import DISPATCHER, FAMILY, OFFICER
from songbai.domain.elders.models import Elder
from songbai.domain.elders.rules import HardshipClass, LivingSituation, ProxyScope, Sex
from songbai.domain.providers.declares import CAREGIVER, PROVIDER
from songbai.domain.providers.models import Facility, Provider, Shift, StaffMember, Vehicle
from songbai.domain.providers.rules import FacilityKind, OperatingMode, VehicleKind

REGIONS = {
    "500000000000": "重庆市",
    "500100000000": "市辖区",
    "500151000000": "铜梁区",
    "500151001000": "巴川街道",
    "500151001001": "东方社区居民委员会",
    "500151105000": "安居镇",
    "500151105201": "白云村村民委员会",
    "500152000000": "潼南区",
    "500152001000": "桂林街道",
    "500152001001": "青云社区居民委员会",
}
HOME = Place(106.055, 29.845)
PASSWORD = "long-test-password"
_phones = itertools.count(12_900_000_000)


@dataclass
class Cast:
    """The people and things of a test; ``mother`` is Mrs Wang, ``far_*`` are from elsewhere."""

    mother: Elder
    neighbour: Elder
    far_elder: Elder
    daughter: Actor
    stranger_family: Actor
    caregiver: Actor
    other_caregiver: Actor
    dispatcher: Actor
    far_dispatcher: Actor
    provider_staff: Actor
    other_provider_staff: Actor
    officer: Actor
    town_officer: Actor
    far_officer: Actor
    provider: Provider
    other_provider: Provider
    staff: StaffMember
    second_staff: StaffMember
    other_staff: StaffMember
    facility: Facility
    bath: Offer
    cleaning: Offer
    accounts: dict[str, Account]

    def actors(self) -> dict[str, Actor]:
        """Everybody who logs in, by name."""
        return {name: value for name, value in vars(self).items() if isinstance(value, Actor)}


@contextlib.contextmanager
def acting(actor: Actor | None) -> Iterator[None]:
    """Run the block as the web role bound to this actor, as a request would."""
    scope.bind(actor)
    try:
        yield
    finally:
        scope.release()


def tomorrow(hour: int, minute: int = 0) -> datetime:
    """A time of tomorrow in Shanghai."""
    return clock.at(clock.today() + timedelta(days=1), hour, minute)


def make_regions() -> None:
    """A district with two towns, and a district of strangers."""
    parents: dict[int, str] = {}
    for code, name in REGIONS.items():
        level = level_of(code)
        parents[level] = code
        Region.objects.create(
            code=code,
            level=level,
            name=name,
            short=short_name(name),
            parent_id=parents.get(level - 1),
            urban="社区" in name,
            longitude=HOME.longitude,
            latitude=HOME.latitude,
        )
    forget()


@cache
def _hashed() -> str:
    """One costly hash for all staff of the cast."""
    return make_password(PASSWORD)


def make_account(
    name: str, kind: RoleKind, scope_: str = "", organisation: int | None = None
) -> Actor:
    """Somebody who logs in; staff have a password and a TOTP device."""
    staff = kind is not FAMILY
    account = Account.objects.register(str(next(_phones)), name)
    if staff:
        account.password = _hashed()
        account.save(update_fields=["password"])
        TotpKey.objects.create(account=account, key=encrypt_bytes(os.urandom(20)))
    role = Role.objects.create(
        account=account, kind=kind, scope=scope_, organisation_id=organisation, title=name
    )
    return actor_of(account, role)


def phone_of(actor: Actor) -> str:
    """The number somebody logs in with."""
    return Account.objects.get(pk=actor.account).phone_number()


def code_of(actor: Actor) -> str:
    """The code that was asked for somebody's phone; nothing once it was used."""
    return LoginCode.objects.get(phone_index=blind_index(phone_of(actor))).code()


def dynamic_code(actor: Actor) -> str:
    """What a member of staff's authenticator app shows now."""
    return TotpKey.objects.get(account_id=actor.account).code_at(totp_step())


def make_elder(name: str, number: int, region: str = "500151001001", **facts: object) -> Elder:
    """A registered elder; ``number`` makes the identity number unique."""
    values: dict[str, object] = {
        "region": region,
        "name": name,
        "initials": "WGY",
        "sex": Sex.FEMALE,
        "birth_date": date(1942, 5, 6),
        "id_number": f"50019019420506{number:04d}",
        "phone": f"1280000{number:04d}",
        "address": "幸福路 8 号 3-2",
        "home": HOME,
        "living": LivingSituation.LIVING_ALONE,
        "hardship": HardshipClass.DIBAO,
        "ability_level": 2,
        "risks": ("青霉素过敏", "易跌倒"),
    }
    return register(SYSTEM, NewElder(**{**values, **facts}))  # type: ignore[arg-type]


def make_provider(name: str, uscc: str, region: str = "500151001000") -> Provider:
    """A provider of home care."""
    return Provider.objects.create(
        region_id=region,
        name=name,
        uscc=uscc,
        mode=OperatingMode.PRIVATE,
        phone="023-00000000",
        summary="上门照护",
        home_care=True,
        admitted_on=date(2024, 1, 1),
    )


def make_staff(provider: Provider, actor: Actor | None, number: str, name: str) -> StaffMember:
    """A caregiver with two weeks of shifts, seven to nineteen o'clock."""
    member = StaffMember.objects.create(
        provider=provider,
        region_id=provider.region_id,
        account_id=actor.account_id if actor else None,
        number=number,
        name=name,
        sex="f",
        grade="中级",
        skills=["care", "bathing"],
        mode="ebike",
        longitude=HOME.longitude + 0.01,
        latitude=HOME.latitude,
    )
    days = [clock.today() + timedelta(days=offset) for offset in range(-1, 14)]
    Shift.objects.bulk_create(
        Shift(
            staff=member,
            provider=provider,
            region_id=provider.region_id,
            date=day,
            during=DateTimeTZRange(clock.at(day, 7), clock.at(day, 19)),
        )
        for day in days
    )
    return member


def make_vehicle(
    provider: Provider, kind: VehicleKind = VehicleKind.BATH_VAN, plate: str = "渝A0001"
) -> Vehicle:
    """A vehicle for two visits between two refills of twenty minutes, at Mrs Wang's corner."""
    return Vehicle.objects.create(
        provider=provider,
        region_id=provider.region_id,
        kind=kind,
        plate=plate,
        capacity=2,
        refill_name="巴川街道养老服务中心",
        longitude=HOME.longitude,
        latitude=HOME.latitude,
        refill_minutes=20,
    )


def place(provider: Provider, kind: FacilityKind, name: str) -> Facility:
    """A place of a provider at Mrs Wang's corner; it has neither beds nor a price."""
    return Facility.objects.create(
        provider=provider,
        kind=kind,
        region_id="500151001001",
        name=name,
        address="铜梁区巴川街道",
        longitude=HOME.longitude,
        latitude=HOME.latitude,
        cell=cell(HOME),
        phone="023-00000000",
        hours="8:30–17:30",
    )


def make_cast() -> Cast:
    """Build everybody."""
    make_regions()
    publish_catalogue(SYSTEM)
    mother = make_elder("王桂英", 1024)
    neighbour = make_elder("李松福", 1033, sex=Sex.MALE)
    far_elder = make_elder("陈柏秀", 1042, region="500152001001")
    provider = make_provider("青松居家养老服务中心", "91500151MA5UTEST01")
    other_provider = make_provider("翠柏居家养老服务中心", "91500151MA5UTEST02")
    actors = {
        "daughter": make_account("王敏", FAMILY),
        "stranger_family": make_account("陈远", FAMILY),
        "caregiver": make_account("李芳", CAREGIVER),
        "other_caregiver": make_account("赵军", CAREGIVER),
        "dispatcher": make_account("张霞", DISPATCHER, "500151"),
        "far_dispatcher": make_account("周远", DISPATCHER, "500152"),
        "provider_staff": make_account("何青", PROVIDER, organisation=provider.pk),
        "other_provider_staff": make_account("唐翠", PROVIDER, organisation=other_provider.pk),
        "officer": make_account("刘局", OFFICER, "500151"),
        "town_officer": make_account("安居", OFFICER, "500151105"),
        "far_officer": make_account("潼南", OFFICER, "500152"),
    }
    bind(mother, actors["daughter"])
    bind(far_elder, actors["stranger_family"])
    grant_credit(SYSTEM, mother, clock.month_of(tomorrow(9)))
    items = {item.pk: item for item in ServiceItem.objects.all()}
    bath_item, clean_item = items["A05-01"], items["A01-02"]
    facility = Facility.objects.create(
        provider=provider,
        kind=FacilityKind.INSTITUTION,
        region_id="500151001001",
        name="青松颐养中心",
        address="铜梁区巴川街道",
        longitude=HOME.longitude,
        latitude=HOME.latitude,
        cell=cell(HOME),
        phone="023-00000000",
        hours="全天",
        beds=180,
        nursing_beds=110,
        beds_free=26,
        month_price=238_000,
        stars=4,
        inspection="pass",
    )
    return Cast(
        mother=mother,
        neighbour=neighbour,
        far_elder=far_elder,
        **actors,
        provider=provider,
        other_provider=other_provider,
        staff=make_staff(provider, actors["caregiver"], "C0001", "李芳"),
        second_staff=make_staff(provider, None, "C0002", "张芬"),
        other_staff=make_staff(other_provider, actors["other_caregiver"], "C0003", "赵军"),
        facility=facility,
        bath=make_offer(SYSTEM, provider, bath_item, 22_500, ["500151"]),
        cleaning=make_offer(SYSTEM, provider, clean_item, 6_000, ["500151001"]),
        accounts={str(a.pk): a for a in Account.objects.all()},
    )


def bind(elder: Elder, actor: Actor) -> None:
    """Make somebody a proxy for a year."""
    bind_proxy(
        SYSTEM,
        elder,
        Account.objects.get(pk=actor.account),
        relation="女儿",
        scope=ProxyScope(order=True, money=True),
        proof="户口簿",
        until=clock.now() + timedelta(days=365),
    )
