"""An escort to hospital on everybody's screen: chosen, shown, gone to, checked out of."""

import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import Actor
from songbai.core.geo import DETOUR, Mode, distance_km
from songbai.core.travel import travel
from songbai.domain.catalogue.models import Offer
from songbai.domain.dispatch.planner import engine
from songbai.domain.orders.models import Order
from songbai.domain.providers.models import MedicalPlace
from songbai.domain.visits.models import Visit
from songbai.web.templatetags.songbai import km

from .acts import all_steps_done, assigned, begun, placed
from .cast import HOME, Cast, tomorrow
from .escorts import THERE_AND_BACK, at, escort, hospital, ordered


@pytest.fixture(scope="module", autouse=True)
def kernels() -> None:
    """The planner is ready."""
    assert engine.ready(300)


def of(actor: Actor) -> Client:
    """A browser of this person."""
    client = Client()
    client.force_login(
        Account.objects.get(pk=actor.account),
        backend="songbai.core.accounts.backends.PasswordBackend",
    )
    return client


def text_of(client: Client, name: str, *args: object, **asked: str) -> str:
    return client.get(reverse(name, args=args), asked).content.decode()


def typed(cast: Cast, offer: Offer, **changes: object) -> dict[str, object]:
    """The form as the daughter fills it."""
    day = clock.today() + timedelta(days=1)
    form = {
        "offer": offer.pk,
        "elder": cast.mother.pk,
        "idempotency_key": str(uuid.uuid4()),
        "expected_own": 0,
        "date": str(day),
        "slot": "9-11",
        "note": "带上病历",
    }
    return {**form, **changes}


@pytest.fixture
def places(cast: Cast) -> list[MedicalPlace]:
    """Two hospitals, the farther one known first."""
    return [hospital(8, "DEMO-8"), hospital(3, "DEMO-3")]


def test_the_family_chooses_among_the_nearest(cast: Cast, places: list[MedicalPlace]) -> None:
    offer = escort(cast)
    page = text_of(of(cast.daughter), "family:order_new", offer=str(offer.pk))
    assert page.index(places[1].name) < page.index(places[0].name)
    assert f"{places[1].name}，3.0 公里" in page
    assert "送到医院为止，回家要另外安排" in page


def test_a_service_at_home_asks_for_no_hospital(cast: Cast, places: list[MedicalPlace]) -> None:
    page = text_of(of(cast.daughter), "family:order_new", offer=str(cast.bath.pk))
    assert "去哪家医院" not in page
    assert places[0].name not in page


def test_the_family_orders_and_sees_where_to(cast: Cast, places: list[MedicalPlace]) -> None:
    daughter, offer = of(cast.daughter), escort(cast, THERE_AND_BACK)
    sent = typed(cast, offer, destination=places[0].pk)
    answer = daughter.post(reverse("family:order_new"), sent)
    order = Order.objects.get()
    assert answer.headers["Location"] == reverse("family:order", args=[order.pk])
    assert order.destination == places[0]
    page = text_of(daughter, "family:order", order.pk)
    for words in (places[0].name, places[0].address, "护理员送回家"):
        assert words in page


@pytest.mark.parametrize(
    ("destination", "words"),
    [("", "请选要去的医院"), ("999999", "请从列表里重新选"), ("近的", "请从列表里选要去的医院")],
)
def test_without_a_hospital_nothing_is_ordered_and_everything_is_kept(
    cast: Cast, places: list[MedicalPlace], destination: str, words: str
) -> None:
    sent = typed(cast, escort(cast), destination=destination)
    answer = of(cast.daughter).post(reverse("family:order_new"), sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert words in page
    assert 'href="#destination"' in page
    assert "带上病历" in page
    assert not Order.objects.exists()


def test_the_chosen_hospital_stays_chosen(cast: Cast, places: list[MedicalPlace]) -> None:
    sent = typed(cast, escort(cast), destination=places[0].pk, slot="")
    page = of(cast.daughter).post(reverse("family:order_new"), sent).content.decode()
    assert f'value="{places[0].pk}" selected' in page


def phoned(offer: Offer, **changes: object) -> dict[str, object]:
    """The desk's form."""
    form = {
        "idempotency_key": str(uuid.uuid4()),
        "day": str(clock.today() + timedelta(days=1)),
        "offer": offer.pk,
        "begin": "09:00",
        "end": "11:00",
        "note": "带上病历",
    }
    return {**form, **changes}


def test_the_desk_orders_by_phone(cast: Cast, places: list[MedicalPlace]) -> None:
    desk, offer = of(cast.dispatcher), escort(cast)
    url = f"{reverse('desk:order_new')}?elder={cast.mother.pk}"
    page = desk.get(url).content.decode()
    assert page.index(places[1].name) < page.index(places[0].name)
    refused = desk.post(url, phoned(offer))
    assert refused.status_code == 422
    assert "请选要去的医院" in refused.content.decode()
    desk.post(url, phoned(offer, destination=places[1].pk))
    order = Order.objects.get()
    assert (order.destination, order.channel) == (places[1], "hotline")
    opened = desk.get(reverse("desk:order", args=[order.pk]), headers={"HX-Request": "true"})
    assert f"{places[1].name}，{places[1].address}，送到为止" in opened.content.decode()


def test_the_desk_asks_for_no_hospital_when_nothing_goes_out(
    cast: Cast, places: list[MedicalPlace]
) -> None:
    url = f"{reverse('desk:order_new')}?elder={cast.mother.pk}"
    assert "去哪家医院" not in of(cast.dispatcher).get(url).content.decode()


def test_windows_on_the_phone_know_the_hospital(cast: Cast) -> None:
    offer, there = escort(cast), hospital(km=12)
    cast.second_staff.shifts.all().delete()
    assigned(cast, placed(cast, window_start=tomorrow(12), window_end=tomorrow(12, 30)))
    asked = {"elder": str(cast.mother.pk), "offer": str(offer.pk), "day": str(tomorrow(9).date())}
    desk = of(cast.dispatcher)
    home = text_of(desk, "desk:slots", **asked)
    away = text_of(desk, "desk:slots", **asked, destination=str(there.pk))
    assert "data-begin" in home
    assert home != away
    assert "先选一项服务" in text_of(desk, "desk:slots", elder=asked["elder"])
    assert "没有找到这家医院" in text_of(desk, "desk:slots", **asked, destination="999999")


def test_routes_on_the_map_go_through_the_hospital(cast: Cast) -> None:
    there = hospital()
    assigned(cast, ordered(cast, there))
    answer = text_of(of(cast.dispatcher), "desk:points", date=str(tomorrow(9).date()))
    ways = [way["geometry"]["coordinates"] for way in json.loads(answer)["routes"]["features"]]
    assert [round(there.longitude, 5), round(there.latitude, 5)] == ways[0][-1]


def test_the_caregiver_sees_where_to_and_goes_on_from_there(cast: Cast) -> None:
    there = hospital(km=4)
    assigned(cast, ordered(cast, there))
    assigned(cast, placed(cast, window_start=tomorrow(14), window_end=tomorrow(15)))
    with clock.moved_to(tomorrow(8)):
        page = text_of(of(cast.caregiver), "caregiver:day")
    assert f"去{there.name}" in page
    assert there.address in page
    assert f"tel:{there.phone}" in page
    metres = distance_km(at(there), HOME) * DETOUR * 1000
    minutes = travel().minutes(at(there), HOME, Mode.EBIKE)
    assert f"骑车 {km(metres)}，约 {minutes} 分钟" in page


def test_the_caregiver_checks_out_at_the_hospital_without_a_code(cast: Cast) -> None:
    there = hospital(km=4)
    assignment = assigned(cast, ordered(cast, there))
    visit = begun(cast, assignment)
    all_steps_done(cast, visit)
    phone = of(cast.caregiver)
    with clock.moved_to(assignment.during.upper):
        page = text_of(phone, "caregiver:day")
        assert "这里不用扫码" in page
        assert "扫码签退" not in page
        sent = {"record": str(uuid.uuid4()), "code": "", "reason": "", "device_time": ""}
        here = {"longitude": str(HOME.longitude), "latitude": str(HOME.latitude)}
        url = reverse("caregiver:check_out", args=[visit.pk])
        refused = phone.post(url, {**sent, **here})
        assert refused.status_code == 409
        assert "离目的地 4.0 公里" in refused.content.decode()
        away = {"longitude": str(there.longitude), "latitude": str(there.latitude)}
        assert phone.post(url, {**sent, **away}).status_code == 302
    assert Visit.objects.get().doubts == []
    order = assignment.order_id
    family = text_of(of(cast.daughter), "family:order", order)
    assert "送到哪里" in family
    office = of(cast.provider_staff).get(
        reverse("provider:order", args=[order]), headers={"HX-Request": "true"}
    )
    assert f"在{there.name}签退" in office.content.decode()
    assert there.name in text_of(of(cast.officer), "bureau:order", order)


def test_whoever_is_brought_home_is_scanned_out_at_home(cast: Cast) -> None:
    assignment = assigned(cast, ordered(cast, hospital(), THERE_AND_BACK))
    begun(cast, assignment)
    with clock.moved_to(assignment.during.upper):
        page = text_of(of(cast.caregiver), "caregiver:day")
    assert "扫码签退" in page
    assert "看完送回家，在家签退" in page


def test_strangers_learn_nothing_of_the_hospital(cast: Cast) -> None:
    there = hospital()
    order = ordered(cast, there)
    for actor, name in (
        (cast.stranger_family, "family:order"),
        (cast.far_dispatcher, "desk:order"),
        (cast.other_provider_staff, "provider:order"),
        (cast.far_officer, "bureau:order"),
    ):
        answer = of(actor).get(reverse(name, args=[order.pk]), follow=True)
        assert answer.status_code == 404, name
        assert there.name not in answer.content.decode()
