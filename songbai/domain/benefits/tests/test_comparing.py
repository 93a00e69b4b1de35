"""Changes against the cycle before: nobody told twice, nobody lost, every cause named."""

from typing import Any, cast

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.domain.benefits.lake.comparing import BeforeFiles, CycleRow, compare
from songbai.domain.benefits.population.at_size import Decided, layout_of
from songbai.domain.benefits.rules.cycle import Change, Outcome
from songbai.domain.benefits.rules.library import law as shipped
from songbai.domain.benefits.rules.months import Month

from .cycles import LONGEVITY
from .writing import MONTHLY, policy

pytestmark = pytest.mark.slow

POLICY = next(policy for policy in shipped().policies if policy.code == LONGEVITY)
HOME = 500151001001
STATES = st.sampled_from(["absent", "no", "open", "stacked", 1_000, 20_000])
PEOPLE = st.lists(st.tuples(STATES, STATES, st.booleans()), max_size=8)
ENGINE = duckdb.connect()


def tables(people: list[tuple[Any, Any, bool]]) -> None:
    """Facts, criteria and outcomes of now and of the month before, as files would give them."""
    for suffix, which in (("", 0), ("_before", 1)):
        ENGINE.execute(
            f"CREATE OR REPLACE TEMP TABLE facts{suffix} (person BIGINT, region BIGINT,"
            " hukou_on_first_day BIGINT, birth_date DATE, death DATE)"
        )
        ENGINE.execute(
            f"CREATE OR REPLACE TEMP TABLE criteria{suffix}"
            " (person BIGINT, failed0 BIGINT, unknown0 BIGINT)"
        )
        ENGINE.execute(
            f"CREATE OR REPLACE TEMP TABLE outcomes{suffix} (person BIGINT, policy SMALLINT,"
            " failed BIGINT, unknown BIGINT, amount BIGINT, worth BIGINT, district INTEGER,"
            " region BIGINT)"
        )
        for number, person in enumerate(people):
            put(number, person[which], suffix, moved=bool(which) and person[2])
    ENGINE.execute("CREATE OR REPLACE TEMP TABLE merged (person BIGINT)")


def put(number: int, state: Any, suffix: str, *, moved: bool) -> None:
    """One person in one month."""
    if state == "absent":
        return
    hukou = HOME + 1 if moved else HOME
    ENGINE.execute(
        f"INSERT INTO facts{suffix} VALUES (?, ?, ?, '1940-01-01', NULL)", [number, HOME, hukou]
    )
    failed = POLICY.bits["age"] if state == "no" else 0
    unknown = POLICY.bits["hukou"] if state == "open" else 0
    ENGINE.execute(f"INSERT INTO criteria{suffix} VALUES (?, ?, ?)", [number, failed, unknown])
    if state != "no":
        stacked = POLICY.bits["stacking"] if state == "stacked" else 0
        amount = state if isinstance(state, int) else None if state == "open" else 0
        ENGINE.execute(
            f"INSERT INTO outcomes{suffix} VALUES (?, 0, ?, ?, ?, ?, 500151, ?)",
            [number, stacked, unknown, amount, amount and amount * 12, HOME],
        )


def expected(now: Any, before: Any) -> tuple[Outcome, Change] | None:
    """What a row must say, by the plain rule."""
    was = isinstance(before, int)
    if isinstance(now, int):
        if not was:
            return Outcome.YES, Change.NEW
        return Outcome.YES, Change.SAME if now == before else Change.CHANGED
    change = Change.STOPPED if was else Change.NONE
    if now in {"open", "stacked"}:
        return (Outcome.CANNOT_DECIDE if now == "open" else Outcome.STACKED), change
    return (Outcome.STOPPED, change) if was else None


@given(PEOPLE, st.sampled_from([(True, True), (False, True), (False, False)]))
def test_every_change_is_told_once_with_its_cause(
    people: list[tuple[Any, Any, bool]], law: tuple[bool, bool]
) -> None:
    tables(people)
    nothing = cast(Any, None)
    compare(
        ENGINE,
        Decided((POLICY,), layout_of([POLICY]), nothing, nothing),
        [CycleRow(7, LONGEVITY, "500151000000", 3, same_policy=law[0], same_conditions=law[1])],
        {3: BeforeFiles("facts_before", "outcomes_before", [LONGEVITY])},
        Month("2026-06"),
    )
    rows = ENGINE.execute(
        "SELECT elder_id, outcome, change, before, cause, cycle_id, failed FROM decisions"
    ).fetchall()
    found = {row[0]: row for row in rows}
    assert len(found) == len(rows)
    for number, (now, before, moved) in enumerate(people):
        wanted = expected(now, before)
        row = found.pop(number, None)
        assert (row is None) == (wanted is None)
        if row is None or wanted is None:
            continue
        assert (row[1], row[2]) == wanted
        assert row[3] == (before if isinstance(before, int) else None)
        assert row[4] == cause(now, before, moved, wanted[1], *law)
        assert row[6] == {"no": POLICY.bits["age"], "stacked": POLICY.bits["stacking"]}.get(now, 0)
    assert found == {}


def cause(
    now: Any, before: Any, moved: bool, change: Change, same: bool, same_conditions: bool
) -> str:
    """The cause by the plain rule."""
    if change in {Change.NONE, Change.SAME}:
        return ""
    if now == "absent":
        return "gone"
    if before == "absent":
        return "registered"
    if moved:
        return "hukou"
    if now == "stacked":
        return "stacking"
    is_by_law = not same and (change is Change.CHANGED or not same_conditions)
    return "policy" if is_by_law else "time"


def test_a_law_that_only_pays_more_asks_the_same() -> None:
    law = policy("age >= 80 and alive")
    dearer = MONTHLY.replace("100元", "300元")
    assert law.asks_the_same(policy("age >= 80 and alive", amounts=dearer))
    assert not law.asks_the_same(policy("age >= 75 and alive"))
