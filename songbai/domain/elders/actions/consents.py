"""Giving and withdrawing consent."""

from __future__ import annotations

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.queries import require
from songbai.core.accounts.rules import Actor
from songbai.core.errors import NotAllowed, NotFound, Refused
from songbai.core.events.actions import publish
from songbai.domain.elders.declares import CONSENT_GIVE
from songbai.domain.elders.models import Consent, Elder
from songbai.domain.elders.queries import reach_of
from songbai.domain.elders.queries.family import guardian_of, standing
from songbai.domain.elders.rules.consents import purposes
from songbai.domain.elders.rules.family import Standing, may_consent


class NotYoursToConsent(NotAllowed):
    """同意要由老人本人或监护人给；也可以带老人签字的同意书到社区办理。"""


class WordingChanged(Refused):
    """这一条的内容刚刚改过。请重新看一遍再决定。"""


class PaperMissing(Refused):
    """替老人登记同意，要写明凭什么，例如“老人签字的同意书”。"""

    field = "proof"


@transaction.atomic
def say(
    actor: Actor, elder: Elder, purpose: str, *, given: bool, version: int, proof: str = ""
) -> Consent:
    """Record a yes or a no for one purpose; it is in force with this transaction.

    ``version`` is the wording the person saw. Raises NotFound, NotYoursToConsent, WordingChanged,
    PaperMissing.
    """
    require(actor, CONSENT_GIVE, reach_of(elder))
    words = purposes().get(purpose)
    if words is None:
        raise NotFound
    who = standing(actor, elder)
    if not may_consent(who, given=given, under_guardianship=guardian_of(elder) is not None):
        raise NotYoursToConsent
    if given and version != words.version:
        raise WordingChanged
    if who is Standing.OFFICE and len(proof.strip()) < 4:
        raise PaperMissing
    consent = Consent.objects.create(
        elder=elder,
        region_id=elder.region_id,
        purpose=purpose,
        version=words.version,
        given=given,
        standing=who,
        account_id=actor.account_id,
        by_name=actor.name,
        proof=proof.strip()[:80],
        at=clock.now(),
    )
    publish(
        "consent.given" if given else "consent.withdrawn",
        actor,
        subject=("elder", elder.pk),
        region=elder.region_id,
        person_id=elder.pk,
        purpose=purpose,
    )
    return consent
