"""Bodies, assessors, and ways into the middle of an assessment."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.domain.assessments import actions
from songbai.domain.assessments.actions import NewRequest, NewTap
from songbai.domain.assessments.declares import ASSESSOR, BODY
from songbai.domain.assessments.models import (
    Assessment,
    Assessor,
    AssessorAnswers,
    Body,
    Outlier,
    Review,
)
from songbai.domain.assessments.rules.process import Channel
from tests.cast import Cast, acting, make_account, tomorrow
from tests.scenes import Scene as Laid

from .forms import GBT, LTCI, best

NOTHING_TO_REPORT: dict[str, Any] = {"A.2.14": {}, "A.4.1": [], "A.5.11": False}
GATE = {"a1": "依赖", "a2": "依赖", "a3": "依赖", "b1": "独立", "b2": "独立", "b3": "独立"}


@dataclass
class Scene:
    """Two bodies of the district with two assessors each, the first one medical."""

    cast: Cast
    bodies: list[Body]
    assessors: list[list[Assessor]]
    actors: list[list[Actor]]
    manager: Actor


def make_scene(cast: Cast, bodies: int = 2) -> Scene:
    """Bodies ready to take assessments of both instruments."""
    scene = Scene(cast, [], [], [], cast.officer)
    for number in range(bodies):
        body = actions.register_body(
            SYSTEM,
            region="500151000000",
            name=f"评估机构{number}",
            uscc=f"91500151MA5UASM{number:02d}X",
            instruments=[GBT.code, LTCI.code],
            capacity=100,
        )
        actors = [make_account(f"评估员{number}{n}", ASSESSOR) for n in range(2)]
        scene.bodies.append(body)
        scene.actors.append(actors)
        scene.assessors.append([_assessor(body, actor, n) for n, actor in enumerate(actors)])
    scene.manager = make_account("机构负责人", BODY, organisation=scene.bodies[0].pk)
    return scene


def _assessor(body: Body, actor: Actor, number: int) -> Assessor:
    return actions.register_assessor(
        SYSTEM,
        body,
        name=actor.name,
        number=f"P{actor.account}",
        medical=number == 0,
        certificate="能力评估师",
        certificate_until=clock.today() + timedelta(days=700),
        account=Account.objects.get(pk=actor.account),
    )


def asked(cast: Cast, **changes: Any) -> Assessment:
    """The daughter has asked for an assessment of her mother."""
    wanted: dict[str, Any] = {
        "elder": cast.mother,
        "instrument": GBT.code,
        "channel": Channel.PROXY,
        "key": uuid.uuid4(),
        **changes,
    }
    with acting(cast.daughter):
        return actions.request(cast.daughter, NewRequest(**wanted))


def sent(scene: Scene, found: Assessment | None = None) -> Assessment:
    """A body and two assessors have it."""
    found = found or asked(scene.cast)
    return actions.assign(SYSTEM, found.pk)


def booked(scene: Scene, found: Assessment | None = None) -> Assessment:
    """A time is agreed: tomorrow at nine."""
    found = found or sent(scene)
    with acting(scene.cast.officer):
        return actions.book(scene.cast.officer, found.pk, tomorrow(9))


def team(scene: Scene, found: Assessment) -> list[tuple[Actor, AssessorAnswers]]:
    """Who is sent, with their sheets."""
    actors = {actor.account: actor for pair in scene.actors for actor in pair}
    sheets = AssessorAnswers.objects.filter(assessment=found, active=True).order_by("id")
    return [(actors[sheet.account_id or 0], sheet) for sheet in sheets]


def taps(answers: dict[str, Any], at: datetime | None = None, device: str = "one") -> list[NewTap]:
    """One tap for each answer, a second apart."""
    begin = at or tomorrow(9)
    return [
        NewTap(uuid.uuid4(), item, value, device, begin + timedelta(seconds=n))
        for n, (item, value) in enumerate(answers.items())
    ]


def filled(scene: Scene, found: Assessment | None = None, *sheets: dict[str, Any]) -> Assessment:
    """Both assessors have handed in: the given answers, by default the same best ones."""
    found = found or booked(scene)
    given = sheets or ({**best(), **NOTHING_TO_REPORT},) * 2
    begin = tomorrow(9)
    with clock.moved_to(tomorrow(10)):
        for (actor, sheet), answers in zip(team(scene, found), given, strict=True):
            with acting(actor):
                actions.save_taps(actor, sheet.pk, taps(answers, begin))
                actions.finish(actor, sheet.pk)
    return Assessment.objects.get(pk=found.pk)


def signed(scene: Scene, found: Assessment | None = None, **agreed: Any) -> Assessment:
    """Conferred and signed by the daughter."""
    found = found or filled(scene)
    [(actor, _), *_] = team(scene, found)
    with acting(actor):
        actions.reconcile(actor, found.pk, agreed)
        return actions.sign(actor, found.pk, name="王敏", relation="女儿")


def concluded(scene: Scene, found: Assessment | None = None) -> Assessment:
    """The result stands (not drawn for review)."""
    found = found or signed(scene)
    Assessment.objects.filter(pk=found.pk).update(review_drawn=False)
    return actions.advance(SYSTEM, found.pk)


def lay(laid: Laid) -> None:
    """What assessments lay out for pages: one booked and reviewed, its body an outlier."""
    cast, scene = laid.cast, make_scene(laid.cast)
    found = booked(scene, actions.assign(SYSTEM, asked(cast).pk, scene.bodies[0].pk))
    one = scene.assessors[0][0]
    review = Review.objects.create(
        assessment=found,
        elder=cast.mother,
        region_id=cast.mother.region_id,
        body_id=one.body_id,
        assessor=one,
    )
    outlier = Outlier.objects.create(
        body_id=one.body_id,
        region_id="500151000000",
        instrument=GBT.code,
        measure="drift",
        value=2,
        usual=1,
    )
    other = make_account("别家", BODY, organisation=scene.bodies[1].pk)
    laid.door("assessor", scene.actors[0][0], scene.actors[1][0])
    laid.door("body", scene.manager, other)
    laid.things["assessment"] = found
    laid.own(
        assessment_id=found.pk,
        sheet_id=AssessorAnswers.objects.earliest("id").pk,
        review_id=review.pk,
        outlier_id=outlier.pk,
        body_id=one.body_id,
        assessor_id=one.pk,
    )
