"""What the accounts room lays out for pages to be looked at."""

from tests.scenes import Scene


def lay(scene: Scene) -> None:
    """A role that nobody has."""
    scene.anyones("one may only take up roles of the own account", role_id=999_999)
