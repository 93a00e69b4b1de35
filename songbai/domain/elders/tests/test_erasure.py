"""The person goes, what was done stays."""

import uuid
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.approvals.actions import vote
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.rules import ProposalState, Verdict
from songbai.core.audit.models import Read
from songbai.core.crypto import rotation
from songbai.core.errors import NotAllowed, NotFound
from songbai.core.ledger.models import Transfer
from songbai.core.retention.actions import run
from songbai.domain.elders.actions.erasure import (
    UnderHold,
    ask_erasure,
    erase,
    lift_hold,
    place_hold,
)
from songbai.domain.elders.declares import OFFICER
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import note_read, visible
from tests.acts import placed
from tests.cast import Cast, acting, make_account


@pytest.fixture
def officers(cast: Cast) -> list[Actor]:
    """Two more officers of the district."""
    return [make_account(name, OFFICER, "500151") for name in ("甲科", "乙科")]


def asked(cast: Cast) -> Proposal:
    with acting(cast.officer):
        return ask_erasure(cast.officer, cast.mother, uuid.uuid4(), "家属申请清除")


def agreed(cast: Cast, officers: list[Actor]) -> Proposal:
    proposal = asked(cast)
    for actor in officers:
        with acting(actor):
            vote(actor, proposal.pk, Verdict.YES)
    return proposal


def secrets_of(elder: Elder) -> list[str]:
    """Tables that still hold an encrypted value about the person."""
    found = []
    with connection.cursor() as cursor:
        for table in rotation.tables():
            names = {
                c.name for c in connection.introspection.get_table_description(cursor, table.name)
            }
            person = (
                "id"
                if table.name == "elders_elder"
                else "person_id"
                if "person_id" in names
                else "elder_id"
            )
            if person not in names or table.name == "accounts_account":
                continue
            full = " OR ".join(f"octet_length({c}) > 0" for c in table.columns)
            cursor.execute(
                f"SELECT count(*) FROM {table.name} WHERE {person} = %s AND ({full})", [elder.pk]
            )
            if cursor.fetchone()[0]:
                found.append(table.name)
    return found


def test_the_person_is_gone_and_the_trail_stays(cast: Cast, officers: list[Actor]) -> None:
    placed(cast)
    with acting(cast.officer):
        note_read(cast.officer, [cast.mother], fields=["name"], purpose="查看", where="/x/")
    transfers = Transfer.objects.count()
    erase(SYSTEM, agreed(cast, officers).pk)
    gone = Elder.objects.get(pk=cast.mother.pk)
    assert (gone.name, bytes(gone.id_number), bytes(gone.phone)) == ("已清除", b"", b"")
    assert (gone.region_id, gone.sex, gone.birth_date) == (
        cast.mother.region_id,
        "f",
        date(1942, 1, 1),
    )
    assert secrets_of(gone) == []
    assert Read.objects.filter(person_id=gone.pk).exists()
    assert Transfer.objects.count() == transfers
    with acting(cast.daughter):
        assert not visible(cast.daughter).exists()


def test_one_agreement_is_not_enough(cast: Cast, officers: list[Actor]) -> None:
    proposal = asked(cast)
    with acting(officers[0]):
        vote(officers[0], proposal.pk, Verdict.YES)
    assert Proposal.objects.get(pk=proposal.pk).state == ProposalState.OPEN
    with pytest.raises(NotFound):
        erase(SYSTEM, proposal.pk)


def test_only_the_job_erases(cast: Cast, officers: list[Actor]) -> None:
    proposal = agreed(cast, officers)
    with acting(cast.officer), pytest.raises(NotAllowed):
        erase(cast.officer, proposal.pk)


def test_erased_twice_is_erased_once(cast: Cast, officers: list[Actor]) -> None:
    proposal = agreed(cast, officers)
    erase(SYSTEM, proposal.pk)
    before = Elder.objects.get(pk=cast.mother.pk)
    erase(SYSTEM, proposal.pk)
    assert Elder.objects.get(pk=cast.mother.pk).erased_at == before.erased_at


def test_a_hold_stops_it_also_when_it_comes_late(cast: Cast, officers: list[Actor]) -> None:
    proposal = agreed(cast, officers)
    with acting(cast.officer):
        hold = place_hold(cast.officer, cast.mother, "家属有纠纷")
    with pytest.raises(UnderHold):
        erase(SYSTEM, proposal.pk)
    with pytest.raises(DatabaseError, match="legal hold"), transaction.atomic():
        Elder.objects.filter(pk=cast.mother.pk).update(
            erased_at="2026-11-22T00:00Z", name="已清除", id_number=b"", phone=b"", address=b""
        )
    with acting(cast.officer):
        lift_hold(cast.officer, cast.mother, hold.pk)
    erase(SYSTEM, proposal.pk)


def test_an_erased_person_cannot_get_a_name_again(cast: Cast, officers: list[Actor]) -> None:
    erase(SYSTEM, agreed(cast, officers).pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        Elder.objects.filter(pk=cast.mother.pk).update(name="王桂英")


def test_who_died_long_ago_is_proposed_once_and_never_erased_alone(cast: Cast) -> None:
    Elder.objects.filter(pk=cast.mother.pk).update(died_on=date(2010, 1, 1))
    assert run(SYSTEM)["deceased"] == 1
    assert run(SYSTEM)["deceased"] == 0
    assert Elder.objects.get(pk=cast.mother.pk).name == "王桂英"


def test_a_held_record_is_not_proposed(cast: Cast) -> None:
    Elder.objects.filter(pk=cast.mother.pk).update(died_on=date(2010, 1, 1))
    with acting(cast.officer):
        place_hold(cast.officer, cast.mother, "遗产官司")
    assert run(SYSTEM)["deceased"] == 0
