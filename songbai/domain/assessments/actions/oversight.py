"""Bodies that judge out of the ordinary: noticed by the program, looked into by the office."""

from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, Reach, on, publish, require, system_only
from songbai.core.errors import NotFound
from songbai.core.reasons import reason_in
from songbai.domain.assessments.declares import BODY_KEEP
from songbai.domain.assessments.models import Body, Outlier
from songbai.domain.assessments.queries.figures import figures, open_outliers
from songbai.domain.assessments.rules.agreement import Oddity, oddities

from .common import TooLate


@transaction.atomic
def notice_outliers(actor: Actor, region: str, instrument: str) -> list[Outlier]:
    """Put what is out of the ordinary in a district on the list; what is on it is not put again.

    The program's own act. Raises NotAllowed, UnknownInstrument.
    """
    system_only(actor)
    found = oddities(figures(actor, region, instrument).values())
    bodies = Body.objects.in_bulk({one.body for one in found})
    # One run at a time for a body, so that nothing is put twice.
    list(Body.objects.select_for_update().filter(pk__in=bodies).order_by("pk"))
    open_ = set(
        Outlier.objects.filter(body__in=bodies, instrument=instrument, closed_at=None).values_list(
            "body_id", "measure"
        )
    )
    new = [one for one in found if (one.body, one.measure) not in open_]
    return [_put(actor, bodies[one.body], instrument, one) for one in new]


def _put(actor: Actor, body: Body, instrument: str, oddity: Oddity) -> Outlier:
    made = Outlier.objects.create(
        body=body,
        region_id=body.region_id,
        instrument=instrument,
        measure=oddity.measure,
        value=oddity.value,
        usual=oddity.usual,
        noticed_at=clock.now(),
    )
    publish(
        "body.outlier",
        actor,
        **on("body", body),
        organisation_id=body.pk,
        outlier=made.pk,
        instrument=instrument,
        measure=oddity.measure.value,
        value=round(oddity.value, 3),
        usual=round(oddity.usual, 3),
    )
    return made


@transaction.atomic
def close_outlier(actor: Actor, outlier_id: int, note: str) -> Outlier:
    """Say what looking into it found. Raises NotFound, NotAllowed, TooLate, Refused."""
    require(actor, BODY_KEEP)
    if not open_outliers(actor).filter(pk=outlier_id).exists():
        raise NotFound
    found = Outlier.objects.select_for_update(of=("self",)).get(pk=outlier_id)
    require(actor, BODY_KEEP, Reach(found.region_id))
    reason_in(note, "请写明核查的情况，至少 4 个字。", field=f"note-{outlier_id}")
    if found.closed_at:
        raise TooLate
    found.closed_at, found.closed_by, found.note = clock.now(), actor.name, note.strip()[:300]
    found.save(update_fields=["closed_at", "closed_by", "note"])
    publish(
        "body.outlier_closed",
        actor,
        subject=("body", found.body_id),
        region=found.region_id,
        organisation_id=found.body_id,
        outlier=found.pk,
        note=found.note,
    )
    return found
