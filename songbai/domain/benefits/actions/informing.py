"""Noting that somebody without a phone was told about their benefits."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, on, publish, require
from songbai.core.errors import Refused
from songbai.domain.benefits.declares import BENEFIT_TELL
from songbai.domain.benefits.models import NoticeGiven
from songbai.domain.benefits.rules.months import Month
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import reach_of

#: Ways of telling somebody who reads no phone.
WAYS = {"home": "上门当面", "counter": "在窗口当面", "phone": "打电话"}


class ListenerMissing(Refused):
    """请写告诉了谁：老人本人，或家属的姓名和关系。"""

    field = "listener"


class WayMissing(Refused):
    """请选是怎么告诉的。"""

    field = "way"


@dataclass(frozen=True)
class GivenNotice:
    """Whom somebody told, how, and about which month."""

    key: UUID
    month: Month
    way: str
    listener: str


@transaction.atomic
def note_given(actor: Actor, elder: Elder, given: GivenNotice) -> NoticeGiven:
    """Note that somebody was told; the same key twice is one note.

    Raises NotAllowed, WayMissing, ListenerMissing.
    """
    require(actor, BENEFIT_TELL, reach_of(elder))
    if given.way not in WAYS:
        raise WayMissing
    if not given.listener.strip():
        raise ListenerMissing
    made, new = NoticeGiven.objects.get_or_create(
        key=given.key,
        defaults={
            "elder": elder,
            "region_id": elder.region_id,
            "month": given.month.text,
            "way": given.way,
            "listener": given.listener.strip()[:40],
            "by_id": actor.account_id,
            "by_name": actor.name,
            "at": clock.now(),
        },
    )
    if new:
        publish("benefit.told", actor, **on("elder", elder), month=made.month, way=made.way)
    return made
