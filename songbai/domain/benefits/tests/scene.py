"""What benefits lay out for pages to be looked at."""

import uuid

from songbai.core import clock
from songbai.domain.benefits.actions import NewObjection, raise_objection
from songbai.domain.benefits.models import CycleException, Payment, Recovery, Suspension
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.objection import Ground
from songbai.domain.benefits.rules.paying import PaymentState
from tests.cast import acting
from tests.scenes import Scene

from .frozen import checked_cycle, kept_back, owing, waiting_payment

POLICY = "longevity-tongliang"


def lay(scene: Scene) -> None:
    """A cycle with a doubt about Mrs Wang, a payment that failed, what she owes, an objection."""
    cast, mother = scene.cast, scene.cast.mother
    month = clock.month_of(clock.today())
    with acting(cast.officer):
        wrong = NewObjection(uuid.uuid4(), POLICY, Month(month), Ground.AGE, "", "本人")
        objection = raise_objection(cast.officer, mother, wrong, where="/")
    doubt = checked_cycle(mother)
    waiting_payment(mother, doubt.cycle_id, PaymentState.FAILED)
    owing(mother)
    kept_back(mother)
    scene.own(
        objection_id=objection.pk,
        cycle_id=doubt.cycle_id,
        exception_id=CycleException.objects.get().pk,
        payment_id=Payment.objects.get().pk,
        recovery_id=Recovery.objects.get().pk,
        suspension_id=Suspension.objects.get().pk,
    )
    scene.anyones("a month, a policy: words, not things", month=month, policy=POLICY)
    scene.anyones("whoever holds a letter may ask if it is genuine", mark="unknown")
    scene.ask(cycle=doubt.cycle_id, month=month, payer="credit")
