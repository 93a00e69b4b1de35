"""Who moves out: to another place of the city, or out of it."""

from itertools import permutations

import pytest

from songbai.core.regions.rules import ELSEWHERE
from songbai.domain.elders import tasks
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries.turns import left_of
from songbai.domain.feeds.models import RefusedRow
from tests.acts import placed
from tests.cast import Cast

from .deliveries import MOTHER, Row, day, deliver, number, number_of, stands, text_of

CHENGDU, HERE, THERE = "510107001001", "500151001001", "500152001001"


def move(hukou: str, residence: str = "", back: int = 2, **cells: str) -> Row:
    """A row of the police: Mrs Wang moves out."""
    return {
        "变动流水号": "M1",
        "变动类型": "迁出",
        "公民身份号码": MOTHER,
        "姓名": "王桂英",
        "户籍地区划代码": hukou,
        "现住地区划代码": residence,
        "联系电话": "",
        "变动日期": day(back),
        "撤销": "",
        **cells,
    }


@pytest.mark.parametrize(
    ("hukou", "residence", "stand"),
    [
        (CHENGDU, CHENGDU, (CHENGDU, CHENGDU)),
        (CHENGDU, "", (CHENGDU, CHENGDU)),
        ("510107", "", ("510107000000", "510107000000")),
        (CHENGDU, HERE, (CHENGDU, HERE)),
        ("外地", "", (ELSEWHERE, ELSEWHERE)),
        (HERE, "", (ELSEWHERE, ELSEWHERE)),
        (HERE, HERE, (ELSEWHERE, ELSEWHERE)),
        ("500151000000", "", (ELSEWHERE, ELSEWHERE)),
        (THERE, "", (THERE, THERE)),
        (HERE, THERE, (ELSEWHERE, THERE)),
    ],
)
def test_who_moves_out_is_where_the_row_says_or_elsewhere(
    cast: Cast, hukou: str, residence: str, stand: tuple[str, str]
) -> None:
    number(cast.mother, MOTHER)
    row = move(hukou, residence)
    for rows in ([row], [row], [{**row, "联系电话": "13800000001"}]):
        done = deliver("gongan_people", text_of(rows))
        assert (done.refused, done.matched) == (0, 1)
        found = tuple(stands(cast.mother.pk, kind) for kind in ("hukou", "residence"))
        assert found == stand
    elsewhere = {kind for kind, code in zip(("hukou", "residence"), stand, strict=True)
                 if not code.startswith("50")}  # fmt: skip
    assert left_of([cast.mother.pk]).get(cast.mother.pk, {}).keys() == elsewhere


def test_an_old_code_of_the_city_is_still_refused(cast: Cast) -> None:
    number(cast.mother, MOTHER)
    for code in ("500223001001", "999999001001"):
        assert deliver("gongan_people", [move(code)]).refused == 1
    assert "旧代码" in RefusedRow.objects.first().problems[0]["reason"]  # type: ignore[union-attr]


@pytest.mark.parametrize("turn", list(permutations(range(3))))
def test_a_move_taken_back_leaves_everything_where_it_was(
    cast: Cast, turn: tuple[int, ...]
) -> None:
    number(cast.mother, MOTHER)
    words = [move(HERE), move(HERE, 撤销="是"), move(HERE)]
    for place in turn:
        deliver("gongan_people", text_of([words[place]]))
    assert (stands(cast.mother.pk, "hukou"), stands(cast.mother.pk, "residence")) == ("", "")


def test_who_comes_back_to_the_city_is_here(cast: Cast) -> None:
    number(cast.mother, MOTHER)
    deliver("gongan_people", [move(HERE, back=5)])
    back = move(HERE, HERE, 变动流水号="M2", 变动类型="迁入")
    deliver("gongan_people", [back])
    assert left_of([cast.mother.pk]) == {}


def test_nobody_is_entered_only_to_have_left(cast: Cast) -> None:
    before = Elder.objects.count()
    row = move(CHENGDU, 公民身份号码=number_of(7), 姓名="孙松柏")
    assert deliver("gongan_people", [row]).unmatched == 1
    came = move(
        CHENGDU, "", 公民身份号码=number_of(9), 姓名="钱大壮", 变动流水号="M9", 变动类型="迁入"
    )
    deliver("gongan_people", [came])
    assert Elder.objects.count() == before + 1


def test_what_was_under_way_ends_within_the_minute_and_goes_on_when_it_was_wrong(
    cast: Cast,
) -> None:
    number(cast.mother, MOTHER)
    first = placed(cast)
    deliver("gongan_people", [move(HERE)])
    tasks.follow_turns(0)
    first.refresh_from_db()
    assert (first.state, first.cancel_reason) == ("cancelled", "老人离开了本市")
    deliver("gongan_people", [move(HERE, 撤销="是")])
    tasks.follow_turns(0)
    again = cast.mother.orders.get(state="accepted")
    assert (again.window_start, again.total) == (first.window_start, first.total)
