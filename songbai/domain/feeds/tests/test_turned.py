"""A department puts the number in its own row right: what it said of the first is taken back."""

from datetime import timedelta
from itertools import permutations

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.elders.actions.facts import settle_moves
from songbai.domain.elders.actions.turning import follow_turns
from songbai.domain.elders.models import Elder, Fact, Followed, FollowedState
from songbai.domain.elders.queries.withdrawn import speaking_of
from songbai.domain.feeds.actions.unmatched import give_to
from songbai.domain.feeds.models import RefusedRow, UnmatchedRow
from songbai.domain.feeds.rules.schema import Schema, Type, schemas
from songbai.domain.feeds.rules.states import UnmatchedState
from tests.acts import assigned
from tests.cast import Cast, acting

from .deliveries import MOTHER, NEIGHBOUR, Row, ago, day, deliver, number, number_of
from .test_taken_back import PERSONAL, row_of

#: Records that name a person; of the others another number is another record.
RECORDS = [one for one in PERSONAL if "id_number" not in one.source_id]
HERS = {"id_number": MOTHER, "name": "王桂英", "birth_date": "1942-05-06", "sex": "女"}
HIS = {**HERS, "id_number": NEIGHBOUR, "name": "李松福", "sex": "男"}
NOBODYS = {"id_number": number_of(28), "name": "试七改", "birth_date": "1950-03-04", "sex": "女"}


def say(schema: Schema, who: Row, back: int, again: str = "", **more: str) -> None:
    """One row of the record about somebody, of a moment so long back, in a file of its own."""
    known = {column.name for column in schema.columns}
    cells = {name: cell for name, cell in who.items() if name in known}
    cells |= {fact.valid_to: "" for fact in schema.facts if fact.valid_to} | more
    if schema.observed_at in known:
        month = schema.column(schema.observed_at).type is Type.MONTH
        moment = clock.today() - timedelta(days=(31 if month else 1) * back)
        cells[schema.observed_at] = f"{moment:%Y-%m}" if month else f"{moment:%Y-%m-%d}"
    row = row_of(schema, **cells)
    at = clock.day_bounds(ago(back).date())[0]
    done = deliver(schema.code, [{**row, "批次": again}], as_of=at)
    assert (done.refused, list(RefusedRow.objects.values_list("problems", flat=True))) == (0, [])


def said(elder: Elder, schema: Schema) -> bool:
    """Whether a department's records say anything about somebody."""
    return bool(speaking_of(Fact.objects.filter(elder=elder, source=schema.department)))


@pytest.fixture
def two(cast: Cast) -> tuple[Elder, Elder]:
    """Two elders whose numbers departments send."""
    number(cast.mother, MOTHER)
    number(cast.neighbour, NEIGHBOUR)
    return cast.mother, cast.neighbour


@pytest.mark.parametrize("schema", RECORDS, ids=lambda schema: schema.code)
@pytest.mark.parametrize("turn", list(permutations(range(3))))
def test_a_record_speaks_of_whom_its_last_row_names_however_rows_come(
    two: tuple[Elder, Elder], schema: Schema, turn: tuple[int, ...]
) -> None:
    """Of the first, taken back of the first, of another: in any order, and all of it twice."""
    words = [(HERS, 4, ""), (HERS, 3, "是"), (HIS, 2, "")]
    for again in ("", "二"):
        for place in turn:
            who, back, gone = words[place]
            say(schema, who, back, again, withdrawn=gone)
    assert [said(one, schema) for one in two] == [False, True]
    say(schema, HERS, 1)
    assert [said(one, schema) for one in two] == [True, False]


@pytest.mark.parametrize("schema", RECORDS, ids=lambda schema: schema.code)
def test_of_one_moment_the_later_row_counts_and_the_first_does_not_come_back(
    two: tuple[Elder, Elder], schema: Schema
) -> None:
    for who, again in ((HERS, ""), (HIS, ""), (HERS, "二"), (HIS, "二"), (HERS, "三")):
        say(schema, who, 2, again)
    assert [said(one, schema) for one in two] == [False, True]


@pytest.mark.parametrize("schema", RECORDS, ids=lambda schema: schema.code)
@pytest.mark.parametrize("turn", list(permutations(range(2))))
def test_a_record_that_is_of_nobody_known_now_says_nothing_of_the_first(
    two: tuple[Elder, Elder], schema: Schema, turn: tuple[int, ...]
) -> None:
    before = set(Elder.objects.values_list("pk", flat=True))
    words = [(HERS, 3), (NOBODYS, 2)]
    for again in ("", "二"):
        for place in turn:
            say(schema, *words[place], again)
    assert not said(two[0], schema)
    entered = Elder.objects.exclude(pk__in=before)
    waiting = UnmatchedRow.objects.filter(state=UnmatchedState.OPEN)
    assert (len(waiting), len(entered)) in {(1, 0), (0, 1)}
    for row in waiting:
        give_to(SYSTEM, row.pk, two[1].pk)
        assert [said(one, schema) for one in two] == [False, True]


def test_who_was_entered_by_a_record_that_is_of_another_now_is_looked_at(cast: Cast) -> None:
    number(cast.mother, MOTHER)
    schema = schemas()["gongan_people"]
    say(schema, NOBODYS, 3)
    say(schema, HERS, 2)
    [left] = Followed.objects.filter(state=FollowedState.TO_DO)
    assert left.elder.name == "试七改"
    assert "改成了别人" in left.words


FAR = "500152001001"
ENDINGS = [
    ("gongan_deaths", {"died_on": 3}, {}),
    ("minzheng_deaths", {"died_on": 3}, {}),
    ("yibao_stays", {"admitted_on": 3}, {}),
    ("gongan_people", {}, {"change": "迁出", "residence": "外地", "hukou": "外地"}),
    ("gongan_people", {}, {"residence": FAR, "hukou": FAR}),
]


def _a_minute_passes() -> None:
    settle_moves(SYSTEM, lately=True)
    follow_turns(SYSTEM)


@pytest.mark.parametrize(("code", "days", "texts"), ENDINGS)
@pytest.mark.parametrize("same_day", [False, True])
def test_what_a_row_about_the_wrong_person_had_ended_is_put_back(
    cast: Cast,
    two: tuple[Elder, Elder],
    code: str,
    days: dict[str, int],
    texts: Row,
    *,
    same_day: bool,
) -> None:
    schema = schemas()[code]
    order = assigned(cast).order
    more = {name: day(back) for name, back in days.items()} | texts
    say(schema, HERS, 1, **more)
    _a_minute_passes()
    assert Followed.objects.filter(elder=two[0], state=FollowedState.STOPPED).exists()
    say(schema, HIS, 1 if same_day else 0, **more)
    _a_minute_passes()
    assert [said(one, schema) for one in two] == [False, True]
    assert not Followed.objects.filter(state=FollowedState.STOPPED).exists()
    two[0].refresh_from_db()
    assert two[0].region_id == order.region_id
    [again] = two[0].orders.exclude(state="cancelled")
    assert (again.window_start, again.total) == (order.window_start, order.total)


def test_a_clerk_gives_a_row_back_to_whom_it_was_taken_from(
    cast: Cast, two: tuple[Elder, Elder]
) -> None:
    schema = schemas()["gongan_deaths"]
    for who, again in ((HERS, ""), (NOBODYS, "二")):
        say(schema, who, 2, again)
    assert not said(two[0], schema)
    with acting(cast.officer):
        give_to(cast.officer, UnmatchedRow.objects.get().pk, two[0].pk)
    assert said(two[0], schema)
