"""Benefits on the phone: what there is, what is not yet, objecting in three taps, the letter."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import SYSTEM
from songbai.core.audit.models import Read
from songbai.domain.benefits import actions
from songbai.domain.benefits.models import Objection
from songbai.domain.benefits.queries import grant_of
from songbai.domain.benefits.tests.facts import may_use_vouchers
from songbai.domain.benefits.tests.giving import grant_credit, grant_voucher
from songbai.domain.elders.actions import bind_proxy
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.models import Proxy
from songbai.domain.elders.rules import ProxyScope
from songbai.web.asked import next_month
from songbai.web.templatetags.songbai import month_words
from tests.cast import Cast, acting

pytestmark = pytest.mark.long

MONTH = clock.month_of(clock.today())
CODE = "longevity-tongliang"


@pytest.fixture(autouse=True)
def hukou(cast: Cast) -> None:
    """Mrs Wang's hukou is known."""
    with clock.moved_to(datetime(2026, 9, 1, 4, tzinfo=UTC)):
        record_facts(SYSTEM, cast.mother, [NewFact("hukou", "500151001001")], source="gongan")


def url(cast: Cast, name: str, *more: str) -> str:
    return reverse(f"family:{name}", args=[cast.mother.pk, *more])


def test_the_daughter_sees_what_there_is_and_why(cast: Cast, daughter: Client) -> None:
    text = daughter.get(url(cast, "benefits")).content.decode()
    for words in ("铜梁区高龄津贴", "每月 10 元", "3 个条件都符合", "还缺资料", "不对，我要说",
                  "来自公安", "以前的月份", "告知书"):  # fmt: skip
        assert words in text, words
    assert Read.objects.filter(where=url(cast, "benefits"), purpose="家属看待遇").exists()


def head(cast: Cast, daughter: Client) -> tuple[str, str]:
    """What the page says she has, and what she will have though no list has it yet."""
    text = daughter.get(url(cast, "benefits")).content.decode()
    has, _, coming = text[text.index("h-sum") : text.index('id="cards"')].partition("名单还没有出")
    return has, coming


def test_what_is_only_decided_is_not_yet_given(cast: Cast, daughter: Client) -> None:
    may_use_vouchers(cast.mother)
    has, coming = head(cast, daughter)
    assert "消费补贴电子券" not in has
    for words in ("发到卡上的钱", "消费补贴电子券", "元</span>"):
        assert words in coming, words
    grant_voucher(SYSTEM, cast.mother, MONTH)
    has, coming = head(cast, daughter)
    assert ("消费补贴电子券" in has, "消费补贴电子券" in coming) == (True, False)
    assert ("发到卡上的钱" in has, "发到卡上的钱" in coming) == (False, True)


def test_nothing_is_promised_to_the_dead(cast: Cast, daughter: Client) -> None:
    record_facts(SYSTEM, cast.mother, [NewFact("hukou", "500152001001")], source="gongan")
    assert "以后怎样能有" in daughter.get(url(cast, "benefits")).content.decode()
    record_facts(SYSTEM, cast.mother, [NewFact("death", str(clock.today()))], source="gongan")
    text = daughter.get(url(cast, "benefits")).content.decode()
    for words in ("以后怎样能有", "还差", "就可以享受", "起自动发放"):
        assert words not in text, words


def test_the_next_months_credit_is_seen_once_it_is_given(cast: Cast, daughter: Client) -> None:
    coming = next_month()

    def shown() -> int:
        return daughter.get(url(cast, "benefits"), {"month": coming}).status_code

    if not grant_of(cast.mother, coming):  # on the last day of a month orders are for the next
        assert shown() == 404
        grant_credit(SYSTEM, cast.mother, coming)
    assert shown() == 200
    home = daughter.get(reverse("family:home")).content.decode()
    assert f"{month_words(coming)}</b>的额度已经给了：200 元，还剩 200 元" in home


def test_three_taps_object(cast: Cast, daughter: Client) -> None:
    form = url(cast, "benefit_object", MONTH, CODE)
    assert form in daughter.get(url(cast, "benefits")).content.decode()
    assert "点一下哪里不对" in daughter.get(form).content.decode()
    sent = {"ground": "amount", "idempotency_key": str(uuid.uuid4())}
    text = daughter.post(form, sent, follow=True).content.decode()
    assert "15 个工作日内" in text
    assert "钱数不对" in text
    assert Objection.objects.get().channel == "proxy"
    assert "看办到哪了" in daughter.get(url(cast, "benefits")).content.decode()


@pytest.mark.parametrize(
    ("sent", "words"),
    [({"ground": "?"}, "请点一下哪里不对"), ({"ground": "age", "idempotency_key": "x"}, "太旧了")],
)
def test_a_broken_form_objects_to_nothing(
    cast: Cast, daughter: Client, sent: dict[str, str], words: str
) -> None:
    given = {"idempotency_key": str(uuid.uuid4()), "text": "我妈八十四了", **sent}
    reply = daughter.post(url(cast, "benefit_object", MONTH, CODE), given)
    text = reply.content.decode()
    assert (reply.status_code, words in text, "我妈八十四了" in text) == (409, True, True)
    assert not Objection.objects.exists()


def test_what_was_found_is_told(cast: Cast, daughter: Client) -> None:
    sent = {"ground": "amount", "idempotency_key": str(uuid.uuid4())}
    daughter.post(url(cast, "benefit_object", MONTH, CODE), sent)
    one = Objection.objects.get()
    with acting(cast.officer):
        actions.take(cast.officer, one.pk)
        actions.answer(cast.officer, one.pk, "80 至 89 周岁每月 10 元，没有错", where="/test/")
    text = daughter.get(reverse("family:objection", args=[one.pk])).content.decode()
    for words in ("重新核对，结果不变", "80 至 89 周岁每月 10 元", "行政复议"):
        assert words in text, words


def test_a_promised_day_that_has_passed_says_so(cast: Cast, daughter: Client) -> None:
    sent = {"ground": "amount", "idempotency_key": str(uuid.uuid4())}
    daughter.post(url(cast, "benefit_object", MONTH, CODE), sent)
    one = Objection.objects.get()
    page = reverse("family:objection", args=[one.pk])
    assert "最晚" in daughter.get(page).content.decode()
    with clock.moved_to(clock.at(one.due_on + timedelta(days=1), 9)):
        daughter.force_login(Account.objects.get(pk=cast.daughter.account))
        text = daughter.get(page).content.decode()
    assert "最晚" not in text
    assert "已经过了" in text
    assert "催办" in text


def test_an_objection_can_be_taken_back(cast: Cast, daughter: Client) -> None:
    sent = {"ground": "amount", "idempotency_key": str(uuid.uuid4())}
    daughter.post(url(cast, "benefit_object", MONTH, CODE), sent)
    page = reverse("family:objection", args=[Objection.objects.get().pk])
    assert "收回了" in daughter.post(page, follow=True).content.decode()
    assert daughter.post(page).status_code == 409


def test_the_letter_is_a_pdf_no_cache_keeps(cast: Cast, daughter: Client) -> None:
    reply = daughter.get(url(cast, "benefit_letter", MONTH))
    assert reply.content.startswith(b"%PDF")
    assert reply["Cache-Control"] == "no-store"


def test_who_may_not_see_money_sees_no_benefits(cast: Cast, daughter: Client) -> None:
    Proxy.objects.filter(account_id=cast.daughter.account).update(may_see_money=False)
    reply = daughter.get(url(cast, "benefits"))
    assert (reply.status_code, "不包括看老人的钱" in reply.content.decode()) == (403, True)


def test_the_elder_herself_objects_by_her_own_phone(cast: Cast, stranger: Client) -> None:
    Account.objects.filter(pk=cast.stranger_family.account).update(name=cast.mother.name)
    bind_proxy(
        SYSTEM,
        cast.mother,
        Account.objects.get(pk=cast.stranger_family.account),
        relation="本人",
        scope=ProxyScope(order=True, money=True),
        proof="身份证",
        until=clock.now() + timedelta(days=9),
    )
    sent = {"ground": "other", "idempotency_key": str(uuid.uuid4())}
    stranger.post(url(cast, "benefit_object", MONTH, CODE), sent)
    assert Objection.objects.get().channel == "elder"


@pytest.mark.parametrize("month", [f"{clock.today().year + 2}-01", "2019-01", "x"])
def test_only_listed_months_are_shown(cast: Cast, daughter: Client, month: str) -> None:
    assert daughter.get(url(cast, "benefits"), {"month": month}).status_code == 404
    assert daughter.get(url(cast, "benefit_letter", month)).status_code == 404


def test_what_is_no_law_here_is_not_found(cast: Cast, daughter: Client) -> None:
    assert daughter.get(url(cast, "benefit_object", MONTH, "longevity-bishan")).status_code == 404


def test_a_stranger_gets_nothing(cast: Cast, daughter: Client, stranger: Client) -> None:
    sent = {"ground": "amount", "idempotency_key": str(uuid.uuid4())}
    daughter.post(url(cast, "benefit_object", MONTH, CODE), sent)
    one = Objection.objects.get()
    for page in (
        url(cast, "benefits"),
        url(cast, "benefit_letter", MONTH),
        url(cast, "benefit_object", MONTH, CODE),
        reverse("family:objection", args=[one.pk]),
    ):
        replies = [stranger.get(page), stranger.post(page, sent)]
        assert {reply.status_code for reply in replies} <= {404, 405}, page
        assert not any("王桂英" in reply.content.decode() for reply in replies), page
    one.refresh_from_db()
    assert one.state == "open"


def test_the_pages_for_me_and_home_lead_here(cast: Cast, daughter: Client) -> None:
    for name in ("me", "home"):
        assert url(cast, "benefits") in daughter.get(reverse(f"family:{name}")).content.decode()
