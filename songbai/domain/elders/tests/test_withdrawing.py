"""What a source said can be taken back by two officers, whatever it was."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.approvals.actions import OwnProposal, vote
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.rules import Verdict
from songbai.core.errors import NotFound
from songbai.core.reasons import ReasonMissing
from songbai.domain.elders.actions.corrections import Withdrawing, ask_withdrawal
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.models import CurrentFact, Elder, Fact
from songbai.domain.elders.queries.withdrawn import withdrawals
from songbai.domain.elders.rules.kinds import REGISTER, Kind, ValueType, kinds
from tests.cast import Cast, acting, make_account, make_elder

PROOF = "派出所更正证明"
SAMPLES = {
    ValueType.BOOL: "true",
    ValueType.WHOLE: "1",
    ValueType.FEN: "100",
    ValueType.DATE: "2020-02-29",
    ValueType.REGION: "500152001001",
    ValueType.TEXT: "某医院",
    ValueType.NAME: "王桂芳",
    ValueType.PHONE: "13900000000",
    ValueType.ADDRESS: "学府路 1 号",
    ValueType.CARD: "6217001234567890123",
}


def sample(kind: Kind) -> str:
    """A value of a kind that Mrs Wang does not have."""
    return [*kind.codes][-1] if kind.type is ValueType.CODE else SAMPLES[kind.type]


def shown(elder: Elder) -> list[object]:
    """What stands and what the register shows; what was assumed when she was entered is no news."""
    facts = CurrentFact.objects.filter(elder=elder).exclude(source=REGISTER)
    columns = [*(kind.column for kind in kinds().values() if kind.column and not kind.secret)]
    return [
        *facts.order_by("kind").values_list("kind", "source", "value"),
        *Elder.objects.filter(pk=elder.pk).values_list(*columns),
    ]


def asked(cast: Cast, fact: Fact, **changes: Any) -> Proposal:
    """An officer has seen the proof."""
    words: dict[str, Any] = {"why": "登记到别人名下了", "proof": PROOF, **changes}
    with acting(cast.officer):
        return ask_withdrawal(
            cast.officer, cast.mother, Withdrawing(uuid.uuid4(), fact.pk, **words)
        )


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.code)
def test_each_kind_of_fact_is_taken_back_by_two(cast: Cast, kind: Kind) -> None:
    before, source = shown(cast.mother), kind.sources[0]
    record_facts(SYSTEM, cast.mother, [NewFact(kind.code, sample(kind), "row")], source=source)
    assert shown(cast.mother) != before
    proposal = asked(cast, Fact.objects.get(elder=cast.mother, kind=kind.code, source=source))
    with acting(cast.officer), pytest.raises(OwnProposal):
        vote(cast.officer, proposal.pk, Verdict.YES)
    other = make_account("王局", cast.officer.kind, "500151")  # type: ignore[arg-type]  # a role
    with acting(other):
        vote(other, proposal.pk, Verdict.YES)
        (told,) = withdrawals(other, cast.mother)
    assert shown(cast.mother) == before
    assert (told.kind, told.by_source) == (kind, False)
    assert PROOF in told.gone.reason


def test_what_says_nothing_is_not_taken_back(cast: Cast) -> None:
    rows = [NewFact("pension_amount", value, "row") for value in ("100", "200")]
    for row in rows:
        record_facts(SYSTEM, cast.mother, [row], source="renshe")
    old, new = Fact.objects.filter(elder=cast.mother, kind="pension_amount").order_by("pk")
    with pytest.raises(NotFound):
        asked(cast, old)
    with pytest.raises(ReasonMissing):
        asked(cast, new, proof="有")
    assumed = Fact.objects.filter(elder=cast.mother, source=REGISTER).first()
    if assumed is not None:
        with pytest.raises(NotFound):
            asked(cast, assumed)
    elsewhere = make_elder("周远来", 3001)
    record_facts(SYSTEM, elsewhere, rows[:1], source="renshe")
    with pytest.raises(NotFound):
        asked(cast, Fact.objects.get(elder=elsewhere, kind="pension_amount"))


def test_said_again_later_it_stands_again(cast: Cast) -> None:
    record_facts(SYSTEM, cast.mother, [NewFact("pension_amount", "100", "row")], source="renshe")
    proposal = asked(cast, Fact.objects.get(elder=cast.mother, kind="pension_amount"))
    other = make_account("王局", cast.officer.kind, "500151")  # type: ignore[arg-type]  # a role
    with acting(other):
        vote(other, proposal.pk, Verdict.YES)
    with clock.moved_to(clock.now() + timedelta(days=1)):
        again = [NewFact("pension_amount", "100", "row")]
        record_facts(SYSTEM, cast.mother, again, source="renshe")
    assert CurrentFact.objects.get(elder=cast.mother, kind="pension_amount").value == "100"
    assert withdrawals(SYSTEM, cast.mother) == []
