"""Keys, the drop folder, due lists, rows that wait, and what goes back."""

import io
import os
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import NotAllowed
from songbai.core.events.models import Event
from songbai.core.reasons import ReasonMissing
from songbai.core.sheets import read
from songbai.domain.feeds.actions import folder, returning, unmatched, watching
from songbai.domain.feeds.actions.receiving import feed_of
from songbai.domain.feeds.errors import AlreadySettled, UnknownDelivery
from songbai.domain.feeds.models import Delivery, Feed, UnmatchedRow
from songbai.domain.feeds.queries import standings
from songbai.domain.feeds.reading.rows import joined, short_digests
from songbai.domain.feeds.rules.states import UnmatchedState
from songbai.domain.providers.actions import Registered, WrongUscc, note_registration
from songbai.domain.providers.models import BusinessRegistration
from songbai.domain.providers.rules import RegistrationStatus
from tests.cast import Cast, acting, make_elder

from .deliveries import MOTHER, day, deliver, hand_in, number_of, pension, stands, text_of

USCC = "91110000600037341L"


def test_a_row_of_two_cells_is_not_one_of_other_two() -> None:
    assert len(set(short_digests(joined([["a", "a|", "a"], ["|b", "b", "b"]])))) == 3


def test_a_file_that_lies_still_is_taken_in_and_goes(cast: Cast, tmp_path: Path) -> None:
    path = _drop(tmp_path, "renshe_pensions-500151-20261010.csv")
    assert [one.feed.code for one in folder.take_in(SYSTEM, tmp_path)] == ["renshe_pensions"]
    assert not path.exists()
    assert str(Delivery.objects.get().as_of.astimezone(clock.SHANGHAI).date()) == "2026-10-10"


def test_a_file_that_still_grows_is_left_alone(cast: Cast, tmp_path: Path) -> None:
    path = _drop(tmp_path, "renshe_pensions-500151.csv", old=0)
    assert folder.take_in(SYSTEM, tmp_path) == []
    path.with_name(f"{path.name}.done").touch()
    assert len(folder.take_in(SYSTEM, tmp_path)) == 1


def test_a_file_without_a_sense_is_put_aside_with_the_reason(cast: Cast, tmp_path: Path) -> None:
    _drop(tmp_path, "名单.csv")
    assert folder.take_in(SYSTEM, tmp_path) == []
    assert "文件名" in (tmp_path / "not-taken" / "名单.csv.txt").read_text("utf-8")


def _drop(where: Path, name: str, old: int = 600) -> Path:
    path = where / name
    path.write_bytes(text_of([pension(MOTHER, "王桂英", "900")]))
    moment = clock.now().timestamp() - old
    os.utime(path, (moment, moment))
    return path


def test_a_feed_that_did_not_come_is_told_once(cast: Cast) -> None:
    feed = feed_of("renshe_pensions", "500151")
    Feed.objects.filter(pk=feed.pk).update(due_on=clock.today() - timedelta(days=9))
    assert watching.note_late(SYSTEM) == 1
    assert watching.note_late(SYSTEM) == 0
    assert Event.objects.filter(kind="feeds.late").count() == 1
    assert [one.late_days for one in standings(cast.officer)] == [9]


def test_what_is_written_is_late_no_more(cast: Cast) -> None:
    feed = feed_of("renshe_pensions", "500151")
    Feed.objects.filter(pk=feed.pk).update(due_on=clock.today() - timedelta(days=9))
    watching.note_late(SYSTEM)
    deliver("renshe_pensions", [pension(MOTHER, "王桂英", "900")])
    assert [one.late_days for one in standings(cast.officer)] == [0]


def test_within_its_grace_nothing_is_late(cast: Cast) -> None:
    feed = feed_of("renshe_pensions", "500151")
    Feed.objects.filter(pk=feed.pk).update(due_on=clock.today() - timedelta(days=3))
    assert watching.note_late(SYSTEM) == 0


def test_a_row_finds_its_person_once_they_are_registered(cast: Cast) -> None:
    deliver("renshe_pensions", [pension(number_of(31), "郑后来", "900")])
    elder = make_elder("郑后来", 1099, id_number=number_of(31))
    assert unmatched.match_again(SYSTEM) == 1
    assert stands(elder.pk, "pension_amount") == "90000"
    assert UnmatchedRow.objects.get().state == UnmatchedState.MATCHED


def test_a_clerk_gives_a_row_to_somebody(cast: Cast) -> None:
    deliver("renshe_pensions", [pension(number_of(33), "王桂英", "900")])
    waiting = UnmatchedRow.objects.get()
    unmatched.give_to(SYSTEM, waiting.pk, cast.mother.pk)
    assert stands(cast.mother.pk, "pension_amount") == "90000"
    with pytest.raises(AlreadySettled):
        unmatched.dismiss(SYSTEM, waiting.pk, note="已迁往外地")


def test_a_row_laid_aside_keeps_no_cells(cast: Cast) -> None:
    deliver("renshe_pensions", [pension(number_of(35), "吴外地", "900")])
    with acting(cast.officer):
        row = unmatched.dismiss(cast.officer, UnmatchedRow.objects.get().pk, note="已迁往外地")
    assert bytes(row.cells) == b""


def test_what_was_laid_aside_and_is_said_otherwise_is_asked_again(cast: Cast) -> None:
    deliver("renshe_pensions", [pension(number_of(35), "吴外地", "900")])
    unmatched.dismiss(SYSTEM, UnmatchedRow.objects.get().pk, note="已迁往外地")
    deliver("renshe_pensions", [pension(number_of(35), "吴外地", "950")])
    row = UnmatchedRow.objects.get()
    assert (row.state, row.settled_at, row.note) == (UnmatchedState.OPEN, None, "")


def test_laying_aside_needs_a_reason(cast: Cast) -> None:
    deliver("renshe_pensions", [pension(number_of(35), "吴外地", "900")])
    with pytest.raises(ReasonMissing):
        unmatched.dismiss(cast.officer, UnmatchedRow.objects.get().pk, note="")


def test_an_officer_from_elsewhere_finds_no_row(cast: Cast) -> None:
    deliver("renshe_pensions", [pension(number_of(35), "吴外地", "900")])
    pk = UnmatchedRow.objects.get().pk
    with acting(cast.far_officer), pytest.raises(UnknownDelivery):
        unmatched.dismiss(cast.far_officer, pk, note="已迁往外地")


def test_the_workbook_marks_the_cell_and_can_be_sent_again(cast: Cast) -> None:
    done = deliver("renshe_pensions", [pension(MOTHER, "王桂英", "约两千")])
    with acting(cast.officer):
        taken = returning.take_refused(cast.officer, done.pk, purpose="退给人社局改正")
    with zipfile.ZipFile(io.BytesIO(taken.content)) as parts:
        assert "不是金额" in parts.read("xl/comments1.xml").decode()
    row = next(iter(read(taken.content)))
    mended = {header: str(cell) for header, cell in row.cells.items()} | {"月养老金": "2000.00"}
    assert deliver("renshe_pensions", [mended]).matched == 1


def test_taking_refused_rows_is_logged_with_its_purpose(cast: Cast) -> None:
    done = deliver("renshe_pensions", [pension(MOTHER, "王桂英", "约两千")])
    with acting(cast.officer):
        with pytest.raises(ReasonMissing):
            returning.take_refused(cast.officer, done.pk, purpose="")
        returning.take_refused(cast.officer, done.pk, purpose="退给人社局改正")
    assert Event.objects.get(kind="feeds.refused_taken").payload["purpose"] == "退给人社局改正"


def test_a_family_sees_no_feeds(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        standings(cast.daughter)


def _organisation(status: str, changed: int, name: str = "新名字养老服务公司") -> dict[str, str]:
    return {
        "统一社会信用代码": USCC,
        "名称": name,
        "住所区划代码": "500151001",
        "登记状态": status,
        "核准日期": day(changed),
    }


def test_the_market_regulator_renames_a_provider(cast: Cast) -> None:
    cast.provider.uscc = USCC
    cast.provider.save()
    done = deliver("shichang_providers", [_organisation("存续", 5)])
    cast.provider.refresh_from_db()
    assert (done.matched, cast.provider.name) == (1, "新名字养老服务公司")


def test_a_provider_that_was_cancelled_has_left(cast: Cast) -> None:
    cast.provider.uscc = USCC
    cast.provider.save()
    deliver("shichang_providers", [_organisation("注销", 5)])
    cast.provider.refresh_from_db()
    assert str(cast.provider.exited_on) == day(5)


def test_an_older_word_of_the_regulator_changes_nothing(cast: Cast) -> None:
    deliver("shichang_providers", [_organisation("注销", 5)])
    deliver("shichang_providers", [_organisation("存续", 50, "旧名字")])
    assert BusinessRegistration.objects.get().status == RegistrationStatus.CANCELLED


def test_a_code_with_a_wrong_check_character_is_no_organisation(cast: Cast) -> None:
    with pytest.raises(WrongUscc):
        note_registration(
            SYSTEM,
            Registered(
                "911100006000373411", "某公司", "500151", RegistrationStatus.ACTIVE, clock.today()
            ),
        )


def test_a_delivery_nobody_finished_is_taken_up_again(cast: Cast) -> None:
    delivery = hand_in("renshe_pensions", [pension(MOTHER, "王桂英", "900")])
    assert watching.unfinished(SYSTEM) == []
    with clock.moved_to(clock.now() + timedelta(hours=1)):
        assert watching.unfinished(SYSTEM) == [delivery]


def test_files_and_refused_rows_go_when_their_time_is_over(cast: Cast) -> None:
    done = deliver("renshe_pensions", [pension(MOTHER, "王桂英", "约两千")])
    watching.discard_files(SYSTEM)
    assert (done.raw_parts.count(), done.refused_rows.count()) == (0, 1)
    with clock.moved_to(clock.now() + timedelta(days=181)):
        watching.discard_files(SYSTEM)
    assert done.refused_rows.count() == 0
