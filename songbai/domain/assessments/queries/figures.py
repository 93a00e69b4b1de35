"""How bodies and assessors judge, counted in the database and compared by pure rules."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from songbai.core import clock
from songbai.core.acting import Actor, require
from songbai.core.regions.rules import bounds, inside
from songbai.core.sql import rows
from songbai.domain.assessments.declares import BODY, BODY_READ
from songbai.domain.assessments.models import Outlier
from songbai.domain.assessments.rules.agreement import (
    BodyFigures,
    Stratum,
    funnel,
    table_of,
    weighted_kappa,
)
from songbai.domain.assessments.rules.instrument import load

#: From this level on a result counts as severe, for the funnel.
SEVERE = 2
_WHERE = """
a.instrument = %(instrument)s AND a.concluded_at >= %(since)s AND a.body_id IS NOT NULL
AND a.region_id BETWEEN %(low)s AND %(high)s
"""
_PAIRS = f"""
SELECT a.body_id, one.level, other.level, count(*)
FROM assessments_assessment a
JOIN assessments_assessoranswers one ON one.assessment_id = a.id AND one.active
JOIN assessments_assessoranswers other
  ON other.assessment_id = a.id AND other.active AND other.id > one.id
WHERE {_WHERE} AND one.level IS NOT NULL AND other.level IS NOT NULL
GROUP BY 1, 2, 3
"""
_STRATA = f"""
SELECT a.body_id,
       least(100, floor(extract(year FROM age(a.valid_from, e.birth_date)) / 10) * 10)::text
         || ' ' || e.living AS kind,
       count(*), count(*) FILTER (WHERE a.final_level >= %(severe)s)
FROM assessments_assessment a JOIN elders_elder e ON e.id = a.elder_id
WHERE {_WHERE}
GROUP BY 1, 2
"""
_MINUTES = f"""
SELECT a.body_id,
       percentile_cont(0.5) WITHIN GROUP (
         ORDER BY extract(epoch FROM s.finished_at - s.started_at) / 60)
FROM assessments_assessment a
JOIN assessments_assessoranswers s ON s.assessment_id = a.id AND s.active
WHERE {_WHERE} AND s.finished_at IS NOT NULL AND s.started_at IS NOT NULL
GROUP BY 1
"""
_APPEALS = f"""
SELECT a.body_id, count(*), count(*) FILTER (WHERE p.upheld)
FROM assessments_assessment a JOIN assessments_appeal p ON p.assessment_id = a.id
WHERE {_WHERE} GROUP BY 1
"""


def figures(
    actor: Actor, region: str, instrument: str, since: date | None = None
) -> dict[int, BodyFigures]:
    """Figures of the bodies at work in a division, by number of the body.

    A manager sees the own body beside limits made from all: those come as figures, not as rows.
    Raises NotAllowed, UnknownInstrument.
    """
    require(actor, BODY_READ)
    levels = load(instrument).ceiling + 1
    begin = since or clock.today().replace(year=clock.today().year - 1, day=1)
    (low, high), (own_low, own_high) = bounds(region), bounds(actor.region or "")
    asked: dict[str, Any] = {
        "instrument": instrument, "since": clock.at(begin, 0), "severe": SEVERE,
        "low": max(low, own_low), "high": min(high, own_high),
    }  # fmt: skip
    pairs: dict[int, dict[tuple[int, int], int]] = {}
    for body, one, other, count in rows(_PAIRS, asked):
        pairs.setdefault(int(body), {})[int(one), int(other)] = int(count)
    strata = [Stratum(*row) for row in rows(_STRATA, asked)]
    minutes = {int(body): float(value) for body, value in rows(_MINUTES, asked)}
    appeals = {int(body): (int(n), int(upheld)) for body, n, upheld in rows(_APPEALS, asked)}
    points = {point.body: point for point in funnel(strata)}
    found = {}
    for body in dict.fromkeys(row.body for row in strata):
        table, disputed = pairs.get(body, {}), appeals.get(body, (0, 0))
        found[body] = BodyFigures(
            body=body,
            assessed=sum(row.assessed for row in strata if row.body == body),
            kappa=weighted_kappa(table_of(table, levels)),
            pairs=sum(table.values()),
            agreeing=sum(count for (one, other), count in table.items() if one == other),
            minutes=minutes.get(body),
            appeals=disputed[0],
            upheld=disputed[1],
            funnel=points.get(body),
        )
    if actor.kind is BODY:
        return {body: row for body, row in found.items() if body == actor.organisation}
    return found


def open_outliers(actor: Actor, region: str = "") -> QuerySet[Outlier]:
    """What oversight has to look into in a division, the longest first.

    The manager of a body sees its own. Raises NotAllowed.
    """
    require(actor, BODY_READ)
    rows = Outlier.objects.filter(closed_at=None)
    if actor.kind is BODY:
        rows = rows.filter(body_id=actor.organisation)
    elif actor.region is not None:
        rows = rows.filter(**inside(region[:6])).filter(**inside(actor.region))
    return rows.select_related("body").order_by("noticed_at", "id")
