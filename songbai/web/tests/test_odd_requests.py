"""What no browser sends, or none any more: an answer in words, never an accident."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client

from songbai.core.accounts import backends
from songbai.web import asgi, bodies

from .test_bodies import answers, asked

pytestmark = pytest.mark.django_db
TOKEN = "a1B2" * 8
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def served(transactional_db: None) -> Iterator[None]:
    """The application as it is run; its threads leave the database at the end."""
    yield
    threads = asgi.THREADS
    together = threading.Barrier(threads)

    def leave() -> None:
        together.wait(10)
        connection.close()

    for leaving in [asgi._threads.submit(leave) for _ in range(threads)]:
        leaving.result(20)


def get(path: str, query: bytes = b"", **headers: str) -> tuple[int, str]:
    """Status and content of a page, asked of the application as it is run."""
    told = asked(path, host="testserver", **headers)
    told |= {"method": "GET", "query_string": query, "http_version": "1.1"}
    status, content, _ = answers(told, b"")
    return status, content.decode()


@pytest.mark.parametrize("charset", ["gb18030", "utf-7"])
@pytest.mark.parametrize(("checked", "status"), [(True, 403), (False, 400)])
def test_a_form_in_other_letters_is_refused(charset: str, checked: bool, status: int) -> None:
    browser = Client(enforce_csrf_checks=checked, raise_request_exception=False)
    reply = browser.generic("POST", "/login/", b"phone=1", f"{FORM}; charset={charset}")
    assert reply.status_code == status


def test_what_no_column_can_hold_is_refused_in_an_address_too(daughter: Client) -> None:
    for address in ("/family/services/%00/", "/family/services/2026-11%00/"):
        reply = daughter.get(address)
        assert reply.status_code == 400
        assert "看不见的字符" in reply.content.decode()


def test_letters_of_an_address_may_come_as_they_are_typed(served: None) -> None:
    status, content = get("/search/", "q=助餐".encode())
    assert status == 200
    assert 'value="助餐"' in content
    assert get("/search/", b"q=%E5%8A%A9\xff\xe5")[0] == 200


def test_a_line_said_very_often_is_no_accident(served: None) -> None:
    told = asked("/about/", host="testserver") | {"method": "GET", "http_version": "1.1"}
    told["headers"] += [(b"x-said", b"1")] * 200
    assert answers(told, b"")[0] == 200


def test_a_body_sent_to_the_live_stream_is_refused_before_it_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bodies, "most", lambda _: bodies.WORDS)
    status, content, taken = answers(asked("/live/", content_length=str(150 << 20)), b"x")
    assert (status, taken) == (413, 0)
    assert "送来的内容太大" in content.decode()
    status, _, taken = answers(asked("/live/x"), *[b"x" * (bodies.WORDS // 2)] * 80)
    assert (status, taken) == (413, 3)


def test_the_live_stream_is_asked_without_what_came_along(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = []

    async def live(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        heard.extend([scope["query_string"], await receive()])
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b""})

    monkeypatch.setattr(asgi, "_live", live)
    told = asked("/live/") | {"method": "GET", "query_string": "topic=助".encode()}
    assert answers(told, b"x" * 50, b"x" * 50) == (200, b"", 2)
    assert heard == [
        b"topic=%E5%8A%A9",
        {"type": "http.request", "body": b"", "more_body": False},
    ]


def test_log_ins_leave_threads_to_pages(served: None, monkeypatch: pytest.MonkeyPatch) -> None:
    hashing, over = threading.Event(), threading.Event()

    def hashed(_: str) -> None:
        hashing.set()
        over.wait(60)

    monkeypatch.setattr(backends, "make_password", hashed)
    tries = 30
    with ThreadPoolExecutor(tries) as people:
        said = [people.submit(enter, f"128{number:08}") for number in range(tries)]
        try:
            assert hashing.wait(20)
            asked_at = time.monotonic()
            assert get("/about/")[0] == 200
            assert time.monotonic() - asked_at < 5
            told = as_completed(said, 20)
            assert all("系统正忙" in next(told).result() for _ in range(tries - 2))
        finally:
            over.set()
    assert sum("系统正忙" in one.result() for one in said) == tries - 2


def enter(phone: str) -> str:
    """What somebody is told who tries a password."""
    told = asked(
        "/login/", host="testserver", cookie=f"songbai-csrf={TOKEN}", content_type=FORM
    ) | {"http_version": "1.1"}
    typed = {"tab": "staff", "username": phone, "password": "x", "token": "123456"}
    form = urlencode({"csrfmiddlewaretoken": TOKEN} | typed).encode()
    told["headers"].append((b"content-length", str(len(form)).encode()))
    status, content, _ = answers(told, form)
    assert status == 422
    return content.decode()
