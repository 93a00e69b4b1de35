"""What the catalogue lays out for pages to be looked at."""

from tests.scenes import Scene


def lay(scene: Scene) -> None:
    """A bath, which everybody may order."""
    bath = scene.cast.bath
    scene.anyones("the catalogue is public", item_code=bath.item_id)
    scene.ask(offer=bath.pk)
