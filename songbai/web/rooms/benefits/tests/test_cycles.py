"""The pages of benefit cycles and of the take-up gap: who may, what adds up, who is shown."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.approvals.actions import vote
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.rules import Verdict
from songbai.core.audit.models import Read
from songbai.domain.benefits.actions.cycles import advance, propose
from songbai.domain.benefits.models import Cycle, CycleException
from songbai.domain.benefits.queries.cycle_figures import Work, counts, ruled_out, waiting
from songbai.domain.benefits.queries.gap import gap_by_part, gap_of, missing, total
from songbai.domain.benefits.rules import library
from songbai.domain.benefits.rules.cycle import Change, Outcome, State
from songbai.domain.benefits.rules.policy import Channel
from songbai.domain.benefits.tests.cycles import (
    LONGEVITY,
    another_officer,
    noticed,
    run_month,
    say,
    tongliang_people,
)
from songbai.domain.benefits.tests.writing import policy, source, write
from songbai.domain.elders.declares import OFFICER
from songbai.web.rooms.benefits.bureau.cycles import next_words
from songbai.web.rooms.benefits.bureau.people_rows import outcome_status
from tests.cast import Cast, acting, make_account
from tests.doors import LogIn

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def one(cast: Cast) -> Cycle:
    """October's longevity allowance with the towns: Mrs Wang and her neighbour are new."""
    tongliang_people(cast)
    return run_month("2026-10", LONGEVITY)[LONGEVITY]


@pytest.fixture
def doubtful(cast: Cast) -> Cycle:
    """The same, with the neighbour's account missing: one exception is open."""
    for elder in (cast.mother, cast.neighbour):
        say(elder, "gongan", "hukou", elder.region_id)
    say(cast.mother, "renshe", "bank_card", "621700000000000")
    return run_month("2026-10", LONGEVITY)[LONGEVITY]


def addresses(one: Cycle) -> list[str]:
    return [
        reverse("bureau:cycles"),
        reverse("bureau:cycle", args=[one.pk]),
        reverse("bureau:cycle_people", args=[one.pk]),
        f"{reverse('bureau:cycle_people', args=[one.pk])}?show=no-age",
        reverse("bureau:cycle_exceptions", args=[one.pk]),
        reverse("bureau:policies"),
        reverse("bureau:benefit_gap"),
        f"{reverse('bureau:benefit_gap_people', args=[one.pk])}?show=missing",
        reverse("bureau:what_if"),
    ]


def text(reply: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reply.content.decode()))


def post(client: Client, one: Cycle, **sent: Any) -> Any:
    return client.post(reverse("bureau:cycle", args=[one.pk]), sent, follow=True)


def test_strangers_are_asked_to_log_in(client: Client, one: Cycle) -> None:
    for url in addresses(one):
        assert client.get(url)["Location"].startswith(reverse("accounts:login")), url


@pytest.mark.parametrize("who", ["daughter", "caregiver", "dispatcher", "provider_staff"])
def test_other_roles_are_turned_away(cast: Cast, one: Cycle, log_in: LogIn, who: str) -> None:
    client = log_in(cast.actors()[who])
    for url in addresses(one):
        assert client.get(url).status_code == 403, url


def test_the_officer_sees_every_page_and_no_plain_name(
    cast: Cast, one: Cycle, log_in: LogIn
) -> None:
    client = log_in(cast.officer)
    for url in addresses(one):
        reply = client.get(url)
        assert reply.status_code == 200, url
        assert not [s for s in ("王桂英", "500190194205061024") if s in reply.content.decode()]
    assert "王*英" in client.get(addresses(one)[2]).content.decode()


def test_another_district_sees_nothing_of_it(cast: Cast, one: Cycle, log_in: LogIn) -> None:
    client = log_in(cast.far_officer)
    for url in addresses(one):
        reply = client.get(url)
        assert reply.status_code == (404 if str(one.pk) in url else 200), url
        assert "王*英" not in reply.content.decode()
        assert "铜梁区高龄津贴" not in reply.content.decode()


def test_another_town_sees_the_cycle_with_nobody_in_it(
    cast: Cast, one: Cycle, log_in: LogIn
) -> None:
    client = log_in(cast.town_officer)
    for url in addresses(one):
        reply = client.get(url)
        assert reply.status_code == 200, url
        assert "王*英" not in reply.content.decode(), url
    assert client.get(addresses(one)[0]).context["rows"][0][1][0] == 0
    assert client.get(addresses(one)[1]).context["counts"].yes == 0
    assert post(client, one, act="confirm", part=one.towns.get().pk).status_code == 404
    one.refresh_from_db()
    assert one.towns.get().confirmed_at is None


def test_figures_add_up_and_open_their_people(cast: Cast, one: Cycle, log_in: LogIn) -> None:
    client = log_in(cast.officer)
    context = client.get(reverse("bureau:cycle", args=[one.pk])).context
    told, ruled = context["counts"], context["ruled"]
    assert (told.yes, told.fen) == (one.yes, one.fen) == (2, 2_000)
    before, changes = told.paid_before, told.changes
    assert before + changes[Change.NEW] - changes[Change.STOPPED] == told.yes
    decided = sum(told.outcomes[o] for o in Outcome if o is not Outcome.STOPPED)
    assert ruled.everybody == ruled.out + decided
    for figure in [f for whole, causes in context["changes"] for f in (whole, *causes)]:
        if figure.count:
            assert len(client.get(figure.url).context["rows"]) == figure.count
    for figure in context["why"]:
        assert len(client.get(figure.url).context["rows"]) == figure.count
    for _, count, url, _ in context["tabs"]:
        assert len(client.get(url).context["rows"]) == count


def test_everybody_ruled_out_is_counted_at_the_first_criterion(cast: Cast) -> None:
    tongliang_people(cast)
    say(cast.neighbour, "gongan", "death", "2026-03-01")
    cycle = run_month("2026-10", LONGEVITY)[LONGEVITY]
    ruled = ruled_out(cast.officer, cycle)
    assert ruled is not None
    assert ruled.first == {"alive": 1}
    assert ruled.everybody == 2
    assert ruled_out(cast.town_officer, cycle) is not None
    assert ruled_out(cast.town_officer, cycle).everybody == 0  # type: ignore[union-attr]


def test_the_next_month_shows_who_stopped_and_why(cast: Cast, log_in: LogIn) -> None:
    tongliang_people(cast)
    run_month("2026-09", LONGEVITY)
    say(cast.neighbour, "gongan", "death", "2026-09-15")
    cycle = run_month("2026-10", LONGEVITY)[LONGEVITY]
    client = log_in(cast.officer)
    told = counts(cast.officer, cycle)
    assert (told.changes[Change.SAME], told.changes[Change.STOPPED]) == (1, 1)
    reply = client.get(reverse("bureau:cycle_people", args=[cycle.pk]), {"show": "stopped"})
    [(row, status, why)] = reply.context["rows"]
    assert (status, row.before, row.amount) == ("stopped", 1_000, 0)
    assert "已经去世，次月起停发" in why


def test_a_cycle_goes_from_the_towns_to_approval_by_the_buttons(
    cast: Cast, one: Cycle, log_in: LogIn
) -> None:
    client, other = log_in(cast.officer), another_officer()
    page = client.get(reverse("bureau:cycle", args=[one.pk]))
    told = page.content.decode()
    assert told.count('value="confirm"') == 1
    assert told.index('value="confirm"') > told.index("现在要做的"), "the one job stands there"
    assert 'value="notify"' not in page.content.decode()
    assert "确认了" in text(post(log_in(other), one, act="confirm", part=one.towns.get().pk))
    assert "写好了 2 份告知" in text(post(client, one, act="notify"))
    reply = post(client, one, act="propose", why="")
    assert "要另一位同事审批" in text(reply)
    one.refresh_from_db()
    assert one.state == State.PROPOSED
    proposal = Proposal.objects.get(subject_kind="cycle", subject_id=one.pk)
    link = reverse("bureau:proposal", args=[proposal.pk])
    assert link in reply.content.decode()
    assert "刘局" in text(reply)
    # Neither the maker nor who confirmed a town; somebody else.
    for actor in (cast.officer, other):
        log_in(actor).post(link, {"verdict": "yes"})
        one.refresh_from_db()
        assert one.state == State.PROPOSED
    log_in(make_third()).post(link, {"verdict": "yes"})
    one.refresh_from_db()
    assert one.state == State.APPROVED


def make_third() -> Actor:
    return make_account("李核", OFFICER, "500151")


def test_an_act_at_the_wrong_time_says_so_and_does_nothing(
    cast: Cast, one: Cycle, log_in: LogIn
) -> None:
    reply = post(log_in(cast.officer), one, act="propose")
    assert reply.status_code == 409
    assert "现在不在这一步" in text(reply)
    assert post(log_in(cast.officer), one, act="steal").status_code == 409
    one.refresh_from_db()
    assert one.state == State.IN_TOWNS


def test_an_exception_is_settled_with_a_reason(cast: Cast, doubtful: Cycle, log_in: LogIn) -> None:
    client = log_in(cast.officer)
    found = CycleException.objects.get(cycle=doubtful, kind="no_account")
    work = reverse("bureau:cycle_exceptions", args=[doubtful.pk])
    assert len(client.get(work).context["rows"]) == 1
    url = reverse("bureau:exception_settle", args=[doubtful.pk, found.pk])
    short = client.post(url, {"pay": "no", "reason": "无"})
    assert short.status_code == 422
    assert 'value="无"' in short.content.decode()
    assert (
        log_in(cast.far_officer).post(url, {"pay": "no", "reason": "电话核对"}).status_code == 404
    )
    assert (
        log_in(cast.town_officer).post(url, {"pay": "no", "reason": "电话核对"}).status_code == 404
    )
    assert client.post(url, {"pay": "no", "reason": "没有社保卡"}).status_code == 302
    found.refresh_from_db()
    assert (found.state, found.reason) == ("held", "没有社保卡")
    assert client.get(work).context["rows"] == []
    page = client.get(reverse("bureau:cycle", args=[doubtful.pk]))
    assert page.context["kept_back"] == (1, 1_000)


def test_what_waits_is_counted_in_the_side_bar_and_in_todays_list(
    cast: Cast, doubtful: Cycle, log_in: LogIn
) -> None:
    assert doubtful.state == State.IN_TOWNS
    found, states = waiting(cast.officer)
    assert (found.open, found.towns, states[State.IN_TOWNS]) == (1, 1, 1)
    page = log_in(cast.officer).get(reverse("bureau:overview"))
    titles = [task.title for task in page.context["tasks"]]
    assert {"1 条待遇要核对", "1 份镇街名单没确认"} <= set(titles)
    [entry] = [e for e in page.context["side_nav"] if e.get("name") == "cycles"]
    assert entry["count"] == 2
    elsewhere, _ = waiting(cast.far_officer)
    assert (elsewhere.open, elsewhere.towns) == (0, 0)


def test_the_gap_shrinks_when_the_money_goes_out(
    cast: Cast, doubtful: Cycle, log_in: LogIn
) -> None:
    before = gap_of(cast.officer, doubtful)
    assert (before.entitled, before.missing_found, before.missing_left) == (2, 2, 2)
    assert before.missing_fen == 2_000
    found = CycleException.objects.get(cycle=doubtful, kind="no_account")
    log_in(cast.officer).post(
        reverse("bureau:exception_settle", args=[doubtful.pk, found.pk]),
        {"pay": "no", "reason": "没有社保卡"},
    )
    noticed(cast.officer, doubtful)
    paid_out(doubtful)
    after = gap_of(cast.officer, doubtful)
    assert (after.missing_found, after.missing_left, after.wrong_left) == (2, 1, 0)
    [left] = missing(cast.officer, doubtful)
    assert left.elder_id == cast.neighbour.pk


def test_each_of_the_gap_has_a_reason(cast: Cast, doubtful: Cycle, log_in: LogIn) -> None:
    url, client = reverse("bureau:benefit_gap_people", args=[doubtful.pk]), log_in(cast.officer)
    found = CycleException.objects.get(cycle=doubtful, kind="no_account")
    client.post(
        reverse("bureau:exception_settle", args=[doubtful.pk, found.pk]),
        {"pay": "no", "reason": "没有社保卡"},
    )
    run_month("2026-11", LONGEVITY)
    november = Cycle.objects.get(month="2026-11", policy=LONGEVITY)
    later = reverse("bureau:benefit_gap_people", args=[november.pk])
    rows = [row for one in (url, later) for row in client.get(one).context["rows"]]
    whys = {(row.elder.pk, why) for row, _, why in rows}
    assert (cast.neighbour.pk, "没有一卡通账号") in {(who, why[-7:]) for who, why in whys}
    assert "" not in {why for _, _, why in rows}


def paid_out(one: Cycle) -> None:
    """The states to the end, each as the program moves them."""

    maker, checker = another_officer(), make_third()
    with acting(maker):
        proposal = propose(maker, one)
    with acting(checker):
        vote(checker, proposal.pk, Verdict.YES)
    one.refresh_from_db()
    advance(SYSTEM, one, State.PAYING)


def test_the_gap_of_a_stop_lasts_until_the_list_is_paid(cast: Cast, log_in: LogIn) -> None:
    tongliang_people(cast)
    run_month("2026-09", LONGEVITY)
    say(cast.neighbour, "gongan", "death", "2026-09-15")
    cycle = run_month("2026-10", LONGEVITY)[LONGEVITY]
    found = gap_of(cast.officer, cycle)
    assert (found.wrong_found, found.wrong_left, found.received) == (1, 1, 2)
    client = log_in(cast.officer)
    people = client.get(reverse("bureau:benefit_gap_people", args=[cycle.pk]), {"show": "wrong"})
    assert [row.elder.pk for row, _, _ in people.context["rows"]] == [cast.neighbour.pk]
    page = client.get(reverse("bureau:benefit_gap"))
    assert page.context["whole"] == total(g for _, _, g in page.context["rows"])
    assert total(g for _, _, g in page.context["parts"]) == page.context["part_sum"]
    assert total(gap_by_part(cast.officer, cycle, 9).values()) == found
    assert [one.month for one, _ in page.context["past"]] == ["2026-09", "2026-10"]
    assert gap_of(cast.town_officer, cycle).entitled == 0


def test_who_cannot_be_decided_is_neither_entitled_nor_not(cast: Cast) -> None:
    cycle = run_month("2026-10", LONGEVITY)[LONGEVITY]
    found = gap_of(cast.officer, cycle)
    assert (found.entitled, found.unsure, found.missing_left, found.wrong_left) == (0, 2, 0, 0)


def test_reading_a_list_leaves_its_trace(cast: Cast, one: Cycle, log_in: LogIn) -> None:
    client = log_in(cast.officer)
    before = Read.objects.count()
    client.get(reverse("bureau:cycle_people", args=[one.pk]))
    assert Read.objects.count() > before


def test_the_persons_page_shows_what_she_receives(cast: Cast, one: Cycle, log_in: LogIn) -> None:
    reply = log_in(cast.officer).get(reverse("bureau:elder", args=[cast.mother.pk]))
    [row] = reply.context["benefits"]
    assert (row.cycle.month, row.amount) == (one.month, one.fen // 2)
    assert outcome_status(row) == "eligible"
    assert "铜梁区高龄津贴" in text(reply)


def test_files_that_are_not_used_are_shown_with_the_place_of_the_mistake(
    cast: Cast, log_in: LogIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SONGBAI_POLICIES", str(tmp_path))
    monkeypatch.setattr(library._Law, "held", None)
    write(tmp_path, "good.yaml", source(code="good"))
    write(tmp_path, "bad.yaml", source("agee >= 80", code="bad"))
    shown = text(log_in(cast.officer).get(reverse("bureau:policies")))
    assert "试写的政策 2026-01-01 至 今" in shown
    assert "bad.yaml 12 " in shown
    assert "没有叫 agee 的情况" in shown
    assert "1 个政策文件没有采用" in text(log_in(cast.officer).get(reverse("bureau:overview")))
    monkeypatch.setattr(library._Law, "held", None)


@pytest.mark.parametrize(
    ("work", "pay", "words"),
    [
        (Work(), Channel.YIKATONG, "钱都发完了"),
        (Work(back=2), Channel.YIKATONG, "2 笔被银行退回，还没有到账"),
        (Work(), Channel.INSURANCE, "由长护险结算，不从这里发"),
    ],
)
def test_a_closed_list_says_what_became_of_the_money(work: Work, pay: Channel, words: str) -> None:
    one = Cycle(state=State.CLOSED, month="2026-06", yes=3)
    law = replace(policy("age >= 80"), pay=pay)
    assert next_words(one, work, law) == words
    one.yes = 0
    assert next_words(one, work, law) == "没有人享受，也没有变化，自动办结"
