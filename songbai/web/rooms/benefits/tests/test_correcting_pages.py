"""The pages of what is put right: asked back, paid later, kept back for a time."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.rules import ProposalState
from songbai.core.audit.models import Read
from songbai.domain.benefits.actions.correcting.recovering import Died
from songbai.domain.benefits.models import Arrears, Notice, Recovery, Suspension
from songbai.domain.benefits.queries.payments import told_beside
from songbai.domain.benefits.rules.cycle import NoticeKind
from songbai.domain.benefits.tests.cycles import LONGEVITY, another_officer, say
from songbai.domain.benefits.tests.frozen import checked_cycle, kept_back, owing, waiting_payment
from songbai.domain.matching.actions import merge, settle
from songbai.web.rooms.benefits.tags import recovery_next
from songbai.web.rooms.elders.words import who
from tests.cast import Cast, acting, make_account, make_elder
from tests.doors import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.long]
THIS = clock.month_of(clock.today())


@pytest.fixture
def owed(cast: Cast) -> Recovery:
    """Mrs Wang owes ten yuan back."""
    return owing(cast.mother)


@pytest.fixture
def stopped(cast: Cast) -> Suspension:
    """Mrs Wang is not paid for a time."""
    return kept_back(cast.mother)


@pytest.fixture
def later(cast: Cast) -> Arrears:
    """Mrs Wang gets ten yuan more with the next list."""
    return Arrears.objects.create(
        elder=cast.mother, region_id=cast.mother.region_id, policy=LONGEVITY, month="2026-02",
        number=1, amount=1_000, cause="hukou", known_at=clock.now(),
    )  # fmt: skip


@pytest.fixture
def everything(owed: Recovery, stopped: Suspension, later: Arrears) -> list[str]:
    """The addresses; the lists first, then what has an id."""
    return [
        reverse("bureau:recoveries"),
        reverse("bureau:arrears"),
        reverse("bureau:suspensions"),
        reverse("bureau:recovery", args=[owed.pk]),
        reverse("bureau:suspension", args=[stopped.pk]),
        reverse("bureau:elder_paying", args=[later.elder_id]),
    ]


def text(reply: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reply.content.decode()))


def act_on(client: Client, one: Recovery, **sent: Any) -> Any:
    return client.post(reverse("bureau:recovery", args=[one.pk]), sent, follow=True)


def agreed(log_in: LogIn, proposer: Client, recovery: Recovery, fen: int) -> None:
    """Another officer finds the money; whoever wrote it down cannot."""
    proposal = Proposal.objects.get(
        kind="benefit_return", subject_id=recovery.pk, state=ProposalState.OPEN
    )
    url = reverse("bureau:proposal", args=[proposal.pk])
    proposer.post(url, {"verdict": "yes"})
    recovery.refresh_from_db()
    assert recovery.settled == fen
    log_in(another_officer()).post(url, {"verdict": "yes"})


def town(cast: Cast) -> Any:
    """An officer of Mrs Wang's town."""
    return make_account("巴川办", cast.officer.kind, "500151001")  # type: ignore[arg-type]


def test_strangers_are_asked_to_log_in(client: Client, everything: list[str]) -> None:
    for url in everything:
        assert client.get(url)["Location"].startswith(reverse("accounts:login")), url


@pytest.mark.parametrize("who", ["daughter", "caregiver", "dispatcher", "provider_staff"])
def test_other_roles_are_turned_away(
    cast: Cast, everything: list[str], log_in: LogIn, who: str
) -> None:
    client = log_in(cast.actors()[who])
    for url in everything:
        assert client.get(url).status_code == 403, url


def test_the_officer_sees_every_page_masked_and_leaves_a_trace(
    cast: Cast, everything: list[str], log_in: LogIn
) -> None:
    client = log_in(cast.officer)
    for url in everything:
        before = Read.objects.count()
        reply = client.get(url)
        assert reply.status_code == 200, url
        assert "王*英" in reply.content.decode(), url
        assert "王桂英" not in reply.content.decode(), url
        assert Read.objects.count() > before, url


@pytest.mark.parametrize("who", ["far_officer", "town_officer"])
def test_officers_of_other_places_see_nobody_from_here(
    cast: Cast, everything: list[str], log_in: LogIn, who: str
) -> None:
    client = log_in(cast.actors()[who])
    for place, url in enumerate(everything):
        reply = client.get(url)
        assert reply.status_code == (200 if place < 3 else 404), url
        assert "王*英" not in reply.content.decode(), url
    for url in everything[3:]:
        assert client.post(url, {"act": "plan"}).status_code == 404, url


def test_instalments_are_planned_and_repaid(cast: Cast, owed: Recovery, log_in: LogIn) -> None:
    client = log_in(cast.officer)
    wrong = act_on(client, owed, act="plan", count="61", first=THIS)
    assert wrong.status_code == 409
    assert 'value="61"' in wrong.content.decode()
    assert "分 3 期" in text(act_on(client, owed, act="plan", count="3", first=THIS))
    assert act_on(client, owed, act="plan", count="3", first=THIS).status_code == 409
    first, *_ = owed.instalments.order_by("number")
    given = {"act": "return", "part": first.pk, "receipt": "收据 000123"}
    bare = act_on(client, owed, **given | {"receipt": " "}, idempotency_key=uuid.uuid4())
    assert (bare.status_code, "收据号" in text(bare)) == (409, True)
    page = act_on(client, owed, **given, idempotency_key=uuid.uuid4())
    assert "核对到账后才算退回" in text(page)
    assert 'value="return"' not in page.content.decode()
    agreed(log_in, client, owed, fen=0)
    owed.refresh_from_db()
    assert (owed.settled, owed.open) == (334, 666)
    again = act_on(client, owed, **given, idempotency_key=uuid.uuid4())
    assert again.status_code == 409
    [row] = client.get(reverse("bureau:recoveries")).context["rows"]
    assert recovery_next(row).endswith("还 3.33 元，剩 2 期")


def test_an_instalment_of_somebody_else_is_not_repaid_here(
    cast: Cast, owed: Recovery, log_in: LogIn
) -> None:
    client = log_in(cast.officer)
    other = owing(cast.neighbour)
    act_on(client, other, act="plan", count="1", first=THIS)
    part = other.instalments.get()
    given = {"part": part.pk, "receipt": "收据 000123", "idempotency_key": uuid.uuid4()}
    assert act_on(client, owed, act="return", **given).status_code == 409
    part.refresh_from_db()
    assert part.state == "due"


def test_a_waiver_is_asked_by_one_and_agreed_to_by_another(
    cast: Cast, owed: Recovery, log_in: LogIn
) -> None:
    client, asked = log_in(cast.officer), {"act": "waive", "idempotency_key": uuid.uuid4()}
    for amount in ("0", "10.01", "很多"):
        assert act_on(client, owed, amount=amount, why="孙子重病住院", **asked).status_code == 409
    page = act_on(client, owed, amount="4.5", why="孙子重病住院", **asked)
    assert "要另一位同事审批" in text(page)
    assert 'value="waive"' not in page.content.decode()
    proposal = Proposal.objects.get(kind="benefit_waiver")
    vote = reverse("bureau:proposal", args=[proposal.pk])
    assert vote in page.content.decode()
    client.post(vote, {"verdict": "yes"})
    owed.refresh_from_db()
    assert owed.waived == 0
    log_in(another_officer()).post(vote, {"verdict": "yes"})
    owed.refresh_from_db()
    assert (owed.waived, owed.open) == (450, 550)


def test_of_the_dead_nothing_is_withheld_and_the_family_is_asked(
    cast: Cast, owed: Recovery, log_in: LogIn
) -> None:
    client = log_in(cast.officer)
    act_on(client, owed, act="plan", count="3", first=THIS)
    back = {"act": "return", "receipt": "回单 20260001"}
    assert act_on(client, owed, **back, idempotency_key=uuid.uuid4()).status_code == 409
    other = owing(cast.neighbour)
    for one in (cast.mother, cast.neighbour):
        say(one, "gongan", "death", str(clock.today()))
    rows = client.get(reverse("bureau:recoveries")).context["rows"]
    assert {recovery_next(row) for row in rows} == {"和家属商量退回"}
    assert all(who(row.elder).endswith("，今天去世") for row in rows)
    for recovery in (owed, other):
        page = client.get(reverse("bureau:recovery", args=[recovery.pk]))
        assert "今天去世" in text(page)
        assert "和家属商量" in text(page)
        assert "本人" not in text(page).replace("本人退回", "")
        assert 'value="plan"' not in page.content.decode()
        refused = act_on(client, recovery, act="plan", count="3", first=THIS)
        assert (refused.status_code, Died().message in text(refused)) == (409, True)
        asked = act_on(client, recovery, **back, idempotency_key=uuid.uuid4())
        assert "家属退回 10 元" in text(asked)
        agreed(log_in, client, recovery, fen=0)
        assert act_on(client, recovery, **back, idempotency_key=uuid.uuid4()).status_code == 409
        recovery.refresh_from_db()
        assert (recovery.settled, recovery.open) == (1_000, 0)


def test_the_town_reads_a_recovery_and_may_not_act(
    cast: Cast, owed: Recovery, log_in: LogIn
) -> None:
    client = log_in(town(cast))
    page = client.get(reverse("bureau:recovery", args=[owed.pk]))
    assert page.status_code == 200
    assert 'name="act"' not in page.content.decode()
    assert act_on(client, owed, act="plan", count="3", first=THIS).status_code == 403
    assert not owed.instalments.exists()


def test_what_is_settled_leaves_the_list(cast: Cast, owed: Recovery, log_in: LogIn) -> None:
    client, url = log_in(cast.officer), reverse("bureau:recoveries")
    act_on(client, owed, act="plan", count="1", first=THIS)
    given = {"part": owed.instalments.get().pk, "receipt": "收据 000123"}
    act_on(client, owed, act="return", idempotency_key=uuid.uuid4(), **given)
    agreed(log_in, client, owed, fen=0)
    assert client.get(url).context["rows"] == []
    [row] = client.get(url, {"show": "all"}).context["rows"]
    assert recovery_next(row) == "结清了"


def test_suspending_and_resuming(cast: Cast, log_in: LogIn) -> None:
    waiting_payment(cast.mother, checked_cycle(cast.neighbour).cycle_id)
    client, url = log_in(town(cast)), reverse("bureau:elder_paying", args=[cast.mother.pk])
    today = clock.today()
    asked = {"policy": LONGEVITY, "reason": "unreachable", "day": today.isoformat()}
    tomorrow = (today + timedelta(days=1)).isoformat()
    for wrong in ({"day": "昨天"}, {"day": "2026-02-31"}, {"day": tomorrow}, {"reason": "x"},
                  {"policy": "no-such"}, {"note": "无"}):  # fmt: skip
        reply = client.post(url, {**asked, "note": "三次上门没有人", **wrong})
        assert reply.status_code == 409, wrong
    made = client.post(url, {**asked, "note": "三次上门没有人"}, follow=True)
    assert "暂停了" in text(made)
    found = Suspension.objects.get()
    assert (found.reason, found.since, found.policy) == ("unreachable", today, LONGEVITY)
    assert client.post(url, {**asked, "note": "三次上门没有人"}).status_code == 409
    back = reverse("bureau:suspension", args=[found.pk])
    assert client.post(back, {"day": today.isoformat(), "note": "无"}).status_code == 409
    done = client.post(back, {"day": today.isoformat(), "note": "本人到场了"}, follow=True)
    assert "恢复了" in text(done)
    assert client.get(reverse("bureau:suspensions")).context["rows"] == []
    assert len(client.get(reverse("bureau:suspensions"), {"show": "all"}).context["rows"]) == 1
    found.refresh_from_db()
    assert found.ended_by == "巴川办"


def test_who_gets_nothing_cannot_be_suspended(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.officer)
    page = client.get(reverse("bureau:elder_paying", args=[cast.mother.pk]))
    assert page.context["policies"] == []
    assert 'name="policy"' not in page.content.decode()


def test_the_persons_page_leads_here_and_holds_everything(
    cast: Cast, everything: list[str], log_in: LogIn
) -> None:
    client = log_in(cast.officer)
    page = client.get(everything[5])
    assert [len(page.context[n]) for n in ("arrears", "recoveries", "suspensions")] == [1, 1, 1]
    for url in everything[3:5]:
        assert url in page.content.decode()
    person = client.get(reverse("bureau:elder", args=[cast.mother.pk]))
    assert everything[5] in person.content.decode()


def test_what_stays_with_a_joined_record_is_shown_by_the_name_of_the_person_now(
    cast: Cast, log_in: LogIn, owed: Recovery, stopped: Suspension
) -> None:
    other = make_elder("陈松柏", 77)
    rows = owing(other), kept_back(other)
    kind, region = next(iter(NoticeKind)), other.region_id
    told = Notice.objects.create(
        elder=other, region_id=region, kind=kind, amount=0, text="换了账号"
    )
    merge(SYSTEM, cast.mother, other, reason="看过户口簿", score=1, why=[])
    with acting(cast.officer):
        assert list(told_beside(cast.officer, cast.mother)) == [told]
    settle(SYSTEM)
    assert [row.elder_id for row in rows] == [other.pk, other.pk]
    assert {row.elder_id for row in Recovery.objects.all()} == {cast.mother.pk, other.pk}
    client = log_in(cast.officer)
    pages = ("recovery", "recoveries"), ("suspension", "suspensions")
    for (one, several), row in zip(pages, rows, strict=True):
        single = text(client.get(reverse(f"bureau:{one}", args=[row.pk])))
        listed = text(client.get(reverse(f"bureau:{several}")))
        assert who(cast.mother) in single
        assert listed.count(who(cast.mother)) == 2
        assert who(other) not in single + listed
