"""Entering people into the register, and counting them."""

import dataclasses
from datetime import date

from django.db import transaction
from django.db.models import Sum

from songbai.core import clock, texts
from songbai.core.acting import Actor, on, publish, system_only
from songbai.core.crypto import blind_index, encrypt
from songbai.core.errors import Refused
from songbai.core.geo import Place
from songbai.core.regions.queries import region as region_by_code
from songbai.core.regions.rules import bounds, inside
from songbai.core.sql import run
from songbai.domain.elders.actions.facts.registered import keep_entry
from songbai.domain.elders.models import Elder, ElderCount
from songbai.domain.elders.rules import (
    HardshipClass,
    LivingSituation,
    Sex,
    born_by,
    door,
    possible_birth,
)


class AlreadyRegistered(Refused):
    """这位老人已经登记过了，不用再登记。"""


class ImpossibleBirth(Refused):
    """出生日期不可能：在今天以后，或太早。请核对身份证号和出生日期。"""

    field = "birth_date"


@dataclasses.dataclass(frozen=True)
class NewElder:
    """What is needed to register somebody. ``region`` is the 12-digit code of the village."""

    region: str
    name: str
    initials: str
    sex: Sex
    birth_date: date
    id_number: str
    phone: str
    address: str
    home: Place
    household: int = 0
    hardship: HardshipClass = HardshipClass.NONE
    living: LivingSituation = LivingSituation.WITH_CHILDREN
    ability_level: int | None = None
    risks: tuple[str, ...] = ()


@transaction.atomic
def register(actor: Actor, new: NewElder) -> Elder:
    """Enter an elder into the register.

    Raises AlreadyRegistered, ImpossibleBirth, UnknownRegion, WrongText, NotAllowed.
    """
    region = region_by_code(new.region)
    system_only(actor)
    if not possible_birth(new.birth_date, clock.today()):
        raise ImpossibleBirth
    name = texts.person_name(new.name)
    phone = texts.phone(new.phone) if new.phone else ""
    index = blind_index(new.id_number)
    if Elder.objects.filter(id_number_index=index).exists():
        raise AlreadyRegistered
    elder = Elder.objects.create(
        region=region,
        name=name,
        initials=new.initials,
        sex=new.sex,
        birth_date=new.birth_date,
        id_number=encrypt(new.id_number),
        id_number_index=index,
        phone=encrypt(phone),
        phone_index=blind_index(phone),
        address=encrypt(texts.folded_address(new.address)),
        longitude=new.home.longitude,
        latitude=new.home.latitude,
        household=new.household,
        hardship=new.hardship,
        living=new.living,
        ability_level=new.ability_level,
        risks=list(new.risks),
        door_code=free_door_code(),
        registered_at=clock.now(),
    )
    keep_entry(elder)
    publish("elder.registered", actor, **on("elder", elder))
    return elder


def free_door_code() -> str:
    """A code that hangs at no door yet."""
    code = door.draw()
    while Elder.objects.filter(door_code=code).exists():
        code = door.draw()
    return code


#: Bands of completed years above the youngest, each a step for whom it is reached.
_BANDS = (60, 70, 80, 90, 100)
_COUNT = f"""
INSERT INTO elders_eldercount (region_id, age_band, hardship, living, n, counted_at)
SELECT region_id, 50 + 10 * ({" + ".join(["(birth_date <= %s)::int"] * len(_BANDS))}),
       hardship, living, count(*), %s
FROM elders_elder
WHERE died_on IS NULL AND merged_into_id IS NULL AND region_id BETWEEN %s AND %s
GROUP BY 1, 2, 3, 4
"""


@transaction.atomic
def recount(actor: Actor, region: str = "") -> int:
    """Count the living elders of a division anew, by village, age band and situation.

    Returns how many elders there are. Two recounts at once take turns. Raises NotAllowed.
    """
    system_only(actor)
    here = bounds(region)
    run("LOCK TABLE elders_eldercount IN SHARE ROW EXCLUSIVE MODE")
    run("DELETE FROM elders_eldercount WHERE region_id BETWEEN %s AND %s", here)
    reached = [born_by(clock.today(), age) for age in _BANDS]
    run(_COUNT, [*reached, clock.now(), *here])
    counted = ElderCount.objects.filter(**inside(region))
    return counted.aggregate(n=Sum("n"))["n"] or 0
