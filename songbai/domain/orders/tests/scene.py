"""What orders lay out for pages to be looked at."""

from tests.acts import placed
from tests.scenes import Scene


def lay(scene: Scene) -> None:
    """The daughter orders a bath."""
    order = placed(scene.cast, note="后门进")
    scene.things["order"] = order
    scene.own(order_id=order.pk)
