"""Consent is for one purpose, by who may give it, and ends at once."""

import pytest

from songbai.core.accounts.rules import Actor
from songbai.core.errors import NotAllowed, NotFound
from songbai.domain.elders.actions.consents import PaperMissing, WordingChanged, say
from songbai.domain.elders.models import Consent
from songbai.domain.elders.queries.family import agreements, consenting
from songbai.domain.elders.rules.consents import purposes
from songbai.domain.elders.rules.family import Standing, may_consent, may_end, may_let_in
from tests.attack import refused
from tests.cast import Cast, acting

from .test_family import clerk, herself  # noqa: F401  # fixtures

RESEARCH = "research"


def said(actor: Actor, cast: Cast, *, given: bool, proof: str = "", version: int = 1) -> Consent:
    with acting(actor):
        return say(actor, cast.mother, RESEARCH, given=given, version=version, proof=proof)


def in_force(cast: Cast) -> bool:
    return cast.mother.pk in consenting(RESEARCH, [cast.mother.pk, cast.neighbour.pk])


def test_without_a_word_there_is_no_consent(cast: Cast) -> None:
    assert not in_force(cast)


def test_a_withdrawal_takes_effect_at_once(cast: Cast, herself: Actor) -> None:  # noqa: F811
    said(herself, cast, given=True)
    assert in_force(cast)
    said(cast.daughter, cast, given=False)
    assert not in_force(cast)
    assert Consent.objects.count() == 2


def test_a_relative_does_not_give_it(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        said(cast.daughter, cast, given=True)


def test_a_clerk_needs_the_signed_paper(cast: Cast, clerk: Actor) -> None:  # noqa: F811
    with pytest.raises(PaperMissing):
        said(clerk, cast, given=True)
    assert said(clerk, cast, given=True, proof="老人签字的同意书").standing == Standing.OFFICE


def test_old_words_are_not_agreed_to(cast: Cast, herself: Actor) -> None:  # noqa: F811
    with pytest.raises(WordingChanged):
        said(herself, cast, given=True, version=0)
    Consent.objects.create(
        elder=cast.mother,
        region_id=cast.mother.region_id,
        purpose=RESEARCH,
        version=0,
        given=True,
        standing="self",
        by_name="王桂英",
    )
    assert not in_force(cast)
    with acting(herself):
        [one] = [a for a in agreements(herself, cast.mother) if a.purpose.code == RESEARCH]
    assert one.outdated


def test_unknown_purposes_and_strangers_find_nothing(cast: Cast, herself: Actor) -> None:  # noqa: F811
    with acting(herself), pytest.raises(NotFound):
        say(herself, cast.mother, "anything", given=True, version=1)
    for actor in (cast.stranger_family, cast.far_officer):
        with acting(actor), pytest.raises(NotAllowed):
            agreements(actor, cast.mother)


def test_what_was_said_stays(cast: Cast, herself: Actor) -> None:  # noqa: F811
    said(herself, cast, given=True)
    refused("UPDATE elders_consent SET given = false", "Cannot")
    refused("DELETE FROM elders_consent", "Cannot")


def test_every_purpose_says_what_happens_without_it() -> None:
    assert all(one.without and one.shared and one.receiver for one in purposes().values())


@pytest.mark.parametrize("who", list(Standing))
def test_under_guardianship_only_guardian_and_office_decide(who: Standing) -> None:
    decides = who in {Standing.GUARDIAN, Standing.OFFICE}
    assert may_let_in(who, under_guardianship=True) == decides
    assert may_consent(who, given=True, under_guardianship=True) == decides
    assert may_consent(who, given=False, under_guardianship=True) == decides
    assert may_end(who, Standing.RELATIVE, own=False, under_guardianship=True) == decides


@pytest.mark.parametrize("who", list(Standing))
def test_nobody_ends_a_guardianship_alone(who: Standing) -> None:
    assert not may_end(who, Standing.GUARDIAN, own=True, under_guardianship=True)
