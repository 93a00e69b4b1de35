"""Every look leaves a trace, and nobody can wipe it."""

from contextlib import nullcontext

import pytest

from songbai.core import clock
from songbai.core.accounts.queries import reach_of_person
from songbai.core.accounts.rules import SYSTEM
from songbai.core.audit.actions import record_read
from songbai.core.audit.models import Read
from songbai.core.audit.queries import reads_in, reads_of, seen_since
from songbai.core.audit.registry import read_words
from songbai.core.errors import NotAllowed
from tests.attack import refused
from tests.cast import Cast, acting


def look(cast: Cast, where: str = "/desk/") -> None:
    """The dispatchers look at Mrs Wang, and at somebody of the other district."""
    for actor, elder in ((cast.dispatcher, cast.mother), (cast.far_dispatcher, cast.far_elder)):
        person = (elder.pk, elder.region_id)
        with acting(actor):
            record_read(actor, [person], fields=["name"], purpose="派单", where=where)


def test_a_look_is_one_row_for_each_person(cast: Cast) -> None:
    people = [(elder.pk, elder.region_id) for elder in (cast.mother, cast.neighbour)]
    with acting(cast.dispatcher):
        record_read(cast.dispatcher, people, fields=["name"], purpose="派单", where="/desk/")
    rows = Read.objects.values_list("person_id", "reader", "role", "purpose", "fields")
    assert list(rows) == [(pk, "张霞", "dispatcher", "派单", ["name"]) for pk, _ in people]


def test_the_program_reads_as_the_program(cast: Cast) -> None:
    record_read(SYSTEM, [(1, "500151001001")], fields=[], purpose="核对", where="job")
    assert Read.objects.get().role == "system"


def test_a_long_address_is_cut(cast: Cast) -> None:
    look(cast, where="/" + "x" * 300)
    assert {len(row.where) for row in Read.objects.all()} == {120}


@pytest.mark.parametrize("sql", ["UPDATE audit_read SET purpose = 'x'", "DELETE FROM audit_read"])
@pytest.mark.parametrize("who", ["the web", "the owner"])
def test_a_trace_is_never_changed_nor_wiped(cast: Cast, sql: str, who: str) -> None:
    look(cast)
    with acting(cast.officer) if who == "the web" else nullcontext():
        refused(sql, "permission denied" if who == "the web" else "Cannot")
    assert Read.objects.filter(purpose="派单").count() == 2


def test_a_family_sees_who_looked(cast: Cast) -> None:
    look(cast)
    with acting(cast.daughter):
        reach = reach_of_person(cast.mother.pk, cast.mother.region_id)
        [row] = reads_of(cast.daughter, cast.mother.pk, reach)
    assert row.reader == "张霞"


def test_another_family_does_not(cast: Cast) -> None:
    look(cast)
    with acting(cast.stranger_family):
        reach = reach_of_person(cast.mother.pk, cast.mother.region_id)
        with pytest.raises(NotAllowed):
            reads_of(cast.stranger_family, cast.mother.pk, reach)


def test_an_officer_sees_the_looks_of_the_area(cast: Cast) -> None:
    look(cast)
    with acting(cast.officer):
        assert [row.person_id for row in reads_in(cast.officer)] == [cast.mother.pk]
    with acting(cast.far_officer):
        assert [row.person_id for row in reads_in(cast.far_officer)] == [cast.far_elder.pk]
    with acting(cast.town_officer):
        assert not reads_in(cast.town_officer).exists()


def test_a_dispatcher_does_not_read_the_log(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        reads_in(cast.dispatcher)


def test_a_page_that_refreshes_knows_whom_it_showed(cast: Cast) -> None:
    before = clock.now()
    look(cast)
    people = [cast.mother.pk, cast.neighbour.pk]
    with acting(cast.dispatcher):
        assert seen_since(cast.dispatcher, people, "/desk/", before) == {cast.mother.pk}
        assert seen_since(cast.dispatcher, people, "/other/", before) == set()
        assert seen_since(cast.dispatcher, people, "/desk/", clock.now()) == set()


def test_fields_of_a_reading_are_told_in_words_each_once() -> None:
    assert read_words(["reads", "proof", "reads"]) == "谁看过档案、证明材料"
    with pytest.raises(KeyError):
        read_words(["shoe_size"])


def test_what_no_room_declares_is_not_shown(cast: Cast) -> None:
    with pytest.raises(ValueError, match=r"declares\.py: \['shoe_size'\]"):
        record_read(
            SYSTEM, [(1, cast.mother.region_id)], fields=["shoe_size"], purpose="试", where=""
        )
