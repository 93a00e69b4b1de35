"""Nothing drops a database but somebody who typed its name, and only a demo's."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from songbai.cli import assets
from songbai.cli.demo import build, marker
from songbai.cli.demo.site import Summary
from songbai.cli.management.commands import demo
from songbai.domain.elders.models import Elder
from tests.cast import Cast, make_account, make_cast
from tests.roles import OFFICER

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[4]
BUILT = Summary(["500151000000"], 7, 92, elders=3)


@pytest.fixture(autouse=True)
def dropped(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of databases that were dropped, none in fact."""
    found: list[str] = []
    monkeypatch.setattr(assets, "build", lambda _: None)
    monkeypatch.setattr(marker, "drop_database", lambda: found.append(marker.database()))
    return found


def run(*options: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("demo", "--build-only", *options)


def typing(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(demo, "_typed", lambda _: text)


def test_an_unknown_district_leaves_nothing(dropped: list[str]) -> None:
    run("--region", "371302", says="没有这个区县代码")
    assert marker.read() is None
    assert not marker.is_inhabited()


def test_a_build_that_fails_before_its_first_row_leaves_no_mark(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> Summary:
        raise OSError("no divisions")

    monkeypatch.setattr(build, "build_demo", fail)
    with pytest.raises(OSError, match="no divisions"):
        call_command("demo", "--build-only")
    assert marker.read() is None


def test_ones_own_data_is_left_alone(cast: Cast, dropped: list[str]) -> None:
    run(says="不是演示数据")
    run("--fresh", says="不会删它")
    assert dropped == []


def test_what_an_unfinished_demo_left_is_left_alone_too(cast: Cast, dropped: list[str]) -> None:
    marker.begin()
    run(says="没有建完")
    assert dropped == []


def test_a_build_that_failed_half_way_own_data_and_the_demo_again(
    dropped: list[str], monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    def fail(*_: object, **__: object) -> Summary:
        make_account("演示", OFFICER, "500151")
        raise OSError("disk full")

    monkeypatch.setattr(build, "build_demo", fail)
    with pytest.raises(OSError, match="disk full"):
        call_command("demo", "--build-only")
    make_cast()
    settings.HOME = tmp_path
    (tmp_path / "demo-city.json").write_text("{}")  # as older versions left it
    monkeypatch.setattr("builtins.input", lambda _: "")  # as ``make demo`` in a script
    people = Elder.objects.count()
    run(says="没有建完")
    run("--region", "500112", says="没有建完")
    run("--fresh", says="什么都没有删")
    assert (dropped, Elder.objects.count()) == ([], people)
    marker.wipe()  # and where no mark is, no name helps
    typing(monkeypatch, marker.database())
    run("--fresh", says="不会删它")
    assert (dropped, Elder.objects.count()) == ([], people)


def test_databases_are_dropped_in_one_place() -> None:
    files = [p for p in (ROOT / "songbai").rglob("*.py") if not {"tests"} & {*p.parts}]
    assert [p.name for p in files if "DROP DATABASE" in p.read_text("utf-8")] == ["marker.py"]
    calls = [p.name for p in files if "drop_database()" in p.read_text("utf-8")]
    assert sorted(calls) == ["demo.py", "marker.py"]


def test_make_demo_asks_for_nothing_to_be_dropped() -> None:
    recipe = (ROOT / "Makefile").read_text("utf-8").split("\ndemo:", 1)[1].split("\n\n", 1)[0]
    assert "songbai demo" in recipe
    assert "fresh" not in recipe


@pytest.mark.parametrize("typed", ["", "y", "postgres"])
def test_another_name_drops_nothing(
    typed: str, dropped: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    marker.write(BUILT, {"region": "500151"})
    typing(monkeypatch, typed)
    run("--fresh", says="什么都没有删")
    assert dropped == []


def test_the_name_of_a_demo_drops_it(dropped: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    marker.write(BUILT, {"region": "500151"})
    typing(monkeypatch, marker.database())
    run("--fresh", "--region", "500112", says="已建的是")
    assert dropped == [marker.database()]


def test_the_mark_is_of_the_database_and_not_of_a_folder() -> None:
    marker.write(BUILT, {"region": "500151"})
    found = marker.read()
    assert found is not None
    assert (found["elders"], found["region"]) == (3, "500151")
    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON DATABASE {marker.database()} IS '区里的库'")
    assert marker.read() is None
