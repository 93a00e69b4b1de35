"""The office reads care plans and changes nothing."""

from django.urls import reverse

from songbai.domain.careplans.tests.scene import agreed
from tests.cast import Cast
from tests.doors import LogIn


def test_the_office_lists_and_reads_plans(cast: Cast, log_in: LogIn) -> None:
    plan, client = agreed(cast), log_in(cast.officer)
    listed = client.get(reverse("bureau:care_plans"), {"show": "agreed"}).content.decode()
    assert "王*英" in listed
    text = client.get(reverse("bureau:care_plan", args=[plan.pk])).content.decode()
    for words in ("洗澡要人帮助", "未核实", "接下来 7 天", cast.provider.name):
        assert words in text, words
    assert client.post(reverse("bureau:care_plan", args=[plan.pk])).status_code == 405


def test_another_town_sees_none(cast: Cast, log_in: LogIn) -> None:
    plan, client = agreed(cast), log_in(cast.town_officer)
    assert client.get(reverse("bureau:care_plan", args=[plan.pk])).status_code == 404
    listed = client.get(reverse("bureau:care_plans"), {"show": "agreed"}).content.decode()
    assert "王*英" not in listed
