"""The house keeps its plan."""

import ast
import graphlib
import re
from pathlib import Path

import grimp
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from songbai import rooms
from songbai.core.scope import secured_models
from songbai.domain.elders.under_way import all_under_way

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
    return grimp.build_graph("songbai", include_external_packages=True, cache_dir=None)


def test_a_floor_imports_only_what_lies_below(imports: grimp.ImportGraph) -> None:
    assert imports.find_illegal_dependencies_for_layers(layers=FLOORS) == set()


def test_a_room_imports_only_rooms_before_it(imports: grimp.ImportGraph) -> None:
    order = tuple(f"songbai.domain.{room}" for room in reversed(rooms.ROOMS))
    assert imports.find_illegal_dependencies_for_layers(layers=order) == set()


def test_files_do_not_import_in_circles(imports: grimp.ImportGraph) -> None:
    files = {
        name: imports.find_modules_directly_imported_by(name)
        for name in imports.modules
        if name.startswith("songbai.")
    }
    graphlib.TopologicalSorter(files).prepare()  # raises CycleError with the files of a circle


def test_jobs_leave_turns_to_the_start(imports: grimp.ImportGraph) -> None:
    """What is under way goes back in the order in which the rooms stand: turns are loaded in it."""
    turns = {f"songbai.domain.{room}.turns" for room in rooms.ROOMS}
    early = {
        (name, found)
        for name in imports.modules
        if name.startswith("songbai.")
        for found in imports.find_modules_directly_imported_by(name) & turns
    }
    assert early == set()
    stands = [thing.model._meta.app_config.name.split(".")[-1] for thing in all_under_way()]
    assert stands == sorted(stands, key=rooms.ROOMS.index)


#: The doors of the house, as files of a room's pages.
DOORS = {"bureau", "family", "desk", "provider", "caregiver", "assessor", "body", "portal",
         "entrance"}  # fmt: skip


def room_of_pages(module: str) -> str:
    """The room whose pages a module belongs to; "" for a frame."""
    floor, _, room = module.partition("songbai.web.rooms.")
    return "" if floor else room.split(".")[0]


def test_a_frame_knows_no_room(imports: grimp.ImportGraph) -> None:
    frames = {
        module
        for module in imports.find_descendants("songbai.web")
        if not room_of_pages(module) and not {"tests", "conftest"} & set(module.split("."))
    }
    found = [
        (frame, known)
        for frame in frames
        for known in imports.find_modules_directly_imported_by(frame)
        if known.startswith("songbai.domain.") or room_of_pages(known)
    ]
    assert found == []


def test_pages_of_a_room_know_only_rooms_before_it_and_no_page(imports: grimp.ImportGraph) -> None:
    order = [*rooms.GROUND, *rooms.ROOMS]
    for module in imports.find_descendants("songbai.web.rooms"):
        room = room_of_pages(module)
        for known in imports.find_modules_directly_imported_by(module):
            other = room_of_pages(known)
            if other not in {"", room} and "tests" not in module.split("."):
                assert order.index(other) < order.index(room), (module, known)
                assert known.split(".")[4] not in DOORS, (module, known)


def test_pages_lie_in_rooms_that_stand_and_in_files_of_doors() -> None:
    for folder in (ROOT / "songbai" / "web" / "rooms").iterdir():
        if folder.is_dir() and folder.name != "__pycache__":
            assert folder.name in {*rooms.GROUND, *rooms.ROOMS}, folder
            assert (folder / "__init__.py").exists(), folder
            assert DOORS & {path.stem for path in folder.iterdir()}, folder


def test_every_room_of_the_first_floor_stands_in_the_tuple() -> None:
    assert set(ROOMS) == {path.parent for path in (ROOT / "songbai" / "domain").glob("*/models*")}


@pytest.mark.parametrize("room", rooms.ROOMS)
def test_rules_are_pure(room: str, imports: grimp.ImportGraph) -> None:
    for name in {f"songbai.domain.{room}.{pure}" for pure in PURE} & imports.modules:
        for beyond in ("django", "songbai.core.ledger.models"):
            assert imports.find_shortest_chains(name, beyond, as_packages=True) == set()


@pytest.mark.parametrize("model", domain_models(), ids=lambda model: model._meta.label)
def test_every_table_says_whose_its_rows_are(model: type[models.Model]) -> None:
    assert model in secured_models() or getattr(model, "open_to_all", False)


def test_nothing_that_holds_people_is_open() -> None:
    holds = {"elder", "person_id", "elder_id"}
    for model in apps.get_models():
        if getattr(model, "open_to_all", False):
            assert not holds & {field.name for field in model._meta.get_fields()}, model
            assert model not in secured_models()


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_every_room_has_the_same_furniture(room: Path) -> None:
    assert (room / "__init__.py").exists()
    for name in ("models", "queries", "rules"):
        # A file that is outgrown becomes a folder of the same name.
        assert (room / f"{name}.py").exists() or (room / name).is_dir(), f"{room.name}: no {name}"
    assert ast.get_docstring(ast.parse((room / "__init__.py").read_text("utf-8")))


def writes_in(path: Path) -> list[int]:
    """Lines that change rows through a model's manager."""
    text = path.read_text("utf-8")
    if "objects" not in text:
        return []
    calls = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)]
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


def home_of(module: str) -> str:
    """The room a model, or a file of the first floor, belongs to."""
    return ".".join(module.split(".")[:3])


def test_no_room_asks_another_ones_rows_without_a_scope() -> None:
    # A demo is told by the owner of the tables, before anybody has a scope.
    homes = {model.__name__: home_of(model.__module__) for model in domain_models()}
    found = []
    for path in SOURCE:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if not module.startswith(("songbai.domain.", "songbai.web.")) or path.name == "demo.py":
            continue
        text = path.read_text("utf-8")
        if "objects" not in text and "_default_manager" not in text:
            continue
        nodes = list(ast.walk(ast.parse(text)))
        names = imported_from_rooms(nodes)
        for node in nodes:
            if (
                isinstance(node, ast.Attribute)
                and node.attr in {"objects", "_default_manager"}
                and isinstance(node.value, ast.Name)
                and names.get(node.value.id, home_of(module)) != home_of(module)
                and node.value.id in homes
            ):
                found.append(f"{path}:{node.lineno} {node.value.id}")
    assert found == []


def imported_from_rooms(nodes: list[ast.AST]) -> dict[str, str]:
    """Names a file of these nodes imports from rooms of the first floor, and from which."""
    return {
        name.asname or name.name: home_of(node.module)
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        and not node.level
        and (node.module or "").startswith("songbai.domain.")
        and node.module is not None
        for name in node.names
    }


#: Another now than the clock's, in Python.
OTHER_NOWS = re.compile(
    r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.time|timezone\.(now|localtime|localdate)"
    r"|functions\.Now)$"
)
LAST_WORDS = {"now", "utcnow", "today", "time", "localtime", "localdate", "Now"}
#: And in SQL, where ``songbai_now()`` is the clock's.
OTHER_NOWS_OF_SQL = re.compile(
    r"(?<![\w.])(now\(\)|(clock|statement|transaction)_timestamp\(\)"
    r"|(current|local)_?(date|timestamp|time)\b)",
    re.IGNORECASE,
)
#: Files without any of these words need not be parsed.
MAYBE_A_NOW = re.compile(
    r"(datetime|date|time|timezone)\.(now|utcnow|today|time|local)|\bNow\b|auto_now"
    r"|from (datetime|time|django\.utils\.timezone)\b|now\(\)|_timestamp\(|current_|local_?(da|ti)",
    re.IGNORECASE,
)
NOWS_OF_OTHERS = {
    "songbai/core/clock.py": "the clock itself",
    "songbai/core/accounts/migrations/0001_initial.py": "songbai_now, and the end of tokens",
    "tests/test_kills.py": "the queue stamps its own heartbeats",
    "tests/test_architecture.py": "names what it looks for",
}


def other_nows_in(path: Path) -> list[str]:
    """Lines that ask the machine for the time, in Python or in SQL."""
    text = path.read_text("utf-8")
    if not MAYBE_A_NOW.search(text):
        return []
    found = []
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Attribute(attr=attr) if attr in LAST_WORDS:
                asks = bool(OTHER_NOWS.search(ast.unparse(node)))
            case ast.ImportFrom():
                asks = any(OTHER_NOWS.search(f"{node.module}.{name.name}") for name in node.names)
            case ast.keyword():
                asks = node.arg in {"auto_now", "auto_now_add"}
            case ast.Constant(value=str(text)):
                asks = bool(OTHER_NOWS_OF_SQL.search(text))
            case _:
                continue
        if asks:
            found.append(f"{path}:{node.lineno}")
    return found


def test_now_is_asked_of_the_clock_only() -> None:
    looked = [*(ROOT / "songbai").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    asking = {str(p.relative_to(ROOT)): found for p in looked if (found := other_nows_in(p))}
    assert {name: where for name, where in asking.items() if name not in NOWS_OF_OTHERS} == {}
    assert asking.keys() == NOWS_OF_OTHERS.keys()
    assert not [p for p in (ROOT / "songbai").rglob("*.html") if "{% now" in p.read_text("utf-8")]


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = {str(p): n for p in SOURCE if (n := len(p.read_text("utf-8").splitlines())) > 400}
    assert long == {}


def test_the_models_and_the_migrations_say_the_same(db: None) -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


#: What a machine wrote into a form, and icons.
OWN_PATTERNS = {"songbai/web/icons.py", "songbai/web/rooms/dispatch/desk/forms.py"}
OWN_PATTERNS |= {"songbai/web/rooms/orders/forms.py"}
PATTERN = re.compile(r"\bre\.(compile|fullmatch|match)\(|\bRegex(Field|Validator)\(")
#: Telephones, accounts, credit codes, whatever kind of text has one stored form.
SUCH_TEXT = re.compile(r"\\d\{10\}|\{12,30\}|\{18\}|\[0-9A-HJ-N")


def test_what_people_type_is_read_in_one_place() -> None:
    for path in sorted((ROOT / "songbai").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if {"tests", "migrations", "models"} & set(path.parts) or name == "songbai/core/texts.py":
            continue
        code = path.read_text()
        if name.startswith("songbai/web/") and name not in OWN_PATTERNS:
            assert not PATTERN.search(code), f"{name}: core.texts reads what people type"
        if PATTERN.search(code):
            assert not SUCH_TEXT.search(code), f"{name}: core.texts has the form of this text"
