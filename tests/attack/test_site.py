"""A site in production settings, attacked from outside and by people of every role."""

import os
import socket
import uuid
import zlib
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from songbai.web.doors import DOORS
from tests.digests import digests
from tests.test_exports_run_nothing import ran

from .machine import driven
from .site import TOKEN, Forms, Page, Site, served

pytestmark = pytest.mark.slow
#: Every fourth address is tried each time; all of them with ``SONGBAI_THOROUGH=1`` (three minutes).
SHARE = 1 if os.environ.get("SONGBAI_THOROUGH") == "1" else 4
#: Tables in which a refused or a reading request may leave something: who read and who tried.
TRACES = {"audit_read", "accounts_tries", "django_session", "accounts_logincode"}
#: A name that runs if it is ever shown as markup, and is a formula if a sheet takes it for one.
MARK = "x9q7"
RUNS = f"<img src={MARK} onerror=alert(1)>"
NASTY = f"=1+1\"'>{RUNS}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site."""
    with served(tmp_path_factory.mktemp("attack")) as found:
        yield found


def test_the_demo_is_not_there(site: Site) -> None:
    with site.browser() as stranger:
        assert stranger.get("/demo/").status_code == 404


def test_what_is_not_sent_by_the_proxy_is_sent_back_to_https(site: Site) -> None:
    reply = httpx.get(f"{site.stage.url}/")
    assert (reply.status_code, reply.headers["Location"][:8]) == (301, "https://")
    with site.browser() as stranger:
        page = stranger.get("/login/")
    assert "max-age" in page.headers["Strict-Transport-Security"]
    assert "default-src" in page.headers["Content-Security-Policy"]
    cookies = page.headers.get_list("set-cookie")
    assert [cookie for cookie in cookies if "Secure" not in cookie] == []


def test_nothing_is_sent_without_the_token_of_a_form(site: Site) -> None:
    for door, session in site.insiders.items():
        with site.browser(session) as insider:
            for page in site.behind(door):
                reply = insider.post(page.url, {"csrfmiddlewaretoken": "x" * 32})
                assert reply.status_code == 403, page.name
    with site.browser(site.insiders["family"]) as somebody:
        for page in site.behind(""):
            reply = somebody.post(page.url, {"csrfmiddlewaretoken": "x" * 32})
            if not page.name.startswith("api:"):  # it asks for a signature
                assert reply.status_code in {403, 404, 405}, page.name


def test_nothing_is_sent_from_another_site(site: Site) -> None:
    with site.browser(site.insiders["family"]) as somebody:
        for header in ({"Origin": "https://evil.example"}, {"Referer": "https://evil.example/"}):
            token = {"csrfmiddlewaretoken": TOKEN}
            reply = somebody.client.post("/logout/", data=token, headers=header)
            assert reply.status_code == 403, header
        assert somebody.get("/family/").status_code == 200


@pytest.mark.parametrize("size", ["Content-Length: 157286400", "Transfer-Encoding: chunked"])
def test_a_flood_is_refused_before_it_is_taken(site: Site, size: str) -> None:
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", site.stage.port), timeout=30) as flood:
        head = f"POST /login/ HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\n{size}"
        flood.sendall(head.encode() + b"\r\n\r\n")
        with suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(3 if "chunked" in size else 0):
                flood.sendall(chunk)
        assert flood.recv(4096).startswith(b"HTTP/1.1 413")


def test_the_machine_s_door_answers_as_it_is_described(site: Site) -> None:
    with site.browser(site.insiders["bureau"]) as officer:
        described = officer.get("/api/openapi.json").json()
    answers = driven(site, described, 200 // SHARE)
    print(f"{answers.total()} requests of a department: {dict(answers)}")
    assert answers[200] and answers[202] and answers[422]


@pytest.mark.parametrize("forged", ["", "x", "a" * 32, "' OR 1=1--", "../../x", "a=b; x"])
def test_a_forged_session_is_nobody(site: Site, forged: str) -> None:
    with site.browser(forged) as forger:
        for door in DOORS:
            reply = forger.get(site.behind(door)[0].url)
            assert reply.status_code == 302, (door, forged)
            assert reply.headers["Location"].startswith("/login/")


def test_a_session_that_was_left_is_nobody(site: Site) -> None:
    door = "caregiver"
    with site.browser(site.outsiders[door]) as one, site.browser(site.outsiders[door]) as copy:
        assert copy.get("/caregiver/").status_code == 200
        assert one.post("/logout/").status_code == 302
        assert copy.get("/caregiver/").status_code == 302


def test_what_strangers_and_others_send_changes_nothing(site: Site) -> None:
    """Every address × every role that does not belong there."""
    before = written(site)
    sent = 0
    people = [("", "")] + [(door, session) for door, session in site.insiders.items()]
    for door, session in [*people, *((f"other {d}", s) for d, s in site.outsiders.items())]:
        with site.browser(session) as somebody:
            for number, page in enumerate(site.pages):
                if not page.door or door == page.door or (number + len(door)) % SHARE:
                    continue
                if door == f"other {page.door}" and page.name not in site.scoped:
                    continue  # the own door, and nobody's thing
                reply = somebody.post(page.url, dict.fromkeys(FIELDS, "1"))
                assert reply.status_code in {302, 403, 404, 405}, (door, page.name)
                assert reply.headers.get("Location", "/login/").startswith("/login/")
                sent += 1
    print(f"{sent} forms sent where they do not belong")
    assert sent > 1500 / SHARE
    assert written(site) == before


#: Names of fields that acts of many forms go by.
FIELDS = ("what", "act", "agree", "reason", "choice", "state", "date", "confirm", "idempotency_key")


def written(site: Site) -> dict[str, str]:
    """Digests of what is kept, without traces of reading and trying."""
    kept = digests(site.stage.database)
    return {table: digest for table, digest in kept.items() if table not in TRACES}


def test_markup_typed_into_any_field_is_text_at_every_door(site: Site) -> None:
    typed, fields = 0, set()
    for door, session in site.insiders.items():
        with site.browser(session) as insider:
            for page in share_of(site, door):
                reply = insider.get(page.url, site.asked)
                if reply.status_code != 200 or "text/html" not in reply.headers["Content-Type"]:
                    continue
                for form in Forms(reply.text).found:
                    if not form.typed or "logout" in form.action:
                        continue
                    for told in (dict.fromkeys(form.typed, NASTY), likely(form.typed)):
                        send = insider.post if form.method == "post" else insider.get
                        key = {"idempotency_key": str(uuid.uuid4())}
                        answer = send(form.action or page.url, form.fields | told | key)
                        assert answer.status_code < 500, (page.name, sorted(told))
                        assert wrong_in(answer) == [], page.name
                        typed += 1
                    fields |= {(page.name, name) for name in form.typed}
    kept_in = [table for table in digests(site.stage.database) if holds(site, table)]
    print(f"{typed} forms, {len(fields)} fields; kept in {kept_in}")
    assert typed > 50 / SHARE and kept_in
    kept = [one for door in DOORS for page in share_of(site, door) for one in shown(site, page)]
    assert kept == []


#: What a register may hold that came before anybody looked at it.
TYPED = """
import django
django.setup()
from songbai.core.crypto import encrypt
from songbai.domain.elders.models import Elder
Elder.objects.update(address=encrypt("=1+1"), phone=encrypt("@SUM(1)"))
"""


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_that_an_officer_takes_out_runs_nothing(site: Site, kind: str) -> None:
    site.stage.run("-c", TYPED)
    [page] = [page for page in site.behind("bureau") if page.name == "bureau:elders_export"]
    with site.browser(site.insiders["bureau"]) as officer:
        asked = {f"plain_{name}": "1" for name in ("name", "phone", "address")}
        list_ = officer.post(page.url, {"purpose": "核对本月额度", "format": kind} | asked)
    assert list_.status_code == 200
    assert wrong_in(list_) == []
    assert kind == "xlsx" or "'=1+1" in list_.text


def share_of(site: Site, door: str) -> list[Page]:
    """The pages behind a door that are tried this time: the same ones when others are added."""
    return [one for one in site.behind(door) if zlib.crc32(one.name.encode()) % SHARE == 2 % SHARE]


def likely(names: set[str]) -> dict[str, str]:
    """What would be taken, with markup wherever it is words."""
    told = {"phone": "13912345678", "amount": "1", "days": "30", "price": "20", "token": "123456"}
    return {
        name: next((text for part, text in told.items() if part in name), NASTY) for name in names
    }


def holds(site: Site, table: str) -> bool:
    """Whether a table keeps what was typed, unencrypted."""
    asked = f"SELECT EXISTS (SELECT FROM {table} t WHERE t::text LIKE %s)"
    [(found,)] = site.stage.sql(asked, f"%{MARK}%")
    return bool(found)


def shown(site: Site, page: Page) -> list[str]:
    """Where a page or a file of it has what was typed as markup or as a formula."""
    with site.browser(site.insiders[page.door]) as insider:
        return [f"{page.name}: {one}" for one in wrong_in(insider.get(page.url, site.asked))]


def wrong_in(reply: httpx.Response) -> list[str]:
    """What of a page or a file would run."""
    kind = reply.headers.get("Content-Type", "")
    if "csv" in kind or "spreadsheet" in kind:
        return ran(reply.content)
    return [RUNS] if "html" in kind and RUNS in reply.text else []
