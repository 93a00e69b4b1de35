"""The caregivers of an area, and how to reach them."""

from django.urls import reverse

from tests.acts import assigned
from tests.cast import Cast, phone_of
from tests.doors import signed_in


def test_the_desk_sees_names_telephones_and_shifts_of_its_area(cast: Cast) -> None:
    assigned(cast)
    page = signed_in(cast.dispatcher).get(reverse("desk:people")).content.decode()
    for words in ("李芳", phone_of(cast.caregiver), cast.provider.name, "7:00–19:00", "张芬"):
        assert words in page
    found = signed_in(cast.dispatcher).get(reverse("desk:people"), {"q": "李芳"})
    assert "张芬" not in found.content.decode()


def test_another_district_sees_none_of_them(cast: Cast) -> None:
    page = signed_in(cast.far_dispatcher).get(reverse("desk:people")).content.decode()
    assert phone_of(cast.caregiver) not in page
    assert "没有这样的护理员" in page


def test_the_caregiver_of_an_order_can_be_called(cast: Cast) -> None:
    sent = assigned(cast)
    page = signed_in(cast.dispatcher).get(reverse("desk:order", args=[sent.order_id]), follow=True)
    assert f'href="tel:{phone_of(cast.caregiver)}"' in page.content.decode()


def test_a_caregiver_who_left_is_noted_and_an_error_mended(cast: Cast) -> None:
    desk, order = signed_in(cast.dispatcher), assigned(cast).order
    gone = reverse("desk:staff_left", args=[cast.staff.pk])
    assert gone in desk.get(reverse("desk:people")).content.decode()
    assert "至少 4 个字" in desk.post(gone, {"how": "died"}, follow=True).content.decode()
    sent = {"how": "died", "why": "家属来电，昨天去世"}
    page = desk.post(gone, sent, follow=True).content.decode()
    assert ("她的 1 单回到待派单" in page, "最近两个月不再上班的" in page) == (True, True)
    order.refresh_from_db()
    assert order.state == "accepted"
    back = reverse("desk:staff_back", args=[cast.staff.pk])
    assert "恢复上班" in desk.post(back, {"why": "听错了，是另一位"}, follow=True).content.decode()
