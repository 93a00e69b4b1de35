"""What feeds lay out for pages to be looked at."""

from songbai.core.accounts.rules import SYSTEM
from songbai.domain.feeds.actions.keys import issue_key
from songbai.domain.feeds.models import FeedKey
from tests.scenes import Scene

from .deliveries import deliver, number_of, pension


def lay(scene: Scene) -> None:
    """A delivery with somebody who was not found, and a department's key."""
    delivery = deliver("renshe_pensions", [pension(number_of(31), "郑待配", "900")])
    issue_key(SYSTEM, "renshe", "500151")
    scene.own(
        delivery_id=delivery.pk,
        row_id=delivery.unmatched_rows.get().pk,
        key_id=FeedKey.objects.get().key_id,
    )
    scene.anyones("the machine's door asks for a signature", feed="renshe_pensions", delivery="x")
