"""Counting the register."""

from django.db import transaction
from django.db.models import Sum

from songbai.core import clock
from songbai.core.accounts.rules import Actor, system_only
from songbai.core.regions.rules import bounds, inside
from songbai.core.sql import run
from songbai.domain.elders.models import ElderCount
from songbai.domain.elders.rules import born_by

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
