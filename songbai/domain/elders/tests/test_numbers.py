"""A number is a way to a person: it may disagree, change, or be in other hands."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from songbai.core import clock
from songbai.core.accounts.actions import family_account, log_in_by_code, send_code
from songbai.core.accounts.models import Account, FormerNumber, NumberDoubt, Role, TextMessage
from songbai.core.accounts.numbers import (
    MOST_TRIES,
    NumberInDoubt,
    NumberTaken,
    OtherName,
    WrongName,
    carrier_says,
    change_number,
    needs_name,
    tell_name,
)
from songbai.core.accounts.queries import actor_of
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.accounts.tasks import tell, tell_asked, tell_numbers
from songbai.core.approvals.actions import (
    AlreadyDecided,
    OwnProposal,
    TooNear,
    carry_out,
    vote,
)
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.rules import ProposalState, Verdict
from songbai.core.crypto import decrypt
from songbai.core.errors import NotAllowed, NotFound
from songbai.core.events.models import Event
from songbai.domain.elders.actions.family import ask_guardian, invite_relative
from songbai.domain.elders.actions.numbers import (
    WAIT,
    AtWork,
    InDoubt,
    NotOnlyKin,
    OwnDoubt,
    ask_number,
    asked_of_me,
    change_own_number,
    end_bindings,
    follow_carrier,
    refuse_number,
    report_other_name,
    settle_doubt,
)
from songbai.domain.elders.models import Followed, FollowedState, Proxy
from songbai.domain.elders.queries import elders_of_family
from songbai.domain.elders.queries.family import doubts
from songbai.domain.elders.rules import mask_name
from songbai.domain.elders.rules.family import Invitation
from songbai.domain.elders.tasks import tell_elsewhere, tell_home
from tests.cast import Cast, acting, bind, code_of, make_account, phone_of, tomorrow

NEW = "13911112222"
Ask = Callable[[Cast, Invitation], object]


def guardian(cast: Cast, asked: Invitation) -> object:
    """An officer enters a guardian."""
    return ask_guardian(cast.officer, cast.mother, uuid.uuid4(), asked, "指定监护决定")


def relative(cast: Cast, asked: Invitation) -> object:
    """An officer invites a relative."""
    return invite_relative(cast.daughter, cast.mother, uuid.uuid4(), asked)


@pytest.mark.parametrize(("who", "ask"), [("officer", guardian), ("daughter", relative)])
def test_a_number_of_somebody_elses_account_is_stopped(cast: Cast, who: str, ask: Ask) -> None:
    taken = phone_of(cast.stranger_family)
    with acting(cast.actors()[who]):
        for name in ("赵后", "陈远远"):
            with pytest.raises(OtherName):
                ask(cast, Invitation(name, taken, "女儿", order=True, money=True, days=30))
        assert ask(cast, Invitation("陈 远", taken, "女儿", order=True, money=True, days=30))
    with pytest.raises(OtherName):
        family_account(taken, "赵后")
    assert not Proxy.objects.filter(
        elder=cast.mother, account=cast.stranger_family.account
    ).exists()


def relatives(cast: Cast) -> tuple[Actor, Actor]:
    """A son and a granddaughter beside the daughter."""
    son, child = make_account("王强", cast.daughter.kind), make_account("王小", cast.daughter.kind)  # type: ignore[arg-type]
    for one in (son, child):
        bind(cast.mother, one)
    return son, child


def agreed_among_relatives(cast: Cast) -> Proposal:
    """A new number for the daughter's account: one relative asked, another agreed, it waits."""
    son, child = relatives(cast)
    with acting(son):
        lost = proxy_of(cast, cast.daughter).pk
        asked = ask_number(son, cast.mother, uuid.uuid4(), lost, NEW, "她当面给我的")
    with acting(child):
        vote(child, asked.pk, Verdict.YES)
    return asked


def make_kin(cast: Cast) -> Actor:
    """One more relative."""
    kin = make_account("王多", cast.daughter.kind)  # type: ignore[arg-type]  # a role
    bind(cast.mother, kin)
    return kin


def proxy_of(cast: Cast, actor: Actor) -> Proxy:
    """What lets somebody act for Mrs Wang."""
    return Proxy.objects.get(elder=cast.mother, account=actor.account)


def test_two_relatives_give_a_third_another_number(cast: Cast) -> None:
    son, child = relatives(cast)
    old, lost = phone_of(cast.daughter), proxy_of(cast, cast.daughter).pk
    with acting(cast.daughter), pytest.raises(NotAllowed):
        ask_number(cast.daughter, cast.mother, uuid.uuid4(), lost, NEW, "我自己")
    with acting(son):
        asked = ask_number(son, cast.mother, uuid.uuid4(), lost, NEW, "她当面给我的")
        with pytest.raises(OwnProposal):
            vote(son, asked.pk, Verdict.YES)
    with acting(cast.daughter), pytest.raises(NotAllowed):
        vote(cast.daughter, asked.pk, Verdict.YES)
    with acting(cast.stranger_family), pytest.raises(NotFound):
        vote(cast.stranger_family, asked.pk, Verdict.YES)
    with acting(child):
        vote(child, asked.pk, Verdict.YES)
    another = make_kin(cast)
    with acting(another), pytest.raises(AlreadyDecided):
        vote(another, asked.pk, Verdict.YES)
    carry_out(SYSTEM)
    assert phone_of(cast.daughter) == old
    with clock.moved_to(asked.proposed_at + WAIT):
        assert carry_out(SYSTEM) == 1
        assert carry_out(SYSTEM) == 0
    assert phone_of(cast.daughter) == NEW
    assert Account.objects.by_phone(old) is None
    assert FormerNumber.objects.get().how == "王强申请，王小同意"
    assert [one.elder_id for one in elders_of_family(cast.daughter)] == [cast.mother.pk]


def test_the_old_number_is_told_until_when_it_may_refuse(
    cast: Cast, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    son, _ = relatives(cast)
    with acting(son), django_capture_on_commit_callbacks() as jobs:
        lost = proxy_of(cast, cast.daughter).pk
        ask_number(son, cast.mother, uuid.uuid4(), lost, NEW, "她当面给我的")
    assert len(jobs) == 1
    tell_asked(cast.daughter.account, "2222", (tomorrow(9) + timedelta(days=2)).isoformat())
    told = decrypt(TextMessage.objects.get(account=cast.daughter.account).text)
    assert "尾号 2222 的手机号登录" in told
    assert "9:00 以后才改" in told
    assert "不同意换号" in told


@pytest.mark.parametrize("agreed", [True, False])
def test_whoever_holds_the_old_number_refuses_a_new_one_at_one_press(
    cast: Cast, agreed: bool
) -> None:
    son, child = relatives(cast)
    old, lost = phone_of(cast.daughter), proxy_of(cast, cast.daughter).pk
    with acting(son):
        asked = ask_number(son, cast.mother, uuid.uuid4(), lost, NEW, "她当面给我的")
    if agreed:
        with acting(child):
            vote(child, asked.pk, Verdict.YES)
    with acting(cast.stranger_family):
        assert not asked_of_me(cast.stranger_family).exists()
        with pytest.raises(NotFound):
            refuse_number(cast.stranger_family, asked.pk)
    with acting(cast.daughter):
        assert [one.pk for one in asked_of_me(cast.daughter)] == [asked.pk]
        refuse_number(cast.daughter, asked.pk)
    with clock.moved_to(asked.proposed_at + WAIT):
        assert carry_out(SYSTEM) == 0
    asked.refresh_from_db()
    assert (asked.state, phone_of(cast.daughter)) == (ProposalState.REJECTED, old)


def test_who_became_more_than_a_relative_while_it_waited_keeps_the_number(cast: Cast) -> None:
    old, asked = phone_of(cast.daughter), agreed_among_relatives(cast)
    bind(cast.far_elder, cast.daughter)
    with clock.moved_to(asked.proposed_at + WAIT):
        assert carry_out(SYSTEM) == 0
    asked.refresh_from_db()
    assert (asked.state, phone_of(cast.daughter)) == (ProposalState.EXPIRED, old)


@pytest.mark.parametrize("more", ["elder", "guardian", "work"])
def test_relatives_decide_about_nobody_who_is_more_than_a_relative(cast: Cast, more: str) -> None:
    son, child = relatives(cast)
    lost = proxy_of(cast, cast.daughter)
    with acting(son):
        asked = ask_number(son, cast.mother, uuid.uuid4(), lost.pk, NEW, "她当面给我的")
    if more == "elder":
        bind(cast.far_elder, cast.daughter)
    elif more == "guardian":
        Proxy.objects.filter(pk=lost.pk).update(is_guardian=True)
    else:
        officer = Role.objects.get(account=cast.officer.account)
        Role.objects.filter(pk=officer.pk).update(account=cast.daughter.account)
    later = clock.moved_to(asked.proposed_at + WAIT)
    with later, acting(child), pytest.raises(NotOnlyKin):
        vote(child, asked.pk, Verdict.YES)
    with acting(son), pytest.raises(NotOnlyKin):
        ask_number(son, cast.mother, uuid.uuid4(), lost.pk, NEW, "她当面给我的")


def test_at_the_counter_it_takes_two_who_are_not_concerned(cast: Cast) -> None:
    lost, kin = proxy_of(cast, cast.daughter).pk, make_account("王局", cast.officer.kind, "500151")  # type: ignore[arg-type]
    other = make_account("李局", cast.officer.kind, "500151")  # type: ignore[arg-type]
    bind(cast.mother, kin)
    with acting(cast.officer):
        asked = ask_number(cast.officer, cast.mother, uuid.uuid4(), lost, NEW, "看过身份证")
        with pytest.raises(OwnProposal):
            vote(cast.officer, asked.pk, Verdict.YES)
    with acting(kin), pytest.raises(NotAllowed):
        vote(kin, asked.pk, Verdict.YES)
    with acting(other):
        vote(other, asked.pk, Verdict.YES)
    assert phone_of(cast.daughter) == NEW


def test_by_the_desk_an_officer_decides(cast: Cast) -> None:
    lost = proxy_of(cast, cast.daughter).pk
    with acting(cast.dispatcher):
        asked = ask_number(cast.dispatcher, cast.mother, uuid.uuid4(), lost, NEW, "来电核对生日")
    with acting(cast.officer):
        vote(cast.officer, asked.pk, Verdict.YES)
    assert phone_of(cast.daughter) == NEW


def test_old_and_new_number_are_told(cast: Cast) -> None:
    old = phone_of(cast.daughter)
    with acting(cast.daughter):
        change_own_number(cast.daughter, NEW)
    former = FormerNumber.objects.get()
    for _ in range(2):
        tell_numbers(former.pk)
    told = TextMessage.objects.order_by("pk").values_list("phone", "text")
    assert [decrypt(phone) if phone else "" for phone, _ in told] == [old, ""]
    assert all("不是本人要改的，请马上打 12349" in decrypt(text) for _, text in told)
    with pytest.raises(NumberTaken):
        change_number(cast.stranger_family.account, NEW, "试试")


def a_year_later(cast: Cast) -> Account:
    """Nobody has logged in for more than a year."""
    account = Account.objects.get(pk=cast.daughter.account)
    long_ago = clock.now() - timedelta(days=400)
    Account.objects.filter(pk=account.pk).update(created_at=long_ago, last_login=long_ago)
    account.refresh_from_db()
    return account


def test_after_a_year_whoever_logs_in_says_who_it_is(cast: Cast) -> None:
    assert not needs_name(Account.objects.get(pk=cast.daughter.account))
    account = a_year_later(cast)
    assert needs_name(account)
    with pytest.raises(WrongName):
        tell_name(account, "张新")
    assert tell_name(account, "王 敏") == account
    assert not needs_name(account)
    assert NumberDoubt.objects.get().same is True


def test_who_does_not_know_the_name_waits_for_a_check_and_all_bindings_end(cast: Cast) -> None:
    account, phone = a_year_later(cast), phone_of(cast.daughter)
    bind(cast.far_elder, cast.daughter)
    for _ in range(MOST_TRIES - 1):
        with pytest.raises(WrongName):
            tell_name(account, "张新")
    with pytest.raises(NumberInDoubt):
        tell_name(account, "张新")
    send_code(phone)
    with pytest.raises(NumberInDoubt):
        log_in_by_code(phone, code_of(cast.daughter))
    doubt = NumberDoubt.objects.get()
    with acting(cast.town_officer), pytest.raises(NotFound):
        settle_doubt(cast.town_officer, doubt.pk, same=False, found="打过电话是张新")
    for officer in (cast.officer, make_account("李局", cast.officer.kind, "500151")):  # type: ignore[arg-type]
        with acting(officer):
            settle_doubt(officer, doubt.pk, same=False, found="打过电话是张新")
    end_bindings(SYSTEM, account.pk)
    assert not Proxy.objects.filter(account=account, valid_until__gt=clock.now()).exists()
    with acting(cast.daughter):
        assert elders_of_family(cast.daughter) == []
    account.refresh_from_db()
    assert not account.is_active
    assert family_account(phone, "张新").name == "张新"


def test_a_number_passed_on_twice_opens_nothing_of_either_before(cast: Cast) -> None:
    phone = phone_of(cast.daughter)
    account = a_year_later(cast)
    for name in ("张新", "李后"):
        assert carrier_says(SYSTEM, phone, clock.today() - timedelta(days=30))
        with acting(cast.officer):
            doubt = NumberDoubt.objects.latest("pk")
            settle_doubt(cast.officer, doubt.pk, same=False, found=f"打过电话是{name}")
        end_bindings(SYSTEM, account.pk)
        assert not Proxy.objects.filter(account=account, valid_until__gt=clock.now()).exists()
        account = family_account(phone, name)
        assert account.name == name
        assert not Proxy.objects.filter(account=account).exists()
        role = Role.objects.get(account=account)
        bind(cast.mother, actor_of(account, role))
        long_ago = clock.now() - timedelta(days=400)
        Account.objects.filter(pk=account.pk).update(created_at=long_ago, last_login=long_ago)
    assert Account.objects.filter(pk=account.pk, is_active=True).exists()


def test_the_carriers_answer_stops_whoever_holds_the_phone_until_it_is_checked(cast: Cast) -> None:
    account, phone = a_year_later(cast), phone_of(cast.daughter)
    month_ago = clock.today() - timedelta(days=30)
    assert carrier_says(SYSTEM, phone, month_ago)
    assert not carrier_says(SYSTEM, "13900000001", month_ago)
    with pytest.raises(NumberInDoubt):
        tell_name(account, account.name)
    with acting(cast.officer):
        settle_doubt(
            cast.officer, NumberDoubt.objects.get().pk, same=True, found="本人到场看过证件"
        )
    assert not carrier_says(SYSTEM, phone, month_ago)
    with acting(cast.daughter):
        change_own_number(cast.daughter, NEW)
    assert not carrier_says(SYSTEM, NEW, month_ago)


def test_an_officer_puts_a_number_on_the_list_and_not_the_own(cast: Cast) -> None:
    with acting(cast.officer):
        report_other_name(cast.officer, cast.mother, phone_of(cast.daughter), "来人说是自己的")
        with pytest.raises(NotFound):
            report_other_name(cast.officer, cast.mother, phone_of(cast.officer), "来人说是自己的")
        doubt = NumberDoubt.objects.get()
        with pytest.raises(OwnDoubt):
            settle_doubt(cast.officer, doubt.pk, same=False, found="打过电话核对")
    colleague = make_account("李局", cast.officer.kind, "500151")  # type: ignore[arg-type]
    with acting(colleague):
        settle_doubt(colleague, doubt.pk, same=True, found="打过电话核对")
    assert doubt.why == "said"


def test_what_one_officer_says_hinders_nobody_and_stays_on_the_list(cast: Cast) -> None:
    account, phone = Account.objects.get(pk=cast.daughter.account), phone_of(cast.daughter)
    with acting(cast.officer):
        report_other_name(cast.officer, cast.mother, phone, "来人说是自己的", given="赵后")
    send_code(phone)
    assert log_in_by_code(phone, code_of(cast.daughter)) == account
    a_year_later(cast)
    assert tell_name(account, account.name) == account
    with acting(cast.daughter):
        change_own_number(cast.daughter, NEW)
    doubt = NumberDoubt.objects.get()
    assert (doubt.same, doubt.by_id) == (None, cast.officer.account)


def test_a_sign_that_is_no_officers_word_stops_the_number_still(cast: Cast) -> None:
    account = a_year_later(cast)
    phone, long_ago = phone_of(cast.daughter), clock.today() - timedelta(days=30)
    with acting(cast.officer):
        report_other_name(cast.officer, cast.mother, phone, "来人说是自己的", given="赵后")
    assert carrier_says(SYSTEM, phone, long_ago)
    with pytest.raises(NumberInDoubt):
        tell_name(account, account.name)
    doubt = NumberDoubt.objects.get()
    assert (doubt.why, doubt.by_id) == ("carrier", cast.officer.account)


@pytest.mark.parametrize("more", ["elder", "guardian"])
def test_what_several_elders_would_lose_or_a_guardian_takes_two_officers(
    cast: Cast, more: str
) -> None:
    account = a_year_later(cast)
    if more == "elder":
        bind(cast.far_elder, cast.daughter)
    else:
        Proxy.objects.filter(account=account).update(is_guardian=True)
    assert carrier_says(SYSTEM, phone_of(cast.daughter), clock.today() - timedelta(days=30))
    doubt = NumberDoubt.objects.get()
    with acting(cast.officer):
        asked = settle_doubt(cast.officer, doubt.pk, same=False, found="打过电话是张新")
        assert (asked.same, Account.objects.get(pk=account.pk).is_active) == (None, True)
        with pytest.raises(OwnDoubt):
            settle_doubt(cast.officer, doubt.pk, same=False, found="打过电话是张新")
    with pytest.raises(NumberInDoubt):
        tell_name(account, account.name)
    colleague = make_account("李局", cast.officer.kind, "500151")  # type: ignore[arg-type]
    with acting(colleague):
        settle_doubt(colleague, doubt.pk, same=False, found="打过电话是张新")
    assert not Account.objects.get(pk=account.pk).is_active


def test_a_number_of_nobody_here_is_doubted_only_when_it_was_refused_under_another_name(
    cast: Cast,
) -> None:
    phone, why = phone_of(cast.stranger_family), "来人说是自己的"
    with acting(cast.officer):
        for given in ("", "陈远"):
            with pytest.raises(NotFound):
                report_other_name(cast.officer, cast.mother, phone, why, given=given)
        assert not NumberDoubt.objects.exists()
        report_other_name(cast.officer, cast.mother, phone, why, given="赵后")
    assert NumberDoubt.objects.get().account_id == cast.stranger_family.account


def test_the_family_of_whose_number_is_doubted_is_told(cast: Cast) -> None:
    with acting(cast.officer):
        report_other_name(cast.officer, cast.mother, phone_of(cast.daughter), "来人说是自己的")
    told = Event.objects.get(kind="elder.number_doubted")
    assert told.person_id == cast.mother.pk


def doubted_here(cast: Cast, phone: str) -> NumberDoubt:
    """Somebody gave a number at the counter that is another name's."""
    with acting(cast.officer):
        return report_other_name(cast.officer, cast.mother, phone, "来人说是自己的", given="赵后")


def lists(cast: Cast) -> list[list[int]]:
    """Whose lists have which doubts: a colleague's here, a far officer's."""
    colleague = make_account("李局", cast.officer.kind, "500151")  # type: ignore[arg-type]
    found = []
    for officer in (colleague, cast.far_officer):
        with acting(officer):
            found.append([one.pk for one in doubts(officer)])
    return found


def test_a_number_nobody_is_bound_by_is_settled_where_it_was_doubted(cast: Cast) -> None:
    phone = str(NEW)
    account = family_account(phone, "张前")
    doubt = doubted_here(cast, phone)
    assert (doubt.region, lists(cast)) == ("500151001001", [[doubt.pk], []])
    colleague = make_account("王局", cast.officer.kind, "500151")  # type: ignore[arg-type]
    with acting(colleague):
        settle_doubt(colleague, doubt.pk, same=False, found="打过电话是赵后")
    account.refresh_from_db()
    assert not account.is_active
    assert family_account(phone, "赵后").name == "赵后"


def test_a_number_whose_last_binding_ended_is_on_the_list_of_that_place(cast: Cast) -> None:
    account = Account.objects.get(pk=cast.daughter.account)
    Proxy.objects.filter(account=account).update(valid_until=clock.now())
    Account.objects.filter(pk=account.pk).update(created_at=clock.now() - timedelta(days=90))
    assert carrier_says(SYSTEM, phone_of(cast.daughter), clock.today() - timedelta(days=30))
    with clock.moved_to(clock.now() + timedelta(minutes=1)):
        assert lists(cast) == [[NumberDoubt.objects.get().pk], []]


def test_who_acts_for_somebody_elsewhere_is_asked_about_there(cast: Cast) -> None:
    doubt = doubted_here(cast, phone_of(cast.stranger_family))
    assert lists(cast) == [[], [doubt.pk]]


def test_a_number_of_somebody_at_work_is_settled_but_not_taken_away(cast: Cast) -> None:
    doubt = doubted_here(cast, phone_of(cast.town_officer))
    colleague = make_account("李局", cast.officer.kind, "500151")  # type: ignore[arg-type]
    with acting(colleague):
        with pytest.raises(AtWork):
            settle_doubt(colleague, doubt.pk, same=False, found="打过电话核对")
        settle_doubt(colleague, doubt.pk, same=True, found="打过电话核对")
        assert not doubts(colleague).exists()
    assert Account.objects.get(pk=cast.town_officer.account).is_active


def test_who_doubts_a_number_or_let_in_who_asks_decides_nothing_of_it(cast: Cast) -> None:
    colleague = make_account("李局", cast.officer.kind, "500151")  # type: ignore[arg-type]
    lost = proxy_of(cast, cast.daughter).pk
    son, child = relatives(cast)
    Proxy.objects.filter(account=son.account).update(bound_by_id=cast.officer.account)
    with acting(son):
        asked = ask_number(son, cast.mother, uuid.uuid4(), lost, NEW, "她当面给我的")
    with acting(cast.officer):
        with pytest.raises(TooNear):
            vote(cast.officer, asked.pk, Verdict.YES)
        doubt = report_other_name(cast.officer, cast.mother, phone_of(cast.daughter), "来人说的")
    with acting(cast.dispatcher):
        counter = ask_number(cast.dispatcher, cast.mother, uuid.uuid4(), lost, NEW, "来电核对")
    with acting(cast.officer), pytest.raises(TooNear):
        vote(cast.officer, counter.pk, Verdict.YES)
    with clock.moved_to(asked.proposed_at + WAIT):
        for who in (child, colleague):
            with acting(who), pytest.raises(InDoubt):
                vote(who, asked.pk, Verdict.YES)
    with acting(child), pytest.raises(InDoubt):
        ask_number(child, cast.mother, uuid.uuid4(), lost, NEW, "她当面给我的")
    doubt.refresh_from_db()
    assert (doubt.same, phone_of(cast.daughter) == NEW) == (None, False)
    with acting(colleague):
        vote(colleague, counter.pk, Verdict.YES)
    assert phone_of(cast.daughter) == NEW


def test_a_doubt_that_comes_while_it_waits_stops_what_relatives_agreed_on(cast: Cast) -> None:
    old, asked = phone_of(cast.daughter), agreed_among_relatives(cast)
    doubted_here(cast, old)
    with clock.moved_to(asked.proposed_at + WAIT):
        assert carry_out(SYSTEM) == 0
    assert phone_of(cast.daughter) == old


def test_a_guardian_whose_number_was_passed_on_is_on_the_list(cast: Cast) -> None:
    account, phone = a_year_later(cast), phone_of(cast.daughter)
    Proxy.objects.filter(account=account).update(is_guardian=True)
    bind(cast.far_elder, cast.daughter)
    assert carrier_says(SYSTEM, phone, clock.today() - timedelta(days=30))
    for officer in (cast.officer, make_account("李局", cast.officer.kind, "500151")):  # type: ignore[arg-type]
        with acting(officer):
            settle_doubt(officer, NumberDoubt.objects.get().pk, same=False, found="打过电话是张新")
    end_bindings(SYSTEM, account.pk)
    listed = Followed.objects.filter(state=FollowedState.TO_DO)
    assert set(listed.values_list("elder_id", "what", "words")) == {
        (cast.mother.pk, "guardian", "女儿手机号换了人用，请安排新的监护人"),
        (cast.far_elder.pk, "proxy", "女儿手机号换了人用，请问家里以后谁来办事"),
    }


def test_of_a_doubt_the_families_in_other_places_and_the_holder_are_told(cast: Cast) -> None:
    doubted_here(cast, phone_of(cast.stranger_family))
    assert not Event.objects.filter(kind="elder.number_doubted").exists()
    tell_elsewhere(Event.objects.get(kind="account.number_doubted").pk)
    told = Event.objects.get(kind="elder.number_doubted")
    assert told.person_id == cast.far_elder.pk
    sent, holder = texted(told), cast.stranger_family.account
    assert [(to, phone) for to, _, phone in sent] == [(holder, ""), (holder, "12800001042")]
    assert "女儿的手机号换了人用，社区正在核对" in sent[0][1]
    family_account(NEW, "张前")
    doubted_here(cast, NEW)
    tell_elsewhere(Event.objects.filter(kind="account.number_doubted").latest("pk").pk)
    assert Event.objects.filter(kind="elder.number_doubted").count() == 1


def test_the_family_of_whose_number_the_carrier_gave_away_is_told_once(cast: Cast) -> None:
    a_year_later(cast)
    phone, day = phone_of(cast.daughter), clock.today() - timedelta(days=30)
    son, _ = relatives(cast)
    assert [follow_carrier(SYSTEM, phone, day) for _ in range(2)] == [True, True]
    sent = texted(Event.objects.get(kind="elder.number_doubted"))
    assert cast.daughter.account not in {to for to, _, _ in sent}
    assert son.account in {to for to, _, _ in sent}
    assert "女儿的手机号换了人用，社区正在核对，核对以前不能登录" in sent[0][1]


def texted(event: Event) -> list[tuple[int, str, str]]:
    """To whom what is said of an event, and to which number other than the account's."""
    TextMessage.objects.all().delete()
    jobs: list[dict[str, Any]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tell, "defer", lambda **more: jobs.append(more))
        tell_home(event.pk)
    for job in jobs:
        tell(**job)
    sent = TextMessage.objects.order_by("pk")
    return [(one.account_id, one.words(), decrypt(one.phone) if one.phone else "") for one in sent]


def test_all_who_act_and_her_own_telephone_are_told_of_a_number_asked_for(cast: Cast) -> None:
    son, child = relatives(cast)
    with acting(son):
        ask_number(
            son, cast.mother, uuid.uuid4(), proxy_of(cast, cast.daughter).pk, NEW, "当面给的"
        )
    sent = texted(Event.objects.get(kind="proposal.made"))
    everybody = sorted([cast.daughter.account, son.account, child.account])
    assert [one[0] for one in sent] == [*everybody, everybody[0]]
    assert [one[2] for one in sent] == ["", "", "", "12800001024"]
    begin, what = f"【松柏】{mask_name('王桂英')}：有人申请", "换手机号：女儿 王*，新号尾号 2222"
    assert all(one[1].startswith(f"{begin}{what}，审核同意后生效。") for one in sent)
