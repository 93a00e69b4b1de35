"""What visits lay out for pages to be looked at."""

from __future__ import annotations

from tests.acts import begun
from tests.scenes import Scene


def lay(scene: Scene) -> None:
    """Li Fang is at Mrs Wang's."""
    scene.own(visit_id=begun(scene.cast, scene.things["assignment"]).pk)
