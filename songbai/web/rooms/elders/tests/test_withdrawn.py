"""A death that was none: asked for at the counter, agreed, put back, told by letter."""

import uuid
from datetime import timedelta

from django.test import Client
from django.urls import reverse

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.approvals.models import Proposal
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.actions.turning import follow_turns
from songbai.domain.elders.models import Fact, Followed, FollowedState
from songbai.domain.elders.queries.withdrawn import after, withdrawals
from songbai.web.rooms.elders.withdrawn import html, told
from songbai.web.templatetags.songbai import date_words
from tests.acts import assigned, placed
from tests.cast import Cast, make_account
from tests.doors import LogIn


def died(cast: Cast) -> Fact:
    """The hospital says that Mrs Wang died yesterday."""
    day = str(clock.today() - timedelta(days=1))
    record_facts(SYSTEM, cast.mother, [NewFact("death", day, "D1")], source="weijian")
    follow_turns(SYSTEM)
    return Fact.objects.get(elder=cast.mother, kind="death")


def test_two_officers_take_a_death_back_and_the_family_reads_it(cast: Cast, log_in: LogIn) -> None:
    order, fact = placed(cast), died(cast)
    officer = log_in(cast.officer)
    page = officer.get(reverse("bureau:elder", args=[cast.mother.pk])).content.decode()
    assert f"{date_words(clock.today() - timedelta(days=1))}去世" in page
    url = reverse("bureau:withdraw", args=[cast.mother.pk, fact.pk])
    assert url in officer.get(reverse("bureau:elder_facts", args=[cast.mother.pk])).content.decode()
    assert "去世日期" in officer.get(url).content.decode()
    typed = {"idempotency_key": str(uuid.uuid4()), "why": "人还在世，认错了人", "proof": ""}
    refused = officer.post(url, typed)
    assert (refused.status_code, "看过什么证明" in refused.content.decode()) == (409, True)
    officer.post(url, {**typed, "proof": "老人本人到场"})
    other = log_in(make_account("王局", cast.officer.kind, "500151"))  # type: ignore[arg-type]  # a role
    proposal = reverse("bureau:proposal", args=[Proposal.objects.get(kind="elder.withdrawal").pk])
    asked = other.get(proposal).content.decode()
    assert "老人本人到场" in asked
    assert f"去世日期：{fact.value}（卫健说的）" in asked
    assert "没有去世登记，按在世算" in asked
    other.post(proposal, {"verdict": "yes"})
    follow_turns(SYSTEM)
    again = cast.mother.orders.exclude(pk=order.pk).get()
    assert again.window_start == order.window_start
    shown = other.get(reverse("bureau:withdrawn", args=[cast.mother.pk])).content.decode()
    assert f"订单 {order.number} 取消，钱退回" in shown
    family = log_in(cast.daughter)
    home = family.get(reverse("family:home")).content.decode()
    assert f"王桂英：去世日期：{fact.value}，登记错了，已经撤回" in home
    page = family.get(reverse("family:withdrawn", args=[cast.mother.pk])).content.decode()
    assert "两位工作人员核对证明后" in page
    assert f"当时订单 {order.number} 取消，钱退回，现在按原样又下了单" in page
    gone = Fact.objects.get(elder=cast.mother, kind="death", withdrawn=True)
    letter = family.get(reverse("family:withdrawn_letter", args=[cast.mother.pk, gone.pk]))
    assert (letter.status_code, letter["Content-Type"]) == (200, "application/pdf")


def test_nobody_is_said_to_be_at_work_where_nothing_is_left_to_do(cast: Cast) -> None:
    assigned(cast)
    fact = died(cast)
    gone = NewFact("death", "", "D1", observed_at=fact.observed_at, withdrawn=True)
    record_facts(SYSTEM, cast.mother, [gone], source="weijian")
    follow_turns(SYSTEM)
    (one,) = withdrawals(SYSTEM, cast.mother)
    assert told(one).to_do == []
    assert {words.partition("，现在")[2] for words in told(one).back} == {
        "按原样又下了单",
        "和订单一起重新安排",
        "又可以用了",
    }


def test_each_withdrawn_death_lists_what_it_had_stopped(cast: Cast) -> None:
    fact = died(cast)
    gone = NewFact("death", "", "D1", observed_at=fact.observed_at, withdrawn=True)
    record_facts(SYSTEM, cast.mother, [gone], source="weijian")
    follow_turns(SYSTEM)
    placed(cast)
    with clock.moved_to(clock.now() + timedelta(minutes=5)):
        again = NewFact("death", fact.value, "P1")
        record_facts(SYSTEM, cast.mother, [again], source="gongan")
        follow_turns(SYSTEM)
        back = NewFact("death", "", "P1", observed_at=clock.now(), withdrawn=True)
        record_facts(SYSTEM, cast.mother, [back], source="gongan")
        follow_turns(SYSTEM)
        late, early = withdrawals(SYSTEM, cast.mother)
    assert "order" in {row.what for row in late.followed}
    assert "order" not in {row.what for row in early.followed}


def test_an_approver_reads_what_another_source_says(cast: Cast) -> None:
    fact, day = died(cast), str(clock.today() - timedelta(days=2))
    record_facts(SYSTEM, cast.mother, [NewFact("death", day, "P1")], source="gongan")
    assert after(cast.mother, fact) == f"{day}（公安说的）"


def test_the_letter_says_what_was_wrong_and_what_is_put_right(cast: Cast, log_in: LogIn) -> None:
    fact = died(cast)
    record_facts(
        SYSTEM,
        cast.mother,
        [NewFact("death", "", "D1", observed_at=fact.observed_at, withdrawn=True)],
        source="weijian",
    )
    follow_turns(SYSTEM)
    (one,) = withdrawals(SYSTEM, cast.mother)
    text = html(cast.mother, one, "G1")
    assert "王*英" in text
    assert f"去世日期：{fact.value}（卫健说的）" in text
    assert "卫健已经把它撤回" in text
    assert "12349" in text


def test_what_cannot_go_back_is_seen_to_by_somebody(cast: Cast, log_in: LogIn) -> None:
    Followed.objects.create(
        elder=cast.mother,
        region_id=cast.mother.region_id,
        cause="died",
        what="assessment",
        subject_id=1,
        words="能力评估停办，约好的上门取消",
        state=FollowedState.TO_DO,
    )
    row = Followed.objects.get()
    officer, url = log_in(cast.officer), reverse("bureau:followed")
    text = officer.get(url).content.decode()
    assert "能力评估停办" in text
    assert "老人离世" in text
    done = reverse("bureau:followed_done", args=[row.pk])
    assert officer.post(done, {"note": ""}).status_code == 409
    officer.post(done, {"note": "重新约了 5 号上门"})
    row.refresh_from_db()
    assert (row.state, row.note) == (FollowedState.DONE, "重新约了 5 号上门")
    assert "能力评估停办" not in officer.get(url).content.decode()
    assert log_in(cast.far_officer).post(done, {"note": "不是我的"}).status_code == 404


def test_nobody_elses_letter_is_opened(cast: Cast, stranger: Client) -> None:
    died(cast)
    url = reverse("family:withdrawn_letter", args=[cast.mother.pk, 1])
    assert stranger.get(url).status_code == 404
