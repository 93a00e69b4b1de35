"""Records of elders: masked, and in full only for a stated purpose that is written down."""

from django.urls import reverse

from songbai.core.audit.models import Read
from songbai.domain.elders.queries import age
from songbai.domain.orders.models import Order
from tests.cast import Cast
from tests.doors import LogIn


def test_a_record_is_masked_and_its_reading_is_logged(
    cast: Cast, order: Order, log_in: LogIn
) -> None:
    text = log_in(cast.officer).get(reverse("bureau:elder", args=[cast.mother.pk])).content.decode()
    assert f"王*英，{age(cast.mother)} 岁" in text
    assert "5001**********1024" in text
    assert "128****1024" in text
    assert "500190194205061024" not in text
    assert "王*</" in text or "王*，" in text
    read = Read.objects.latest("id")
    assert (read.person_id, read.purpose, read.reader) == (cast.mother.pk, "查看老人档案", "刘局")


def test_a_field_is_shown_once_for_a_purpose(cast: Cast, order: Order, log_in: LogIn) -> None:
    client = log_in(cast.officer)
    url = reverse("bureau:elder", args=[cast.mother.pk])
    asked = {"field": "phone", "purpose": "办理投诉", "why": "回访洗澡投诉"}
    reply = client.post(url, asked)
    assert "12800001024" in reply.content.decode()
    assert reply["Cache-Control"] == "no-store"
    read = Read.objects.get(fields=["phone"])
    assert (read.purpose, read.where) == ("办理投诉：回访洗澡投诉", url)
    assert "12800001024" not in client.get(url).content.decode()


def test_without_a_reason_nothing_is_shown_and_nothing_typed_is_lost(
    cast: Cast, order: Order, log_in: LogIn
) -> None:
    reply = log_in(cast.officer).post(
        reverse("bureau:elder", args=[cast.mother.pk]),
        {"field": "id_number", "purpose": "走访探视", "why": "看"},
    )
    text = reply.content.decode()
    assert reply.status_code == 422
    assert "500190194205061024" not in text
    assert "事由太短，请写至少 4 个字。" in text
    assert 'value="看"' in text
    assert not Read.objects.filter(fields=["id_number"]).exists()


def test_someone_elses_record_is_not_shown_for_any_purpose(
    cast: Cast, order: Order, log_in: LogIn
) -> None:
    reply = log_in(cast.far_officer).post(
        reverse("bureau:elder", args=[cast.mother.pk]),
        {"field": "phone", "purpose": "紧急联系", "why": "联系不上家属"},
    )
    assert reply.status_code == 404
    assert not Read.objects.filter(fields=["phone"]).exists()


def test_the_register_finds_by_name_and_age(cast: Cast, order: Order, log_in: LogIn) -> None:
    client = log_in(cast.officer)
    whole = client.get(reverse("bureau:elders")).content.decode()
    assert "王*英" in whole
    assert "李*福" in whole
    assert "陈*秀" not in whole
    found = client.get(reverse("bureau:elders"), {"q": "王", "age": "80"}).content.decode()
    assert "王*英" in found
    assert "李*福" not in found


def test_the_log_says_who_read_whom_and_why(cast: Cast, order: Order, log_in: LogIn) -> None:
    client = log_in(cast.officer)
    client.get(reverse("bureau:elder", args=[cast.mother.pk]))
    client.get(reverse("bureau:elder", args=[cast.neighbour.pk]))
    reply = client.get(reverse("bureau:audit"), {"q": "档案", "reader": "刘"})
    assert {name for row in reply.context["reads"] for _, name, _ in row["people"]} == {
        "王*英",
        "李*福",
    }
    reply = client.get(reverse("bureau:audit"), {"person": cast.mother.pk})
    text = reply.content.decode()
    assert "下单" in text
    assert {row["read"].person_id for row in reply.context["reads"]} == {cast.mother.pk}
    assert Read.objects.latest("id").purpose == "核对查阅记录"


def test_the_log_calls_pages_what_the_menu_calls_them(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.officer)
    client.get(reverse("bureau:elder", args=[cast.mother.pk]))
    asked = {"where": reverse("bureau:elders")}
    reply = client.get(reverse("bureau:audit"), asked)
    assert [row["page"] for row in reply.context["reads"]] == ["民政端 · 老人名册"]
    assert not client.get(reverse("bureau:audit"), {"where": "/desk/"}).context["reads"]


def test_the_log_is_filtered_by_day(cast: Cast, order: Order, log_in: LogIn) -> None:
    client = log_in(cast.officer)
    client.get(reverse("bureau:elder", args=[cast.mother.pk]))
    assert not client.get(reverse("bureau:audit"), {"day": "2020-01-01"}).context["reads"]
    assert client.get(reverse("bureau:audit"), {"day": "nonsense"}).context["reads"]


def test_someone_elses_reads_are_not_found(cast: Cast, order: Order, log_in: LogIn) -> None:
    reply = log_in(cast.far_officer).get(reverse("bureau:audit"), {"person": cast.mother.pk})
    assert reply.status_code == 404
