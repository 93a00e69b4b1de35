"""A guardian, a relative, or an elder who acts for another one has died."""

from datetime import timedelta

import pytest

from songbai.core import clock
from songbai.core.accounts.actions import (
    family_account,
    log_in_by_code,
    log_in_staff,
    send_code,
)
from songbai.core.accounts.backends import PasswordBackend
from songbai.core.accounts.models import Account, NumberDoubt
from songbai.core.accounts.numbers import (
    NumberInDoubt,
    NumberTaken,
    ReportedDead,
    require_sure,
)
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.errors import NotAllowed
from songbai.core.events.models import Event
from songbai.core.reasons import ReasonMissing
from songbai.domain.elders.actions.facts import NewFact, record_facts, withdraw
from songbai.domain.elders.actions.numbers import OwnDoubt, end_bindings, settle_doubt
from songbai.domain.elders.actions.passing import (
    NoColleague,
    bereaved,
    follow_elder,
    report_colleague,
    report_death,
    take_back_death,
)
from songbai.domain.elders.models import Elder, Followed, FollowedState, Proxy
from songbai.domain.elders.queries.family import doubts
from songbai.domain.elders.tasks import found_alive
from tests.cast import PASSWORD, Cast, acting, bind, code_of, dynamic_code, make_account, phone_of

WHY = "看过死亡证明"


def guardian(cast: Cast) -> Proxy:
    """The daughter is Mrs Wang's guardian, and acts for somebody far away too."""
    bind(cast.far_elder, cast.daughter)
    Proxy.objects.filter(elder=cast.mother, account=cast.daughter.account).update(is_guardian=True)
    return Proxy.objects.get(elder=cast.mother, account=cast.daughter.account)


def colleague(cast: Cast) -> Actor:
    return make_account("李局", cast.officer.kind, "500151")  # type: ignore[arg-type]


def reported(cast: Cast) -> NumberDoubt:
    proxy = guardian(cast)
    with acting(cast.officer):
        doubt = report_death(cast.officer, cast.mother, proxy.pk, WHY)
    bereaved(SYSTEM, doubt.account_id)
    return doubt


def to_do() -> set[tuple[int, str, str]]:
    rows = Followed.objects.filter(state=FollowedState.TO_DO)
    return set(rows.values_list("elder_id", "what", "words"))


def test_whoever_has_died_logs_in_no_more_and_every_family_and_list_is_told(cast: Cast) -> None:
    reported(cast)
    phone = phone_of(cast.daughter)
    send_code(phone)
    with pytest.raises(NumberInDoubt):
        log_in_by_code(phone, code_of(cast.daughter))
    assert to_do() == {
        (cast.mother.pk, "guardian", "女儿登记为去世，请安排新的监护人"),
        (cast.far_elder.pk, "proxy", "女儿登记为去世，请问家里以后谁来办事"),
    }
    told = Event.objects.filter(kind="elder.kin_died")
    assert set(told.values_list("person_id", flat=True)) == {cast.mother.pk, cast.far_elder.pk}
    bereaved(SYSTEM, cast.daughter.account)
    assert told.count() == 2


def test_another_officer_ends_all_that_the_dead_held(cast: Cast) -> None:
    doubt = reported(cast)
    with acting(cast.officer), pytest.raises(OwnDoubt):
        settle_doubt(cast.officer, doubt.pk, same=False, found="问过派出所")
    other = colleague(cast)
    with acting(other):
        settle_doubt(other, doubt.pk, same=False, found="问过派出所")
    end_bindings(SYSTEM, doubt.account_id, "本人去世")
    rows = Proxy.objects.filter(account=cast.daughter.account)
    assert {row.end_reason for row in rows} == {"本人去世"}
    assert not rows.filter(valid_until__gt=clock.now()).exists()
    assert not Account.objects.get(pk=doubt.account_id).is_active
    assert {what for _, what, _ in to_do()} == {"guardian", "proxy"}


def test_a_death_that_was_none_opens_the_account_again(cast: Cast) -> None:
    doubt, other = reported(cast), colleague(cast)
    with acting(other):
        settle_doubt(other, doubt.pk, same=True, found="打过电话，本人接的")
    require_sure(Account.objects.get(pk=doubt.account_id))
    assert Proxy.objects.filter(account=doubt.account_id, valid_until__gt=clock.now()).count() == 2
    assert {elder for elder, _, _ in to_do()} == {cast.far_elder.pk}
    found_alive(Event.objects.latest("id").pk)
    assert not to_do()
    told = Event.objects.filter(kind="elder.kin_lives")
    assert set(told.values_list("person_id", flat=True)) == {cast.mother.pk, cast.far_elder.pk}


def test_a_death_entered_again_after_an_error_is_listed_again(cast: Cast) -> None:
    doubt, other = reported(cast), colleague(cast)
    with acting(other):
        settle_doubt(other, doubt.pk, same=True, found="打过电话，本人接的")
    found_alive(Event.objects.latest("id").pk)
    assert bereaved(SYSTEM, doubt.account_id) == 0  # a job that comes late
    assert not to_do()
    with acting(cast.officer):
        proxy = Proxy.objects.get(elder=cast.mother, account=doubt.account_id)
        report_death(cast.officer, cast.mother, proxy.pk, WHY)
    bereaved(SYSTEM, doubt.account_id)
    assert {what for _, what, _ in to_do()} == {"guardian", "proxy"}


def test_a_death_is_registered_with_a_reason_by_an_officer_and_not_of_oneself(cast: Cast) -> None:
    proxy = guardian(cast)
    with acting(cast.officer), pytest.raises(ReasonMissing):
        report_death(cast.officer, cast.mother, proxy.pk, "死了")
    with acting(cast.daughter), pytest.raises(NotAllowed):
        report_death(cast.daughter, cast.mother, proxy.pk, WHY)
    assert not NumberDoubt.objects.exists()


def test_an_elder_who_dies_as_guardian_of_another_is_followed_and_comes_back(cast: Cast) -> None:
    herself = make_account(cast.mother.name, cast.daughter.kind)  # type: ignore[arg-type]
    for elder in (cast.mother, cast.neighbour):
        bind(elder, herself)
    Proxy.objects.filter(account=herself.account, elder=cast.mother).update(relation="本人")
    Proxy.objects.filter(account=herself.account, elder=cast.neighbour).update(is_guardian=True)
    day = clock.today() - timedelta(days=1)
    record_facts(SYSTEM, cast.mother, [NewFact("death", str(day))], source="gongan")
    cast.mother.refresh_from_db()
    assert follow_elder(SYSTEM, cast.mother) == 1
    with pytest.raises(NumberInDoubt):
        require_sure(Account.objects.get(pk=herself.account))
    assert (cast.neighbour.pk, "guardian", "女儿登记为去世，请安排新的监护人") in to_do()
    withdraw(SYSTEM, cast.mother, "death", "gongan", "", reason="登记错了人")
    cast.mother.refresh_from_db()
    follow_elder(SYSTEM, cast.mother)
    require_sure(Account.objects.get(pk=herself.account))
    assert not any(elder == cast.neighbour.pk for elder, _, _ in to_do())


def test_an_elder_of_the_same_name_and_another_number_is_somebody_else(cast: Cast) -> None:
    alike = make_account(cast.mother.name, cast.daughter.kind)  # type: ignore[arg-type]
    bind(cast.neighbour, alike)
    assert follow_elder(SYSTEM, cast.mother) == 0


def in_use(actor: Actor) -> bool:
    """Whether a session of the account goes on."""
    return PasswordBackend().get_user(actor.account) is not None


def test_a_colleague_who_died_is_shut_out_at_once_until_another_has_looked(cast: Cast) -> None:
    dead, other = cast.town_officer, colleague(cast)
    assert in_use(dead)
    with acting(cast.officer):
        doubt = report_colleague(cast.officer, phone_of(dead), WHY)
        with pytest.raises(OwnDoubt):
            settle_doubt(cast.officer, doubt.pk, same=True, found="打过电话核对")
    assert not in_use(dead)
    with pytest.raises(ReportedDead):
        log_in_staff(phone_of(dead), PASSWORD, dynamic_code(dead))
    with acting(other):
        assert [one.pk for one in doubts(other)] == [doubt.pk]
        settle_doubt(other, doubt.pk, same=True, found="打过电话，本人接的")
    assert in_use(dead)


def test_a_colleague_who_died_for_certain_keeps_neither_account_nor_number(cast: Cast) -> None:
    phone, other = phone_of(cast.town_officer), colleague(cast)
    with acting(cast.officer):
        doubt = report_colleague(cast.officer, phone, WHY)
    with acting(other):
        settle_doubt(other, doubt.pk, same=False, found="看过死亡证明")
    assert not in_use(cast.town_officer)
    assert Account.objects.by_phone(phone) is None


def test_a_death_that_two_confirmed_and_that_was_none_gives_the_account_back(cast: Cast) -> None:
    """By a third look; what was bound is bound anew by a hand, the number if it is free."""
    doubt, other = reported(cast), colleague(cast)
    phone = phone_of(cast.daughter)
    with acting(other):
        settle_doubt(other, doubt.pk, same=False, found="看过死亡证明")
    end_bindings(SYSTEM, doubt.account_id, "本人去世")
    assert not in_use(cast.daughter)
    take_back_death(SYSTEM, doubt.account_id, WHY, "公安更正了")
    again = NumberDoubt.objects.get(same=None)
    with clock.moved_to(clock.now() + timedelta(minutes=1)), acting(other):
        assert "账号收走了，现在公安更正了" in doubts(other).get().note
        settle_doubt(other, again.pk, same=True, found="本人到场看过证件")
    found_alive(Event.objects.latest("id").pk)
    assert (in_use(cast.daughter), phone_of(cast.daughter)) == (True, phone)
    assert {(elder, what) for elder, what, _ in to_do()} == {
        (cast.mother.pk, "rebind"),
        (cast.far_elder.pk, "rebind"),
    }


def test_a_number_that_is_another_ones_by_then_is_not_taken_back(cast: Cast) -> None:
    doubt, other = reported(cast), colleague(cast)
    phone = phone_of(cast.daughter)
    with acting(other):
        settle_doubt(other, doubt.pk, same=False, found="看过死亡证明")
    end_bindings(SYSTEM, doubt.account_id, "本人去世")
    family_account(phone, "赵后")
    take_back_death(SYSTEM, doubt.account_id, WHY, "公安更正了")
    again = NumberDoubt.objects.get(same=None)
    later = clock.moved_to(clock.now() + timedelta(minutes=1))
    with later, acting(other), pytest.raises(NumberTaken):
        settle_doubt(other, again.pk, same=True, found="本人到场看过证件")


def test_only_colleagues_of_the_own_place_are_reported_and_not_oneself(cast: Cast) -> None:
    with acting(cast.officer):
        for other in (cast.far_officer, cast.daughter):
            with pytest.raises(NoColleague):
                report_colleague(cast.officer, phone_of(other), WHY)
        with pytest.raises(NotAllowed):
            report_colleague(cast.officer, phone_of(cast.officer), WHY)
        with pytest.raises(ReasonMissing):
            report_colleague(cast.officer, phone_of(cast.town_officer), "死了")
    with acting(cast.town_officer), pytest.raises(NoColleague):
        report_colleague(cast.town_officer, phone_of(cast.officer), WHY)


def test_an_elder_who_works_here_is_shut_out_with_the_death_and_let_in_again(cast: Cast) -> None:
    index = Account.objects.get(pk=cast.town_officer.account).phone_index
    name = cast.town_officer.name
    Elder.objects.filter(pk=cast.mother.pk).update(name=name, phone_index=index)
    day = clock.today() - timedelta(days=1)
    record_facts(SYSTEM, cast.mother, [NewFact("death", str(day))], source="gongan")
    cast.mother.refresh_from_db()
    follow_elder(SYSTEM, cast.mother)
    assert not in_use(cast.town_officer)
    withdraw(SYSTEM, cast.mother, "death", "gongan", "", reason="登记错了人")
    cast.mother.refresh_from_db()
    follow_elder(SYSTEM, cast.mother)
    assert in_use(cast.town_officer)
