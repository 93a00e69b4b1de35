"""The what-if page: a form an officer understands, an answer that adds up, only the own people."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from songbai.domain.benefits.models import Snapshot
from songbai.domain.benefits.population.what_if import Figures
from songbai.domain.benefits.tests.frozen import freeze
from tests.cast import Cast
from tests.doors import LogIn

pytestmark = pytest.mark.slow

URL = reverse("bureau:what_if")


@pytest.fixture
def snapshot(cast: Cast) -> Snapshot:
    return freeze()


def asked(client: Client, **settings: Any) -> Any:
    return client.get(URL, {"policy": "longevity-tongliang", "go": "1", **LEVERS, **settings})


LEVERS = {
    "age-80": "80",
    "age-90": "90",
    "age-100": "100",
    "regions": "500151",
    "amount-monthly-a80": "10",
    "amount-monthly-a90": "200",
    "amount-monthly-a100": "400",
}


def text_of(reply: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reply.content.decode()))


def test_without_a_snapshot_the_page_says_what_comes_first(cast: Cast, log_in: LogIn) -> None:
    assert "还没有冻结过资料" in log_in(cast.officer).get(URL).content.decode()


@pytest.mark.usefixtures("snapshot")
def test_the_form_stands_on_what_holds_now(cast: Cast, log_in: LogIn) -> None:
    reply = log_in(cast.officer).get(URL, {"policy": "longevity-tongliang"})
    text = text_of(reply)
    assert "现在 80 周岁。用在：年满 80 周岁；80 至 89 周岁" in text
    assert "铜梁区" in text
    assert reply.context["effect"] is None


@pytest.mark.usefixtures("snapshot")
def test_the_answer_is_a_sentence_and_tables_that_add_up(cast: Cast, log_in: LogIn) -> None:
    reply = asked(log_in(cast.officer), **{"age-80": "75", "amount-monthly-a90": "250"})
    whole = reply.context["effect"].whole
    # Two people of each age from 60 to 104: 10 from 75 to 79, 20 from 90 to 99.
    assert (whole.gained, whole.more, whole.lost) == (10, 20, 0)
    assert whole.fen == 10 * 1_000 + 20 * 5_000
    text = text_of(reply)
    assert "10 人新领到，20 人领得更多；每月多花 1,100 元，一年多花 1.32 万元。" in text
    assert "满 … 周岁：80 周岁 → 75 周岁" in text
    for *_, rows in reply.context["tables"]:
        assert sum((figures for _, figures in rows), Figures()) == whole
    drawn = reply.context["drawings"]["place"]
    assert sum(drawn["gained"]) == 10
    assert len(drawn["names"]) == 3


@pytest.mark.usefixtures("snapshot")
def test_nothing_changed_is_said_so(cast: Cast, log_in: LogIn) -> None:
    assert "这样改，谁的钱都不变。" in text_of(asked(log_in(cast.officer)))


@pytest.mark.usefixtures("snapshot")
def test_what_cannot_be_is_said_at_the_field_and_kept(cast: Cast, log_in: LogIn) -> None:
    reply = asked(log_in(cast.officer), **{"age-80": "八十"})
    assert reply.status_code == 422
    text = reply.content.decode()
    assert 'value="八十"' in text
    assert "要写整数，现在是“八十”" in text
    assert reply.context["effect"] is None


def test_an_officer_of_a_town_sees_the_own_town_only(
    cast: Cast, log_in: LogIn, snapshot: Snapshot
) -> None:
    client = log_in(cast.town_officer)
    reply = asked(client, **{"age-80": "60"})
    assert reply.status_code == 200
    own = cast.town_officer.region
    assert own
    assert all(code.startswith(own) for code in reply.context["effect"].by_place)
    everybody = asked(log_in(cast.officer), **{"age-80": "60"}).context["effect"].whole
    assert reply.context["effect"].whole.before < everybody.before
    for elsewhere in ("500151", "500152001"):
        query = {"policy": "longevity-tongliang", "region": elsewhere, "snapshot": snapshot.pk}
        assert client.get(URL, query).status_code == 404


@pytest.mark.usefixtures("snapshot")
def test_an_officer_of_another_district_has_no_snapshot_here(cast: Cast, log_in: LogIn) -> None:
    assert "还没有冻结过资料" in log_in(cast.far_officer).get(URL).content.decode()


@pytest.mark.usefixtures("snapshot")
def test_nothing_is_written(cast: Cast, log_in: LogIn, django_assert_num_queries: Any) -> None:
    client = log_in(cast.officer)
    asked(client)
    before = Snapshot.objects.count()
    with django_assert_num_queries(60, exact=False) as done:
        asked(client, **{"age-80": "70"})
    writes = [
        q["sql"] for q in done.captured_queries if re.match(r"INSERT|UPDATE|DELETE", q["sql"])
    ]
    assert [sql for sql in writes if "django_session" not in sql] == []
    assert Snapshot.objects.count() == before
