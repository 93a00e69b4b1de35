"""What is frozen, what is told as a change, and what the checks find."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.benefits.actions.cycles import check, decide, freeze, run
from songbai.domain.benefits.actions.cycles.freezing import policies_for
from songbai.domain.benefits.lake import engine as lakes
from songbai.domain.benefits.lake.wanted import without_source
from songbai.domain.benefits.models import Cycle, CycleException, Snapshot
from songbai.domain.benefits.population.at_size import layout_of
from songbai.domain.benefits.queries.cycles import policies_of, policy_of
from songbai.domain.benefits.rules.cycle import (
    Change,
    ExceptionKind,
    FileKind,
    Outcome,
    State,
)
from songbai.domain.benefits.rules.library import law
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.vocabulary import vocabulary
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.models import Elder
from songbai.domain.elders.rules.kinds import kinds
from songbai.domain.matching.actions import merge
from tests.cast import Cast, make_elder

from .cycles import LONGEVITY, decision, run_month, say, tongliang_people

pytestmark = pytest.mark.slow

OCTOBER = Month("2026-10")


def frozen(snapshot: Snapshot, kind: FileKind, columns: str) -> dict[int, tuple[object, ...]]:
    """Columns of a snapshot's file by person."""
    with lakes.engine_alone() as engine:
        source = lakes.verified(engine, snapshot.files.get(kind=kind))
        rows = engine.sql(f"SELECT person, {columns} FROM {source}").fetchall()
    return {row[0]: row[1:] for row in rows}


def test_every_source_of_a_policy_fact_is_a_kind_of_the_register() -> None:
    for fact in vocabulary("elder").values():
        if not fact.register:
            continue
        kind = kinds()[fact.register]
        if fact.codes and not fact.part:
            assert set(kind.codes) <= set(fact.codes), fact.key


def test_facts_without_a_source_are_named() -> None:
    held = [p for p in law().policies if any(code.startswith("50") for code in p.regions)]
    lacking = without_source(held)
    assert "care_class" in lacking
    assert not {"hukou", "birth_date", "bedridden_since", "home_spend"} & set(lacking)


@pytest.mark.django_db(transaction=True)
class TestFreezing:
    def test_the_register_is_frozen_as_policies_read_it(self, cast: Cast) -> None:
        tongliang_people(cast)
        snapshot = freeze(SYSTEM, "500151", OCTOBER, policies_for("500151", OCTOBER))
        rows = frozen(snapshot, FileKind.FACTS, "region, hukou_on_first_day, living_on_first_day")
        assert rows[cast.mother.pk] == (500151001001, 500151001001, 1)
        assert cast.far_elder.pk not in rows
        assert snapshot.rows == len(rows) == 2

    def test_who_is_registered_elsewhere_with_the_hukou_here_belongs_here(self, cast: Cast) -> None:
        say(cast.far_elder, "gongan", "hukou", "500151105201")
        cycle = run_month("2026-10", LONGEVITY)[LONGEVITY]
        found = decision(cycle, cast.far_elder)
        assert found is not None
        assert (found.outcome, found.region_id) == (Outcome.YES, "500151000000")

    def test_a_fact_is_read_as_of_its_day(self, cast: Cast) -> None:
        """Moved away within the month: paid this month, not the next."""
        tongliang_people(cast)
        today = clock.today()
        moved = today.replace(day=1) + timedelta(days=1)
        if moved > today:
            pytest.skip("the second of the month is still to come")
        record_facts(
            SYSTEM,
            cast.mother,
            [
                NewFact("hukou", "500151001001", "old", valid_to=moved - timedelta(days=1)),
                NewFact("hukou", "500152001001", "new", valid_from=moved),
            ],
            source="gongan",
            reason="迁移",
        )
        now = Month(clock.month_of(today))
        run(SYSTEM, "500151", now, policy=LONGEVITY)
        cycle = Cycle.objects.get(month=now.text)
        rows = frozen(cycle.snapshot, FileKind.FACTS, "hukou_on_first_day")
        assert rows[cast.mother.pk] == (500151001001,)
        assert decision(cycle, cast.mother) is not None

    def test_what_was_not_known_yet_is_not_frozen(self, cast: Cast) -> None:
        before = clock.now()
        tongliang_people(cast)
        snapshot = freeze(
            SYSTEM, "500151", OCTOBER, policies_for("500151", OCTOBER, LONGEVITY), known_at=before
        )
        rows = frozen(snapshot, FileKind.FACTS, "hukou_on_first_day, birth_date")
        assert rows[cast.mother.pk] == (None, date(1942, 5, 6))

    def test_a_merged_record_is_not_decided_beside_its_survivor(self, cast: Cast) -> None:
        tongliang_people(cast)
        run_month("2026-09", LONGEVITY)
        merge(SYSTEM, cast.neighbour, cast.mother, reason="同一个人", score=1, why=[])
        cycle = run_month("2026-10", LONGEVITY)[LONGEVITY]
        gone = decision(cycle, cast.neighbour)
        assert gone is not None
        assert (gone.outcome, gone.change, gone.cause) == (
            Outcome.STOPPED, Change.STOPPED, "merged",
        )  # fmt: skip
        kept = decision(cycle, cast.mother)
        assert kept is not None
        assert kept.change == Change.SAME
        assert cycle.yes == 1

    def test_a_file_that_was_touched_is_not_used(self, cast: Cast) -> None:
        snapshot = freeze(SYSTEM, "500151", OCTOBER, policies_for("500151", OCTOBER, LONGEVITY))
        path: Path = lakes.folder() / snapshot.files.get().name
        whole = path.read_bytes()
        path.write_bytes(whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:])
        with pytest.raises(lakes.SnapshotDamaged):
            decide(SYSTEM, snapshot)
        path.unlink()
        with pytest.raises(lakes.SnapshotMissing):
            decide(SYSTEM, snapshot)
        assert set(snapshot.cycles.values_list("state", flat=True)) == {State.FROZEN}

    def test_the_policy_is_kept_as_it_was_decided_by(self, cast: Cast) -> None:
        cycle = run_month("2026-10", LONGEVITY)[LONGEVITY]
        assert policy_of(cycle).criteria == policies_of(cycle.snapshot)[0].criteria
        assert policy_of(cycle).name == "铜梁区高龄津贴"


@pytest.mark.django_db(transaction=True)
class TestTelling:
    def test_everybodys_criteria_are_kept_also_of_a_no(self, cast: Cast) -> None:
        young = make_elder("年轻", 1099, birth_date=date(1964, 1, 1))
        say(young, "gongan", "hukou", "500151001001")
        cycle = run_month("2026-10", LONGEVITY)[LONGEVITY]
        assert decision(cycle, young) is None
        rows = frozen(cycle.snapshot, FileKind.CRITERIA, "failed0, unknown0")
        layout = layout_of(policies_of(cycle.snapshot))
        _, shift, bits = layout[LONGEVITY]
        failed, unknown = rows[young.pk]
        assert int(str(failed)) >> shift & (1 << bits) - 1 == policy_of(cycle).bits["age"]
        assert unknown == 0

    def test_a_birthday_is_the_cause(self, cast: Cast) -> None:
        elder = make_elder("寿星", 1098, birth_date=date(1936, 10, 15))
        say(elder, "gongan", "hukou", "500151001001")
        run_month("2026-09", LONGEVITY)
        found = decision(run_month("2026-10", LONGEVITY)[LONGEVITY], elder)
        assert found is not None
        assert (found.change, found.before, found.amount, found.cause) == (
            Change.CHANGED, 1_000, 20_000, "time",
        )  # fmt: skip

    def test_a_moved_hukou_is_the_cause(self, cast: Cast) -> None:
        tongliang_people(cast)
        run_month("2026-09", LONGEVITY)
        record_facts(
            SYSTEM, cast.mother, [NewFact("hukou", "500152001001")], source="gongan", reason="迁走"
        )
        found = decision(run_month("2026-10", LONGEVITY)[LONGEVITY], cast.mother)
        assert found is not None
        assert (found.outcome, found.cause) == (Outcome.STOPPED, "hukou")
        assert found.failed == policies_bit("hukou")

    def test_who_was_paid_and_cannot_be_decided_now_is_not_silently_dropped(
        self, cast: Cast
    ) -> None:
        tongliang_people(cast)
        run_month("2026-09", LONGEVITY)
        record_facts(
            SYSTEM,
            cast.mother,
            [NewFact("hukou", "500151001001", withdrawn=True)],
            source="gongan",
            reason="撤回",
        )
        cycle = run_month("2026-10", LONGEVITY)[LONGEVITY]
        found = decision(cycle, cast.mother)
        assert found is not None
        assert (found.outcome, found.change, found.before) == (
            Outcome.CANNOT_DECIDE, Change.STOPPED, 1_000,
        )  # fmt: skip
        missing = CycleException.objects.get(cycle=cycle, elder=cast.mother)
        assert (missing.kind, missing.facts) == (ExceptionKind.MISSING_FACT, "hukou")


def policies_bit(name: str) -> int:
    """A bit of the longevity allowance's masks."""
    return next(p for p in law().policies if p.code == LONGEVITY).bits[name]


@pytest.mark.django_db(transaction=True)
class TestChecks:
    def kinds_of(self, cycle: Cycle, elder: Elder) -> set[str]:
        """What is on the work list about somebody."""
        rows = CycleException.objects.filter(cycle=cycle, elder=elder)
        return set(rows.values_list("kind", flat=True))

    def test_one_account_for_two(self, cast: Cast) -> None:
        for elder in (cast.mother, cast.neighbour):
            say(elder, "gongan", "hukou", elder.region_id)
            say(elder, "renshe", "bank_card", "6217000000000009")
        cycle = run_month("2026-10", LONGEVITY)[LONGEVITY]
        for elder in (cast.mother, cast.neighbour):
            assert self.kinds_of(cycle, elder) == {ExceptionKind.DOUBLE_ACCOUNT}

    def test_a_sanction(self, cast: Cast) -> None:
        tongliang_people(cast)
        say(cast.mother, "gongan", "exclusion", "prison")
        say(cast.neighbour, "gongan", "exclusion", "none")
        cycle = run_month("2026-10", LONGEVITY)[LONGEVITY]
        assert self.kinds_of(cycle, cast.mother) == {ExceptionKind.SANCTION}
        assert self.kinds_of(cycle, cast.neighbour) == set()

    def test_died_after_the_facts_were_frozen(self, cast: Cast) -> None:
        tongliang_people(cast)
        snapshot = freeze(SYSTEM, "500151", OCTOBER, policies_for("500151", OCTOBER, LONGEVITY))
        decide(SYSTEM, snapshot)
        death = NewFact("death", "2026-09-30")
        record_facts(SYSTEM, cast.mother, [death], source="gongan", reason="死亡登记")
        check(SYSTEM, snapshot)
        assert self.kinds_of(snapshot.cycles.get(), cast.mother) == {ExceptionKind.DEATH}
