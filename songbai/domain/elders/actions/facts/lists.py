"""Complete lists: who is not on one has the default of its kind."""

from datetime import datetime

from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, Reach, publish, require
from songbai.core.errors import Refused
from songbai.core.regions.queries import children
from songbai.core.regions.queries import region as region_by_code
from songbai.core.regions.rules import DIGITS, Level, bounds
from songbai.domain.elders.declares import FACT_RECORD
from songbai.domain.elders.models import ClosedList
from songbai.domain.elders.rules.kinds import WrongSource, kind_of

from .sets import derive_touched, touch
from .turns import take_all

_TOUCH = """
SELECT elder_id, kind FROM elders_currentfact
WHERE kind = '{kind}' AND region_id BETWEEN '{low}' AND '{high}'
  AND NOT (source = '{source}' AND observed_at >= '{as_of}')
UNION SELECT elder_id, kind FROM elders_conflict
WHERE kind = '{kind}' AND region_id BETWEEN '{low}' AND '{high}' AND state = 'open'
"""


class TooSmall(Refused):
    """完整名单要按区县或全市送，不能按镇街、村社送。"""

    field = "region"


@transaction.atomic
def deliver_list(
    actor: Actor,
    kind: str,
    source: str,
    region: str,
    as_of: datetime,
    *,
    rows: int = 0,
    batch: int | None = None,
) -> int:
    """Note that a source's list of a kind was complete for a district, or all districts of a city.

    Its rows are recorded first, observed at ``as_of`` or later: what the source said earlier and
    did not repeat is over. Noting it twice is noting it once. Returns how many rows changed.

    Raises UnknownKind, WrongSource, UnknownRegion, TooSmall, NotAllowed.
    """
    found = kind_of(kind)
    if source not in found.closed:
        raise WrongSource
    place = region_by_code(region)
    if place.level > Level.DISTRICT:
        raise TooSmall
    prefix = place.code[: DIGITS[Level(place.level)]]
    require(actor, FACT_RECORD, Reach(prefix))
    take_all()
    districts = [place] if place.level == Level.DISTRICT else children(prefix, Level.DISTRICT)
    ClosedList.objects.bulk_create(
        [
            ClosedList(
                kind=kind,
                source=source,
                region=district,
                as_of=as_of,
                recorded_at=clock.now(),
                rows=rows,
                batch=batch,
                entered_by=actor.account_id,
            )
            for district in districts
        ],
        ignore_conflicts=True,
    )
    low, high = bounds(prefix)
    touch(
        _TOUCH.format(kind=found.code, source=source, low=low, high=high, as_of=as_of.isoformat())
    )
    changed = derive_touched()
    publish(
        "facts.list_delivered",
        actor,
        subject=("region", int(place.code)),
        region=place.code,
        list=kind,
        source=source,
        as_of=as_of.isoformat(),
        rows=rows,
    )
    return changed
