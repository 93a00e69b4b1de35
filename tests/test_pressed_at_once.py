"""One act pressed several times at the same moment is done once, and told of once."""

import uuid
from collections.abc import Callable
from unittest.mock import patch

import pytest
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from psycopg import errors

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.errors import AnotherWasFirst
from songbai.core.events.models import Event
from songbai.domain.assessments.actions import let_go
from songbai.domain.assessments.models import Assessor
from songbai.domain.assessments.tests.scene import make_scene
from songbai.domain.benefits.actions.objections import NewObjection, raise_objection
from songbai.domain.benefits.actions.paying import try_again
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.objection import Ground
from songbai.domain.benefits.rules.paying import PaymentState
from songbai.domain.benefits.tests.frozen import checked_cycle, waiting_payment
from songbai.domain.dispatch.actions import note_gone
from songbai.domain.elders.actions.consents import say
from songbai.domain.elders.actions.erasure import place_hold
from songbai.domain.elders.actions.facts import set_trust
from songbai.domain.elders.actions.family import ask_guardian
from songbai.domain.elders.rules.family import Invitation
from songbai.web import doors
from songbai.web.middleware import PlainErrorsMiddleware

from .cast import Cast, acting
from .roles import OFFICER
from .together import failures, together

TIMES = 5
SON = Invitation("王强", "13912345678", "儿子", order=True, money=False, days=365)
FIRST = ["minzheng", "village", "assessment", "care", "family", "register"]

#: Who does it, what is done once more each time it is called, and what tells of it.
Act = tuple[Actor, Callable[[], object], str]


def _assessor_leaves(cast: Cast) -> Act:
    make_scene(cast, bodies=1)
    one = Assessor.objects.earliest("pk").pk
    return cast.officer, lambda: let_go(cast.officer, Assessor.objects.get(pk=one)), "assessor.left"


def _caregiver_leaves(cast: Cast) -> Act:
    actor, staff = cast.dispatcher, cast.staff.pk
    return actor, lambda: note_gone(actor, staff, "家属来电说走了", died=False), "staff.gone"


def _paid_again(cast: Cast) -> Act:
    cycle = checked_cycle(cast.mother).cycle
    payment = waiting_payment(cast.mother, cycle.pk, PaymentState.FAILED).pk
    return cast.officer, lambda: try_again(cast.officer, payment), "payment.retried"


def _held(cast: Cast) -> Act:
    actor = cast.officer
    return actor, lambda: place_hold(actor, cast.mother, "家属有纠纷"), "elder.hold_placed"


def _trusted(cast: Cast) -> Act:
    actor = cast.officer
    return (
        actor,
        lambda: set_trust(actor, "living", FIRST, reason="上门核实更准"),
        "facts.trust_set",
    )


def _agreed(cast: Cast) -> Act:
    def agree() -> object:
        return say(cast.officer, cast.mother, "research", given=True, version=1, proof="签字同意书")

    return cast.officer, agree, "consent.given"


def _guarded(cast: Cast) -> Act:
    def ask() -> object:
        return ask_guardian(cast.officer, cast.mother, uuid.uuid4(), SON, "法院判决")

    return cast.officer, ask, "proposal.made"


def _objected(cast: Cast, *, key: uuid.UUID | None = None) -> Act:
    def object_() -> object:
        month = Month(f"{clock.today():%Y-%m}")
        code = "longevity-tongliang"
        new = NewObjection(key or uuid.uuid4(), code, month, Ground.PLACE, "户口在这里", "本人")
        return raise_objection(cast.officer, cast.mother, new, where="/test/")

    return cast.officer, object_, "objection.raised"


def _objected_by_one_form(cast: Cast) -> Act:
    return _objected(cast, key=uuid.uuid4())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "scene",
    [
        _assessor_leaves,
        _caregiver_leaves,
        _paid_again,
        _held,
        _trusted,
        _agreed,
        _guarded,
        _objected,
        _objected_by_one_form,
    ],
)
def test_what_is_pressed_several_times_at_once_is_done_once(
    cast: Cast, scene: Callable[[Cast], Act]
) -> None:
    actor, act, told = scene(cast)

    def press() -> object:
        with acting(actor):
            return act()

    outcomes = together(*[press] * TIMES)
    assert Event.objects.filter(kind=told).count() == 1
    assert len(failures(outcomes)) < TIMES
    for refused in failures(outcomes):  # in plain words: nothing of the database's
        assert type(refused).__module__.startswith("songbai."), repr(refused)


class Twice(IntegrityError):
    """As Django raises it when an equal row is there."""

    def __init__(self) -> None:
        super().__init__()
        self.__cause__ = errors.UniqueViolation()


def test_who_loses_a_race_in_a_form_is_shown_it_again_with_words() -> None:
    def page(request: HttpRequest, actor: Actor) -> HttpResponse:
        if doors.posted(request):
            raise Twice
        return HttpResponse(f"the form of {actor.name}")

    request = RequestFactory().post("/twice/")
    request.actor = Actor(1, "刘局", OFFICER, region="")  # type: ignore[attr-defined]
    with patch.dict(doors.addresses, bureau=[]):
        answer = doors.form("bureau", "twice/", name="twice")(page)(request)
    assert isinstance(answer, HttpResponse)
    assert answer.status_code == 409
    assert isinstance(doors.refusal(request), AnotherWasFirst)


def test_who_loses_a_race_elsewhere_gets_a_page_in_words(db: None) -> None:
    request = RequestFactory().post("/twice/")
    answer = PlainErrorsMiddleware(lambda _: HttpResponse()).process_exception(request, Twice())
    assert answer is not None
    assert (answer.status_code, "刚才" in answer.content.decode()) == (409, True)
    machine = RequestFactory().post("/api/feeds/")
    told = PlainErrorsMiddleware(lambda _: HttpResponse()).process_exception(machine, Twice())
    assert told is not None
    assert (told.status_code, told["Content-Type"].split(";")[0]) == (422, "application/json")
    other = IntegrityError()  # what is wrong in itself stays a fault of ours
    assert PlainErrorsMiddleware(lambda _: HttpResponse()).process_exception(request, other) is None
