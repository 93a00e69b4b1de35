"""Rows of places and people: divisions, providers, facilities, offers, caregivers, families."""

import secrets
from datetime import timedelta

import numpy as np
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from songbai.cli.demo import geography, identity
from songbai.cli.demo.district import District
from songbai.cli.demo.identity import Holder, IntArray, StrArray
from songbai.core import clock
from songbai.core.accounts.models import Access, Account, Role
from songbai.core.accounts.registry import RoleKind
from songbai.core.accounts.rules import Actor
from songbai.core.crypto import blind_index, encrypt
from songbai.core.loading import Load, columns_of
from songbai.core.regions.models import Region
from songbai.core.regions.rules import short_name
from songbai.domain.catalogue.models import Offer
from songbai.domain.elders.declares import FAMILY
from songbai.domain.elders.models import Proxy
from songbai.domain.providers.declares import CAREGIVER
from songbai.domain.providers.models import Shift, StaffMember

RELATIVES_PER_DISTRICT = 200_000
FAMILY_SHARE = 0.45
"""Share of clients for whom somebody in the family has an account."""
RELATIONS = ("女儿", "儿子", "儿媳", "女婿", "孙女", "侄儿")


def divisions(load: Load) -> int:
    """Every division of the city with a place, also where nobody is built."""
    place = geography.places()
    rows = list(geography.divisions().values())
    return load.write(
        Region,
        {
            **columns_of(Region, rows),
            "short": [short_name(row.name) for row in rows],
            "parent_id": [row.parent for row in rows],
            "urban": [row.is_urban for row in rows],
            "longitude": [place.get(row.code, (None, None))[0] for row in rows],
            "latitude": [place.get(row.code, (None, None))[1] for row in rows],
        },
    )


def providers(district: District) -> int:
    """Providers and their places."""
    network, load = district.network, district.load
    for provider in network.providers:
        load.add(provider)
    for place, owner in zip(network.facilities, network.owner, strict=True):
        place.provider = network.providers[owner]
        load.add(place)
    district.provider_ids = np.array([provider.pk for provider in network.providers])
    return load.flush()


def offers(district: District) -> int:
    """What is sold; an offer keeps its row number in the order of ``district.offered``."""
    offered = district.offered
    ids = district.load.take(Offer, len(offered.items))
    count = district.load.write(
        Offer,
        {
            "id": ids,
            "provider_id": district.provider_ids[offered.provider],
            "item_id": [item.code for item in offered.items],
            "price": offered.price,
            "areas": [district.network.areas[index] for index in offered.provider.tolist()],
        },
    )
    sold = Offer.objects.filter(pk__in=ids.tolist()).select_related("item", "provider")
    district.offers = list(sold.order_by("pk"))
    return count


def accounts(
    district: District, names: StrArray, phones: StrArray, kind: RoleKind, title: str
) -> list[Actor]:
    """Accounts that only log in by code, each with one role."""
    load = district.load
    ids, numbers = load.take(Account, len(names)), phones.tolist()
    load.write(
        Account,
        {
            "id": ids,
            "password": [f"!{secrets.token_hex(20)}" for _ in ids],
            "phone": [encrypt(phone) for phone in numbers],
            "phone_index": [blind_index(phone) for phone in numbers],
            "name": names,
            "created_at": district.plan.begins,
        },
    )
    roles = load.take(Role, len(ids))
    load.write(Role, {"id": roles, "account_id": ids, "kind": kind, "scope": "", "title": title})
    return [Actor(pk, name, kind) for pk, name in zip(ids.tolist(), names.tolist(), strict=True)]


def staff(district: District, caregiver: Actor | None) -> int:
    """Caregivers with accounts; the first gets the account of the named one, if there is one."""
    crew = district.crew
    if caregiver is not None:
        crew.name[0] = caregiver.name
    first = [caregiver] if caregiver else []
    names, phones = crew.name[len(first) :], crew.phone[len(first) :]
    people = first + accounts(district, names, phones, CAREGIVER, "护理员")
    ids = district.load.take(StaffMember, len(crew))
    count = district.load.write(
        StaffMember,
        {
            "id": ids,
            "provider_id": district.provider_ids[crew.provider],
            "region_id": crew.town,
            "account_id": [person.account_id for person in people],
            "number": [f"C{number:06d}" for number in ids.tolist()],
            "name": crew.name,
            "sex": np.where(crew.female, "f", "m"),
            "grade": crew.grade,
            "skills": list(crew.skills),
            "mode": crew.mode,
            "longitude": crew.lon,
            "latitude": crew.lat,
        },
    )
    district.staff = list(StaffMember.objects.filter(pk__in=ids.tolist()).order_by("pk"))
    return count


def shifts(district: District) -> int:
    """When everybody works and with which vehicle, from the oldest day to a fortnight ahead."""
    crew, plan = district.crew, district.plan
    for row in district.fleet:
        row.vehicle.provider = district.network.providers[row.provider]
        district.load.add(row.vehicle)
    district.load.flush()
    has = {row.driver: row.vehicle.pk for row in district.fleet}
    rows = np.argwhere(crew.works).tolist()
    staff = [district.staff[member] for member, _ in rows]
    begins = [district.moment(day, int(crew.begins[member])) for member, day in rows]
    ends = [district.moment(day, int(crew.ends[member])) for member, day in rows]
    ill = [day == plan.days and member in district.sick for member, day in rows]
    return district.load.write(
        Shift,
        {
            "id": district.load.take(Shift, len(rows)),
            "staff_id": [one.pk for one in staff],
            "provider_id": [one.provider_id for one in staff],
            "region_id": [one.region_id for one in staff],
            "date": [plan.oldest + timedelta(days=day) for _, day in rows],
            "during": list(map(DateTimeTZRange, begins, ends)),
            "vehicle_id": [has.get(member) for member, _ in rows],
            "sick_at": [
                min(at - timedelta(minutes=40), plan.now) if away else None
                for at, away in zip(begins, ill, strict=True)
            ],
            "created_at": [min(at - timedelta(days=14), plan.now) for at in begins],
        },
    )


def families(district: District, clients: IntArray) -> int:
    """Relatives with accounts who act for a part of the clients, for a year or more."""
    rng, plan, batch, load = district.rng(5), district.plan, district.batch, district.load
    apart = [*district.families]
    elders = np.setdiff1d(clients[rng.random(len(clients)) < FAMILY_SHARE], apart)
    names = identity.names(rng, rng.random(len(elders)) < 0.55)
    surnames = np.array([name[0] for name in batch.name[elders].tolist()], dtype="<U1")
    names = np.char.add(surnames, np.array([name[1:] for name in names.tolist()], dtype="<U2"))
    first = district.block * RELATIVES_PER_DISTRICT
    phones = identity.phones(first + np.arange(len(elders)), Holder.RELATIVE)
    people = accounts(district, names, phones, FAMILY, "家属")
    district.families |= dict(zip(elders.tolist(), people, strict=True))
    named = district.named
    relation = {named.mother: "女儿", named.father: "儿媳", named.stranger: "儿子"} if named else {}
    drawn = rng.choice(RELATIONS[:4], size=len(district.families)).tolist()
    until = clock.at(plan.today + timedelta(days=400), 0)
    for (elder, person), usual in zip(district.families.items(), drawn, strict=True):
        bound = {
            "region_id": district.region(elder),
            "account_id": person.account_id,
            "valid_from": plan.begins,
            "valid_until": until,
        }
        pk = int(district.elder_ids[elder])
        said = relation.get(elder, usual)
        load.add(Proxy(elder_id=pk, relation=said, proof="户口簿", **bound))
        load.add(Access(person_id=pk, why="proxy", **bound))
    return load.flush()
