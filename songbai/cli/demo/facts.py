"""What the departments say of the demo city's elders: facts by COPY, complete lists, what stands.

Only what differs from the default of a complete list is a row. Of one thing said again the later
stands; a test rebuilds the view and finds nothing to change.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songbai.cli.demo.batch import HardshipClass, LivingSituation, codes_of
from songbai.cli.demo.district import District
from songbai.cli.demo.identity import IntArray, StrArray
from songbai.core import clock
from songbai.core.crypto import blind_index_many
from songbai.core.crypto.bulk import encrypt_many
from songbai.core.sql import run
from songbai.domain.elders.models import ClosedList, Fact
from songbai.domain.elders.rules.facts import digest_of
from songbai.domain.elders.rules.kinds import kinds

#: GB/T 26341 numbers the kinds of disability; the last are more than one.
DISABILITIES = np.array(
    ["none", "visual", "hearing", "speech", "physical", "intellectual", "mental", "multiple"]
)
#: Shares of former employees and civil servants among the retired, in villages and in towns.
EMPLOYEES, CIVIL = (0.06, 0.42), (0.01, 0.05)
#: From this age on a yearly certification and an account are needed for the allowance.
OLD = 80
STANDS = """
INSERT INTO elders_currentfact (elder_id, kind, region_id, source, value, value_index, valid_from,
  valid_to, observed_at, fact_id)
SELECT DISTINCT ON (elder_id, kind)
  elder_id, kind, region_id, source, value, value_index, valid_from, valid_to, observed_at, id
FROM elders_fact WHERE id BETWEEN %s AND %s ORDER BY elder_id, kind, observed_at DESC
"""


@dataclass(frozen=True)
class Said:
    """What one source says of some elders (rows of the batch), so many days ago."""

    kind: str
    source: str
    rows: IntArray
    values: StrArray
    days_ago: int | IntArray


def write(district: District) -> int:
    """All facts of a district, its complete lists, and what stands; returns how many facts."""
    first = 0
    total = 0
    for said in _said(district):
        if not len(said.rows):
            continue
        ids = district.load.take(Fact, len(said.rows))
        first = first or int(ids[0])
        total += district.load.write(Fact, _columns(district, said, ids))
    run(STANDS, [first, first + total - 1])
    _deliver(district)
    return total


def _said(district: District) -> list[Said]:
    batch, rng = district.batch, district.rng(41)
    urban = np.array([village.is_urban for village in batch.villages])[batch.village].astype(int)
    work = rng.random(len(batch))
    civil = work < np.array(CIVIL)[urban]
    employee = ~civil & (work < np.array(CIVIL)[urban] + np.array(EMPLOYEES)[urban])
    retired = np.flatnonzero(civil | employee)
    old = np.flatnonzero(batch.age >= OLD)
    disabled = np.flatnonzero(batch.disability_kind)
    certified = rng.integers(1, 360, len(old))
    yesterday = np.datetime64(district.plan.today, "D") - np.timedelta64(1, "D")
    return [
        _where("hardship", "minzheng", batch.hardship > 0, codes_of(HardshipClass, batch.hardship)),
        _where("living", "village", batch.living > 0, codes_of(LivingSituation, batch.living)),
        _where("special_family", "weijian", batch.special_family, _all("true", len(batch))),
        *_abilities(district),
        Said(
            "disability_kind", "canlian", disabled,
            DISABILITIES[batch.disability_kind[disabled]], FIRST["canlian"],
        ),
        Said(
            "disability_grade", "canlian", disabled,
            batch.disability_grade[disabled].astype(str), FIRST["canlian"],
        ),
        Said(
            "pension", "renshe", retired, np.where(civil[retired], "civil", "employee"),
            FIRST["renshe"],
        ),
        Said(
            "medical_insurance", "yibao", retired, _all("employee", len(retired)),
            FIRST["yibao"],
        ),
        Said("ltci_insured", "yibao", retired, _all("true", len(retired)), FIRST["yibao"]),
        _where(
            "ltci_grade", "yibao", (civil | employee) & (batch.ability >= 3),
            np.where(batch.ability == 4, "4", "3"),
        ),
        Said(
            "survival", "renshe", old,
            (yesterday - certified.astype("timedelta64[D]")).astype(str), certified,
        ),
        Said(
            "bank_card", "renshe", old,
            np.char.add("621700", np.char.zfill(batch.serial[old].astype(str), 13)),
            FIRST["renshe"],
        ),
    ]  # fmt: skip


#: How many days ago each source last delivered, and how many when it said what it says now:
#: before the first of the months that are told.
LAST = {
    "minzheng": 12, "village": 30, "weijian": 20, "assessment": 90, "canlian": 14, "renshe": 9,
    "yibao": 5, "gongan": 3,
}  # fmt: skip
FIRST = {source: 93 + days for source, days in LAST.items()}


def _all(value: str, count: int) -> StrArray:
    return np.full(count, value)


def _where(kind: str, source: str, mask: NDArray[np.bool_], values: StrArray) -> Said:
    rows = np.flatnonzero(mask)
    return Said(kind, source, rows, values[rows], FIRST[source])


def _abilities(district: District) -> list[Said]:
    """Levels as assessed; who was assessed within the months told had the same level before."""
    rows = np.flatnonzero(district.batch.ability)
    values, days = district.batch.ability[rows].astype(str), district.assessed_on[rows]
    today, first = np.datetime64(district.plan.today, "D"), FIRST["assessment"]
    ago = np.where(np.isnat(days), first, (today - days).astype(int))
    late = ago < first
    return [
        Said("ability_level", "assessment", rows, values, np.maximum(ago, first)),
        Said("ability_level", "assessment", rows[late], values[late], ago[late]),
    ]


def _moment(district: District, days_ago: int) -> datetime:
    return clock.at(district.plan.today - timedelta(days=days_ago), 9)


def _columns(district: District, said: Said, ids: IntArray) -> dict[str, Any]:
    days = np.broadcast_to(said.days_ago, ids.shape).tolist()
    moments = {ago: _moment(district, ago) for ago in set(days)}
    at, texts = [moments[ago] for ago in days], said.values.tolist()
    columns: dict[str, Any] = {
        "id": ids,
        "elder_id": district.elder_ids[said.rows],
        "region_id": district.batch.village_code[said.rows],
        "kind": said.kind,
        "source": said.source,
        "source_id": "",
        "value": said.values,
        "observed_at": at,
        "recorded_at": at,
    }
    if kinds()[said.kind].secret:
        indexes = blind_index_many(texts)
        texts = [index.hex() for index in indexes]
        columns |= {"value": "", "secret": encrypt_many(said.values.tolist())}
        columns["value_index"] = indexes
    names = {
        (text, when): digest_of(said.source, "", text, when, (None, None), withdrawn=False)
        for text, when in set(zip(texts, at, strict=True))
    }
    return columns | {"digest": [names[pair] for pair in zip(texts, at, strict=True)]}


def _deliver(district: District) -> None:
    """Every source that delivers complete lists has delivered this district's, once.

    A later list would end every fact it does not repeat.
    """
    lists = [(code, source) for code, kind in kinds().items() for source in kind.closed]
    ClosedList.objects.bulk_create(
        ClosedList(kind=code, source=source, region_id=district.code, as_of=at, recorded_at=at)
        for code, source in lists
        for at in [_moment(district, FIRST[source])]
    )
