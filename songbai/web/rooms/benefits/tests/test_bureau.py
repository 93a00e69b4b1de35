"""An officer sees why; the counter writes down for who has no phone; objections are answered."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core import clock, working_days
from songbai.core.accounts.rules import SYSTEM
from songbai.core.audit.models import Read
from songbai.domain.benefits import actions
from songbai.domain.benefits.actions.cycles import run
from songbai.domain.benefits.models import NoticeGiven, Objection
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.objection import Ground
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.web.templatetags.songbai import day_words, hm
from tests.cast import Cast, acting
from tests.doors import LogIn

pytestmark = pytest.mark.long

CODE = "longevity-tongliang"


@pytest.fixture
def officer(cast: Cast, log_in: LogIn) -> Client:
    """The bureau's officer; Mrs Wang's hukou is known."""
    with clock.moved_to(datetime(2026, 9, 1, 4, tzinfo=UTC)):
        record_facts(SYSTEM, cast.mother, [NewFact("hukou", "500151001001")], source="gongan")
    return log_in(cast.officer)


def objected(cast: Cast) -> Objection:
    new = actions.NewObjection(uuid.uuid4(), CODE, Month("2026-10"), Ground.AMOUNT, "应该更多")
    with acting(cast.daughter):
        return actions.raise_objection(cast.daughter, cast.mother, new, where="/test/")


def test_every_condition_says_who_said_so_and_when(officer: Client, cast: Cast) -> None:
    text = officer.get(
        reverse("bureau:elder_benefits", args=[cast.mother.pk]), {"month": "2026-10"}
    ).content.decode()
    for words in (
        "可以享受铜梁区高龄津贴", "10 元", "84 周岁，1942 年 5 月 6 日生",
        "公安，2026 年 9 月 1 日",
        "铜梁区巴川街道东方社区", "铜梁区高龄津贴发放办法（铜民发〔2024〕35号）发放对象和标准",
        "2024 年 1 月 1 日起执行", "这个月没有批次", "给本人的话", "15 个工作日内答复",
        "未核实：日期规则",
    ):  # fmt: skip
        assert words in text, words
    assert "王桂英" not in text


def test_a_no_says_which_condition_and_when_it_can_change(officer: Client, cast: Cast) -> None:
    page = officer.get(
        reverse("bureau:elder_benefits", args=[cast.mother.pk]),
        {"month": "2026-10", "known": "now"},
    )
    text = page.content.decode()
    assert "现在不能享受特困人员" in text
    assert "什么时候、怎样能享受" in text
    assert "还不能判断" in text


def test_what_was_learnt_later_is_said_and_can_be_seen(officer: Client, cast: Cast) -> None:
    record_facts(SYSTEM, cast.mother, [NewFact("hukou", "500152001001")], source="gongan")
    url = reverse("bureau:elder_benefits", args=[cast.mother.pk])
    text = officer.get(url, {"month": "2026-10"}).content.decode()
    assert re.search("会改变：[^。]*铜梁区高龄津贴", text)
    assert "可以享受铜梁区高龄津贴" in text
    text = officer.get(url, {"month": "2026-10", "known": "now"}).content.decode()
    assert "现在不能享受铜梁区高龄津贴" in text
    assert "如果户籍在铜梁区，就可以享受" in text


def test_the_record_leads_to_the_benefits(officer: Client, cast: Cast) -> None:
    text = officer.get(reverse("bureau:elder", args=[cast.mother.pk])).content.decode()
    assert reverse("bureau:elder_benefits", args=[cast.mother.pk]) in text
    assert reverse("bureau:elder_counter", args=[cast.mother.pk]) in text


def test_looking_leaves_a_trace_and_no_copy(officer: Client, cast: Cast) -> None:
    url = reverse("bureau:elder_benefits", args=[cast.mother.pk])
    assert officer.get(url)["Cache-Control"] == "no-store"
    assert Read.objects.get(where=url).purpose == "查看待遇核定"


def test_the_letter_is_printed_for_who_has_no_phone(officer: Client, cast: Cast) -> None:
    url = reverse("bureau:elder_letter", args=[cast.mother.pk, "2026-10"])
    reply = officer.get(url)
    assert reply.content.startswith(b"%PDF")
    assert Read.objects.filter(where=url, purpose="打印待遇告知书").exists()
    assert officer.get(url.replace("2026-10", "2026-13")).status_code == 404


def test_the_counter_names_what_is_missing_and_where_to_enter_it(
    officer: Client, cast: Cast
) -> None:
    text = officer.get(reverse("bureau:elder_counter", args=[cast.mother.pk])).content.decode()
    assert "这些资料还缺" in text
    assert "?kind=disability_kind" in text or "登记里没有这一项" in text
    assert "打印告知书" in text


def counter(officer: Client, cast: Cast, **sent: str) -> tuple[int, str]:
    given = {"month": "2026-10", "idempotency_key": str(uuid.uuid4()), **sent}
    url = reverse("bureau:elder_counter", args=[cast.mother.pk])
    reply = officer.post(url, given, follow=True)
    return reply.status_code, reply.content.decode()


def test_the_counter_writes_an_objection_down(officer: Client, cast: Cast) -> None:
    told = {"act": "object", "policy": CODE, "ground": "amount", "text": "邻居比我多"}
    status, text = counter(officer, cast, **told, voiced_by="本人")
    assert (status, "异议登记了" in text) == (200, True)
    made = Objection.objects.get()
    assert (made.channel, made.voiced_by, made.month) == ("counter", "本人", "2026-10")
    assert counter(officer, cast, **told, voiced_by="本人")[0] == 409


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"act": "object", "policy": CODE, "ground": "amount"}, "请写是谁提的"),
        ({"act": "object", "policy": CODE, "voiced_by": "本人"}, "请选哪里不对"),
        ({"act": "object", "ground": "age", "voiced_by": "本人"}, "请选对哪一项"),
        ({"act": "told", "listener": "本人"}, "请选是怎么告诉的"),
        ({"act": "told", "way": "home"}, "请写告诉了谁"),
        ({"act": "told", "way": "home", "listener": "x", "idempotency_key": "y"}, "页面太旧了"),
    ],
)
def test_what_is_left_out_is_said_and_what_was_typed_stays(
    officer: Client, cast: Cast, sent: dict[str, str], words: str
) -> None:
    status, text = counter(officer, cast, **{"text": "邻居比我多", **sent})
    assert (status, words in text, "邻居比我多" in text) == (409, True, True)


def test_the_counter_notes_who_was_told(officer: Client, cast: Cast) -> None:
    status, text = counter(officer, cast, act="told", way="home", listener="本人")
    assert (status, "上门当面把 2026 年 10 月的结果告诉了本人" in text) == (200, True)
    assert NoticeGiven.objects.get().by_name == "刘局"


def test_an_objection_is_taken_on_and_answered(officer: Client, cast: Cast) -> None:
    one = objected(cast)
    assert "王*英" in officer.get(reverse("bureau:objections")).content.decode()
    url = reverse("bureau:objection", args=[one.pk])
    assert "我来复核" in officer.get(url).content.decode()
    assert "按左边的结果答复" in officer.post(url, {"act": "take"}, follow=True).content.decode()
    refused = officer.post(url, {"act": "answer", "found": "无"})
    assert (refused.status_code, "至少 4 个字" in refused.content.decode()) == (409, True)
    text = officer.post(
        url, {"act": "answer", "found": "金额按 80 至 89 周岁，没有错"}, follow=True
    ).content.decode()
    assert "重新核对，结果不变" in text
    done = officer.get(reverse("bureau:objections"), {"show": "done"}).content.decode()
    assert "已答复" in done


@pytest.mark.parametrize("away", [-60, -5])
def test_a_deadline_past_the_entered_calendar_says_so_and_names_the_file(
    cast: Cast, log_in: LogIn, away: int
) -> None:
    last = working_days.calendar().last
    with clock.moved_to(clock.at(last + timedelta(days=away), 9)):
        one = objected(cast)
        officer, daughter = log_in(cast.officer), log_in(cast.daughter)
        pages = [reverse("bureau:objections"), reverse("bureau:objection", args=[one.pk])]
        texts = [officer.get(page).content.decode() for page in pages]
        families = daughter.get(reverse("family:objection", args=[one.pk])).content.decode()
    past = one.due_on > last
    assert past is (away == -5)
    for text in texts:
        assert ("放假安排还没有录入（catalogues/working_days.yaml）" in text) is past
    assert (f"{last.year + 1} 年哪些天放假还没有公布" in families) is past


def test_who_decided_is_told_that_somebody_else_must_answer(
    officer: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = [cast.officer.account]
    monkeypatch.setattr(actions.objections, "deciders", lambda _cycle, _town: own)
    url = reverse("bureau:objection", args=[objected(cast).pk])
    reply = officer.post(url, {"act": "take"})
    assert (reply.status_code, "由另一位同事复核" in reply.content.decode()) == (403, True)


def test_the_side_bar_counts_what_waits(officer: Client, cast: Cast) -> None:
    objected(cast)
    text = officer.get(reverse("bureau:objections")).content.decode()
    assert re.search(r"待遇异议<em>1", text)


@pytest.mark.parametrize("who", ["far_officer", "town_officer"])
def test_officers_of_other_places_find_nothing(cast: Cast, log_in: LogIn, who: str) -> None:
    one, client = objected(cast), log_in(cast.actors()[who])
    for url in (
        reverse("bureau:elder_benefits", args=[cast.mother.pk]),
        reverse("bureau:elder_counter", args=[cast.mother.pk]),
        reverse("bureau:elder_letter", args=[cast.mother.pk, "2026-10"]),
        reverse("bureau:objection", args=[one.pk]),
    ):
        assert {client.get(url).status_code, client.post(url).status_code} <= {404, 405}, url
    assert "王*英" not in client.get(reverse("bureau:objections")).content.decode()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_each_line_says_until_when_it_knew(officer: Client, cast: Cast) -> None:
    month = Month(clock.month_of(clock.today()))
    days = [clock.now() - timedelta(days=2, minutes=7), clock.now() - timedelta(hours=1)]
    for code, known in zip((CODE, "tongliang-home-service"), days, strict=True):
        run(SYSTEM, "500151", month, policy=code, known_at=known)
    url = reverse("bureau:elder_benefits", args=[cast.mother.pk])
    page = officer.get(url, {"month": month.text})
    assert "各项冻结的时间不一样" in (text := page.content.decode())
    known_at = {card.code: card.known for card in page.context["cards"]}
    assert [known_at[CODE], known_at["tongliang-home-service"]] == days
    for known in days:
        assert f"{day_words(known)} {hm(known)} 知道的资料" in text
    now = officer.get(url, {"month": month.text, "known": "now"}).content.decode()
    assert "冻结" not in now.partition("给本人的话")[0]
