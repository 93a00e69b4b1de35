"""Giving and withdrawing consent."""

from collections.abc import Callable, Collection, Iterable
from functools import partial

from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, on, publish, require
from songbai.core.errors import NotAllowed, NotFound, Refused
from songbai.core.reasons import too_short
from songbai.core.waiting import wait_for
from songbai.domain.elders.declares import CONSENT_GIVE
from songbai.domain.elders.models import Consent, Elder
from songbai.domain.elders.queries import reach_of
from songbai.domain.elders.queries.family import guardian_of, latest_of, standing
from songbai.domain.elders.rules.consents import purposes
from songbai.domain.elders.rules.family import Standing, may_consent


class NotYoursToConsent(NotAllowed):
    """同意要由老人本人或监护人给；也可以带老人签字的同意书到社区办理。"""


class WordingChanged(Refused):
    """这一条的内容刚刚改过。请重新看一遍再决定。"""


class PaperMissing(Refused):
    """替老人登记同意，要写明凭什么，例如“老人签字的同意书”。"""

    field = "proof"


#: Written beside a no that two records of one person make together, and beside the way back.
_DIFFERENT = "两份档案里说的不一样，先按不同意"
_APART = "撤销合并，恢复原来说的"


def agree_both(actor: Actor, elder: Elder, other: Elder) -> list[Callable[[], Consent]]:
    """Two records turn out to be one person: where one says no to what the other agreed to, no
    stands. Returns what writes that down, to be called once the rows of both are together.
    """
    one, two = (
        {row.purpose: row for row in latest_of(record) if record.pk is not None}
        for record in (elder, other)
    )
    return [
        partial(_again, actor, elder, one[purpose], given=False, proof=_DIFFERENT)
        for purpose in sorted(one.keys() & two.keys())
        if one[purpose].given != two[purpose].given
    ]


def agree_each(actor: Actor, elder: Elder, came: Iterable[Collection[str]]) -> None:
    """They are two people after all: what was said before stands again; not a yes to what a record
    that still is hers says no to. ``came``: the rows of each such record.
    """
    said = [Consent.objects.filter(pk__in=rows).order_by("pk") for rows in came]
    last = [{row.purpose: row.given for row in rows} for rows in said]
    for row in latest_of(elder):
        if row.proof == _DIFFERENT and all(one.get(row.purpose, True) for one in last):
            earlier = Consent.objects.filter(elder=elder, purpose=row.purpose, pk__lt=row.pk)
            before = earlier.exclude(proof=_DIFFERENT).order_by("-pk").first()
            if before is not None and before.given:
                _again(actor, elder, before, given=True, proof=_APART)


def _again(actor: Actor, elder: Elder, said: Consent, *, given: bool, proof: str) -> Consent:
    return Consent.objects.create(
        elder=elder,
        region_id=elder.region_id,
        purpose=said.purpose,
        version=said.version,
        given=given,
        standing=said.standing,
        by_name=actor.name,
        proof=proof,
        at=clock.now(),
    )


@transaction.atomic
def say(
    actor: Actor, elder: Elder, purpose: str, *, given: bool, version: int, proof: str = ""
) -> Consent:
    """Record a yes or a no for one purpose; it is in force with this transaction. What stands
    already by the same word of the same person is not written again.

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
    if who is Standing.OFFICE and too_short(proof):
        raise PaperMissing
    wait_for([f"consent:{elder.pk}"])
    said = {
        "version": words.version,
        "given": given,
        "standing": who,
        "account_id": actor.account_id,
        "proof": proof.strip()[:80],
    }
    last = latest_of(elder).filter(purpose=purpose).first()
    if last is not None and all(getattr(last, name) == said[name] for name in said):
        return last
    consent = Consent.objects.create(
        elder=elder,
        region_id=elder.region_id,
        purpose=purpose,
        by_name=actor.name,
        at=clock.now(),
        **said,
    )
    publish(
        "consent.given" if given else "consent.withdrawn",
        actor,
        **on("elder", elder),
        purpose=purpose,
    )
    return consent
