"""A result that calls for help, and somebody who gives it in the village."""

from songbai.core.accounts.rules import SYSTEM
from songbai.domain.assessments.models import Assessment
from songbai.domain.assessments.tests.forms import best
from songbai.domain.assessments.tests.scene import (
    NOTHING_TO_REPORT,
    Scene,
    concluded,
    filled,
    make_scene,
    signed,
)
from songbai.domain.careplans.actions import agree, draft
from songbai.domain.careplans.models import CarePlan
from songbai.domain.catalogue.actions import make_offer
from songbai.domain.catalogue.models import Offer, ServiceItem
from tests.cast import Cast, acting
from tests.scenes import Scene as Laid

#: Washing, bathing and hair: needs help with B.1.2 and B.1.3.
FRAIL = {**best(), **NOTHING_TO_REPORT, "B.1.2": 1, "B.1.3": 1}


def washing(cast: Cast, price: int = 1_500) -> Offer:
    """The cast's provider washes faces too (A01-01)."""
    return make_offer(
        SYSTEM, cast.provider, ServiceItem.objects.get(pk="A01-01"), price, ["500151"]
    )


def assessed(cast: Cast, scene: Scene | None = None) -> Assessment:
    """Mrs Wang's result stands: light help with washing and bathing."""
    scene = scene or make_scene(cast)
    return concluded(scene, signed(scene, filled(scene, None, FRAIL, FRAIL)))


def drafted(cast: Cast) -> CarePlan:
    """The draft her result suggests."""
    washing(cast)
    return draft(SYSTEM, assessed(cast).pk)


def agreed(cast: Cast) -> CarePlan:
    """Her daughter has agreed."""
    plan = drafted(cast)
    with acting(cast.daughter):
        return agree(cast.daughter, plan.pk, plan.version)


def lay(laid: Laid) -> None:
    """What care plans lay out for pages: an empty draft."""
    mother, found = laid.cast.mother, laid.things["assessment"]
    plan = CarePlan.objects.create(elder=mother, region_id=mother.region_id, assessment=found)
    laid.own(plan_id=plan.pk)
