"""Every worked case that the register can hold, explained from the register, gives its result."""

from datetime import UTC, date, datetime

import pytest

from songbai.core.accounts.rules import SYSTEM
from songbai.domain.benefits.queries.explain import explain
from songbai.domain.benefits.rules.cases import differences
from songbai.domain.benefits.rules.facts import Never, Statement
from songbai.domain.benefits.rules.library import law
from songbai.domain.benefits.rules.policy import Case, Policy
from songbai.domain.benefits.rules.vocabulary import vocabulary
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.rules import HardshipClass, LivingSituation, possible_birth
from songbai.domain.elders.rules.kinds import kind_of
from tests.cast import Cast, acting, make_elder

pytestmark = pytest.mark.long

LONG_AGO = datetime(2019, 1, 2, tzinfo=UTC)
ELDERS = [policy for policy in law().policies if policy.subject == "elder"]


def tellable(case: Case) -> bool:
    """Whether the register takes a case: its facts, a birth that can be, nothing paid before."""
    known = vocabulary("elder")
    said = case.sheet.statements
    given = [s for statements in said.values() for s in statements]
    return (
        not case.sheet.receiving
        and "birth_date" in said
        and all(known[key].register and not known[key].part for key in said)
        and all(s.value is not None and not isinstance(s.value, Never) for s in given)
        and isinstance(birth := said["birth_date"][0].value, date)
        and possible_birth(birth, case.month.last_day)
    )


def stored(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)


def fact(key: str, number: int, said: Statement) -> NewFact:
    return NewFact(
        vocabulary("elder")[key].register,
        stored(said.value),
        source_id=str(number),
        observed_at=LONG_AGO,
        valid_from=said.valid_from,
        valid_to=said.valid_to,
    )


@pytest.mark.parametrize("policy", ELDERS, ids=lambda one: f"{one.code}-{one.valid_from:%Y}")
def test_the_explanation_gives_what_the_case_says(cast: Cast, policy: Policy) -> None:
    cases = [case for case in policy.cases if tellable(case)]
    for number, case in enumerate(cases):
        said = dict(case.sheet.statements)
        (birth,) = said.pop("birth_date")
        elder = make_elder(
            "何寿春",
            number + 100,
            birth_date=birth.value,
            hardship=HardshipClass.NONE,
            living=LivingSituation.WITH_CHILDREN,
            ability_level=None,
        )
        for key, statements in said.items():
            facts = [fact(key, place, one) for place, one in enumerate(statements)]
            source = kind_of(vocabulary("elder")[key].register).sources[0]
            record_facts(SYSTEM, elder, facts, source=source)
        with acting(SYSTEM):
            told = explain(SYSTEM, elder, case.month, purpose="核对", where="/test/")
        entry = told.of(policy.code)
        if entry is None:
            assert case.expected[policy.code].decision != "yes", case.name
            continue
        expected = case.expected[policy.code]
        alone = {*(entry.now.outcome.failed or ()), *(expected.failed or ())}
        if "stacking" in alone or entry.now.stacking:
            continue
        assert differences(expected, entry.now.outcome) == [], case.name


def test_most_cases_of_allowances_can_be_told() -> None:
    told = [case for policy in ELDERS for case in policy.cases if tellable(case)]
    assert len(told) >= 60
