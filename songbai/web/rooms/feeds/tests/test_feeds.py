"""The bureau's pages about what departments delivered."""

import pytest
from django.test import Client

from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import Actor
from songbai.core.crypto import blind_index, encrypt
from songbai.domain.feeds.models import Delivery, UnmatchedRow
from songbai.domain.feeds.rules.states import UnmatchedState
from songbai.domain.feeds.tests.deliveries import MOTHER, deliver, number_of, pension, stands
from tests.cast import Cast


@pytest.fixture
def delivery(cast: Cast) -> Delivery:
    """One good row, one wrong one, one of somebody unknown."""
    mother = cast.mother
    mother.id_number, mother.id_number_index = encrypt(MOTHER), blind_index(MOTHER)
    mother.save()
    return deliver(
        "renshe_pensions",
        [
            pension(MOTHER, "王桂英", "1860.50"),
            pension(MOTHER, "王桂英", "约两千", key="P2"),
            pension(number_of(31), "郑待配", "900"),
        ],
    )


def browser(actor: Actor) -> Client:
    client = Client()
    client.force_login(
        Account.objects.get(pk=actor.account),
        backend="songbai.core.accounts.backends.PasswordBackend",
    )
    return client


def test_the_overview_shows_what_came(cast: Cast, delivery: Delivery) -> None:
    page = browser(cast.officer).get("/bureau/feeds/").content.decode()
    assert "人社 · 养老金领取" in page
    assert "待匹配 1 行" in page


def test_a_delivery_says_why_a_row_went_back(cast: Cast, delivery: Delivery) -> None:
    page = browser(cast.officer).get(f"/bureau/feeds/deliveries/{delivery.pk}/").content.decode()
    assert "不是金额" in page
    assert "约两千" not in page


def test_refused_rows_are_handed_over_for_a_purpose(cast: Cast, delivery: Delivery) -> None:
    client = browser(cast.officer)
    address = f"/bureau/feeds/deliveries/{delivery.pk}/refused/"
    assert client.post(address, {"purpose": ""}).status_code == 422
    reply = client.post(address, {"purpose": "退给人社局改正"})
    assert reply["Content-Type"].endswith("sheet")
    assert reply["Cache-Control"] == "no-store"


def test_a_row_without_a_person_is_masked(cast: Cast, delivery: Delivery) -> None:
    row = UnmatchedRow.objects.get()
    client = browser(cast.officer)
    listed = client.get("/bureau/feeds/unmatched/").content.decode()
    page = client.get(f"/bureau/feeds/unmatched/{row.pk}/").content.decode()
    assert "郑*配" in listed
    assert "郑待配" not in listed + page
    assert number_of(31) not in page


def test_a_clerk_gives_a_row_to_somebody(cast: Cast, delivery: Delivery) -> None:
    row = UnmatchedRow.objects.get()
    form = {"what": "give", "elder": cast.neighbour.pk}
    reply = browser(cast.officer).post(f"/bureau/feeds/unmatched/{row.pk}/", form)
    assert reply.status_code == 302
    assert stands(cast.neighbour.pk, "pension_amount") == "90000"


def test_a_wrong_number_keeps_what_was_typed(cast: Cast, delivery: Delivery) -> None:
    row = UnmatchedRow.objects.get()
    form = {"what": "give", "elder": "999999"}
    reply = browser(cast.officer).post(f"/bureau/feeds/unmatched/{row.pk}/", form)
    assert reply.status_code == 422
    assert "999999" in reply.content.decode()


def test_a_row_is_laid_aside_with_a_reason(cast: Cast, delivery: Delivery) -> None:
    row = UnmatchedRow.objects.get()
    client = browser(cast.officer)
    client.post(f"/bureau/feeds/unmatched/{row.pk}/", {"what": "dismiss", "note": "已迁往外地"})
    row.refresh_from_db()
    assert row.state == UnmatchedState.DISMISSED
    assert "已迁往外地" in client.get(f"/bureau/feeds/unmatched/{row.pk}/").content.decode()


def test_an_officer_from_elsewhere_sees_none_of_it(cast: Cast, delivery: Delivery) -> None:
    client = browser(cast.far_officer)
    assert "养老金领取" not in client.get("/bureau/feeds/").content.decode()
    assert client.get(f"/bureau/feeds/deliveries/{delivery.pk}/").status_code == 404
    assert (
        client.get(f"/bureau/feeds/unmatched/{UnmatchedRow.objects.get().pk}/").status_code == 404
    )


def test_the_overview_asks_the_same_few_questions_however_much_there_is(
    cast: Cast, delivery: Delivery, django_assert_max_num_queries: object
) -> None:
    client = browser(cast.officer)
    client.get("/bureau/feeds/")
    with django_assert_max_num_queries(30):  # type: ignore[operator]  # a fixture of pytest-django
        client.get("/bureau/feeds/")
