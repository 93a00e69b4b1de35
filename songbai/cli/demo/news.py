"""Events and reads of the last days, as the actions would have left them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np

from songbai.cli.demo.district import NOBODY, District, Person
from songbai.cli.demo.history import moment
from songbai.cli.demo.identity import IntArray
from songbai.cli.demo.tables import write
from songbai.cli.demo.work import Work
from songbai.core.accounts.registry import RoleKind
from songbai.core.audit.models import Read
from songbai.core.events.models import Event
from songbai.domain.elders.declares import DISPATCHER
from songbai.domain.providers.declares import CAREGIVER

DAYS, DAYS_ELSEWHERE = 7, 1
"""Days of events in the district of the named people, and in all others."""
READS_SHARE = 0.5

Row = tuple[np.datetime64, int, str, Person, dict[str, Any]]


def recent(district: District, work: Work) -> IntArray:
    """Orders of the last days, and all of the elders the demo tells about."""
    back = timedelta(days=DAYS if district.named else DAYS_ELSEWHERE)
    since = moment(district.plan.today - back, 0)
    named = district.named.rows() if district.named else []
    return np.flatnonzero((work.orders.window_start >= since) | np.isin(work.orders.elder, named))


def write_events(district: District, work: Work) -> int:
    """One event per act, by time."""
    rows = recent(district, work)
    found: list[Row] = sorted(
        (row for order in rows.tolist() for row in _story(district, work, order)),
        key=lambda row: (row[0], row[1]),
    )
    elders = work.orders.elder[[row[1] for row in found]]
    providers = work.provider[[row[1] for row in found]]
    return write(
        Event,
        {
            "id": district.numbers.take(Event, len(found)),
            "at": np.array([row[0] for row in found], dtype="M8[s]"),
            "kind": [row[2] for row in found],
            "actor_id": [row[3].account for row in found],
            "actor_name": [row[3].name for row in found],
            "subject_kind": "order",
            "subject_id": work.ids[[row[1] for row in found]],
            "region_id": district.batch.village_code[elders],
            "person_id": district.elder_ids[elders],
            "organisation_id": district.provider_ids[providers],
            "payload": [row[4] for row in found],
        },
    )


def _story(district: District, work: Work, row: int) -> Iterator[Row]:
    """What happened to one order, in order."""
    orders = work.orders
    yield orders.placed[row], row, "order.placed", work.placed_by[row], {}
    if not np.isnat(orders.cancelled[row]):
        yield orders.cancelled[row], row, "order.cancelled", work.placed_by[row], {}
    if orders.stop[row] < 0:
        return
    member = int(work.stops.staff[orders.stop[row]])
    caregiver = Person(int(district.staff_accounts[member]), str(district.crew.name[member]))
    doubts = work.doubts.get(row, [])
    choice = {"caregiver": caregiver.name, "reason": work.reasons[row], "override": ""}
    yield orders.decided[row], row, "order.assigned", district.dispatcher, choice
    seen = {"visit": work.visits.get(row), "caregiver": caregiver.name, "doubts": doubts}
    if not np.isnat(orders.came[row]):
        at_first = [doubt for doubt in doubts if doubt not in {"short", "steps"}]
        yield orders.came[row], row, "order.begun", caregiver, {}
        yield orders.came[row], row, "visit.checked_in", caregiver, {**seen, "doubts": at_first}
    if not np.isnat(orders.left[row]):
        yield orders.left[row], row, "order.served", caregiver, {}
        yield orders.left[row], row, "visit.checked_out", caregiver, seen
    if not np.isnat(orders.confirmed[row]):
        person = work.families[row] if orders.by_family[row] else NOBODY
        yield orders.confirmed[row], row, "order.confirmed", person, {"stars": work.stars[row]}


def write_reads(district: District, work: Work) -> int:
    """Who looked at whom: the dispatcher when choosing, caregivers at the door."""
    rng = district.rng(13)
    rows = [row for row in recent(district, work).tolist() if work.orders.stop[row] >= 0]
    found: list[tuple[np.datetime64, int, Person, RoleKind, str, tuple[str, ...], str]] = []
    for row in rows:
        member = int(work.stops.staff[work.orders.stop[row]])
        caregiver = Person(int(district.staff_accounts[member]), str(district.crew.name[member]))
        elder, came = int(work.orders.elder[row]), work.orders.came[row]
        if district.dispatcher.account and rng.random() < READS_SHARE:
            at = work.orders.decided[row]
            fields = ("name", "address", "risks")
            who = district.dispatcher
            found.append((at, elder, who, DISPATCHER, "派单", fields, "/desk/"))
        if not np.isnat(came):
            fields = ("name", "phone", "address")
            found.append((came, elder, caregiver, CAREGIVER, "上门服务", fields, "/caregiver/"))
    found.sort(key=lambda entry: (entry[0], entry[1]))
    elders = [entry[1] for entry in found]
    return write(
        Read,
        {
            "id": district.numbers.take(Read, len(found)),
            "at": np.array([entry[0] for entry in found], dtype="M8[s]"),
            "account_id": [entry[2].account for entry in found],
            "reader": [entry[2].name for entry in found],
            "role": [str(entry[3]) for entry in found],
            "person_id": district.elder_ids[elders],
            "region_id": district.batch.village_code[elders],
            "fields": [entry[5] for entry in found],
            "purpose": [entry[4] for entry in found],
            "where": [entry[6] for entry in found],
        },
    )
