"""What rooms add comes once, in time, and complete; else the start says which file to mend."""

import pytest

from songbai.core import registry
from songbai.core.registry import Registry


@pytest.fixture
def things(monkeypatch: pytest.MonkeyPatch) -> Registry[int]:
    monkeypatch.setattr(registry, "_registries", [])
    return Registry("thing", lambda: ["domain/here/declares.py: something is missing"])


def give(things: Registry[int], name: str) -> None:
    """The registering function, one step below the file that declares."""

    def called_by_a_room() -> None:
        things.add(name, 1)

    called_by_a_room()


def test_what_comes_twice_names_both_files(things: Registry[int]) -> None:
    give(things, "one")
    with pytest.raises(RuntimeError, match=r"test_registry: thing 'one' stands in .*test_registry"):
        give(things, "one")


def test_what_comes_late_is_refused(things: Registry[int]) -> None:
    things.close()
    with pytest.raises(RuntimeError, match="after the start"):
        give(things, "late")


def test_what_is_missing_stops_the_start(things: Registry[int]) -> None:
    with pytest.raises(RuntimeError, match=r"domain/here/declares\.py"):
        registry.close_all()


def test_things_are_found_by_name_in_the_order_they_came(things: Registry[int]) -> None:
    for name in ("b", "a"):
        give(things, name)
    assert (things.names(), list(things), things["a"], things.get("c")) == (
        ["b", "a"],
        [1, 1],
        1,
        None,
    )
    assert "a" in things
