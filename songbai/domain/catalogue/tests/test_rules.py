"""The catalogue file is whole, and a wrong one is refused by name."""

from pathlib import Path
from typing import Any

import pytest

from songbai.domain.catalogue.rules import KINDS, WrongCatalogue, load, parse
from songbai.domain.providers.rules import VehicleKind

KIND, GROUP = {"A": "生活照护"}, {"A05": "助浴"}
RAW: dict[str, Any] = {
    "code": "A05-01",
    "kind": "A",
    "group": "A05",
    "name": "上门助浴",
    "plain": "在家洗澡",
    "summary": "两人上门。",
    "place": "home",
    "minutes": 60,
    "unit": "次",
    "guide_price_fen": 20_000,
    "skills": ["bathing"],
    "steps": [{"code": "water", "name": "试水温", "required": True, "measure": "水温"}],
    "national_ltci_code": None,
    "verified": False,
}


def test_an_item_is_read() -> None:
    item = parse(RAW, KIND, GROUP)
    assert (item.kind, item.group, item.at_home, item.skills) == (
        "生活照护",
        "助浴",
        True,
        ("bathing",),
    )
    assert item.steps[0].measure == "水温"
    assert item.national_ltci_code == ""


@pytest.mark.parametrize("missing", ["kind", "group", "minutes", "skills", "steps", "verified"])
def test_an_item_with_a_hole_is_named(missing: str) -> None:
    raw = {key: value for key, value in RAW.items() if key != missing}
    with pytest.raises(WrongCatalogue, match=f"A05-01.*{missing}"):
        parse(raw, KIND, GROUP)


@pytest.mark.parametrize(("field", "value"), [("kind", "Z"), ("group", "Z99")])
def test_an_unknown_kind_or_group_is_named(field: str, value: str) -> None:
    with pytest.raises(WrongCatalogue, match=value):
        parse(RAW | {field: value}, KIND, GROUP)


def test_an_item_may_need_two_caregivers_and_no_more() -> None:
    assert parse(RAW, KIND, GROUP).caregivers == 1
    assert parse(RAW | {"caregivers": 2}, KIND, GROUP).caregivers == 2
    with pytest.raises(WrongCatalogue, match="one caregiver or two"):
        parse(RAW | {"caregivers": 3}, KIND, GROUP)


def test_an_item_goes_out_and_says_whether_it_comes_back() -> None:
    at_home = parse(RAW, KIND, GROUP)
    assert (at_home.goes_out, at_home.returns) == (False, True)
    for returns in (True, False):
        item = parse(RAW | {"goes_out": True, "returns": returns}, KIND, GROUP)
        assert (item.goes_out, item.returns) == (True, returns)


@pytest.mark.parametrize(
    "changes",
    [
        {"goes_out": True},
        {"goes_out": True, "returns": True, "place": "facility"},
        {"returns": False},
    ],
)
def test_what_does_not_say_where_it_ends_is_named(changes: dict[str, Any]) -> None:
    with pytest.raises(WrongCatalogue, match="A05-01"):
        parse(RAW | changes, KIND, GROUP)


def test_escorts_of_the_house_go_out() -> None:
    items = {item.code: item for item in load().items if item.goes_out}
    assert {code: item.returns for code, item in items.items()} == {
        "B01-01": True,
        "B01-04": False,
    }


def test_an_item_names_its_vehicle_and_what_it_uses_of_it() -> None:
    assert (parse(RAW, KIND, GROUP).vehicle, parse(RAW, KIND, GROUP).load) == ("", 0)
    van = parse(RAW | {"vehicle": "bath_van", "load": 2}, KIND, GROUP)
    assert (van.vehicle, van.load) == (VehicleKind.BATH_VAN, 2)


@pytest.mark.parametrize(
    "wrong", [{"vehicle": "bath_van"}, {"load": 1}, {"vehicle": "meal_bike", "load": -1}]
)
def test_a_vehicle_and_its_load_go_together(wrong: dict[str, object]) -> None:
    with pytest.raises(WrongCatalogue, match=r"A05-01.*go together"):
        parse(RAW | wrong, KIND, GROUP)


def test_an_unknown_vehicle_is_named() -> None:
    with pytest.raises(WrongCatalogue, match=r"A05-01.*boat"):
        parse(RAW | {"vehicle": "boat", "load": 1}, KIND, GROUP)


@pytest.mark.parametrize("wrong", [{"place": "facility"}, {"offered_at": ["canteen"]}])
def test_what_is_not_done_at_home_says_where_it_is_had(wrong: dict[str, object]) -> None:
    with pytest.raises(WrongCatalogue, match="at home, or at places"):
        parse(RAW | wrong, KIND, GROUP)


@pytest.mark.parametrize(("field", "value"), [("minutes", 0), ("guide_price_fen", -1)])
def test_time_and_money_are_not_negative(field: str, value: int) -> None:
    with pytest.raises(WrongCatalogue, match="must not be negative"):
        parse(RAW | {field: value}, KIND, GROUP)


FILE = """
kinds: [{{code: A, name: 生活照护}}]
groups: [{{code: A05, name: 助浴}}]
skills: [{{code: bathing, name: 助浴证}}]
items: [{items}]
"""
ITEM = (
    "{code: A05-01, kind: A, group: A05, name: n, plain: p, summary: s, place: facility,"
    " offered_at: [bath_point], minutes: 10, unit: 次, guide_price_fen: 0, skills: [], steps: [],"
    " verified: true}"
)


def test_a_code_is_used_once(tmp_path: Path) -> None:
    path = tmp_path / "twice.yaml"
    path.write_text(FILE.format(items=f"{ITEM}, {ITEM}"), "utf-8")
    with pytest.raises(WrongCatalogue, match="twice"):
        load(path)


def test_a_file_of_ones_own_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(FILE.format(items=ITEM), "utf-8")
    found = load(path)
    assert found.skill_words == {"bathing": "助浴证"}
    assert [item.at_home for item in found.items] == [False]


def test_the_house_catalogue_has_all_seven_kinds() -> None:
    assert {item.kind for item in load().items} == set(KINDS)


def test_every_skill_asked_for_has_a_word() -> None:
    asked = {skill for item in load().items for skill in item.skills}
    assert asked <= set(load().skill_words)


def test_steps_are_unique_within_their_item() -> None:
    for item in load().items:
        codes = [step.code for step in item.steps]
        assert len(codes) == len(set(codes)), item.code


def test_every_home_service_asks_for_something_to_be_done() -> None:
    for item in load().items:
        if item.at_home:
            assert any(step.required for step in item.steps), item.code


def test_what_comes_by_van_or_bike_comes_home() -> None:
    carried = {item.code: item.vehicle for item in load().items if item.vehicle}
    assert carried == {
        "A05-04": VehicleKind.BATH_VAN,
        "C01-01": VehicleKind.MEAL_BIKE,
        "C02-01": VehicleKind.MEAL_BIKE,
        "C02-02": VehicleKind.MEAL_BIKE,
    }
    assert all(item.at_home for item in load().items if item.vehicle)


def test_what_is_not_verified_says_so() -> None:
    assert not any(item.verified for item in load().items)
