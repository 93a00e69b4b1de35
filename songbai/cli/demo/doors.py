"""Rows of what followed an order: who was sent, what happened at the door, who may see it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import numpy as np

from songbai.cli.demo import evidence
from songbai.cli.demo.district import District
from songbai.cli.demo.history import moment
from songbai.cli.demo.identity import DateArray, IntArray
from songbai.cli.demo.tables import spans, write
from songbai.cli.demo.work import Work, owned
from songbai.core.accounts.models import Access
from songbai.domain.catalogue.rules import load
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.rules import Candidate, reason_words
from songbai.domain.orders.actions import ACCESS_AFTER
from songbai.domain.visits.models import Visit, VisitStep
from songbai.domain.visits.rules import Doubt, VisitState

STEPS_FOR_DAYS = 14
"""Steps are kept for the last days only, and always for the elders the demo tells about."""


def _reason(work: Work, district: District, row: int, stop: int) -> str:
    """Why this caregiver, in the words of dispatch."""
    stops = work.stops
    km = int(stops.metres[stop]) / 1000
    travel, again = int(stops.travel[stop]), bool(stops.again[stop])
    choice = Candidate(0, "", 0, 0, travel, km, again, 0.0)
    skills = district.offered.items[int(work.orders.offer[row])].skills
    return reason_words(choice, skills, load().skill_words)


def write_visits(district: District, work: Work) -> int:
    """Who was sent, what happened, step by step, and who may see the elder because of it."""
    sent = work.sent()
    stop = work.orders.stop[sent]
    staff = work.stops.staff[stop]
    starts = work.orders.starts[sent]
    ends = starts + work.stops.minutes[stop] * np.timedelta64(60, "s")
    base = owned(district, work, sent)
    ids = district.numbers.take(Assignment, len(sent))
    work.reasons = {
        row: _reason(work, district, row, at)
        for row, at in zip(sent.tolist(), stop.tolist(), strict=True)
    }
    write(
        Assignment,
        {
            **base,
            "id": ids,
            "staff_id": district.staff_ids[staff],
            "account_id": district.staff_accounts[staff],
            "staff_name": district.crew.name[staff],
            "starts_at": starts,
            "during": spans(starts, ends),
            "travel_minutes": work.stops.travel[stop],
            "metres": work.stops.metres[stop],
            "reason": list(work.reasons.values()),
            "decided_by_id": district.dispatcher.account,
            "decided_at": work.orders.decided[sent],
            "begun_at": work.orders.came[sent],
            "ended_at": work.orders.left[sent],
        },
    )
    begun = np.flatnonzero(~np.isnat(work.orders.came[sent]))
    _write_doors(district, work, sent[begun], ids[begun])
    _grant(district, work, sent, staff, starts)
    return len(sent)


def _write_doors(district: District, work: Work, rows: IntArray, assignments: IntArray) -> None:
    rng, now = district.rng(10), district.plan.stamp
    orders, batch = work.orders, district.batch
    elder, offered = orders.elder[rows], district.offered.items
    at_home = np.zeros(len(rows), dtype=np.bool_)
    out = np.array([not offered[row].returns for row in orders.offer[rows].tolist()], np.bool_)
    ends = district.hospitals.ends
    came = evidence.scan(rng, orders.came[rows], ends(batch, elder, at_home), now, at_home)
    left = evidence.scan(rng, orders.left[rows], ends(batch, elder, out), now, out)
    gone = ~np.isnat(left.at)
    minutes = work.stops.minutes[orders.stop[rows]]
    doubts = evidence.doubts_of(came, left, orders.starts[rows], minutes)
    staff = work.stops.staff[orders.stop[rows]]
    ids = district.numbers.take(Visit, len(rows))
    work.visits = dict(zip(rows.tolist(), ids.tolist(), strict=True))
    work.doubts = {row: list(map(str, d)) for row, d in zip(rows.tolist(), doubts, strict=True)}
    base = owned(district, work, rows)
    write(
        Visit,
        {
            **base,
            "id": ids,
            "assignment_id": assignments,
            "staff_id": district.staff_ids[staff],
            "account_id": district.staff_accounts[staff],
            "state": np.where(gone, VisitState.CHECKED_OUT.value, VisitState.SERVING.value),
            **_end(rng, "in", came, np.ones(len(rows), dtype=np.bool_), [[]] * len(rows)),
            **_end(rng, "out", left, gone, doubts),
            "doubts": [tuple(found) for found in doubts],
        },
    )
    _write_steps(district, work, rows, ids, came.at, left.at)


def _write_steps(
    district: District,
    work: Work,
    rows: IntArray,
    ids: IntArray,
    came: DateArray,
    left: DateArray,
) -> None:
    """What was ticked off during the visits of the last days."""
    rng, now = district.rng(14), district.plan.stamp
    base = owned(district, work, rows)
    named = district.named.rows() if district.named else []
    since = moment(district.plan.today - timedelta(days=STEPS_FOR_DAYS), 0)
    kept = np.flatnonzero((came >= since) | np.isin(work.orders.elder[rows], named))
    items = [district.offered.items[offer] for offer in work.orders.offer[rows[kept]].tolist()]
    columns = evidence.step_columns(rng, ids[kept], items, came[kept], left[kept], now)
    which = kept[np.array(columns.pop("row"), dtype=np.int64)]
    count = len(which)
    write(
        VisitStep,
        {
            **columns,
            **{name: base[name][which] for name in ("elder_id", "region_id", "provider_id")},
            "id": district.numbers.take(VisitStep, count),
            "at": np.array(columns["at"], dtype="M8[s]"),
        },
    )


def _end(
    rng: np.random.Generator, side: str, end: evidence.Scans, there: Any, doubts: list[list[Doubt]]
) -> dict[str, Any]:
    """The columns of one end of the visits; empty where a visit has not ended."""
    seen = there & (end.metres >= 0)

    def where(flags: Any, values: Any) -> list[Any]:
        return [
            value if flag else None
            for flag, value in zip(flags.tolist(), values.tolist(), strict=True)
        ]

    return {
        f"{side}_record": [
            str(uuid.UUID(bytes=rng.bytes(16), version=4)) if flag else None
            for flag in there.tolist()
        ],
        f"{side}_at": end.at,
        f"{side}_received": np.where(there, end.received, end.at),
        f"{side}_scanned": where(there, end.scanned),
        f"{side}_longitude": where(seen, end.lon),
        f"{side}_latitude": where(seen, end.lat),
        f"{side}_metres": where(seen, end.metres),
        f"{side}_reason": [
            evidence.reason_at(end, row, Doubt.SHORT in doubts[row]) if flag else ""
            for row, flag in enumerate(there.tolist())
        ],
    }


def _grant(
    district: District, work: Work, sent: IntArray, staff: IntArray, starts: DateArray
) -> None:
    """Access of providers for every elder they served, of caregivers for recent visits."""
    now, orders = district.plan.stamp, work.orders
    until: dict[tuple[int, int | None, int | None, str], np.datetime64] = {}
    ends = orders.window_end + np.timedelta64(ACCESS_AFTER)
    for elder, provider, end in zip(
        orders.elder.tolist(), work.provider.tolist(), ends, strict=True
    ):
        key: tuple[int, int | None, int | None, str]
        key = (elder, None, int(district.provider_ids[provider]), "order")
        until[key] = max(until.get(key, end), end)
    for row, member, end in zip(
        sent.tolist(), staff.tolist(), starts + np.timedelta64(3, "D"), strict=True
    ):
        if end > now:
            account = int(district.staff_accounts[member])
            key = (int(orders.elder[row]), account, None, "visit")
            until[key] = max(until.get(key, end), end)
    elders = np.array([key[0] for key in until], dtype=np.int64)
    write(
        Access,
        {
            "id": district.numbers.take(Access, len(until)),
            "person_id": district.elder_ids[elders],
            "region_id": district.batch.village_code[elders],
            "account_id": [key[1] for key in until],
            "organisation_id": [key[2] for key in until],
            "why": [key[3] for key in until],
            "valid_from": moment(district.plan.oldest, 0),
            "valid_until": np.array(list(until.values()), dtype="M8[s]"),
        },
    )
