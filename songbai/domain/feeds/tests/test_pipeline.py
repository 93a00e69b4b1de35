"""From a file to facts: what is kept, what goes back, who is found."""

import random
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.crypto import blind_index, decrypt
from songbai.core.errors import NotAllowed
from songbai.core.events.models import Event
from songbai.domain.elders.models import Conflict, Elder, Fact
from songbai.domain.feeds.actions.checking import check
from songbai.domain.feeds.actions.writing import write, write_next
from songbai.domain.feeds.errors import SameNumber, WrongDate
from songbai.domain.feeds.models import Delivery, Piece, RawPart, RefusedRow, UnmatchedRow
from songbai.domain.feeds.queries import plain_cells
from songbai.domain.feeds.reading import pieces
from songbai.domain.feeds.rules.states import DeliveryState
from tests.cast import Cast

from .deliveries import (
    MOTHER,
    NEIGHBOUR,
    ago,
    day,
    deliver,
    dibao,
    hand_in,
    number_of,
    pension,
    stands,
    text_of,
    view,
)

pytestmark = pytest.mark.long


def test_a_row_becomes_facts_of_its_person(cast: Cast) -> None:
    done = deliver("renshe_pensions", [pension(MOTHER, "王桂英", "1860.50")])
    assert (done.state, done.rows, done.matched, done.new) == (DeliveryState.WRITTEN, 1, 1, 1)
    assert stands(cast.mother.pk, "pension") == "employee"
    assert stands(cast.mother.pk, "pension_amount") == "186050"


def test_a_fact_knows_its_department_and_its_delivery(cast: Cast) -> None:
    done = deliver("renshe_pensions", [pension(MOTHER, "王桂英", "1860.50")])
    fact = Fact.objects.get(elder=cast.mother, kind="bank_card")
    assert (fact.source, fact.batch) == ("renshe", done.pk)
    assert decrypt(fact.secret) == f"6217{MOTHER[:15]}"
    assert fact.value == ""


def test_a_bad_row_goes_back_and_the_others_are_kept(cast: Cast) -> None:
    rows = [pension(MOTHER, "王桂英", "约两千"), pension(NEIGHBOUR, "李松福", "900")]
    done = deliver("renshe_pensions", rows)
    assert (done.refused, done.matched) == (1, 1)
    refused = RefusedRow.objects.get(delivery=done)
    assert refused.row_number == 2
    assert [one["title"] for one in refused.problems] == ["月养老金"]
    assert plain_cells(refused)["月养老金"] == "约两千"


def test_no_cell_of_a_refused_row_is_kept_in_plain(cast: Cast) -> None:
    done = deliver("renshe_pensions", [pension(MOTHER[:-1] + "9", "王桂英", "900")])
    refused = RefusedRow.objects.get(delivery=done)
    assert "王桂英".encode() not in bytes(refused.cells)
    assert MOTHER[:-1] not in str(refused.problems)


def test_somebody_unknown_waits_for_a_person(cast: Cast) -> None:
    done = deliver("renshe_pensions", [pension(number_of(11), "赵无人", "900")])
    waiting = UnmatchedRow.objects.get(delivery=done)
    assert done.unmatched == 1
    assert waiting.name == "赵*人"
    assert "赵无人".encode() not in bytes(waiting.cells)


def test_the_police_register_somebody_of_sixty_and_more(cast: Cast) -> None:
    done = deliver("gongan_people", [_moved(number_of(13), "孙新来")])
    elder = Elder.objects.get(name="孙新来")
    assert done.registered == 1
    assert elder.region_id == "500151001001"
    assert stands(elder.pk, "hukou") == "500151001001"


def test_the_police_do_not_register_the_young(cast: Cast) -> None:
    young = number_of(15, clock.today() - timedelta(days=365 * 40))
    done = deliver("gongan_people", [_moved(young, "孙年轻")])
    assert (done.registered, done.unmatched) == (0, 1)


def _moved(number: str, name: str) -> dict[str, str]:
    return {
        "变动流水号": f"B{number[-4:]}",
        "变动类型": "迁入",
        "公民身份号码": number,
        "姓名": name,
        "户籍地区划代码": "500151001001",
        "变动日期": day(3),
    }


@pytest.mark.parametrize("written", ["买买提.艾力", "买买提 艾力", "买买提•艾力"])
def test_another_writing_of_a_name_changes_nothing(cast: Cast, written: str) -> None:
    person = number_of(13)
    deliver("gongan_people", [_moved(person, "买买提·艾力")], as_of=ago(2))
    done = deliver("gongan_people", [{**_moved(person, written), "变动流水号": "C1"}])
    assert (done.matched, done.unmatched, done.refused) == (1, 0, 0)
    assert Elder.objects.get(id_number_index=blind_index(person)).name == "买买提·艾力"
    assert not Conflict.objects.exists()


def _death(number: str, name: str, died: int = 5) -> dict[str, str]:
    return {
        "注销流水号": f"D{number[-4:]}",
        "公民身份号码": number,
        "姓名": name,
        "死亡日期": day(died),
        "注销日期": day(2),
    }


def test_a_death_marks_the_person_and_is_told_once(cast: Cast) -> None:
    deliver("gongan_deaths", [_death(MOTHER, "王桂英")])
    cast.mother.refresh_from_db()
    assert str(cast.mother.died_on) == day(5)
    deliver("gongan_deaths", [_death(MOTHER, "王桂英"), _death(NEIGHBOUR, "李松福")])
    told = Event.objects.filter(kind="elder.died").order_by("id")
    assert [event.person_id for event in told] == [cast.mother.pk, cast.neighbour.pk]


def test_the_same_file_twice_is_one_delivery(cast: Cast) -> None:
    rows = [pension(MOTHER, "王桂英", "1860.50")]
    first = deliver("renshe_pensions", rows)
    before = view()
    again = deliver("renshe_pensions", rows)
    assert (again.pk, again.times_received) == (first.pk, 2)
    assert view() == before


def test_the_same_rows_in_another_file_change_nothing(cast: Cast) -> None:
    rows = [pension(MOTHER, "王桂英", "1860.50"), pension(NEIGHBOUR, "李松福", "900")]
    deliver("renshe_pensions", rows)
    before, facts = view(), Fact.objects.count()
    again = deliver("renshe_pensions", rows[::-1])
    assert (again.same, again.new) == (2, 0)
    assert (view(), Fact.objects.count()) == (before, facts)


def test_late_and_swapped_deliveries_end_the_same(cast: Cast) -> None:
    parts = [
        [
            pension(MOTHER, "王桂英", "1800", "2026-08"),
            pension(NEIGHBOUR, "李松福", "800", "2026-08"),
        ],
        [
            pension(MOTHER, "王桂英", "1860.5", "2026-09"),
            pension(NEIGHBOUR, "李松福", "900", "2026-10"),
        ],
        [pension(MOTHER, "王桂英", "1900", "2026-10")],
    ]
    found = set()
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        point = transaction.savepoint()
        for part in order:
            deliver("renshe_pensions", parts[part])
        found.add(view())
        assert stands(cast.mother.pk, "pension_amount") == "190000"
        transaction.savepoint_rollback(point)
    assert len(found) == 1


def test_two_rows_of_one_record_in_one_file_end_the_same_in_any_order(cast: Cast) -> None:
    rows = [pension(MOTHER, "王桂英", f"{amount}", "2026-10", "P1") for amount in (700, 800, 900)]
    found = set()
    for seed in range(4):
        point = transaction.savepoint()
        deliver("renshe_pensions", random.Random(seed).sample(rows, 3))
        found.add(view())
        transaction.savepoint_rollback(point)
    assert len(found) == 1


def test_a_stopped_run_goes_on_and_ends_the_same(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "ROWS", 2)
    people = [
        (MOTHER, "王桂英"),
        (NEIGHBOUR, "李松福"),
        (number_of(17), "周某"),
        (MOTHER, "王桂英"),
    ]
    rows = [pension(n, name, f"{at + 1}00", key=f"K{at}") for at, (n, name) in enumerate(people)]
    point = transaction.savepoint()
    deliver("renshe_pensions", rows)
    whole = view()
    transaction.savepoint_rollback(point)
    delivery = hand_in("renshe_pensions", rows)
    check(SYSTEM, delivery.pk)
    assert write_next(delivery.pk)
    done = write(SYSTEM, delivery.pk)
    assert (done.state, done.matched, done.unmatched) == (DeliveryState.WRITTEN, 3, 1)
    assert view() == whole


def test_nothing_of_the_file_is_left_once_it_is_written(cast: Cast) -> None:
    done = deliver("renshe_pensions", [pension(MOTHER, "王桂英", "900")])
    assert {bytes(part.body) for part in RawPart.objects.filter(delivery=done)} == {b""}
    assert {bytes(piece.body) for piece in Piece.objects.filter(delivery=done)} == {b""}


def test_the_file_is_kept_encrypted_until_then(cast: Cast) -> None:
    delivery = hand_in("renshe_pensions", [pension(MOTHER, "王桂英", "900")])
    check(SYSTEM, delivery.pk)
    kept = [bytes(part.body) for part in RawPart.objects.all()]
    kept += [bytes(piece.body) for piece in Piece.objects.all()]
    assert kept
    assert not any(MOTHER.encode() in body for body in kept)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "空的"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 100, "图片"),
        ("甲,乙\n1,2\n".encode(), "缺少必填列"),
    ],
)
def test_a_file_that_is_no_such_list_is_refused_whole(
    cast: Cast, content: bytes, says: str
) -> None:
    done = deliver("renshe_pensions", content)
    assert done.state == DeliveryState.REFUSED
    assert says in done.reason


def test_a_file_in_gbk_with_a_title_above_is_read(cast: Cast) -> None:
    text = "养老金发放名单\n" + text_of([pension(MOTHER, "王桂英", "1860.50")]).decode()
    assert deliver("renshe_pensions", text.encode("gbk")).matched == 1


def test_a_number_that_happens_to_end_in_zeros_is_not_taken_for_a_cut_one(cast: Cast) -> None:
    rows = [pension(number_of(at), "某某", "900") for at in range(30)]
    rows.append(pension(MOTHER, "王桂英", "900") | {"发放账户": "6217001234567890000"})
    assert deliver("renshe_pensions", rows).refused == 0


def test_a_column_that_a_spreadsheet_cut_goes_back(cast: Cast) -> None:
    rows = [pension(number_of(at), "某某", "900") for at in range(10)]
    for row in rows:
        row["身份证号"] = f"{row['身份证号'][:15]}000"
    assert deliver("renshe_pensions", rows).refused == 10


def test_a_complete_list_ends_who_is_not_on_it(cast: Cast) -> None:
    both = [dibao(MOTHER, "王桂英"), dibao(NEIGHBOUR, "李松福", "特困", "A2")]
    deliver("minzheng_hardship", both, as_of=ago(30))
    cast.neighbour.refresh_from_db()
    assert cast.neighbour.hardship == "tekun"
    done = deliver("minzheng_hardship", both[:1], as_of=ago(1))
    cast.neighbour.refresh_from_db()
    assert (done.ended, cast.neighbour.hardship) == (1, "none")


def test_a_list_with_refused_rows_ends_nobody(cast: Cast) -> None:
    both = [dibao(MOTHER, "王桂英"), dibao(NEIGHBOUR, "李松福", "特困", "A2")]
    deliver("minzheng_hardship", both, as_of=ago(30))
    broken = [both[0], dibao(NEIGHBOUR, "李松福", "不知道", "A2")]
    done = deliver("minzheng_hardship", broken, as_of=ago(1))
    cast.neighbour.refresh_from_db()
    assert (done.ended, cast.neighbour.hardship) == (0, "tekun")
    assert "退回" in done.notes[-1]


def test_a_list_that_looks_cut_short_ends_nobody(cast: Cast) -> None:
    many = [dibao(number_of(100 + n), "某某", case=f"C{n}") for n in range(60)]
    deliver("minzheng_hardship", [dibao(MOTHER, "王桂英", case="A0"), *many], as_of=ago(30))
    from songbai.domain.feeds.models import SourceRow

    SourceRow.objects.update(person_id=cast.mother.pk)
    done = deliver("minzheng_hardship", [dibao(MOTHER, "王桂英", case="A0")], as_of=ago(1))
    assert done.ended == 0
    assert Event.objects.filter(kind="feeds.list_held").exists()


def test_a_delivery_about_the_future_is_not_taken(cast: Cast) -> None:
    with pytest.raises(WrongDate):
        hand_in("minzheng_hardship", [dibao(MOTHER, "王桂英")], as_of=ago(-1))


def test_a_senders_number_means_one_content(cast: Cast) -> None:
    hand_in("renshe_pensions", [pension(MOTHER, "王桂英", "900")], sender_key="rs-1")
    with pytest.raises(SameNumber):
        hand_in("renshe_pensions", [pension(MOTHER, "王桂英", "901")], sender_key="rs-1")


def test_only_the_program_writes(cast: Cast) -> None:
    delivery = hand_in("renshe_pensions", [pension(MOTHER, "王桂英", "900")])
    for act in (check, write):
        with pytest.raises(NotAllowed):
            act(cast.officer, delivery.pk)


def test_counts_that_do_not_add_up_are_refused_by_the_database(cast: Cast) -> None:
    done = deliver("renshe_pensions", [pension(MOTHER, "王桂英", "900")])
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=done.pk).update(matched=5)
