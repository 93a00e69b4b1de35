"""The scene every page is looked at in: each room lays out something of Mrs Wang's.

A room's ``tests/scene.py`` has ``lay(scene)``. It says for each id in the room's addresses which
thing of Mrs Wang's it is, or why it is nobody's. Rooms are asked in their order: a later one finds
what an earlier one left in ``scene.things``.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from songbai import rooms
from songbai.core.accounts.rules import Actor

from .cast import Cast


class Scene:
    """Mrs Wang's things by the names they have in addresses, and who does or does not see them."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.things: dict[str, Any] = {}
        self.ids: dict[str, object] = {}
        self.scoped: set[str] = set()
        self.asked: dict[str, str | int] = {}
        self._insiders: dict[str, Actor] = {}
        self._outsiders: dict[str, Actor] = {}

    def own(self, **ids: object) -> None:
        """Ids of something of Mrs Wang's: whoever does not belong to it finds nothing there."""
        self._new(ids)
        self.scoped |= set(ids)

    def anyones(self, why: str, **ids: object) -> None:
        """Ids of what is nobody's; ``why`` says what keeps a page with it from showing too much."""
        assert why
        self._new(ids)

    def ask(self, **values: str | int) -> None:
        """What pages ask for in the query."""
        self.asked |= values

    def door(self, name: str, insider: Actor, outsider: Actor) -> None:
        """Who sees Mrs Wang's things through a door, and the same role from elsewhere."""
        self._insiders[name], self._outsiders[name] = insider, outsider

    def insider(self, door: str) -> Actor:
        """Who may see Mrs Wang's things through a door."""
        return self._insiders[door]

    def outsider(self, door: str) -> Actor:
        """Somebody of the same role from elsewhere."""
        return self._outsiders[door]

    def _new(self, ids: dict[str, object]) -> None:
        assert not ids.keys() & self.ids.keys(), f"{ids.keys() & self.ids.keys()} came before"
        self.ids |= ids


def lay_out(cast: Cast) -> Scene:
    """The scene that all rooms lay out together."""
    scene = Scene(cast)
    for package in rooms.packages():
        module = f"{package}.tests.scene"
        if find_spec(f"{package}.tests") and find_spec(module):
            import_module(module).lay(scene)
    return scene
