"""A list of hospitals made by hand."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from songbai.cli.hospitals import COLUMNS
from songbai.core.regions.queries import region
from songbai.domain.providers.models import MedicalPlace
from tests.cast import Cast

GOOD = "PDY0001,演示人民医院,500151001001,演示路 1 号,106.06,29.85,023-00000001,"


def listed(tmp_path: Path, *rows: str) -> str:
    path = tmp_path / "hospitals.csv"
    path.write_text("\n".join([",".join(COLUMNS), *rows]), "utf-8")
    return str(path)


def test_a_list_is_brought_in_and_brought_up_to_date(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("hospitals", listed(tmp_path, GOOD))
    assert "共 1 家" in capsys.readouterr().out
    call_command(
        "hospitals", listed(tmp_path, GOOD.replace("演示路 1 号", "演示路 2 号") + "2026-1-5")
    )
    found = MedicalPlace.objects.get()
    assert (found.code, found.address) == ("PDY0001", "演示路 2 号")
    assert found.region == region("500151001001")
    assert str(found.closed_on) == "2026-01-05"
    assert (found.longitude, found.latitude) == (106.06, 29.85)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (GOOD.replace("演示人民医院", ""), "第 3 行：缺名称"),
        (GOOD.replace("106.06", "29.85"), "第 3 行：经度要在 73 和 136 之间"),
        (GOOD.replace("29.85", "北纬"), "第 3 行"),
        (GOOD.replace("演示路", "路" * 100), "地址最多 100 个字"),
        (GOOD, "PDY0001 出现了两次"),
        (
            GOOD.replace("PDY0001", "PDY0002").replace("500151001001", "500151999999"),
            "第 3 行：没有这个区划",
        ),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_written(
    cast: Cast, tmp_path: Path, row: str, words: str
) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("hospitals", listed(tmp_path, GOOD, row))
    assert not MedicalPlace.objects.exists()
