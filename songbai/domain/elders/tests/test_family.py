"""Who may act for an elder, and who lets them."""

import dataclasses
import uuid
from datetime import timedelta

import pytest

from songbai.core import clock
from songbai.core.accounts.actions import family_account
from songbai.core.accounts.models import Account, DoubtWhy
from songbai.core.accounts.numbers import HolderDied, NumberNotInUse, doubt_number
from songbai.core.accounts.queries import people_of
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.approvals.actions import OwnProposal, TooNear, vote, withdraw
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.rules import Verdict
from songbai.core.errors import NotAllowed, NotFound
from songbai.domain.elders.actions.corrections import Correction, ask_correction
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.actions.family import (
    AlreadyGuarded,
    ask_guardian,
    ask_guardian_end,
    ask_herself,
    invite_relative,
)
from songbai.domain.elders.actions.numbers import settle_doubt
from songbai.domain.elders.actions.proxies import (
    GuardianNeedsTwo,
    HerselfNeedsTwo,
    NotHerself,
    NotYoursToEnd,
    bind_proxy,
    end_proxy,
)
from songbai.domain.elders.declares import FAMILY, OFFICER
from songbai.domain.elders.models import Elder, Proxy
from songbai.domain.elders.queries import elders_of_family, require_proxy
from songbai.domain.elders.queries.family import guardian_of
from songbai.domain.elders.rules import ProxyScope
from songbai.domain.elders.rules.family import Invitation
from tests.cast import Cast, acting, make_account

SON = Invitation("王强", "13912345678", "儿子", order=True, money=False, days=365)


@pytest.fixture
def clerk(cast: Cast) -> Actor:
    """A second officer of the district."""
    return make_account("东方社区", OFFICER, "500151001001")


@pytest.fixture
def herself(cast: Cast) -> Actor:
    """Mrs Wang with a phone of her own."""
    actor = make_account("王桂英", FAMILY)
    bind_self(cast, actor)
    return actor


def bind_self(cast: Cast, actor: Actor) -> Proxy:
    return bind_proxy(
        SYSTEM,
        cast.mother,
        Account.objects.get(pk=actor.account),
        relation="本人",
        scope=ProxyScope(order=True, money=True),
        proof="身份证",
        until=clock.now() + timedelta(days=900),
    )


def test_herself_is_who_has_her_name_and_one_account(cast: Cast, herself: Actor) -> None:
    for name in ("张三丰", "王桂英"):  # another name; a second account of hers
        with pytest.raises(NotHerself):
            bind_self(cast, make_account(name, FAMILY))
    cast.neighbour.name = "王桂英"
    cast.neighbour.save(update_fields=["name"])
    with pytest.raises(NotHerself):
        bind_self(dataclasses.replace(cast, mother=cast.neighbour), herself)
    assert bind_self(cast, herself).relation == "本人"


def invited(cast: Cast, by: Actor | None = None) -> Proposal:
    by = by or cast.daughter
    with acting(by):
        return invite_relative(by, cast.mother, uuid.uuid4(), SON)


def agreed(actor: Actor, proposal: Proposal) -> None:
    with acting(actor):
        vote(actor, proposal.pk, Verdict.YES)


def son() -> Actor:
    account = Account.objects.by_phone(SON.phone)
    assert account is not None
    return Actor(account.pk, account.name, FAMILY)


def guarded(cast: Cast, clerk: Actor) -> Proxy:
    """The son is the guardian."""
    with acting(clerk):
        asked = ask_guardian(clerk, cast.mother, uuid.uuid4(), SON, "法院判决")
    agreed(cast.officer, asked)
    found = guardian_of(cast.mother)
    assert found is not None
    return found


def test_an_invited_relative_acts_once_a_clerk_agreed(cast: Cast, clerk: Actor) -> None:
    proposal = invited(cast)
    assert Account.objects.by_phone(SON.phone) is None
    agreed(clerk, proposal)
    with acting(son()):
        [proxy] = elders_of_family(son())
        assert (proxy.elder_id, proxy.may_order, proxy.may_see_money) == (
            cast.mother.pk,
            True,
            False,
        )


def test_the_elder_herself_can_agree(cast: Cast, herself: Actor) -> None:
    agreed(herself, invited(cast))
    assert people_of(son()) == [cast.mother.pk]


def test_nobody_lets_in_whom_they_invited(cast: Cast, herself: Actor) -> None:
    proposal = invited(cast, herself)
    with acting(herself), pytest.raises(OwnProposal):
        vote(herself, proposal.pk, Verdict.YES)


def test_a_daughter_lets_nobody_in(cast: Cast, herself: Actor) -> None:
    proposal = invited(cast, herself)
    with acting(cast.daughter), pytest.raises(NotAllowed):
        vote(cast.daughter, proposal.pk, Verdict.YES)


def test_a_stranger_does_not_know_of_it(cast: Cast) -> None:
    proposal = invited(cast)
    for actor in (cast.stranger_family, cast.far_officer, cast.town_officer):
        with acting(actor), pytest.raises(NotFound):
            vote(actor, proposal.pk, Verdict.YES)


def test_an_invitation_can_be_taken_back(cast: Cast, clerk: Actor) -> None:
    proposal = invited(cast)
    with acting(cast.daughter):
        withdraw(cast.daughter, proposal.pk)
    with acting(clerk), pytest.raises(Exception, match="办完"):
        vote(clerk, proposal.pk, Verdict.YES)


def test_the_phone_of_the_invited_is_not_stored_in_the_clear(cast: Cast) -> None:
    proposal = invited(cast)
    assert SON.phone not in str(vars(proposal))


def test_a_clerk_binds_and_ends_with_proof(cast: Cast, clerk: Actor) -> None:
    account = Account.objects.register("13711112222", "李红")
    with acting(clerk):
        until = clock.now() + timedelta(days=9)
        proxy = bind_proxy(
            clerk,
            cast.mother,
            account,
            relation="儿媳",
            scope=ProxyScope(order=True),
            proof="户口簿",
            until=until,
        )
        end_proxy(clerk, cast.mother, proxy.pk, "本人要求")
    family = Actor(account.pk, "李红", FAMILY)
    with acting(family), pytest.raises(NotAllowed):
        require_proxy(family, cast.mother)


def test_an_ended_binding_sees_nothing_at_once(cast: Cast, herself: Actor) -> None:
    with acting(herself):
        proxy = Proxy.objects.get(account_id=cast.daughter.account, elder=cast.mother)
        end_proxy(herself, cast.mother, proxy.pk, "她搬走了")
    with acting(cast.daughter):
        assert people_of(cast.daughter) == []


def test_a_daughter_ends_only_her_own(cast: Cast, herself: Actor) -> None:
    mine = Proxy.objects.get(account_id=cast.daughter.account)
    hers = Proxy.objects.get(account_id=herself.account)
    with acting(cast.daughter):
        with pytest.raises(NotYoursToEnd):
            end_proxy(cast.daughter, cast.mother, hers.pk, "")
        end_proxy(cast.daughter, cast.mother, mine.pk, "")


def test_a_guardian_needs_two_officers(cast: Cast, clerk: Actor) -> None:
    guardian = guarded(cast, clerk)
    assert (guardian.is_guardian, guardian.proof) == (True, "法院判决")
    with acting(clerk):
        with pytest.raises(GuardianNeedsTwo):
            end_proxy(clerk, cast.mother, guardian.pk, "x")
        with pytest.raises(AlreadyGuarded):
            ask_guardian(clerk, cast.mother, uuid.uuid4(), SON, "法院判决")
        asked = ask_guardian_end(clerk, cast.mother, uuid.uuid4(), guardian.pk, "法院撤销")
        with pytest.raises(OwnProposal):
            vote(clerk, asked.pk, Verdict.YES)
    agreed(cast.officer, asked)
    assert guardian_of(cast.mother) is None


def test_under_guardianship_the_guardian_decides(cast: Cast, clerk: Actor, herself: Actor) -> None:
    guarded(cast, clerk)
    other = Invitation("王芳", "13800001111", "女儿", order=False, money=False, days=30)
    with acting(cast.daughter):
        proposal = invite_relative(cast.daughter, cast.mother, uuid.uuid4(), other)
    with acting(herself), pytest.raises(NotAllowed):
        vote(herself, proposal.pk, Verdict.YES)
    agreed(son(), proposal)


def test_one_person_acts_for_several_and_several_for_one(cast: Cast, clerk: Actor) -> None:
    agreed(clerk, invited(cast))
    with acting(clerk):
        bind_proxy(
            clerk,
            cast.neighbour,
            Account.objects.get(pk=son().account),
            relation="邻居",
            scope=ProxyScope(),
            proof="授权委托书",
            until=clock.now() + timedelta(days=30),
        )
    with acting(son()):
        assert [p.elder_id for p in elders_of_family(son())] == [cast.mother.pk, cast.neighbour.pk]
    assert Proxy.objects.filter(elder=cast.mother, valid_until__gt=clock.now()).count() == 2


def test_an_officer_does_not_decide_for_her_own_mother(cast: Cast, clerk: Actor) -> None:
    with acting(cast.officer):
        bind_proxy(
            cast.officer,
            cast.mother,
            Account.objects.get(pk=clerk.account),
            relation="女儿",
            scope=ProxyScope(),
            proof="户口簿",
            until=clock.now() + timedelta(days=30),
        )
    proposal = invited(cast)
    with acting(clerk), pytest.raises(NotAllowed):
        vote(clerk, proposal.pk, Verdict.YES)


def herself_asked(cast: Cast, phone: str = "13911112222") -> Proposal:
    """The officer types a number that the register does not have as Mrs Wang's own."""
    mine = Invitation("王桂英", phone, "本人", order=True, money=True, days=365)
    with acting(cast.officer):
        return ask_herself(cast.officer, cast.mother, uuid.uuid4(), mine, "身份证")


def test_a_number_the_register_does_not_know_is_the_elders_own_after_two(
    cast: Cast, clerk: Actor
) -> None:
    account = family_account("13911112222", "王桂英")
    with acting(cast.officer), pytest.raises(HerselfNeedsTwo):
        by_officer(cast, account)
    proposal = herself_asked(cast)
    with acting(cast.officer), pytest.raises(OwnProposal):
        vote(cast.officer, proposal.pk, Verdict.YES)
    agreed(clerk, proposal)
    assert Proxy.objects.get(account=account).relation == "本人"


def by_officer(cast: Cast, account: Account, relation: str = "本人") -> Proxy:
    return bind_proxy(
        cast.officer,
        cast.mother,
        account,
        relation=relation,
        scope=ProxyScope(order=True, money=True),
        proof="身份证",
        until=clock.now() + timedelta(days=300),
    )


def test_the_telephone_of_the_register_is_her_own_at_one_word(cast: Cast) -> None:
    account = family_account("12800001024", "王桂英")
    with acting(cast.officer):
        assert by_officer(cast, account).relation == "本人"


def test_a_number_that_the_same_officer_entered_is_not_known_by_that(cast: Cast) -> None:
    new = [NewFact(kind="phone", value="13911112222", source_id="T1")]
    with acting(cast.officer):
        record_facts(cast.officer, cast.mother, new, source="village", reason="老人换了号码")
        cast.mother.refresh_from_db()
        with pytest.raises(HerselfNeedsTwo):
            by_officer(cast, family_account("13911112222", "王桂英"))
    again = [NewFact(kind="phone", value="13911112222", source_id="T2")]
    record_facts(SYSTEM, cast.mother, again, source="village", reason="同一个号码")
    with acting(cast.officer):
        assert by_officer(cast, family_account("13911112222", "王桂英")).relation == "本人"


@pytest.mark.parametrize("relation", ["女儿", "本人"])
def test_whoever_let_somebody_in_does_not_decide_what_they_ask(
    cast: Cast, clerk: Actor, relation: str
) -> None:
    if relation == "本人":
        agreed(clerk, herself_asked(cast))
        near = [clerk, cast.officer]
    else:
        with acting(cast.officer):
            by_officer(cast, family_account("13911112222", "王桂英"), relation)
        near = [cast.officer]
    account = Account.objects.by_phone("13911112222")
    assert account is not None
    asker = Actor(account.pk, account.name, FAMILY)
    with acting(asker):
        card = Correction(uuid.uuid4(), "bank_card", "6217000000000000001", "换了存折")
        for asked in (
            ask_correction(asker, cast.mother, card),
            invite_relative(asker, cast.mother, uuid.uuid4(), SON),
        ):
            for officer in near:
                with acting(officer), pytest.raises(TooNear):
                    vote(officer, asked.pk, Verdict.YES)
    agreed(make_account("李局", OFFICER, "500151"), asked)


def test_an_invitation_makes_no_relative_of_a_guardian(cast: Cast, clerk: Actor) -> None:
    proposal = invited(cast)
    guarded(cast, clerk)
    other = make_account("李局", OFFICER, "500151")
    with acting(other), pytest.raises(GuardianNeedsTwo):
        vote(other, proposal.pk, Verdict.YES)
    assert guardian_of(cast.mother) is not None


def test_who_is_said_to_have_died_is_not_let_in(cast: Cast, clerk: Actor) -> None:
    account = Account.objects.get(pk=cast.daughter.account)
    phone = account.phone_number()
    doubt = doubt_number(account, DoubtWhy.DIED, "看过死亡证明", by=clerk.account)
    with acting(cast.officer):
        with pytest.raises(NumberNotInUse):
            by_officer(cast, account, "女儿")
        dead = Invitation("王敏", phone, "女儿", order=True, money=True, days=30)
        with pytest.raises(NumberNotInUse):
            ask_guardian(cast.officer, cast.neighbour, uuid.uuid4(), dead, "法院判决")
        settle_doubt(cast.officer, doubt.pk, same=False, found="问过派出所")
        with pytest.raises(HolderDied):
            family_account(phone, "王敏")
    assert family_account(phone, "赵后").name == "赵后"


def test_an_elder_who_died_is_not_let_in_for_others(cast: Cast) -> None:
    Elder.objects.filter(pk=cast.neighbour.pk).update(died_on=clock.today())
    account = family_account("12800001033", "李松福")
    with acting(cast.officer), pytest.raises(HolderDied):
        by_officer(cast, account, "朋友")
