"""Finding the person of each row; those who are not there are registered or set aside."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from songbai.core import clock, sql
from songbai.core.accounts.rules import SYSTEM
from songbai.core.crypto import encrypt
from songbai.core.geo import Place
from songbai.core.regions.queries import is_known
from songbai.core.regions.queries import region as region_by_code
from songbai.core.regions.rules import level_of, prefix
from songbai.domain.elders.actions import AlreadyRegistered, NewElder, register
from songbai.domain.elders.rules import Sex, age_on, mask_name
from songbai.domain.elders.rules.elder import initials_of
from songbai.domain.feeds.models import Delivery, UnmatchedRow
from songbai.domain.feeds.reading.rows import Prepared, to_match
from songbai.domain.feeds.rules.schema import Schema
from songbai.domain.feeds.rules.states import UnmatchedState, UnmatchedWhy
from songbai.domain.matching.actions import offer_rows
from songbai.domain.matching.queries.match import match_rows
from songbai.domain.matching.rules import Band, normal_name

from . import taken_back

#: Who may be registered from a feed.
YOUNGEST = 60


@dataclass
class Found:
    """For each good row the person (0: none); who was registered just now; who is set aside; which
    records of nobody were taken back, with the row that says so.
    """

    person: list[int]
    registered: set[int] = field(default_factory=set)
    aside: dict[int, UnmatchedWhy] = field(default_factory=dict)
    void: dict[bytes, int | None] = field(default_factory=dict)


def find(delivery: Delivery, schema: Schema, rows: Prepared, recalled: Sequence[int]) -> Found:
    """The person of every good row. ``recalled``: whose a record was and still is (0: ask).

    Rows that look like an earlier row of the block under another number are asked last: that row's
    person is registered by then, and a clerk is asked whether there are two.
    """
    found = Found(list(recalled))
    asked = [row for row in range(len(rows)) if not found.person[row]]
    for some in _unlike_first(schema, rows, asked):
        _ask(schema, rows, some, found)
        _leave_out(delivery, rows, found)
        if schema.unknown_people == "register":
            _register(delivery, schema, rows, found)
    return found


def _unlike_first(schema: Schema, rows: Prepared, asked: Sequence[int]) -> list[list[int]]:
    """The rows in rounds, so that none of a round has the name and birth date of another."""
    if not _is_thorough(schema):
        return [list(asked)] if asked else []
    numbers: defaultdict[tuple[str, date], dict[str, int]] = defaultdict(dict)
    rounds: defaultdict[int, list[int]] = defaultdict(list)
    for row in asked:
        number = str(rows.values["id_number"][row])
        alike = numbers[normal_name(str(rows.values["name"][row])), _birth(number)]
        rounds[alike.setdefault(number, len(alike))].append(row)
    return [rounds[turn] for turn in sorted(rounds)]


def _is_thorough(schema: Schema) -> bool:
    """Villages write by hand: their rows are compared even when the number is new."""
    return schema.department == "village"


def _ask(schema: Schema, rows: Prepared, asked: Sequence[int], found: Found) -> None:
    to_ask = to_match(schema, rows, asked)
    matches = match_rows(SYSTEM, to_ask, source=schema.department, thorough=_is_thorough(schema))
    if matches.offers:
        offer_rows(SYSTEM, to_ask, matches, source=schema.department)
    for row, elder_id, band in zip(
        asked, matches.elder_id.tolist(), matches.band.tolist(), strict=True
    ):
        if elder_id:
            found.person[row] = elder_id
        elif band == Band.DOUBTFUL:
            found.aside[row] = UnmatchedWhy.DOUBTFUL
        else:
            found.aside[row] = UnmatchedWhy.UNKNOWN


def _register(delivery: Delivery, schema: Schema, rows: Prepared, found: Found) -> None:
    """Enter people of sixty and more whom nobody knows; the same one twice in a block once.

    Nobody is entered of whom a row only says that they left, or whose record is taken back; nor by
    a village in another place.
    """
    today = clock.today()
    place = prefix(delivery.region_id, level_of(delivery.region_id))
    entered: dict[bytes, int] = {}
    unknown = [row for row in sorted(found.aside) if found.aside[row] is UnmatchedWhy.UNKNOWN]
    for row in unknown:
        number = str(rows.values["id_number"][row])
        if rows.is_taken_back(row) or rows.says_left(schema, row):
            continue
        if age_on(_birth(number), today) < YOUNGEST:
            continue
        if _is_thorough(schema) and not _place_of(delivery, rows, row).startswith(place):
            continue
        index = rows.id_indexes[row]
        if index not in entered:
            entered[index] = _enter(delivery, rows, row, number)
            found.registered.add(row)
        found.person[row] = entered[index]
        del found.aside[row]
    for row in unknown:
        if row in found.aside and rows.id_indexes[row] in entered:
            found.person[row] = entered[rows.id_indexes[row]]
            del found.aside[row]


def _leave_out(delivery: Delivery, rows: Prepared, found: Found) -> None:
    """Nobody is asked about what is taken back, or said otherwise later."""
    dropped, void = taken_back.nothing_said(delivery, rows, found.aside)
    for row in dropped:
        del found.aside[row]
    found.void |= void


def _place_of(delivery: Delivery, rows: Prepared, row: int) -> str:
    """Where a row says that somebody lives; a delivery's place when it names none."""
    return next(
        (str(rows.values[name][row]) for name in ("residence", "region", "hukou")
         if rows.values.get(name) and is_known(str(rows.values[name][row] or ""))),
        delivery.region_id,
    )  # fmt: skip


def _enter(delivery: Delivery, rows: Prepared, row: int, number: str) -> int:
    region = region_by_code(_place_of(delivery, rows, row))
    name = str(rows.values["name"][row])
    try:
        with_elder = register(
            SYSTEM,
            NewElder(
                region=region.code,
                name=name,
                initials=initials_of(name),
                sex=Sex.FEMALE if int(number[16]) % 2 == 0 else Sex.MALE,
                birth_date=_birth(number),
                id_number=number,
                phone=_text(rows, "phone", row),
                address=_text(rows, "address", row),
                home=Place(region.longitude or 0.0, region.latitude or 0.0),
            ),
        )
    except AlreadyRegistered:
        # Two writers met the same new person; the other one was first.
        asked = "SELECT id FROM elders_elder WHERE id_number_index = %s"
        return next((int(pk) for (pk,) in sql.rows(asked, [rows.id_indexes[row]])), 0)
    return with_elder.pk


def _birth(number: str) -> date:
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def _text(rows: Prepared, name: str, row: int) -> str:
    column = rows.values.get(name)
    return str(column[row] or "") if column else ""


def set_aside(delivery: Delivery, rows: Prepared, found: Found) -> None:
    """Keep rows without a person, the newest word of each record; also that it was taken back.

    The record's source row is held by now: what another piece has said of it meanwhile is known.
    """
    _leave_out(delivery, rows, found)

    def moment(row: int) -> tuple[datetime, bool, bytes]:
        return rows.observed[row], rows.is_taken_back(row), rows.contents[row]

    fresh = {
        rows.keys[row]: _unmatched(delivery, rows, row, found.aside[row])
        for row in sorted(found.aside, key=moment)
    }
    ended = {
        "state": UnmatchedState.DISMISSED,
        "settled_at": clock.now(),
        "settled_by": SYSTEM.name,
        "note": "撤销和被撤销的行都到了，不用再核对",
        "cells": b"",
    }
    for key, row in found.void.items():
        if row is not None:
            fresh[key] = _unmatched(delivery, rows, row, UnmatchedWhy.UNKNOWN)
            for name, value in ended.items():
                setattr(fresh[key], name, value)
    before = [key for key, row in found.void.items() if row is None]
    waiting = UnmatchedRow.objects.filter(feed=delivery.feed_id, state=UnmatchedState.OPEN)
    waiting.filter(source_key__in=before).update(**ended)
    UnmatchedRow.objects.bulk_create(
        [fresh[key] for key in sorted(fresh)],
        update_conflicts=True,
        unique_fields=["feed", "source_key"],
        update_fields=[
            "delivery",
            "row_number",
            # What the record says now may be of somebody else.
            "id_number_index",
            "name",
            "observed_at",
            "taken_back",
            "cells",
            "why",
            # What was laid aside and is said otherwise now is asked again.
            "state",
            "person_id",
            "settled_at",
            "settled_by",
            "note",
        ],
        batch_size=2000,
    )


def _unmatched(delivery: Delivery, rows: Prepared, row: int, why: UnmatchedWhy) -> UnmatchedRow:
    return UnmatchedRow(
        feed_id=delivery.feed_id,
        delivery=delivery,
        region_id=delivery.region_id,
        source_key=rows.keys[row],
        row_number=rows.numbers[row],
        observed_at=rows.observed[row],
        taken_back=rows.is_taken_back(row),
        id_number_index=rows.id_indexes[row],
        name=mask_name(str(rows.values["name"][row] or "")),
        cells=encrypt(json.dumps(rows.cells(row), ensure_ascii=False)),
        why=why,
        since=clock.now(),
    )
