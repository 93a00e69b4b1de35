import io
import uuid

import pytest
from django.db import connection, transaction

from songbai.core.accounts.rules import SYSTEM
from songbai.core.crypto import decrypt
from songbai.core.errors import NotAllowed, NotFound
from songbai.core.events.models import Event
from songbai.core.sheets import SheetRefused, read
from songbai.domain.elders.models import CurrentFact, Elder
from songbai.domain.feeds.models import Delivery, Feed, RefusedRow
from songbai.domain.rosters import actions, queries
from songbai.domain.rosters.actions import Upload, choose_columns, confirm, discard, upload, write
from songbai.domain.rosters.models import Roster, RosterNote
from songbai.domain.rosters.rules import RosterState
from tests.cast import Cast, acting

from .files import HEADINGS, VILLAGE, book, number, person, previewed, uploaded, written

pytestmark = pytest.mark.long

GOOD = book(person(101), person(102, "钱松"), person(103, "孙兰英", "空巢"))
MIXED = book(person(101), ("钱松", "50015119450301", "139", "独居"), person(103, living="与猫同住"))


def test_a_village_register_is_written_after_it_was_confirmed(cast: Cast) -> None:
    roster = written(cast.officer, GOOD)
    assert roster.state == RosterState.WRITTEN
    assert {e.name for e in Elder.objects.filter(region_id=VILLAGE)} >= {"赵柏年", "钱松", "孙兰英"}
    assert bytes(roster.content) == b""


def test_nothing_is_written_before_it_is_confirmed(cast: Cast) -> None:
    before = [m.objects.count() for m in (Elder, Delivery, Feed, CurrentFact, RefusedRow)]
    roster = previewed(cast.officer, MIXED)
    assert [m.objects.count() for m in (Elder, Delivery, Feed, CurrentFact, RefusedRow)] == before
    assert roster.state == RosterState.PREVIEWED
    assert roster.counts["new"] == 1
    assert roster.counts["refused"] == 2


def test_the_preview_is_what_writing_then_does(cast: Cast) -> None:
    roster = written(cast.officer, MIXED)
    delivery = roster.delivery
    assert delivery is not None
    assert (delivery.rows, delivery.refused, delivery.registered) == (3, 2, 1)
    assert roster.counts["rows"] == 3


def test_the_same_again_changes_nobody_and_another_word_changes_one(cast: Cast) -> None:
    written(cast.officer, GOOD)
    again = previewed(cast.officer, book(*[person(101), person(102, "钱松")]))
    assert (again.counts["new"], again.counts["changed"], again.counts["same"]) == (0, 0, 2)
    other = previewed(cast.officer, book(person(101, living="空巢"), person(102, "钱松")))
    assert (other.counts["changed"], other.counts["same"]) == (1, 1)
    [changed] = queries.preview_of(other)["changed"]
    assert changed["name"] == "赵*年"
    assert [(f["kind"], f["before"], f["after"]) for f in changed["fields"]] == [
        ("living", "living_alone", "empty_nest")
    ]


def test_the_same_file_a_second_time_says_so(cast: Cast) -> None:
    first = uploaded(cast.officer, GOOD)
    _, before = upload(cast.officer, Upload(VILLAGE, "又一次.xlsx", GOOD, uuid.uuid4()))
    assert before == first


def test_a_form_sent_twice_is_one_upload(cast: Cast) -> None:
    form = Upload(VILLAGE, "名册.xlsx", GOOD, uuid.uuid4())
    assert upload(cast.officer, form)[0] == upload(cast.officer, form)[0]
    assert Roster.objects.count() == 1


def test_columns_are_remembered_for_the_next_file_of_the_village(cast: Cast) -> None:
    headings = ("甲", "乙", "丙", "丁")
    roster = uploaded(cast.officer, book(person(101), headings=headings))
    chosen = dict(zip(headings, ("name", "id_number", "contact_phone", ""), strict=True))
    choose_columns(cast.officer, roster.pk, chosen)
    later = uploaded(cast.officer, book(person(102), headings=headings))
    assert later.columns == chosen


def test_a_column_that_is_left_out_is_left_out_although_its_heading_is_known(cast: Cast) -> None:
    roster = uploaded(cast.officer, GOOD)
    choose_columns(cast.officer, roster.pk, {**roster.columns, "联系电话": ""})
    actions.look_over(SYSTEM, roster.pk)
    confirm(cast.officer, roster.pk)
    write(SYSTEM, roster.pk)
    assert decrypt(Elder.objects.get(name="赵柏年").phone) == ""


def test_two_columns_of_one_name_can_be_told_apart(cast: Cast) -> None:
    content = book((*person(101), "13911111111"), headings=(*HEADINGS, "联系电话"))
    roster = uploaded(cast.officer, content)
    assert roster.columns["联系电话"] == "phone"
    assert roster.columns["联系电话2"] == ""


def test_wrong_columns_are_refused_in_words(cast: Cast) -> None:
    roster = uploaded(cast.officer, GOOD)
    with pytest.raises(actions.WrongColumns, match="身份证号"):
        choose_columns(cast.officer, roster.pk, {"姓名": "name"})


def test_two_people_upload_the_same_village_and_the_second_looks_again(cast: Cast) -> None:
    one, other = previewed(cast.officer, GOOD), previewed(cast.officer, MIXED)
    confirm(cast.officer, one.pk)
    with pytest.raises(actions.SomebodyElseWrites):
        confirm(cast.officer, other.pk)
    write(SYSTEM, one.pk)
    assert actions.look_again_if_old(cast.officer, other.pk)
    actions.look_over(SYSTEM, other.pk)
    other.refresh_from_db()
    assert other.counts["new"] == 0
    assert not actions.look_again_if_old(cast.officer, other.pk)


def test_confirming_and_writing_twice_is_once(cast: Cast) -> None:
    roster = written(cast.officer, GOOD)
    elders, events = Elder.objects.count(), Event.objects.count()
    confirm(cast.officer, roster.pk)
    assert write(SYSTEM, roster.pk) is None
    assert (Elder.objects.count(), Event.objects.count()) == (elders, events)


def test_a_writer_killed_before_the_end_is_taken_up_and_ends_the_same(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    roster = previewed(cast.officer, GOOD)
    confirm(cast.officer, roster.pk)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("songbai.domain.rosters.actions.notes.keep", killed)
        with pytest.raises(KeyboardInterrupt):
            write(SYSTEM, roster.pk)
    assert write(SYSTEM, roster.pk) is not None
    assert Delivery.objects.count() == 1
    assert Elder.objects.filter(name="赵柏年").count() == 1


def test_what_is_no_fact_is_kept_as_the_village_s_note(cast: Cast) -> None:
    headings = (*HEADINGS, "组", "户主", "联系人", "备注")
    row = (*person(101), "3 组", "赵大", "赵二（儿子）", "每周三走访")
    written(cast.officer, book(row, headings=headings))
    note = RosterNote.objects.get(elder__name="赵柏年")
    assert "每周三走访" in decrypt(note.notes)


def test_the_error_workbook_gives_the_sender_the_own_rows_back(cast: Cast) -> None:
    roster = previewed(cast.officer, MIXED)
    sheet = read(io.BytesIO(queries.error_workbook(cast.officer, roster)), known=HEADINGS)
    rows = list(sheet)
    assert [row.cells["原行号"] for row in rows] == [4, 5]
    assert "身份证号：" in str(rows[0].cells["要改的地方"])
    assert "居住情况：" in str(rows[1].cells["要改的地方"])


def test_mended_rows_can_be_sent_again_as_they_came_back(cast: Cast) -> None:
    written(cast.officer, MIXED)
    mended = (("4", "钱松", number(102), "13900000102", "独居", "改过了"),)
    again = previewed(cast.officer, book(*mended, headings=("原行号", *HEADINGS, "要改的地方")))
    assert again.counts["new"] == 1


def test_only_the_sender_gets_the_unmasked_rows(cast: Cast) -> None:
    roster = previewed(cast.officer, MIXED)
    roster.account_id = cast.town_officer.account
    with pytest.raises(NotAllowed, match="交这份名册的人"):
        queries.error_workbook(cast.officer, roster)


def test_others_neither_find_nor_upload(cast: Cast) -> None:
    roster = uploaded(cast.officer, GOOD)
    with pytest.raises(NotFound):
        queries.get(cast.far_officer, roster.pk)
    for actor in (cast.far_officer, cast.daughter, cast.provider_staff):
        with pytest.raises(NotAllowed):
            uploaded(actor, GOOD)


def test_the_web_role_of_another_town_sees_no_register(cast: Cast) -> None:
    uploaded(cast.officer, GOOD)
    with acting(cast.town_officer):
        assert not Roster.objects.exists()
    with acting(cast.officer):
        assert Roster.objects.count() == 1


def test_a_thrown_away_file_is_gone(cast: Cast) -> None:
    roster = discard(cast.officer, uploaded(cast.officer, GOOD).pk)
    assert bytes(roster.content) == b""
    with pytest.raises(actions.NotNow):
        confirm(cast.officer, roster.pk)


def test_a_district_is_too_high_for_one_register(cast: Cast) -> None:
    with pytest.raises(actions.TooHigh):
        uploaded(cast.officer, GOOD, region="500151000000")


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"138,500\n139,501\n"])
def test_a_bad_file_is_refused_and_not_kept(cast: Cast, content: bytes) -> None:
    with pytest.raises(SheetRefused):
        uploaded(cast.officer, content)
    assert not Roster.objects.exists()


def test_a_file_of_which_no_row_is_good_cannot_be_confirmed(cast: Cast) -> None:
    roster = previewed(cast.officer, book(("钱松", "5001", "", "")))
    with pytest.raises(actions.NotNow, match="没有一行"):
        confirm(cast.officer, roster.pk)


def test_a_town_s_register_names_its_villages(cast: Cast) -> None:
    headings = (*HEADINGS, "村社")
    rows = ((*person(101), "东方社区居民委员会"), (*person(102), "没有的村"))
    roster = previewed(cast.officer, book(*rows, headings=headings), region="500151001000")
    assert roster.counts["refused"] == 1
    confirm(cast.officer, roster.pk)
    write(SYSTEM, roster.pk)
    assert Elder.objects.get(name="赵柏年").region_id == VILLAGE


def test_an_empty_template_is_read_back_without_guessing(cast: Cast) -> None:
    content = queries.template_for("500151001000")
    roster = uploaded(cast.officer, content, region="500151001000")
    assert "" not in roster.columns.values()
    assert roster.columns["村社"] == "region"


@pytest.mark.django_db(transaction=True)
def test_no_file_lies_in_plain_in_the_record(cast: Cast) -> None:
    roster = uploaded(cast.officer, GOOD)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT roster::text FROM rosters_roster AS roster")
        assert number(101) not in cursor.fetchone()[0]
    assert queries.content_of(roster) == GOOD


def test_rows_of_one_file_with_one_number_and_two_names_are_both_marked(cast: Cast) -> None:
    same = number(104)
    rows = [("孙松柏", same, "", "独居"), person(103), ("钱大壮", same, "", "空巢")]
    roster = written(cast.officer, book(*rows))
    assert (roster.counts["new"], roster.counts["same"], roster.counts["refused"]) == (1, 0, 2)
    assert not Elder.objects.filter(name__in=["孙松柏", "钱大壮"]).exists()


def test_a_contradicted_row_changes_nobody_who_is_registered(cast: Cast) -> None:
    written(cast.officer, book(person(101)))
    two = [(*person(101, living=living), note) for living, note in (("空巢", "甲"), ("留守", "乙"))]
    file = book(*two, person(103), headings=(*HEADINGS, "备注"))
    preview = queries.preview_of(previewed(cast.officer, file))
    assert [one["title"] for row in preview["refused"] for one in row["problems"]] == [
        *("居住情况", "备注"),
        *("居住情况", "备注"),
    ]
    written(cast.officer, file)
    assert not RosterNote.objects.exists()
    assert Elder.objects.get(name="赵柏年").living == "living_alone"


@pytest.mark.parametrize("named", ["", VILLAGE])
@pytest.mark.parametrize("home", ["500152001001", "500151105201"])
def test_a_village_changes_nobody_of_another_place(cast: Cast, home: str, named: str) -> None:
    """Neither by a first word, nor by the same word again of whom has left since."""
    hers = ("赵柏年", number(101), "13811111111", "独居", "幸福路 8 号", "每周三走访", named)
    headings = (*HEADINGS, "家庭住址", "备注", "村社")
    written(cast.officer, book(("赵柏年", number(101), "", ""), person(102, "钱松")))
    elder = Elder.objects.get(name="赵柏年")
    elder.region_id = home
    elder.save(update_fields=["region_id"])
    before = list(CurrentFact.objects.filter(elder=elder).order_by("kind").values())
    for _ in range(2):
        roster = written(cast.officer, book(hers, person(103), headings=headings))
        assert (roster.counts["changed"], roster.counts["refused"]) == (0, 1)
        [sent_back] = queries.preview_of(roster)["refused"]
        assert "登记在别的地方" in sent_back["problems"][0]["reason"]
        delivery = roster.delivery
        assert delivery is not None
        assert delivery.new + delivery.changed + delivery.same + delivery.older == 1
    elder.refresh_from_db()
    assert elder.region_id == home
    assert list(CurrentFact.objects.filter(elder=elder).order_by("kind").values()) == before
    assert not RosterNote.objects.filter(elder=elder).exists()


def test_a_village_enters_nobody_in_another_place(cast: Cast) -> None:
    headings = (*HEADINGS, "村社")
    written(cast.officer, book((*person(101), "500152001001"), headings=headings))
    assert not Elder.objects.filter(name="赵柏年").exists()
