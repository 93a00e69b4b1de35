"""Each department can take back each record it sent: what others say stands again."""

from itertools import permutations

import pytest

from songbai.core.accounts.rules import SYSTEM
from songbai.domain.elders.actions.turning import follow_turns, see_to
from songbai.domain.elders.models import CurrentFact, Elder, Fact, Followed, FollowedState
from songbai.domain.feeds.actions.unmatched import match_again
from songbai.domain.feeds.models import RefusedRow, UnmatchedRow
from songbai.domain.feeds.reading import pieces
from songbai.domain.feeds.rules.schema import Schema, schemas
from songbai.domain.feeds.rules.states import UnmatchedState
from tests.acts import placed
from tests.cast import Cast, acting
from tools.feed_pages import sample

from .deliveries import MOTHER, Row, ago, day, deliver, number, number_of, stands, text_of

PERSONAL = [one for one in schemas().values() if one.subject == "person"]


def row_of(schema: Schema, **cells: str) -> Row:
    """A row of a department about Mrs Wang."""
    names = {column.name: sample(column) for column in schema.columns}
    hers = {"id_number": MOTHER, "name": "王桂英", "birth_date": "1942-05-06"}
    names |= {name: hers[name] for name in hers.keys() & names.keys()}
    return {column.title: (names | cells)[column.name] for column in schema.columns}


def shown(elder: Elder) -> list[tuple[object, ...]]:
    """What the register shows."""
    columns = ("name", "sex", "birth_date", "hardship", "living", "ability_level", "died_on")
    return list(Elder.objects.filter(pk=elder.pk).values_list(*columns))


@pytest.mark.parametrize("schema", PERSONAL, ids=lambda schema: schema.code)
def test_a_record_taken_back_says_nothing_whatever_comes_first(cast: Cast, schema: Schema) -> None:
    number(cast.mother, MOTHER)
    before = shown(cast.mother)
    said, gone = row_of(schema), row_of(schema, withdrawn="是")
    done = deliver(schema.code, [said], as_of=ago(2))
    assert list(RefusedRow.objects.values_list("problems", flat=True)) == []
    assert done.matched == 1
    assert Fact.objects.filter(elder=cast.mother, source=schema.department).exists()
    deliver(schema.code, [gone], as_of=ago(1))
    kinds = CurrentFact.objects.filter(elder=cast.mother, source=schema.department)
    assert not kinds.exists()
    deliver(schema.code, [said], as_of=ago(2))
    # Of a complete list silence says something, also of whom the list has named by mistake.
    standing = CurrentFact.objects.filter(elder=cast.mother)
    assert schema.department not in standing.values_list("source", flat=True)
    if not schema.complete:
        assert shown(cast.mother) == before


@pytest.mark.parametrize("turn", list(permutations(range(3))))
def test_the_police_say_that_a_death_was_wrong(cast: Cast, turn: tuple[int, ...]) -> None:
    number(cast.mother, MOTHER)
    order = placed(cast)
    death = {
        "注销流水号": "D1",
        "公民身份号码": MOTHER,
        "姓名": "王桂英",
        "死亡日期": day(3),
        "注销日期": day(1),
    }
    words = [death, {**death, "撤销": "是"}, death]
    for place in turn:
        deliver("gongan_deaths", text_of([words[place]]))
        follow_turns(SYSTEM)
    cast.mother.refresh_from_db()
    assert (cast.mother.died_on, stands(cast.mother.pk, "death")) == (None, "")
    again = cast.mother.orders.get(state="accepted")
    assert (again.window_start, again.total) == (order.window_start, order.total)


@pytest.mark.parametrize("together", [False, True])
def test_who_leaves_hospital_on_the_day_of_the_report_is_at_home(
    cast: Cast, together: bool
) -> None:
    number(cast.mother, MOTHER)
    stay = {
        "住院号": "H1",
        "身份证号": MOTHER,
        "姓名": "王桂英",
        "医院名称": "区人民医院",
        "入院日期": day(3),
        "出院日期": "",
        "上报日期": day(0),
    }
    left = {**stay, "出院日期": day(1)}
    for rows in ([stay, left],) if together else ([stay], [left]):
        deliver("yibao_stays", text_of(rows))
    assert stands(cast.mother.pk, "hospital_stay") == ""


@pytest.mark.parametrize("turn", list(permutations(range(2))))
def test_a_row_and_its_own_withdrawal_in_one_register_enter_nobody(
    cast: Cast, turn: tuple[int, ...]
) -> None:
    before = Elder.objects.count()
    row = {
        "身份证号": number_of(23),
        "姓名": "试九撤",
        "居住情况": "独居",
        "家庭住址": "东方路 1 号",
        "村社代码": "500151001001",
        "撤销": "",
    }
    pair = [row, {**row, "撤销": "是"}]
    other = {**row, "身份证号": number_of(25), "姓名": "钱大壮"}
    for _ in range(2):
        done = deliver("village_register", text_of([*(pair[at] for at in turn), other]))
        assert (done.refused, done.unmatched) == (0, 0)
        assert Elder.objects.count() == before + 1


def unknown_row(schema: Schema, **cells: str) -> Row:
    """A row about somebody nobody knows."""
    nobody = {"id_number": number_of(28), "name": "试七撤", "birth_date": "1950-03-04"}
    known = {column.name for column in schema.columns}
    return row_of(schema, **{k: v for k, v in nobody.items() if k in known}, **cells)


def asked() -> list[int]:
    """Rows of nobody known that wait for somebody, and people who wait for a look."""
    rows = UnmatchedRow.objects.filter(state=UnmatchedState.OPEN).values_list("pk", flat=True)
    people = Followed.objects.filter(state=FollowedState.TO_DO)
    return [*rows, *people.values_list("elder_id", flat=True)]


@pytest.mark.parametrize("schema", PERSONAL, ids=lambda schema: schema.code)
@pytest.mark.parametrize("turn", list(permutations(range(3))))
def test_in_whatever_order_files_come_a_row_of_nobody_known_is_taken_back(
    cast: Cast, schema: Schema, turn: tuple[int, ...]
) -> None:
    """It enters nobody, or somebody is asked whether who was entered stays."""
    before = set(Elder.objects.values_list("pk", flat=True))
    said, gone = unknown_row(schema), unknown_row(schema, withdrawn="是")
    words = [(said, ago(3)), (gone, ago(2)), ({**said}, ago(3))]
    for place in turn:
        row, moment = words[place]
        deliver(schema.code, [row], as_of=moment)
    new = set(Elder.objects.values_list("pk", flat=True)) - before
    assert set(asked()) == new
    assert not CurrentFact.objects.filter(elder__in=new, source=schema.department).exists()
    if turn[0] == 1:
        assert not new
    if not new:
        late = Elder.objects.get(pk=cast.neighbour.pk)
        number(late, number_of(28))
        match_again(SYSTEM)
        assert not Fact.objects.filter(elder=late, source=schema.department).exists()


@pytest.mark.parametrize("schema", PERSONAL, ids=lambda schema: schema.code)
@pytest.mark.parametrize("turn", list(permutations(range(2))))
def test_in_whatever_piece_a_row_stands_it_is_taken_back(
    cast: Cast, schema: Schema, turn: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "ROWS", 1)
    before = set(Elder.objects.values_list("pk", flat=True))
    pair = [unknown_row(schema), unknown_row(schema, withdrawn="是")]
    done = deliver(schema.code, [pair[at] for at in turn])
    new = set(Elder.objects.values_list("pk", flat=True)) - before
    assert (done.refused, set(asked())) == (0, new)
    assert not CurrentFact.objects.filter(elder__in=new, source=schema.department).exists()


def test_who_was_entered_by_a_row_that_was_taken_back_is_looked_at_until_it_is_said_again(
    cast: Cast,
) -> None:
    schema = schemas()["village_register"]
    said, gone = unknown_row(schema), unknown_row(schema, withdrawn="是")
    for back, row in ((3, said), (2, gone)):
        deliver(schema.code, [row], as_of=ago(back))
    [left] = Followed.objects.filter(state=FollowedState.TO_DO)
    assert "第 2 行又把那一行撤销了" in left.words
    deliver(schema.code, [said], as_of=ago(1))
    assert not Followed.objects.filter(state=FollowedState.TO_DO).exists()


def test_who_was_looked_at_is_asked_about_again_when_the_row_comes_and_goes_again(
    cast: Cast,
) -> None:
    schema = schemas()["village_register"]
    said, gone = unknown_row(schema), unknown_row(schema, withdrawn="是")
    waiting = Followed.objects.filter(state=FollowedState.TO_DO)
    for back, row in ((5, said), (4, gone)):
        deliver(schema.code, [row], as_of=ago(back))
    with acting(cast.officer):
        see_to(cast.officer, waiting.get().pk, "村里说还要登记")
    for back, row in ((3, said), (2, gone)):
        deliver(schema.code, [row], as_of=ago(back))
    assert "第 2 行又把那一行撤销了" in waiting.get().words
