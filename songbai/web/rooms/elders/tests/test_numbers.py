"""Numbers at the doors: the family's own, two relatives, the counter, the desk, the log-in."""

import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from songbai.core import clock
from songbai.core.accounts.models import Account, NumberDoubt, TextMessage
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.accounts.tasks import tell_asked
from songbai.core.approvals.actions import carry_out
from songbai.core.approvals.models import Proposal
from songbai.domain.elders.actions.numbers import WAIT, ask_number
from songbai.domain.elders.models import Proxy
from tests.cast import Cast, acting, bind, code_of, make_account, phone_of
from tests.doors import LogIn

NEW = "13911112222"


def typed(**more: str) -> dict[str, str]:
    """What is typed to change a number."""
    key = str(uuid.uuid4())
    return {"idempotency_key": key, "phone": NEW, "proof": "看过身份证", **more}


def test_one_changes_the_own_number_with_a_code_to_the_old_one(
    cast: Cast, daughter: Client
) -> None:
    url = reverse("family:number")
    assert "发验证码" in daughter.get(url).content.decode()
    daughter.post(url, {"act": "code"})
    wrong = daughter.post(url, {"act": "change", "code": "000000x", "phone": NEW})
    assert (wrong.status_code, phone_of(cast.daughter) == NEW) == (409, False)
    code, taken = code_of(cast.daughter), phone_of(cast.stranger_family)
    for refused in (taken, phone_of(cast.daughter), "1"):
        reply = daughter.post(url, {"act": "change", "code": code, "phone": refused})
        assert (reply.status_code, code_of(cast.daughter)) == (409, code)
    daughter.post(url, {"act": "change", "code": code_of(cast.daughter), "phone": NEW})
    assert phone_of(cast.daughter) == NEW


def test_a_relative_asks_and_another_agrees(cast: Cast, log_in: LogIn) -> None:
    son = make_account("王强", cast.daughter.kind)  # type: ignore[arg-type]  # a role
    child = make_account("王小", cast.daughter.kind)  # type: ignore[arg-type]  # a role
    for one in (son, child):
        bind(cast.mother, one)
    lost = Proxy.objects.get(account=cast.daughter.account, elder=cast.mother).pk
    url = reverse("family:relative_number", args=[cast.mother.pk, lost])
    assert (
        url in log_in(son).get(reverse("family:relatives", args=[cast.mother.pk])).content.decode()
    )
    assert log_in(son).post(url, typed(phone="1")).status_code == 409
    assert log_in(son).post(url, typed()).status_code == 302
    proposal = Proposal.objects.get(kind="elder.number_kin")
    page = log_in(child).get(reverse("family:relatives", args=[cast.mother.pk])).content.decode()
    assert "换手机号：女儿 王*，新号尾号 2222" in page
    vote = reverse("family:proposal_vote", args=[proposal.pk])
    answer = log_in(child).post(vote, {"verdict": "yes"}, follow=True).content.decode()
    assert "原来的号码在这之前可以不同意" in answer
    holder = log_in(cast.daughter)
    refuse = reverse("family:number_refuse", args=[proposal.pk])
    assert refuse in holder.get(reverse("family:home")).content.decode()
    assert "不换号" in holder.post(refuse, follow=True).content.decode()
    with clock.moved_to(proposal.proposed_at + WAIT):
        assert carry_out(SYSTEM) == 0
    assert phone_of(cast.daughter) != NEW


def test_the_text_message_says_no_without_a_log_in(cast: Cast, client: Client) -> None:
    son = make_account("王强", cast.daughter.kind)  # type: ignore[arg-type]  # a role
    bind(cast.mother, son)
    lost = Proxy.objects.get(account=cast.daughter.account, elder=cast.mother).pk
    told: dict[str, str] = {}
    with pytest.MonkeyPatch.context() as patch, acting(son):
        patch.setattr(transaction, "on_commit", lambda job: job())
        patch.setattr(tell_asked, "defer", lambda **said: told.update(said))
        asked = ask_number(son, cast.mother, uuid.uuid4(), lost, NEW, "她当面给我的")
    tell_asked(**told)  # type: ignore[arg-type]  # as it was deferred
    text = TextMessage.objects.get(account=cast.daughter.account).words()
    url = text.split("打开 ")[1].split(" ")[0].removeprefix(settings.SITE)
    assert client.get(f"{url}x").status_code == 404
    page = client.get(url).content.decode()
    assert ("不同意换号" in page, "新号尾号 2222" in page) == (True, True)
    asked.refresh_from_db()
    assert asked.state == "open"
    assert "记下了，不换号" in client.post(url).content.decode()
    asked.refresh_from_db()
    assert asked.state == "rejected"
    assert client.post(url).status_code == 409


def test_at_the_counter_and_at_the_desk_it_is_asked_for(cast: Cast, log_in: LogIn) -> None:
    lost = Proxy.objects.get(account=cast.daughter.account, elder=cast.mother).pk
    officer = log_in(cast.officer)
    url = reverse("bureau:number", args=[cast.mother.pk, lost])
    assert url in officer.get(reverse("bureau:privacy", args=[cast.mother.pk])).content.decode()
    assert officer.post(url, typed(proof="")).status_code == 409
    assert officer.post(url, typed()).status_code == 302
    desk = log_in(cast.dispatcher)
    by_phone = reverse("desk:number", args=[cast.mother.pk])
    assert "谁换号" in desk.get(by_phone).content.decode()
    assert desk.post(by_phone, typed(proxy=str(lost))).status_code == 302
    twice = desk.post(by_phone, typed(proxy=str(lost)))
    assert (twice.status_code, "您已经提过" in twice.content.decode()) == (409, True)
    assert desk.post(by_phone, typed(proxy="0")).status_code in {404, 409}
    assert Proposal.objects.filter(kind="elder.number").count() == 2


def test_another_name_is_stopped_and_put_on_the_list(cast: Cast, log_in: LogIn) -> None:
    officer = log_in(cast.officer)
    other = bind_other(cast)
    form = {
        "idempotency_key": str(uuid.uuid4()),
        "name": "赵后",
        "phone": phone_of(other),
        "relation": "女儿",
        "days": "365",
        "proof": "指定监护决定",
        "guardian": "1",
    }
    reply = officer.post(reverse("bureau:proxy_bind", args=[cast.mother.pk]), form)
    text = reply.content.decode()
    assert (reply.status_code, "另一个姓名" in text, "号码换了人用，去核对" in text) == (
        409,
        True,
        True,
    )
    assert "张前" not in text
    doubt_url = reverse("bureau:number_doubt", args=[cast.mother.pk])
    unrelated = reverse("bureau:number_doubt", args=[cast.far_elder.pk])
    other_number = {"phone": phone_of(cast.stranger_family)}
    for url, sent in ((doubt_url, other_number), (unrelated, {"phone": form["phone"]})):
        assert officer.post(url, sent).status_code == 404
    assert not NumberDoubt.objects.exists()
    sent = {"phone": form["phone"]}
    noted = officer.post(doubt_url, sent, follow=True).content.decode()
    assert "核对以前这个号码照常能用" in noted
    doubt = NumberDoubt.objects.get()
    listed = officer.get(reverse("bureau:numbers")).content.decode()
    assert ("张*" in listed, "姓名对不上" in listed) == (True, True)
    settle = reverse("bureau:number_settle", args=[doubt.pk])
    found = {"same": "0", "found": "打过电话，是赵后"}
    assert "请另一位同事核对" in officer.post(settle, found).content.decode()
    colleague = Client()
    other_officer = make_account("李局", cast.officer.kind, "500151")  # type: ignore[arg-type]
    colleague.force_login(
        Account.objects.get(pk=other_officer.account),
        backend="songbai.core.accounts.backends.PasswordBackend",
    )
    assert colleague.post(settle, {"same": "0", "found": ""}).status_code == 409
    colleague.post(settle, found)
    assert not Proxy.objects.filter(account=other.account, valid_until__gt=clock.now()).exists()
    assert (
        officer.post(reverse("bureau:proxy_bind", args=[cast.mother.pk]), form).status_code == 302
    )


def bind_other(cast: Cast) -> Actor:
    """张前 acts for the neighbour."""
    other = make_account("张前", cast.daughter.kind)  # type: ignore[arg-type]  # a role
    bind(cast.neighbour, other)
    return other


def test_after_a_year_the_log_in_asks_for_the_name(cast: Cast, client: Client) -> None:
    long_ago = clock.now() - timedelta(days=400)
    mine = Account.objects.filter(pk=cast.daughter.account)
    mine.update(created_at=long_ago, last_login=long_ago)
    phone = phone_of(cast.daughter)
    client.post(reverse("accounts:login"), {"phone": phone})
    reply = client.post(reverse("accounts:code"), {"code": code_of(cast.daughter)})
    assert reply["Location"].startswith(reverse("accounts:name"))
    assert client.get(reverse("family:home")).status_code == 302
    assert client.post(reverse("accounts:name"), {"name": "张新"}).status_code == 422
    assert client.post(reverse("accounts:name"), {"name": "王敏"}).status_code == 302
    assert client.get(reverse("family:home")).status_code == 200
    assert (clock.now() - (mine.get().last_login or long_ago)) < timedelta(minutes=1)


def test_the_death_of_a_relative_is_registered_and_looked_at_by_another(
    cast: Cast, log_in: LogIn
) -> None:
    proxy = Proxy.objects.get(account=cast.daughter.account, elder=cast.mother)
    url = reverse("bureau:proxy_died", args=[cast.mother.pk, proxy.pk])
    officer = log_in(cast.officer)
    privacy = reverse("bureau:privacy", args=[cast.mother.pk])
    assert url in officer.get(privacy).content.decode()
    assert officer.post(url, {"reason": ""}).status_code == 409
    assert officer.post(url, {"reason": "看过死亡证明"}).status_code == 302
    colleague = log_in(make_account("李局", cast.officer.kind, "500151"))  # type: ignore[arg-type]
    listed = colleague.get(reverse("bureau:numbers")).content.decode()
    assert ("登记为去世" in listed, "确实去世" in listed) == (True, True)
    settle = reverse("bureau:number_settle", args=[NumberDoubt.objects.get().pk])
    colleague.post(settle, {"same": "0", "found": "问过派出所"})
    proxy.refresh_from_db()
    assert proxy.end_reason == "本人去世"


def test_the_death_of_a_colleague_is_entered_and_looked_at_by_another(
    cast: Cast, log_in: LogIn
) -> None:
    url, lists = reverse("bureau:colleague_died"), reverse("bureau:numbers")
    officer, dead = log_in(cast.officer), log_in(cast.town_officer)
    assert url in officer.get(lists).content.decode()
    assert dead.get(lists).status_code == 200
    wrong = officer.post(url, {"phone": "13900000001", "reason": "看过死亡证明"})
    assert (wrong.status_code, "没有用这个手机号" in wrong.content.decode()) == (409, True)
    sent = {"phone": phone_of(cast.town_officer), "reason": "看过死亡证明"}
    assert "账号先停用" in officer.post(url, sent, follow=True).content.decode()
    assert dead.get(lists)["Location"].startswith(reverse("accounts:login"))
    colleague = log_in(make_account("李局", cast.officer.kind, "500151"))  # type: ignore[arg-type]
    assert "工作人员，账号停用了" in colleague.get(lists).content.decode()
    settle = reverse("bureau:number_settle", args=[NumberDoubt.objects.get().pk])
    colleague.post(settle, {"same": "1", "found": "打过电话，本人接的"})
    assert log_in(cast.town_officer).get(lists).status_code == 200
