"""A list leaves the house: allowed, marked, logged, and traced back."""

import csv
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from python_calamine import CalamineWorkbook

from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.audit.models import Read
from songbai.core.errors import NotAllowed
from songbai.core.exports import actions
from songbai.core.exports.actions import (
    NothingToExport,
    Row,
    Taken,
    TooManyRows,
    Wanted,
    take_out,
)
from songbai.core.exports.models import Export
from songbai.core.exports.queries import Unreadable, exports_in, trace
from songbai.core.exports.rules import ExportFormat, without_marks
from songbai.core.reasons import ReasonMissing
from tests.cast import Cast, acting, make_account
from tests.roles import OFFICER

PEOPLE = 120


def rows(cast: Cast, count: int = PEOPLE) -> list[Row]:
    return [
        Row(
            cast.mother.pk,
            cast.mother.region_id,
            str(9_000 + 3 * n),
            (f"王*{n % 7}", str(9_000 + 3 * n), "巴川街道"),
        )
        for n in range(count)
    ]


def taken(
    actor: Actor, cast: Cast, kind: ExportFormat = ExportFormat.XLSX, count: int = PEOPLE
) -> Taken:
    wanted = Wanted(
        "老人名单", ("姓名", "编号", "村社"), ("name",), "铜梁区", "核对 11 月额度", kind
    )
    with acting(actor):
        return take_out(actor, wanted, rows(cast, count), "/bureau/elders/")


def cells(taken: Taken) -> list[list[str]]:
    if taken.export.format == "csv":
        return list(csv.reader(io.StringIO(taken.content.decode("utf-8-sig"))))
    book = CalamineWorkbook.from_filelike(io.BytesIO(taken.content))
    return [[str(cell) for cell in row] for row in book.get_sheet_by_index(0).to_python()]


@pytest.mark.parametrize("kind", list(ExportFormat))
def test_the_copy_says_for_whom_and_is_logged(cast: Cast, kind: ExportFormat) -> None:
    found = taken(cast.officer, cast, kind)
    table = cells(found)
    assert "仅供 刘局" in table[0][0]
    assert table[0][0] == table[-1][0]
    assert len(table) == PEOPLE + 3
    export = Export.objects.get()
    assert (export.recipient, export.rows, export.purpose) == ("刘局", PEOPLE, "核对 11 月额度")
    assert Read.objects.filter(purpose="导出：核对 11 月额度").count() == PEOPLE
    assert f"#export-{export.pk}" in Read.objects.latest("id").where


@pytest.mark.parametrize("kind", list(ExportFormat))
def test_a_leaked_copy_names_its_recipient(cast: Cast, kind: ExportFormat) -> None:
    other = make_account("别人", OFFICER, "500151")
    mine, theirs = taken(cast.officer, cast, kind), taken(other, cast, kind)
    for one in (mine, theirs):
        [best] = trace(SYSTEM, one.content)
        assert best.export == one.export
        assert best.characters == PEOPLE
        assert best.order.convincing


def test_a_retyped_piece_names_its_recipient(cast: Cast) -> None:
    found = taken(cast.officer, cast)
    taken(cast.officer, cast)
    retyped = "\n".join(without_marks(",".join(row)) for row in cells(found)[10:80])
    [best] = trace(SYSTEM, retyped.encode("gb18030"))
    assert (best.export, best.characters) == (found.export, 0)


def test_one_copied_row_is_enough(cast: Cast) -> None:
    found = taken(cast.officer, cast)
    [best] = trace(SYSTEM, ",".join(cells(found)[40]).encode())
    assert best.export == found.export


def test_an_innocent_list_names_nobody(cast: Cast) -> None:
    taken(cast.officer, cast)
    plain = "\n".join(f"王,{n}" for n in range(300))
    assert trace(SYSTEM, plain.encode()) == []


def test_garbage_is_refused(cast: Cast) -> None:
    with pytest.raises(Unreadable):
        trace(SYSTEM, b"PK\x03\x04 not a workbook")
    with pytest.raises(Unreadable):
        trace(SYSTEM, b"\xff\xfe\xfd\x81")


def test_who_may_not_export_gets_nothing(cast: Cast) -> None:
    for actor in (cast.daughter, cast.caregiver, cast.provider_staff, cast.dispatcher):
        with pytest.raises(NotAllowed):
            taken(actor, cast)
    assert not Export.objects.exists()


def test_limits_are_kept(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_ROWS", 10)
    with pytest.raises(TooManyRows):
        taken(cast.officer, cast, count=11)
    with pytest.raises(NothingToExport):
        taken(cast.officer, cast, count=0)
    wanted = Wanted("名单", ("a",), ("name",), "", "看", ExportFormat.CSV)
    with acting(cast.officer), pytest.raises(ReasonMissing):
        take_out(cast.officer, wanted, rows(cast, 3), "/x/")


def test_officers_see_the_exports_of_their_area(cast: Cast) -> None:
    taken(cast.officer, cast)
    with acting(cast.officer):
        assert exports_in(cast.officer).count() == 1
    with acting(cast.far_officer):
        assert exports_in(cast.far_officer).count() == 0


def test_the_command_prints_the_recipient(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    file = tmp_path / "leaked.xlsx"
    file.write_bytes(taken(cast.officer, cast).content)
    call_command("exports", "trace", str(file))
    assert "刘局" in capsys.readouterr().out
    file.write_text("nothing here")
    with pytest.raises(CommandError, match="没有找到记号"):
        call_command("exports", "trace", str(file))
