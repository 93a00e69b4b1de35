"""Village registers through the door."""

import io
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from songbai.core.accounts.rules import SYSTEM
from songbai.core.audit.models import Read
from songbai.core.sheets import read
from songbai.domain.rosters.actions import look_over, write
from songbai.domain.rosters.models import Roster
from songbai.domain.rosters.tests.files import (
    HEADINGS,
    VILLAGE,
    book,
    number,
    person,
    previewed,
    uploaded,
    written,
)
from tests.cast import Cast
from tests.doors import LogIn

pytestmark = pytest.mark.long

MIXED = book(person(101), ("钱松", "50015119450301", "139", "独居"))
OWN_PAGES = ("roster", "roster_columns", "roster_back", "roster_confirm", "roster_discard")


def send(client: Client, content: bytes, name: str = "东方社区.xlsx", **more: str) -> Any:
    """Upload a file as the form does; the answer."""
    return client.post(
        reverse("bureau:rosters"),
        {
            "region": VILLAGE,
            "idempotency_key": str(uuid.uuid4()),
            "file": SimpleUploadedFile(name, content),
            **more,
        },
    )


def test_from_upload_to_written_through_the_pages(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.officer)
    assert send(client, MIXED).status_code == 302
    roster = Roster.objects.get()
    here = reverse("bureau:roster", args=[roster.pk])
    assert "按表头对上" in client.get(here).content.decode()
    chosen = {
        f"column-{at}": column for at, column in enumerate(("name", "id_number", "phone", "living"))
    }
    client.post(reverse("bureau:roster_columns", args=[roster.pk]), chosen)
    assert "正在核对" in client.get(here).content.decode()
    look_over(SYSTEM, roster.pk)
    page = client.get(here).content.decode()
    assert "确认写入" in page
    assert "身份证号应是 18 位" in page
    assert "钱松" not in page
    client.post(reverse("bureau:roster_confirm", args=[roster.pk]))
    assert "正在写入" in client.get(here).content.decode()
    write(SYSTEM, roster.pk)
    assert "写完，" in client.get(here).content.decode()


def test_a_bad_file_is_refused_at_the_form_with_the_reason(cast: Cast, log_in: LogIn) -> None:
    reply = send(log_in(cast.officer), b"%PDF-1.7 x")
    assert reply.status_code == 422
    assert "这是 PDF 文件" in reply.content.decode()


def test_a_file_over_the_limit_is_refused_with_its_size(
    cast: Cast, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = send(log_in(cast.officer), b"a,b\n" * (5 << 20) + b"x")
    assert reply.status_code == 422
    assert "超过了 21 MB" in reply.content.decode()


def test_the_same_file_again_says_who_sent_it(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.officer)
    send(client, MIXED)
    reply = send(client, MIXED)
    assert "已经交过" in client.get(reply["Location"]).content.decode()


def test_wrong_columns_come_back_with_what_was_chosen(cast: Cast, log_in: LogIn) -> None:
    roster = uploaded(cast.officer, MIXED)
    url = reverse("bureau:roster_columns", args=[roster.pk])
    reply = log_in(cast.officer).post(url, {"column-0": "notes"})
    assert reply.status_code == 422
    assert "还没有对上必填的" in reply.content.decode()
    assert '<option value="notes" selected>' in reply.content.decode()


def test_the_template_of_a_village_is_a_workbook(cast: Cast, log_in: LogIn) -> None:
    url = reverse("bureau:roster_template")
    reply = log_in(cast.officer).get(url, {"region": VILLAGE})
    assert read(reply.content).headers[:2] == ("身份证号", "姓名")


def test_the_error_workbook_is_for_the_sender_and_leaves_an_event(
    cast: Cast, log_in: LogIn
) -> None:
    roster = previewed(cast.officer, MIXED)
    reply = log_in(cast.officer).get(reverse("bureau:roster_errors", args=[roster.pk]))
    assert len(list(read(io.BytesIO(reply.content), known=HEADINGS))) == 1
    Roster.objects.filter(pk=roster.pk).update(account_id=cast.town_officer.account)
    again = log_in(cast.officer).get(reverse("bureau:roster_errors", args=[roster.pk]))
    assert again.status_code == 403


def test_who_sees_changes_leaves_a_trace(cast: Cast, log_in: LogIn) -> None:
    written(cast.officer, book(person(101)))
    roster = previewed(cast.officer, book(person(101, living="空巢")))
    page = log_in(cast.officer).get(reverse("bureau:roster", args=[roster.pk]))
    assert "居住情况：独居 → 空巢" in page.content.decode()
    assert Read.objects.filter(purpose="核对村社名册").count() == 1


@pytest.mark.parametrize("who", ["far_officer", "town_officer"])
def test_officers_of_other_places_find_no_register(cast: Cast, log_in: LogIn, who: str) -> None:
    roster = previewed(cast.officer, MIXED)
    client = log_in(cast.actors()[who])
    for name in OWN_PAGES:
        url = reverse(f"bureau:{name}", args=[roster.pk])
        assert {client.get(url).status_code, client.post(url).status_code} <= {404, 405}, name
    assert "东方社区.xlsx" not in client.get(reverse("bureau:rosters")).content.decode()
    assert send(client, MIXED).status_code == 404


def test_strangers_and_other_roles_do_not_come_in(
    cast: Cast, client: Client, log_in: LogIn
) -> None:
    roster = uploaded(cast.officer, MIXED)
    for name in OWN_PAGES:
        url = reverse(f"bureau:{name}", args=[roster.pk])
        assert client.post(url).status_code == 302, name
        assert log_in(cast.daughter).post(url).status_code == 403, name


def test_no_page_shows_a_cell_in_plain(cast: Cast, log_in: LogIn) -> None:
    roster = uploaded(cast.officer, MIXED)
    client = log_in(cast.officer)
    first = client.get(reverse("bureau:roster", args=[roster.pk])).content.decode()
    again = client.get(reverse("bureau:roster", args=[previewed(cast.officer, MIXED).pk]))
    for text in (first, again.content.decode()):
        assert not [s for s in (number(101), "13900000101", "赵柏年", "钱松") if s in text]
