"""What is wrong in the record is corrected when a second person agrees."""

import uuid
from datetime import timedelta

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.approvals.actions import OwnProposal, vote
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.rules import Verdict
from songbai.core.errors import NotAllowed, NotFound, SongbaiError
from songbai.core.reasons import ReasonMissing
from songbai.domain.elders.actions.corrections import (
    Correction,
    NotCorrectable,
    ask_correction,
)
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.models import Elder, Fact
from songbai.domain.elders.rules.corrections import CARE, HOME, OFFICE, correctable
from songbai.domain.elders.rules.kinds import WrongValue, fit_together, kind_of, kinds
from tests.acts import assigned
from tests.cast import Cast, acting


def asked(cast: Cast, actor: Actor, kind: str = "living", value: str = "empty_nest") -> Proposal:
    wanted = Correction(uuid.uuid4(), kind, value, "老伴也住在家里")
    with acting(actor):
        return ask_correction(actor, cast.mother, wanted)


def test_nothing_changes_until_an_officer_agrees(cast: Cast) -> None:
    proposal = asked(cast, cast.daughter)
    assert Elder.objects.get(pk=cast.mother.pk).living == "living_alone"
    with acting(cast.officer):
        vote(cast.officer, proposal.pk, Verdict.YES)
    assert Elder.objects.get(pk=cast.mother.pk).living == "empty_nest"
    fact = Fact.objects.get(elder=cast.mother, kind="living", source="decision")
    assert fact.entered_by == cast.officer.account
    assert "王敏" in fact.reason
    assert "刘局" in fact.reason


def test_a_clerk_does_not_agree_to_her_own(cast: Cast) -> None:
    proposal = asked(cast, cast.officer)
    with acting(cast.officer), pytest.raises(OwnProposal):
        vote(cast.officer, proposal.pk, Verdict.YES)


def test_a_caregiver_asks_for_whom_she_visits(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        asked(cast, cast.caregiver)
    assigned(cast)
    assert asked(cast, cast.caregiver).proposer_role == "caregiver"


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        ("birth_date", "2190-01-01", "在今天以后"),
        ("birth_date", "1850-06-01", "没有人活过"),
        ("death", "1900-01-01", "早于登记的出生日期"),
        ("hukou", "500151999001", "没有 500151999001 这个区划代码"),
    ],
)
def test_what_cannot_be_is_refused_where_it_is_typed(
    cast: Cast, kind: str, value: str, says: str
) -> None:
    with pytest.raises(WrongValue, match=says):
        asked(cast, cast.officer, kind, value)


def test_no_office_decides_that_somebody_died_before_being_born(cast: Cast) -> None:
    before = NewFact("death", str(cast.mother.birth_date - timedelta(days=1)))
    with pytest.raises(WrongValue, match="早于登记的出生日期"):
        record_facts(SYSTEM, cast.mother, [before], source="decision")
    tomorrow = str(clock.today() + timedelta(days=1))
    with pytest.raises(WrongValue, match="晚于登记的去世日期"):
        fit_together(kind_of("birth_date"), tomorrow, None, clock.today())


OFFICE_WORDS = ("补助", "对象", "认证", "待遇", "享受", "核定", "类别", "困难", "失能")


def test_family_and_caregiver_are_asked_what_they_can_know_in_plain_words() -> None:
    home, care = correctable(HOME), correctable(CARE)
    assert set(care) == {"living", "residence", "phone", "address"}
    assert not {"concentrated_care", "home_care_upgrade", "survival", "death"} & {*home, *care}
    assert {"concentrated_care", "survival", "death"} <= set(correctable(OFFICE))
    for kind in (kinds()[code] for code in home):
        found = [word for word in OFFICE_WORDS if word in kind.asked.replace("证上写的类别", "")]
        assert found == [], kind.asked


def test_what_a_department_finds_is_not_asked_from_a_telephone(cast: Cast) -> None:
    with pytest.raises(NotCorrectable):
        asked(cast, cast.daughter, "concentrated_care", "true")
    assigned(cast)
    with pytest.raises(NotCorrectable):
        asked(cast, cast.caregiver, "income", "100000")


@pytest.mark.parametrize("name", ["stranger_family", "far_officer", "provider_staff", "dispatcher"])
def test_others_do_not_ask(cast: Cast, name: str) -> None:
    with pytest.raises(NotAllowed):
        asked(cast, getattr(cast, name))


def test_the_daughter_does_not_decide(cast: Cast) -> None:
    proposal = asked(cast, cast.officer)
    with acting(cast.daughter), pytest.raises(NotAllowed):
        vote(cast.daughter, proposal.pk, Verdict.YES)
    with acting(cast.far_officer), pytest.raises(NotFound):
        vote(cast.far_officer, proposal.pk, Verdict.YES)


@pytest.mark.parametrize(
    ("kind", "value", "why", "error"),
    [
        ("living", "in the woods", "因为如此", WrongValue),
        ("ltci_insured", "true", "因为如此", NotCorrectable),
        ("living", "empty_nest", "改", ReasonMissing),
    ],
)
def test_what_cannot_be_is_refused(
    cast: Cast, kind: str, value: str, why: str, error: type[SongbaiError]
) -> None:
    with acting(cast.daughter), pytest.raises(error):
        ask_correction(cast.daughter, cast.mother, Correction(uuid.uuid4(), kind, value, why))


def test_a_secret_correction_is_stored_encrypted(cast: Cast) -> None:
    proposal = asked(cast, cast.daughter, "phone", "13900001234")
    assert "13900001234" not in str({k: str(v) for k, v in vars(proposal).items()})
