"""A caregiver's day on a phone."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse

from songbai.core import clock
from songbai.core.audit.models import Read
from songbai.domain.orders.models import Order
from songbai.domain.visits.models import Visit
from songbai.web.rooms.visits.tests.conftest import planned, scanned
from tests.cast import Cast, bind
from tests.doors import signed_in

DAY = "caregiver:day"


def test_a_stranger_is_asked_to_log_in(cast: Cast, client: Client) -> None:
    assert client.get(reverse(DAY)).status_code == 302


def test_family_stays_outside(cast: Cast) -> None:
    planned(cast)
    reply = signed_in(cast.daughter).get(reverse(DAY))
    assert reply.status_code == 403


def test_a_colleague_sees_nothing_of_it(cast: Cast) -> None:
    planned(cast)
    text = signed_in(cast.other_caregiver).get(reverse(DAY)).content.decode()
    assert "这一天没有派给您的单" in text
    assert cast.mother.name not in text


def test_the_visit_in_hand_shows_risks_before_the_work(cast: Cast, caregiver: Client) -> None:
    planned(cast)
    text = caregiver.get(reverse(DAY)).content.decode()
    assert text.index("青霉素过敏") < text.index("扫码签到")
    for words in ("王桂英", "tel:12800001024", "幸福路 8 号 3-2", "家属说：听力不好", "骑车"):
        assert words in text


def test_a_day_with_the_van_says_so_and_is_driven(cast: Cast, caregiver: Client) -> None:
    Order.objects.filter(pk=planned(cast).order_id).update(vehicle="bath_van", load=1)
    text = caregiver.get(reverse(DAY)).content.decode()
    assert "这一天要带助浴车" in text
    assert "开车" in text and "骑车" not in text


def test_seeing_the_address_is_logged_with_its_purpose(cast: Cast, caregiver: Client) -> None:
    planned(cast)
    caregiver.get(reverse(DAY))
    read = Read.objects.get(person_id=cast.mother.pk)
    assert (read.purpose, sorted(read.fields)) == ("上门服务", ["address", "phone"])


def test_tomorrow_is_plain_and_the_day_after_is_masked(cast: Cast, caregiver: Client) -> None:
    planned(cast, days=1)
    planned(cast, days=2)
    for days, shown in ((1, True), (2, False)):
        day = clock.today() + timedelta(days=days)
        text = caregiver.get(reverse(DAY), {"date": str(day)}).content.decode()
        assert ("幸福路" in text) is shown
        assert ("王桂英" in text) is shown
        assert "扫码签到" not in text
    assert "王*英" in text


def test_the_road_says_how_far_and_when_it_ends(cast: Cast, caregiver: Client) -> None:
    bind(cast.neighbour, cast.daughter)
    planned(cast, 9)
    last = planned(cast, 14, elder=cast.neighbour)
    text = caregiver.get(reverse(DAY)).content.decode()
    end = last.during.upper.astimezone(clock.SHANGHAI)
    assert "完成 0 / 2 单" in text
    assert "接下来 1 单" in text
    assert f"约 {end:%H:%M} 收工" in text


def test_a_visit_left_open_yesterday_is_named(cast: Cast, caregiver: Client) -> None:
    assignment = planned(cast)
    caregiver.post(reverse("caregiver:check_in", args=[assignment.pk]), scanned(cast))
    assert Visit.objects.count() == 1
    with clock.moved_to(clock.now() + timedelta(days=1)):
        assert "昨天有一单还没签退" in caregiver.get(reverse(DAY)).content.decode()


def test_nonsense_for_a_date_is_today(cast: Cast, caregiver: Client) -> None:
    assert "今天的服务" in caregiver.get(reverse(DAY), {"date": "soon"}).content.decode()


def test_a_full_day_asks_the_database_a_bounded_number_of_times(
    cast: Cast, caregiver: Client, django_assert_max_num_queries: object
) -> None:
    for hour in (9, 11, 13, 15, 17):
        planned(cast, hour)
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        caregiver.get(reverse(DAY))
