"""Reading the books, within one's scope."""

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.errors import NotAllowed
from songbai.core.ledger.models import LedgerAccount
from songbai.core.ledger.queries import (
    accounts_in,
    balance,
    bare_transfers_of,
    both_sides,
    entries,
    movements,
)
from tests.acts import placed
from tests.cast import Cast, acting, tomorrow


def month() -> str:
    return clock.month_of(tomorrow(9))


def test_an_officer_reads_the_books_of_the_area(cast: Cast) -> None:
    placed(cast)
    with acting(cast.officer):
        assert accounts_in(cast.officer).filter(person_id=cast.mother.pk).count() == 2


def test_an_officer_elsewhere_reads_nothing_of_them(cast: Cast) -> None:
    placed(cast)
    for actor in (cast.far_officer, cast.town_officer):
        with acting(actor):
            assert not accounts_in(actor).exists()


@pytest.mark.parametrize("name", ["daughter", "caregiver", "provider_staff", "dispatcher"])
def test_the_books_are_read_by_officers_only(cast: Cast, name: str) -> None:
    actor: Actor = getattr(cast, name)
    with pytest.raises(NotAllowed):
        accounts_in(actor)


def test_a_family_sees_her_own_credit_and_nobody_elses(cast: Cast) -> None:
    code = f"elder:{cast.mother.pk}:credit:{month()}"
    with acting(cast.daughter):
        assert balance(code) == 20_000
    with acting(cast.stranger_family):
        assert balance(code) == 0


def test_entries_are_what_went_in_and_out(cast: Cast) -> None:
    placed(cast)
    code = f"elder:{cast.mother.pk}:credit:{month()}"
    assert [row.kind for row in entries([code])] == ["credit", "hold"]
    assert not entries([]).exists()


def test_movements_carry_their_sign(cast: Cast) -> None:
    placed(cast)
    account = LedgerAccount.objects.get(code=f"elder:{cast.mother.pk}:credit:{month()}")
    assert [vars(row)["signed"] for row in movements(account)] == [-20_000, 20_000]


def test_a_side_outside_the_scope_is_shown_as_unknown(cast: Cast) -> None:
    order = placed(cast)
    with acting(cast.daughter):
        found = both_sides(bare_transfers_of("order", order.pk))
    assert len(found) == 2
    assert all(entry.giver.account and entry.taker.account is None for entry in found)
