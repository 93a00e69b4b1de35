"""Facts of many people: the same as one by one, in any order, twice, killed and resumed."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.crypto import blind_index, encrypt
from songbai.core.errors import NotAllowed
from songbai.domain.elders.actions.facts import (
    NewFact,
    deliver_list,
    derive_due,
    rebuild,
    record_facts,
)
from songbai.domain.elders.models import Conflict, CurrentFact, Elder, Fact
from songbai.domain.elders.queries.facts import current_of, statement, view_of
from songbai.domain.elders.queries.facts.sets import digest, wide_sql
from songbai.domain.elders.queries.facts.sql import since
from songbai.domain.elders.rules.facts import since_within
from songbai.domain.elders.rules.kinds import WrongSource, kinds
from tests.cast import Cast

from .batches import record_batch

pytestmark = pytest.mark.slow

START = datetime(2026, 1, 5, 1, tzinfo=UTC)
VALUES = {
    "living": ["living_alone", "empty_nest", "in_institution"],
    "hardship": ["dibao", "tekun"],
    "ability_level": ["1", "3"],
    "special_family": ["true", "false"],
    "death": ["2026-01-02", "2026-01-03"],
    "name": ["王桂英", "王贵英", "王·桂英"],
    "phone": ["13800001111", "13900002222"],
    "pension_amount": ["10000", "12000"],
}


def secrets() -> dict[str, tuple[bytes, bytes]]:
    return {text: (encrypt(text), blind_index(text)) for text in VALUES["phone"]}


def invent(elders: list[Elder], seed: int, n: int = 120) -> dict[str, list[tuple[Any, ...]]]:
    """Rows by source, in the order of STAGED."""
    rng, sealed = random.Random(seed), secrets()
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for _ in range(n):
        code = rng.choice(list(VALUES))
        kind, value = kinds()[code], rng.choice(VALUES[code])
        secret, index = sealed[value] if kind.secret else (b"", b"")
        gone = rng.random() < 0.1
        begins = rng.choice([None, date(2025, 1, 1), clock.today() + timedelta(days=30)])
        ends = rng.choice([None, None, clock.today(), clock.today() - timedelta(days=1)])
        row = (
            rng.choice(elders).pk, code, rng.choice("123"),
            "" if kind.secret or gone else value, b"" if gone else secret,
            b"" if gone else index, begins if ends is None else None, ends,
            START + timedelta(days=rng.randrange(300), hours=rng.randrange(3)), gone,
        )  # fmt: skip
        rows.setdefault(rng.choice([s for s in kind.sources if s != "register"]), []).append(row)
    return rows


def people(cast: Cast) -> list[Elder]:
    return [cast.mother, cast.neighbour, cast.far_elder]


def send(rows: dict[str, list[tuple[Any, ...]]], order: list[str] | None = None) -> str:
    for source in order or sorted(rows):
        record_batch(SYSTEM, rows[source], source=source)
    return digest(SYSTEM)


class Undone(Exception):
    """Ends a trial."""


def trial(rows: dict[str, list[tuple[Any, ...]]], order: list[str] | None = None) -> str:
    """The digest after these rows, which then never were."""
    found = ""
    with pytest.raises(Undone), transaction.atomic():
        found = send(rows, order)
        raise Undone
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_halves_swapped_sources_swapped_and_everything_twice_give_the_same_view(
    cast: Cast, seed: int
) -> None:
    rows = invent(people(cast), seed)
    swapped = {
        source: part[len(part) // 2 :] + part[: len(part) // 2] for source, part in rows.items()
    }
    first = trial(rows)
    assert trial(swapped, sorted(rows, reverse=True)) == first
    halves = [(source, part) for source, part in rows.items() for part in (part[::2], part[1::2])]
    for source, part in [*halves, *halves[::-1]]:
        record_batch(SYSTEM, part, source=source)
    assert digest(SYSTEM) == first


def test_of_words_of_one_moment_the_last_to_come_stands_by_set_and_one_by_one(cast: Cast) -> None:
    seen = clock.now() - timedelta(hours=1)
    days = ["2026-01-10", "2026-01-20", "2025-12-05", "2026-01-11"]
    for day in days:
        row = (cast.mother.pk, "death", "T1", day, b"", b"", None, None, seen, False)
        record_batch(SYSTEM, [row], source="gongan")
        fact = NewFact("death", day, source_id="T1", observed_at=seen)
        record_facts(SYSTEM, cast.neighbour, [fact], source="gongan")
        for elder in (cast.mother, cast.neighbour):
            elder.refresh_from_db()
            assert str(elder.died_on) == day
    before = digest(SYSTEM)
    rebuild(SYSTEM)
    assert digest(SYSTEM) == before


def test_a_batch_that_was_killed_leaves_nothing_and_is_simply_sent_again(cast: Cast) -> None:
    rows = invent(people(cast), 4)
    before, whole = digest(SYSTEM), trial(rows)
    with pytest.raises(Undone), transaction.atomic():
        send({source: part[:5] for source, part in rows.items()})
        raise Undone
    assert (digest(SYSTEM), send(rows)) == (before, whole)


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_one_by_one_and_as_a_set_are_the_same(cast: Cast, seed: int) -> None:
    rows = invent(people(cast), seed)
    deliver_list(SYSTEM, "hardship", "minzheng", "500151", START + timedelta(days=100))
    whole = trial(rows)
    by_id = {elder.pk: elder for elder in people(cast)}
    plain = {index: text for text, (_, index) in secrets().items()}
    for source, part in rows.items():
        for elder_id, kind, row, value, _, index, begins, ends, at, gone in part:
            new = NewFact(kind, value or plain.get(index, ""), row, at, begins, ends, gone)
            record_facts(SYSTEM, by_id[elder_id], [new], source=source)
    assert digest(SYSTEM) == whole


def test_a_rebuild_changes_nothing_and_restores_what_was_lost(cast: Cast) -> None:
    whole = send(invent(people(cast), 8))
    assert rebuild(SYSTEM) == 0
    CurrentFact.objects.all().delete()
    Elder.objects.update(living="left_behind", hardship="low_income")
    rebuild(SYSTEM)
    left = Elder.objects.filter(living="left_behind", facts__isnull=False)
    assert (digest(SYSTEM), left.count()) == (whole, 0)


def test_the_same_row_sent_twice_is_one_row(cast: Cast) -> None:
    rows = invent(people(cast), 9)["village"]
    record_batch(SYSTEM, rows, source="village")
    again = record_batch(SYSTEM, rows, source="village")
    assert (again.recorded, again.changed) == (0, 0)


def test_the_new_list_ends_what_the_old_one_said(cast: Cast) -> None:
    record_facts(SYSTEM, cast.mother, [NewFact("hardship", "tekun", "1", START)], source="minzheng")
    deliver_list(SYSTEM, "hardship", "minzheng", "500151", START + timedelta(days=30))
    cast.mother.refresh_from_db()
    found = current_of(SYSTEM, cast.mother)["hardship"].stands
    assert (cast.mother.hardship, found.value, found.source) == ("none", "none", "minzheng")


def test_a_list_that_arrives_before_its_rows_gives_the_same(cast: Cast) -> None:
    at = START + timedelta(days=30)
    deliver_list(SYSTEM, "hardship", "minzheng", "500151", at)
    record_facts(SYSTEM, cast.mother, [NewFact("hardship", "tekun", "1", at)], source="minzheng")
    cast.mother.refresh_from_db()
    assert cast.mother.hardship == "tekun"


def test_time_alone_ends_a_period(cast: Cast) -> None:
    until = clock.today() + timedelta(days=3)
    new = NewFact("hardship", "tekun", "1", clock.now(), valid_to=until)
    record_facts(SYSTEM, cast.mother, [new], source="minzheng")
    derive_due(SYSTEM)
    with clock.moved_to(clock.now() + timedelta(days=5)):
        assert derive_due(SYSTEM) > 0
        cast.mother.refresh_from_db()
        assert (cast.mother.hardship, rebuild(SYSTEM)) == ("dibao", 0)  # as it was registered


def wide(codes: list[str], **more: Any) -> dict[int, dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(wide_sql(codes, more.pop("view", view_of()), **more))
        names = [column.name for column in cursor.description]
        return {row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}


@pytest.mark.parametrize("seed", [10, 11])
def test_the_wide_rows_say_of_everybody_what_the_rules_say_of_one(cast: Cast, seed: int) -> None:
    send(invent(people(cast), seed))
    deliver_list(SYSTEM, "hardship", "minzheng", "50", START + timedelta(days=200))
    codes = sorted(VALUES)
    stored, derived = wide(codes, stored=True), wide(codes)
    for elder in people(cast):
        found = current_of(SYSTEM, elder)
        for code in codes:
            expected = (
                (found[code].stands.value, found[code].stands.source)
                if code in found
                else (None, None)
            )
            for row in (stored[elder.pk], derived[elder.pk]):
                assert (row[code], row[f"{code}_source"]) == expected


def test_the_wide_rows_can_be_asked_for_any_day_and_what_was_known_then(cast: Cast) -> None:
    early, late = clock.now() - timedelta(days=9), clock.now() + timedelta(days=9)
    record_facts(
        SYSTEM, cast.mother, [NewFact("pension_amount", "100", "1", early)], source="renshe"
    )
    with clock.moved_to(late):
        record_facts(
            SYSTEM, cast.mother, [NewFact("pension_amount", "200", "1", early + timedelta(days=1))],
            source="renshe",
        )  # fmt: skip
        known = view_of(known_at=late - timedelta(days=1))
        assert wide(["pension_amount"], view=known)[cast.mother.pk]["pension_amount"] == "100"
        assert wide(["pension_amount"])[cast.mother.pk]["pension_amount"] == "200"


def test_an_officer_records_only_people_of_her_own_place(cast: Cast) -> None:
    row = (cast.far_elder.pk, "living", "1", "empty_nest", b"", b"", None, None, START, False)
    with pytest.raises(NotAllowed):
        record_batch(cast.officer, [row], source="village")
    assert not Fact.objects.filter(source="village").exists()


def test_a_source_may_only_say_what_is_its_to_say(cast: Cast) -> None:
    row = (cast.mother.pk, "hardship", "1", "dibao", b"", b"", None, None, START, False)
    with pytest.raises(WrongSource):
        record_batch(SYSTEM, [row], source="yibao")


def test_disagreement_reaches_the_work_list_and_leaves_it(cast: Cast) -> None:
    def row(value: str, days: int) -> tuple[Any, ...]:
        at = clock.now() - timedelta(days=days)
        return (cast.mother.pk, "living", "1", value, b"", b"", None, None, at, False)

    record_batch(SYSTEM, [row("empty_nest", 9)], source="village")
    record_batch(SYSTEM, [row("in_institution", 8)], source="minzheng")
    assert Conflict.objects.get().state == "open"
    record_batch(SYSTEM, [row("empty_nest", 1)], source="minzheng")
    assert Conflict.objects.get().state == "ended"


@pytest.mark.parametrize("seed", range(8))
def test_since_when_a_division_stands_is_the_same_for_one_and_for_a_set(
    cast: Cast, seed: int
) -> None:
    rng, elder = random.Random(seed), cast.mother
    for _ in range(14):
        begins = rng.choice([None, *(date(year, 1, 1) for year in range(2010, 2026, 3))])
        ends = begins and rng.choice(
            [None, None, begins + timedelta(days=365 * rng.choice([1, 3]))]
        )
        place = rng.choice(["500151001001", "500151002001", "500152001001"])
        at = START + timedelta(days=rng.randrange(300))
        new = NewFact("hukou", place, rng.choice("1234567"), at, begins, ends, rng.random() < 0.1)
        source = rng.choice(["gongan", "gongan", "village", "decision"])
        record_facts(SYSTEM, elder, [new], source=source, reason="部门数据")
    facts = list(Fact.objects.filter(elder=elder, kind="hukou"))
    said = [statement(fact) for fact in facts]
    for digits in (2, 6, 12):
        with connection.cursor() as cursor:
            cursor.execute(
                since(None, "(SELECT * FROM elders_fact WHERE kind = 'hukou') f", digits)
            )
            rows = dict(cursor.fetchall())
        assert len(rows) > 3
        by_id = {one.fact_id: one for one in said}
        assert rows == {found: since_within(said, by_id[found], digits) for found in rows}
