"""What one proposes others decide; the database holds it, not only the action."""

import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.approvals import registry
from songbai.core.approvals.actions import (
    AlreadyDecided,
    AlreadyVoted,
    NewProposal,
    OwnProposal,
    lapse,
    propose,
    vote,
    withdraw,
)
from songbai.core.approvals.models import Proposal, Vote
from songbai.core.approvals.queries import payload_of, waiting
from songbai.core.approvals.rules import ProposalState, Verdict, outcome
from songbai.core.audit.declares import AUDIT_READ
from songbai.core.errors import NotAllowed, NotFound
from songbai.core.exports.declares import EXPORT
from songbai.core.reasons import ReasonMissing
from tests.attack import refused
from tests.cast import Cast, acting, make_account
from tests.registries import reopen
from tests.roles import OFFICER

DONE: list[int] = []


@pytest.fixture(autouse=True)
def kind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A kind of proposal that needs two and notes that it was carried out."""
    reopen(monkeypatch, registry._kinds)
    registry.approval("test.thing", label="试", propose=AUDIT_READ, decide=AUDIT_READ, needed=2)(
        lambda _, proposal: DONE.append(proposal.pk)
    )
    DONE.clear()
    yield


@pytest.fixture
def officers(cast: Cast) -> list[Actor]:
    return [make_account(name, OFFICER, "500151") for name in ("甲", "乙", "丙")]


def made(actor: Actor, key: uuid.UUID | None = None) -> Proposal:
    with acting(actor):
        return propose(
            actor,
            NewProposal(
                key=key or uuid.uuid4(),
                kind="test.thing",
                about="试一试",
                subject=("thing", 7),
                region="500151001001",
                why="因为要试",
                payload={"secret": "13900001111"},
            ),
        )


def says(
    actor: Actor, proposal: Proposal, verdict: Verdict = Verdict.YES, why: str = ""
) -> Proposal:
    with acting(actor):
        return vote(actor, proposal.pk, verdict, why)


def test_two_others_carry_it_out(cast: Cast, officers: list[Actor]) -> None:
    proposal = made(cast.officer)
    assert says(officers[0], proposal).state == ProposalState.OPEN
    assert DONE == []
    assert says(officers[1], proposal).state == ProposalState.APPROVED
    assert [proposal.pk] == DONE


def test_one_no_ends_it_with_a_reason(cast: Cast, officers: list[Actor]) -> None:
    proposal = made(cast.officer)
    with pytest.raises(ReasonMissing):
        says(officers[0], proposal, Verdict.NO)
    assert says(officers[0], proposal, Verdict.NO, "材料不全").state == ProposalState.REJECTED
    with pytest.raises(AlreadyDecided):
        says(officers[1], proposal)


def test_nobody_decides_ones_own_not_even_in_sql(cast: Cast) -> None:
    proposal = made(cast.officer)
    with pytest.raises(OwnProposal):
        says(cast.officer, proposal)
    with acting(cast.officer):
        refused(
            "INSERT INTO approvals_vote (proposal_id, region_id, voter_id, voter_name, voter_role,"
            " voter_index, verdict, why, at)"
            " VALUES (%s, '500151001001', %s, 'x', 'officer', '', 'yes', '', songbai_now())",
            "what they proposed",
            [proposal.pk, cast.officer.account],
        )


def test_two_accounts_with_one_phone_are_one_person(cast: Cast, officers: list[Actor]) -> None:
    proposal = made(cast.officer)
    old, new = (Account.objects.get(pk=a.account) for a in (cast.officer, officers[0]))
    index, old.phone_index = bytes(old.phone_index), b"x" * 32
    old.save(update_fields=["phone_index"])
    new.phone_index = index
    new.save(update_fields=["phone_index"])
    with pytest.raises(OwnProposal):
        says(officers[0], proposal)


def test_one_vote_each(cast: Cast, officers: list[Actor]) -> None:
    proposal = made(cast.officer)
    says(officers[0], proposal)
    with pytest.raises(AlreadyVoted):
        says(officers[0], proposal)


def test_without_its_votes_nothing_is_approved_by_hand(cast: Cast, officers: list[Actor]) -> None:
    proposal = made(cast.officer)
    says(officers[0], proposal)
    with acting(cast.officer):
        refused(
            "UPDATE approvals_proposal SET state = 'approved', decided_at = songbai_now()"
            " WHERE id = %s",
            "lacks votes",
            [proposal.pk],
        )
        refused(
            "UPDATE approvals_proposal SET why = 'x' WHERE id = %s",
            "read-only|Cannot|cannot",
            [proposal.pk],
        )
        refused("UPDATE approvals_vote SET verdict = 'no'", "permission denied")


def test_what_is_over_stays_over(cast: Cast, officers: list[Actor]) -> None:
    proposal = made(cast.officer)
    with acting(cast.officer):
        withdraw(cast.officer, proposal.pk)
        refused(
            "UPDATE approvals_proposal SET state = 'open', decided_at = NULL WHERE id = %s",
            "Invalid transition",
            [proposal.pk],
        )
    with pytest.raises(AlreadyDecided):
        says(officers[0], proposal)


def test_it_lapses(cast: Cast, officers: list[Actor]) -> None:
    proposal = made(cast.officer)
    with clock.moved_to(clock.now() + timedelta(days=31)):
        with pytest.raises(AlreadyDecided):
            says(officers[0], proposal)
        assert lapse(SYSTEM) == 1
        assert lapse(SYSTEM) == 0
    assert Proposal.objects.get(pk=proposal.pk).state == ProposalState.EXPIRED


def test_sent_twice_it_is_one(cast: Cast) -> None:
    key = uuid.uuid4()
    assert made(cast.officer, key) == made(cast.officer, key)
    with pytest.raises(NotAllowed):
        made(cast.daughter, key)


def test_elsewhere_nobody_knows_of_it(cast: Cast) -> None:
    proposal = made(cast.officer)
    for actor in (cast.far_officer, cast.town_officer, cast.daughter):
        with pytest.raises(NotFound):
            says(actor, proposal)
        with acting(actor):
            assert not waiting(actor).exists()


def test_the_work_list_has_what_is_not_ones_own(cast: Cast, officers: list[Actor]) -> None:
    proposal = made(cast.officer)
    with acting(officers[0]):
        assert list(waiting(officers[0])) == [proposal]
    with acting(cast.officer):
        assert list(waiting(cast.officer)) == []


def test_the_content_is_encrypted(cast: Cast) -> None:
    proposal = made(cast.officer)
    assert b"13900001111" not in bytes(proposal.payload)
    assert payload_of(proposal) == {"secret": "13900001111"}


def test_a_failing_act_takes_the_vote_back(cast: Cast, officers: list[Actor]) -> None:
    proposal = made(cast.officer)
    says(officers[0], proposal)

    def fail(_: Actor, __: Proposal) -> None:
        raise NotFound

    kind = registry.Kind(**{**vars(registry.kind("test.thing")), "approved": fail})
    registry._kinds._things["test.thing"] = kind
    with pytest.raises(NotFound):
        says(officers[1], proposal)
    assert Vote.objects.filter(proposal=proposal).count() == 1
    assert Proposal.objects.get(pk=proposal.pk).state == ProposalState.OPEN


def test_kinds_come_once_and_in_time() -> None:
    with pytest.raises(RuntimeError):
        registry.approval("test.thing", label="", propose=EXPORT, decide=EXPORT)(lambda *_: None)
    registry._kinds.close()
    with pytest.raises(RuntimeError):
        registry.approval("late", label="", propose=EXPORT, decide=EXPORT)(lambda *_: None)


@pytest.mark.parametrize(
    ("said", "needed", "state"),
    [
        ([], 1, ProposalState.OPEN),
        ([Verdict.YES], 1, ProposalState.APPROVED),
        ([Verdict.YES], 2, ProposalState.OPEN),
        ([Verdict.YES, Verdict.NO], 1, ProposalState.REJECTED),
    ],
)
def test_votes_make_the_outcome(said: list[Verdict], needed: int, state: ProposalState) -> None:
    assert outcome(said, needed) == state


@pytest.mark.django_db(transaction=True)
def test_two_last_votes_at_once_carry_it_out_once(cast: Cast, officers: list[Actor]) -> None:
    proposal = made(cast.officer)
    says(officers[0], proposal)
    outcomes: list[str] = []

    def go(actor: Actor) -> None:
        try:
            outcomes.append(says(actor, proposal).state)
        except AlreadyDecided:
            outcomes.append("late")
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(actor,)) for actor in officers[1:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["approved", "late"]
    assert [proposal.pk] == DONE
