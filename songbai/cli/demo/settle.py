"""Rows of places and people: divisions, providers, facilities, offers, caregivers, families."""

from __future__ import annotations

import secrets
from datetime import timedelta

import numpy as np

from songbai.cli.demo import geography, identity
from songbai.cli.demo.district import District, Person, Plan
from songbai.cli.demo.history import SHANGHAI, moment
from songbai.cli.demo.identity import Holder, IntArray, StrArray
from songbai.cli.demo.tables import Numbers, spans, write
from songbai.core.accounts.models import Access, Account, Role
from songbai.core.accounts.registry import RoleKind
from songbai.core.crypto import blind_index, encrypt
from songbai.core.regions.models import Region
from songbai.core.regions.rules import short_name
from songbai.domain.catalogue.models import Offer
from songbai.domain.elders.declares import FAMILY
from songbai.domain.elders.models import Proxy
from songbai.domain.providers.declares import CAREGIVER
from songbai.domain.providers.models import Facility, Provider, Shift, StaffMember, Vehicle

RELATIVES_PER_DISTRICT = 200_000
FAMILY_SHARE = 0.45
"""Share of clients for whom somebody in the family has an account."""
RELATIONS = ("女儿", "儿子", "儿媳", "女婿", "孙女", "侄儿")
SICK = 2


def divisions() -> int:
    """Every division of the city with a place, also where nobody is built."""
    place: dict[str, tuple[float, float]] = {}
    for district in geography.districts():
        centres = geography.village_centres(district.code)
        for village, lon, lat in zip(centres.villages, centres.lon, centres.lat, strict=True):
            place[village.code] = (round(float(lon), 6), round(float(lat), 6))
        place[district.code] = (float(centres.lon.mean()), float(centres.lat.mean()))
        for town in geography.towns_of(district.code):
            inside = [place[village.code] for village in geography.villages_of(town.code)]
            if inside:
                place[town.code] = tuple(np.mean(inside, axis=0).round(6).tolist())
    rows = list(geography.divisions().values())
    return write(
        Region,
        {
            "code": [row.code for row in rows],
            "level": [row.level for row in rows],
            "name": [row.name for row in rows],
            "short": [short_name(row.name) for row in rows],
            "parent_id": [row.parent for row in rows],
            "urban": [row.is_urban for row in rows],
            "longitude": [place.get(row.code, (None, None))[0] for row in rows],
            "latitude": [place.get(row.code, (None, None))[1] for row in rows],
        },
    )


def providers(district: District) -> int:
    """Providers and their places."""
    rows, places = district.network.providers, district.network.facilities
    district.provider_ids = district.numbers.take(Provider, len(rows))
    write(
        Provider,
        {
            "id": district.provider_ids,
            "region_id": [row.region for row in rows],
            "name": [row.name for row in rows],
            "uscc": [row.uscc for row in rows],
            "mode": [row.mode.value for row in rows],
            "phone": [row.phone for row in rows],
            "summary": [row.summary for row in rows],
            "home_care": [row.home_care for row in rows],
            "admitted_on": [row.admitted for row in rows],
        },
    )
    return write(
        Facility,
        {
            "id": district.numbers.take(Facility, len(places)),
            "provider_id": district.provider_ids[[place.owner for place in places]],
            "kind": [place.kind.value for place in places],
            "region_id": [place.region for place in places],
            "name": [place.name for place in places],
            "address": [place.address for place in places],
            "longitude": [place.place.longitude for place in places],
            "latitude": [place.place.latitude for place in places],
            "cell": [place.cell for place in places],
            "phone": [place.phone for place in places],
            "hours": [place.hours for place in places],
            "beds": [place.beds for place in places],
            "nursing_beds": [place.nursing_beds for place in places],
            "beds_free": [place.beds_free for place in places],
            "month_price": [place.month_price for place in places],
            "stars": [place.stars for place in places],
            "inspection": [place.inspection.value for place in places],
            "inspected_on": [place.inspected for place in places],
        },
    )


def offers(district: District) -> int:
    """What is sold; an offer keeps its row number in the order of ``district.offered``."""
    offered = district.offered
    district.offer_ids = district.numbers.take(Offer, len(offered.items))
    return write(
        Offer,
        {
            "id": district.offer_ids,
            "provider_id": district.provider_ids[offered.provider],
            "item_id": [item.code for item in offered.items],
            "price": offered.price,
            "areas": [
                district.network.providers[index].areas for index in offered.provider.tolist()
            ],
        },
    )


def accounts(
    numbers: Numbers, plan: Plan, names: StrArray, phones: StrArray, kind: RoleKind, title: str
) -> IntArray:
    """Accounts that only log in by code, each with one role; returns their numbers."""
    ids = numbers.take(Account, len(names))
    write(
        Account,
        {
            "id": ids,
            "password": [f"!{secrets.token_hex(20)}" for _ in ids],
            "phone": [encrypt(phone) for phone in phones.tolist()],
            "phone_index": [blind_index(phone) for phone in phones.tolist()],
            "name": names,
            "created_at": moment(plan.oldest, 0),
        },
    )
    roles = numbers.take(Role, len(ids))
    write(Role, {"id": roles, "account_id": ids, "kind": kind, "scope": "", "title": title})
    return ids


def staff(district: District, caregiver: Person | None) -> int:
    """Caregivers with accounts; the first gets the account of the named one, if there is one."""
    crew, plan = district.crew, district.plan
    if caregiver is not None:
        crew.name[0] = caregiver.name
    rest = slice(1 if caregiver else 0, None)
    ids = accounts(district.numbers, plan, crew.name[rest], crew.phone[rest], CAREGIVER, "护理员")
    district.staff_accounts = np.r_[caregiver.account, ids] if caregiver else ids
    district.staff_ids = district.numbers.take(StaffMember, len(crew))
    return write(
        StaffMember,
        {
            "id": district.staff_ids,
            "provider_id": district.provider_ids[crew.provider],
            "region_id": crew.town,
            "account_id": district.staff_accounts,
            "number": [f"C{number:06d}" for number in district.staff_ids.tolist()],
            "name": crew.name,
            "sex": np.where(crew.female, "f", "m"),
            "grade": crew.grade,
            "skills": list(crew.skills),
            "mode": crew.mode,
            "longitude": crew.lon,
            "latitude": crew.lat,
        },
    )


def vehicles(district: District) -> IntArray:
    """Vehicles with a load; returns their numbers."""
    rows, ids = district.fleet, district.numbers.take(Vehicle, len(district.fleet))
    write(
        Vehicle,
        {
            "id": ids,
            "provider_id": district.provider_ids[[row.provider for row in rows]],
            "region_id": [district.network.providers[row.provider].region for row in rows],
            "kind": [row.kind.value for row in rows],
            "plate": [row.plate for row in rows],
            "capacity": [row.capacity for row in rows],
            "refill_name": [row.stands.name for row in rows],
            "longitude": [row.stands.place.longitude for row in rows],
            "latitude": [row.stands.place.latitude for row in rows],
            "refill_minutes": [row.minutes for row in rows],
        },
    )
    return ids


def shifts(district: District) -> int:
    """When everybody works and with which vehicle, from the oldest day to a fortnight ahead."""
    crew, plan = district.crew, district.plan
    has = dict(
        zip([row.driver for row in district.fleet], vehicles(district).tolist(), strict=True)
    )
    member, day = np.nonzero(crew.works)
    dates = np.datetime64(plan.oldest, "D") + day
    begins = moment(dates, crew.begins[member])
    called = np.minimum(begins - np.timedelta64(2400, "s"), plan.stamp)
    ill = np.isin(member, district.sick) & (day == plan.days)
    return write(
        Shift,
        {
            "id": district.numbers.take(Shift, len(member)),
            "staff_id": district.staff_ids[member],
            "provider_id": district.provider_ids[crew.provider[member]],
            "region_id": crew.town[member],
            "date": dates,
            "during": spans(begins, moment(dates, crew.ends[member])),
            "vehicle_id": [has.get(one) for one in member.tolist()],
            "sick_at": np.where(ill, called, np.datetime64("NaT", "s")),
            "created_at": np.minimum(begins - np.timedelta64(14, "D"), plan.stamp),
        },
    )


def families(district: District, clients: IntArray) -> int:
    """Relatives with accounts who act for a part of the clients, for a year or more."""
    rng, plan = district.rng(5), district.plan
    apart = [*district.families]
    elders = np.setdiff1d(clients[rng.random(len(clients)) < FAMILY_SHARE], apart)
    batch = district.batch
    female = rng.random(len(elders)) < 0.55
    names = identity.names(rng, female)
    surnames = np.array([name[0] for name in batch.name[elders].tolist()], dtype="<U1")
    names = np.char.add(surnames, np.array([name[1:] for name in names.tolist()], dtype="<U2"))
    first = district.block * RELATIVES_PER_DISTRICT
    phones = identity.phones(first + np.arange(len(elders)), Holder.RELATIVE)
    ids = accounts(district.numbers, plan, names, phones, FAMILY, "家属")
    for elder, account, name in zip(elders.tolist(), ids.tolist(), names.tolist(), strict=True):
        district.families[elder] = Person(account, name)
    named = district.named
    relation = {named.mother: "女儿", named.father: "儿媳", named.stranger: "儿子"} if named else {}
    drawn = rng.choice(RELATIONS[:4], size=len(district.families)).tolist()
    rows = list(district.families)
    regions = batch.village_code[rows]
    until = np.datetime64(plan.today + timedelta(days=400), "s") - SHANGHAI
    bound = {
        "elder_id": district.elder_ids[rows],
        "region_id": regions,
        "account_id": [person.account for person in district.families.values()],
        "valid_from": moment(plan.oldest, 0),
        "valid_until": np.full(len(rows), until),
    }
    write(
        Proxy,
        {
            **bound,
            "id": district.numbers.take(Proxy, len(rows)),
            "relation": [relation.get(row, drawn[i]) for i, row in enumerate(rows)],
            "proof": "户口簿",
        },
    )
    return write(
        Access,
        {
            "id": district.numbers.take(Access, len(rows)),
            "person_id": bound.pop("elder_id"),
            "why": "proxy",
            **bound,
        },
    )
