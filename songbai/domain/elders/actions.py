"""Writing the register."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Sum

from songbai.core import clock
from songbai.core.accounts.actions import grant_access
from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import Actor
from songbai.core.crypto import blind_index, encrypt
from songbai.core.errors import NotAllowed, Refused
from songbai.core.events.actions import publish
from songbai.core.geo import Place
from songbai.core.regions.queries import region as region_by_code
from songbai.core.regions.rules import bounds

from .models import Elder, ElderCount, Proxy
from .rules import HardshipClass, LivingSituation, ProxyScope, Sex


class AlreadyRegistered(Refused):
    """这位老人已经登记过了，不用再登记。"""


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

    Raises AlreadyRegistered, UnknownRegion, NotAllowed.
    """
    region = region_by_code(new.region)
    if not actor.is_system:
        raise NotAllowed
    index = blind_index(new.id_number)
    if Elder.objects.filter(id_number_index=index).exists():
        raise AlreadyRegistered
    elder = Elder.objects.create(
        region=region,
        name=new.name,
        initials=new.initials,
        sex=new.sex,
        birth_date=new.birth_date,
        id_number=encrypt(new.id_number),
        id_number_index=index,
        phone=encrypt(new.phone),
        address=encrypt(new.address),
        longitude=new.home.longitude,
        latitude=new.home.latitude,
        household=new.household,
        hardship=new.hardship,
        living=new.living,
        ability_level=new.ability_level,
        risks=list(new.risks),
        door_code=uuid.uuid4(),
        registered_at=clock.now(),
    )
    publish(
        "elder.registered",
        actor,
        subject=("elder", elder.pk),
        region=elder.region_id,
        person_id=elder.pk,
    )
    return elder


@transaction.atomic
def bind_proxy(
    actor: Actor,
    elder: Elder,
    account: Account,
    *,
    relation: str,
    scope: ProxyScope,
    proof: str,
    until: datetime,
) -> Proxy:
    """Let an account act for an elder until a moment; binding again renews.

    Raises NotAllowed.
    """
    if not actor.is_system:
        raise NotAllowed
    proxy, _ = Proxy.objects.update_or_create(
        elder=elder,
        account=account,
        defaults={
            "region_id": elder.region_id,
            "relation": relation,
            "may_order": scope.order,
            "may_see_money": scope.money,
            "proof": proof,
            "valid_from": clock.now(),
            "valid_until": until,
        },
    )
    grant_access(
        person_id=elder.pk,
        region=elder.region_id,
        why="proxy",
        until=until,
        account_id=account.pk,
    )
    publish(
        "elder.proxy_bound",
        actor,
        subject=("elder", elder.pk),
        region=elder.region_id,
        person_id=elder.pk,
        relation=relation,
    )
    return proxy


#: Tens of completed years; ``age()`` counts as ``rules.age_on`` does (29 February on 1 March).
_COUNT = """
INSERT INTO elders_eldercount (region_id, age_band, hardship, living, n, counted_at)
SELECT region_id, greatest(50, least(100, floor(extract(year FROM age(%s, birth_date)) / 10) * 10)),
       hardship, living, count(*), %s
FROM elders_elder
WHERE died_on IS NULL AND region_id BETWEEN %s AND %s
GROUP BY 1, 2, 3, 4
"""


@transaction.atomic
def recount(actor: Actor, region: str = "") -> int:
    """Count the living elders of a division anew, by village, age band and situation.

    Returns how many elders there are. Two recounts at once take turns. Raises NotAllowed.
    """
    if not actor.is_system:
        raise NotAllowed
    low, high = bounds(region)
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE elders_eldercount IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(
            "DELETE FROM elders_eldercount WHERE region_id BETWEEN %s AND %s", [low, high]
        )
        cursor.execute(_COUNT, [clock.today(), clock.now(), low, high])
    counted = ElderCount.objects.filter(region_id__gte=low, region_id__lte=high)
    return counted.aggregate(n=Sum("n"))["n"] or 0
