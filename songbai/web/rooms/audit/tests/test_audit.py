"""The filter of the reading log: a page is said with the door it belongs to."""

from django.urls import reverse

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.benefits.models import CreditGrant
from songbai.domain.benefits.rules.policy import Channel
from songbai.domain.elders import tasks
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.actions.numbers import change_own_number
from songbai.domain.matching.actions import merge, settle
from songbai.web.plugs import page_words, pages
from tests.acts import assigned
from tests.cast import Cast, acting, make_elder
from tests.doors import LogIn


def test_no_two_pages_are_called_alike(cast: Cast, log_in: LogIn) -> None:
    assert len({*pages().values()}) == len(pages())
    text = log_in(cast.officer).get(reverse("bureau:audit")).content.decode()
    assert f'<option value="{reverse("desk:overview")}">调度台 · ' in text
    assert page_words(f"{reverse('bureau:orders')}7/") == "民政端 · 上门服务"


def test_a_persons_story_tells_vouchers_numbers_visits_and_moves_of_all_her_records(
    cast: Cast, log_in: LogIn
) -> None:
    month = clock.month_of(clock.today())
    other = make_elder("王桂英", 77)
    CreditGrant.objects.create(
        elder=other, region_id=other.region_id, policy="vouchers", channel=Channel.VOUCHER.value,
        month=month, group_name="老人", amount=20_000,
    )  # fmt: skip
    record_facts(SYSTEM, other, [NewFact("phone", "13900001234")], source="village")
    assigned(cast)
    with acting(cast.daughter):
        change_own_number(cast.daughter, "13911112222")
    merge(SYSTEM, cast.mother, other, reason="看过户口簿", score=1, why=[])
    settle(SYSTEM)
    cast.mother.refresh_from_db()
    said = [NewFact("residence", "500151105201", observed_at=clock.now())]
    record_facts(SYSTEM, cast.mother, said, source="village")
    tasks.follow_turns(0)
    page = log_in(cast.officer).get(reverse("bureau:audit"), {"person": cast.mother.pk})
    told = page.content.decode()
    for words in ("发放", "消费补贴电子券 200 元", "139****1234", "派人：李*", "换登录的手机号"):
        assert words in told, words
    assert "搬家，档案转到新住址" in told
