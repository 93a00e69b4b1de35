"""The house keeps its plan."""

from __future__ import annotations

import ast
from pathlib import Path

import grimp
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from songbai import rooms
from songbai.core import scope
from songbai.core.scope import secured_models

ROOT = Path(__file__).resolve().parents[1]
SOURCE = [
    path
    for path in sorted((ROOT / "songbai").rglob("*.py"))
    if not {"migrations", "tests", "conftest.py"} & set(path.parts)
]
FLOORS = ("songbai.cli", "songbai.web", "songbai.api", "songbai.domain", "songbai.core")
ROOMS = [ROOT / "songbai" / "domain" / room for room in rooms.ROOMS]
#: Modules and folders of a room that only think: no Django, no tables.
PURE = ("rules", "solver", "planner", "vehicles")
WRITES = {"create", "bulk_create", "update", "bulk_update", "delete", "save", "get_or_create",
          "update_or_create"}  # fmt: skip


def domain_models() -> list[type[models.Model]]:
    return [m for m in apps.get_models() if m.__module__.startswith("songbai.domain")]


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("songbai", include_external_packages=True)


def test_a_floor_imports_only_what_lies_below(imports: grimp.ImportGraph) -> None:
    assert imports.find_illegal_dependencies_for_layers(layers=FLOORS) == set()


def test_a_room_imports_only_rooms_before_it(imports: grimp.ImportGraph) -> None:
    order = tuple(f"songbai.domain.{room}" for room in reversed(rooms.ROOMS))
    assert imports.find_illegal_dependencies_for_layers(layers=order) == set()


def test_every_room_of_the_first_floor_stands_in_the_tuple() -> None:
    assert set(ROOMS) == {path.parent for path in (ROOT / "songbai" / "domain").glob("*/apps.py")}


@pytest.mark.parametrize("room", rooms.ROOMS)
def test_rules_are_pure(room: str, imports: grimp.ImportGraph) -> None:
    for name in {f"songbai.domain.{room}.{pure}" for pure in PURE} & imports.modules:
        for beyond in ("django", "songbai.core.ledger.models"):
            assert imports.find_shortest_chains(name, beyond, as_packages=True) == set()


@pytest.mark.parametrize("model", domain_models(), ids=lambda model: model._meta.label)
def test_every_table_says_whose_its_rows_are(model: type[models.Model]) -> None:
    assert model in secured_models() or getattr(model, "open_to_all", False)


def test_nothing_that_holds_people_is_open() -> None:
    assert scope.check_complete() == []
    holds = {"elder", "person_id", "elder_id"}
    for model in apps.get_models():
        if getattr(model, "open_to_all", False):
            assert not holds & {field.name for field in model._meta.get_fields()}, model
            assert model not in secured_models()


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_every_room_has_the_same_furniture(room: Path) -> None:
    assert (room / "__init__.py").exists()
    for name in ("apps", "models", "queries", "rules"):
        # A file that is outgrown becomes a folder of the same name.
        assert (room / f"{name}.py").exists() or (room / name).is_dir(), f"{room.name}: no {name}"
    assert ast.get_docstring(ast.parse((room / "__init__.py").read_text("utf-8")))


def writes_in(path: Path) -> list[int]:
    """Lines that change rows through a model's manager."""
    calls = [n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call)]
    return [
        call.lineno
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in WRITES
        and "objects" in ast.unparse(call.func.value)
    ]


def test_only_actions_write() -> None:
    found = []
    for path in SOURCE:
        floor, *parts = path.relative_to(ROOT / "songbai").with_suffix("").parts
        if floor in {"domain", "web", "api"} and "actions" not in parts:
            found += [f"{path}:{line}" for line in writes_in(path)]
    assert found == []


def test_now_is_asked_of_the_clock_only() -> None:
    allowed = {"songbai/core/clock.py"}
    for path in SOURCE:
        name = str(path.relative_to(ROOT))
        if name.startswith(("songbai/core/", "songbai/domain/")) and name not in allowed:
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    called = ast.unparse(node.func)
                    assert called not in {"datetime.now", "date.today", "timezone.now"}, name


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = {str(p): n for p in SOURCE if (n := len(p.read_text("utf-8").splitlines())) > 400}
    assert long == {}


def test_the_models_and_the_migrations_say_the_same(db: None) -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
