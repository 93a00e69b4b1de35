"""Who may bring a cycle on, what may not happen on the way, and that a closed month stays."""

from collections.abc import Sequence
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.approvals.actions import OwnProposal, vote
from songbai.core.approvals.rules import Verdict
from songbai.core.errors import NotAllowed
from songbai.core.reasons import ReasonMissing
from songbai.domain.benefits.actions.cycles import (
    WrongState,
    advance,
    close,
    close_empty,
    confirm,
    notify,
    open_again,
    propose,
    run,
    send_notices,
    settle,
)
from songbai.domain.benefits.actions.cycles.notices import TownsMissing
from songbai.domain.benefits.actions.cycles.proposing import AlreadyProposed
from songbai.domain.benefits.actions.cycles.steps import StillUnpaid
from songbai.domain.benefits.actions.cycles.towns import AlreadySettled, StillOpen
from songbai.domain.benefits.actions.paying import pay
from songbai.domain.benefits.bank import RecordingBank
from songbai.domain.benefits.models import (
    Cycle,
    CycleException,
    CycleStep,
    Decision,
    Notice,
    PaymentBatch,
)
from songbai.domain.benefits.queries.cycles import cycles_in, payable
from songbai.domain.benefits.rules.cycle import TRANSITIONS, ExceptionKind, State
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.telling import Message
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.declares import OFFICER
from tests.cast import Cast, acting, make_account

from .cycles import (
    LONGEVITY,
    another_officer,
    approved,
    noticed,
    run_month,
    say,
    settled,
    tongliang_people,
)
from .payments import answered, started

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cycle(cast: Cast) -> Cycle:
    """The longevity allowance of October, with the towns."""
    tongliang_people(cast)
    return run_month("2026-10", LONGEVITY)[LONGEVITY]


def test_the_whole_way_to_a_closed_month(cast: Cast, cycle: Cycle) -> None:
    approved(cast.officer, another_officer(), cycle)
    with pytest.raises(StillUnpaid):
        close(SYSTEM, cycle)
    bank = RecordingBank()
    pay(SYSTEM, bank, started(cast, cycle).pk)
    with pytest.raises(StillUnpaid):
        close(SYSTEM, cycle)
    with pytest.raises(DatabaseError, match="not settled"), transaction.atomic():
        advance(SYSTEM, cycle, State.CLOSED, closed_at=clock.now())
    answered(bank, PaymentBatch.objects.get(cycle=cycle), {})
    steps = CycleStep.objects.filter(cycle=cycle).order_by("id")
    assert [step.state for step in steps] == [
        "frozen", "decided", "checked", "in_towns", "noticed", "proposed", "approved", "paying",
        "closed",
    ]  # fmt: skip
    assert [step.by_name for step in steps][4:7] == ["刘局", "刘局", "陈审"]


def test_nobody_approves_their_own_list(cast: Cast, cycle: Cycle) -> None:
    noticed(cast.officer, cycle)
    with acting(cast.officer):
        proposal = propose(cast.officer, cycle)
        with pytest.raises(OwnProposal):
            vote(cast.officer, proposal.pk, Verdict.YES)
    with pytest.raises(DatabaseError, match="lacks its approval"), transaction.atomic():
        Cycle.objects.filter(pk=cycle.pk).update(state=State.APPROVED)


def test_who_confirmed_a_part_does_not_approve_the_whole(cast: Cast, cycle: Cycle) -> None:
    colleague = another_officer()
    with acting(colleague):
        for part in cycle.towns.all():
            confirm(colleague, part.pk)
    cycle.refresh_from_db()
    with acting(cast.officer):
        notify(cast.officer, cycle)
        proposal = propose(cast.officer, cycle)
    with acting(colleague), pytest.raises(NotAllowed):
        vote(colleague, proposal.pk, Verdict.YES)


def test_a_refused_list_can_be_proposed_again(cast: Cast, cycle: Cycle) -> None:
    noticed(cast.officer, cycle)
    checker = another_officer()
    with acting(cast.officer):
        first = propose(cast.officer, cycle)
        with pytest.raises(AlreadyProposed):
            propose(cast.officer, cycle)
    with acting(checker):
        vote(checker, first.pk, Verdict.NO, "金额和上月对不上")
    with acting(cast.officer):
        second = propose(cast.officer, cycle)
    with acting(checker):
        vote(checker, second.pk, Verdict.YES)
    cycle.refresh_from_db()
    assert (cycle.state, cycle.proposal_id) == (State.APPROVED, second.pk)


@pytest.mark.parametrize("table", ["cycle", "decision", "cycleexception", "townpart", "notice"])
def test_a_closed_month_never_changes(cast: Cast, cycle: Cycle, table: str) -> None:
    say(cast.far_elder, "gongan", "hukou", "500151001001")
    bank = RecordingBank()
    pay(SYSTEM, bank, started(cast, approved(cast.officer, another_officer(), cycle)).pk)
    answered(bank, PaymentBatch.objects.get(cycle=cycle), {})
    changes = {
        "cycle": "fen = fen + 1",
        "decision": "amount = 0",
        "cycleexception": "state = 'released', settled_at = songbai_now()",
        "townpart": "fen = 0",
        "notice": "amount = 0",
    }
    where = f"{'id' if table == 'cycle' else 'cycle_id'} = {cycle.pk}"
    with connection.cursor() as cursor:
        for statement in (
            f"UPDATE benefits_{table} SET {changes[table]} WHERE {where}",
            f"DELETE FROM benefits_{table} WHERE {where}",
        ):
            cursor.execute(f"SELECT count(*) FROM benefits_{table} WHERE {where}")
            if not cursor.fetchone()[0]:
                assert table == "cycleexception"
                continue
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(statement)


@pytest.mark.parametrize("old", list(State))
def test_only_the_ways_of_the_table_are_open(cast: Cast, cycle: Cycle, old: State) -> None:
    """Put a cycle anywhere with triggers quiet; from there only the table's ways lead on."""
    for new in set(State) - {old}:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")
                closed = "songbai_now()" if old is State.CLOSED else "NULL"
                cursor.execute(
                    f"UPDATE benefits_cycle SET state = %s, closed_at = {closed} WHERE id = %s",
                    [old.value, cycle.pk],
                )
                cursor.execute("SET LOCAL session_replication_role = origin")
            if (old, new) not in TRANSITIONS:
                with pytest.raises(DatabaseError), transaction.atomic():
                    Cycle.objects.filter(pk=cycle.pk).update(state=new)
                with pytest.raises(WrongState):
                    advance(SYSTEM, cycle, new)
            transaction.set_rollback(True)


def test_decisions_come_whole_or_not_at_all(cast: Cast, cycle: Cycle) -> None:
    row = Decision.objects.filter(snapshot=cycle.snapshot_id).first()
    assert row is not None
    row.elder_id = cast.far_elder.pk
    with pytest.raises(DatabaseError, match="written as a whole"), transaction.atomic():
        row.save(force_insert=True)


def test_a_second_cycle_of_a_month_is_impossible(cycle: Cycle) -> None:
    with pytest.raises(DatabaseError, match="one_cycle_of_a_month"), transaction.atomic():
        Cycle.objects.create(
            snapshot=cycle.snapshot,
            policy=cycle.policy,
            policy_text=cycle.policy_text,
            region=cycle.region,
            month=cycle.month,
        )


def test_no_notice_before_every_town_confirmed(cast: Cast, cycle: Cycle) -> None:
    with acting(cast.officer), pytest.raises(TownsMissing):
        notify(cast.officer, cycle)
    with pytest.raises(DatabaseError, match="did not confirm"), transaction.atomic():
        Cycle.objects.filter(pk=cycle.pk).update(state=State.NOTICED)


def test_a_town_confirms_its_own_part_only(cast: Cast, cycle: Cycle) -> None:
    part = cycle.towns.get()
    for stranger in (cast.town_officer, cast.far_officer, cast.daughter):
        with pytest.raises(NotAllowed):
            confirm(stranger, part.pk)


def test_a_town_does_not_propose_for_the_district(cast: Cast, cycle: Cycle) -> None:
    noticed(cast.officer, cycle)
    with pytest.raises(NotAllowed):
        propose(make_account("巴川", OFFICER, "500151001"), cycle)


def test_cycles_are_seen_by_their_district_and_its_towns(cast: Cast, cycle: Cycle) -> None:
    assert cycle in cycles_in(cast.officer)
    assert cycle in cycles_in(cast.town_officer)
    assert cycle not in cycles_in(cast.far_officer)
    assert not cycles_in(cast.daughter)
    with pytest.raises(NotAllowed):
        cycles_in(cast.caregiver)


def test_only_the_program_runs_cycles(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        run(cast.officer, "500151", Month("2026-10"))


def test_without_an_account_nothing_is_paid_until_somebody_looked(cast: Cast) -> None:
    say(cast.mother, "gongan", "hukou", cast.mother.region_id)
    cycle = run_month("2026-10", LONGEVITY)[LONGEVITY]
    found = CycleException.objects.get(cycle=cycle, kind=ExceptionKind.NO_ACCOUNT)
    assert list(payable(cycle)) == []
    part = cycle.towns.get()
    with pytest.raises(StillOpen):
        confirm(cast.officer, part.pk)
    with pytest.raises(DatabaseError, match="open exceptions"), transaction.atomic():
        cycle.towns.update(confirmed_at="2026-11-01T00:00Z", confirmed_by="某人")
    with pytest.raises(ReasonMissing):
        settle(cast.officer, found.pk, pay=True, reason="好")
    settle(cast.officer, found.pk, pay=False, reason="本人来补账号")
    assert list(payable(cycle)) == []
    assert open_again(cast.officer, found.pk).state == "open"
    with pytest.raises(StillOpen):
        confirm(cast.officer, part.pk)
    settle(cast.officer, found.pk, pay=False, reason="还是要本人来")
    confirm(cast.officer, part.pk)
    with pytest.raises(AlreadySettled):
        open_again(cast.officer, found.pk)
    with pytest.raises(AlreadySettled):
        settle(cast.officer, found.pk, pay=True, reason="改了主意")


def test_a_released_exception_is_paid(cast: Cast) -> None:
    say(cast.mother, "gongan", "hukou", cast.mother.region_id)
    cycle = run_month("2026-10", LONGEVITY)[LONGEVITY]
    settled(cast.officer, cycle, pay=True)
    assert [row.elder_id for row in payable(cycle)] == [cast.mother.pk]


class RecordedMessages:
    """A way out that keeps what it was given."""

    def __init__(self) -> None:
        self.sent: list[Message] = []

    def send(self, messages: Sequence[Message]) -> None:
        """Remember a batch."""
        self.sent += messages


def test_people_are_told_what_how_much_and_how_to_object(cast: Cast, cycle: Cycle) -> None:
    noticed(cast.officer, cycle)
    with acting(cast.daughter):
        notice = Notice.objects.get(elder=cast.mother)
    assert notice.text.startswith("王桂英：2026 年 10 月的铜梁区高龄津贴 10 元")
    assert "12349" in notice.text
    way = RecordedMessages()
    assert send_notices(SYSTEM, way) == 2
    assert send_notices(SYSTEM, way) == 0
    assert len(way.sent) == 2


def test_whoever_died_is_told_why_it_stops(cast: Cast, cycle: Cycle) -> None:
    death = NewFact("death", str(date(2026, 10, 20)))
    record_facts(SYSTEM, cast.neighbour, [death], source="gongan", reason="死亡登记")
    later = run_month("2026-11", LONGEVITY)[LONGEVITY]
    assert (later.same, later.stopped) == (1, 1)
    row = Decision.objects.get(snapshot=later.snapshot_id, cycle=later, elder=cast.neighbour)
    assert (row.cause, row.before) == ("death", 1_000)
    noticed(cast.officer, later)
    notice = Notice.objects.get(cycle=later, elder=cast.neighbour)
    assert "停发" in notice.text
    assert "已经去世" in notice.text


def test_a_cycle_that_asks_somebody_something_waits(cast: Cast) -> None:
    with clock.moved_to(clock.at(date(2026, 6, 8), 9)):
        cycle = run_month("2026-06", LONGEVITY)[LONGEVITY]  # nobody's hukou is known
        assert cycle.empty and cycle.cannot_decide
        assert not close_empty(SYSTEM, cycle)
        assert CycleException.objects.filter(cycle=cycle, state="open").exists()


def test_a_cycle_with_nobody_on_it_ends_by_itself(cast: Cast) -> None:
    with clock.moved_to(clock.at(date(2026, 6, 8), 9)):
        cycle = run_month("2026-06", "tekun-care")["tekun-care"]
        assert (cycle.state, cycle.empty) == (State.IN_TOWNS, True)
        with acting(cast.officer), pytest.raises(WrongState):
            close(cast.officer, cycle)
        assert close_empty(SYSTEM, cycle)
        cycle.refresh_from_db()
        assert cycle.state == State.CLOSED
        assert not close_empty(SYSTEM, cycle)
        tongliang_people(cast)
        waits = run_month("2026-06", LONGEVITY)[LONGEVITY]
        assert not waits.empty
        assert not close_empty(SYSTEM, waits)
