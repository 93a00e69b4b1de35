"""How much is taken from whom, before anybody looks at it."""

import asyncio
import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from songbai.core import clock
from songbai.core.sheets.sheet import Limits
from songbai.domain.feeds.actions.keys import issue_key
from songbai.web import bodies
from songbai.web.asgi import application
from tests.cast import Cast, acting

pytestmark = pytest.mark.django_db


def asked(path: str, **headers: str) -> dict[str, Any]:
    """An ASGI scope of a POST."""
    lines = [
        (name.replace("_", "-").encode(), text.encode("latin-1")) for name, text in headers.items()
    ]
    return {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": lines}


def answers(scope: dict[str, Any], *parts: bytes) -> tuple[int, bytes, int]:
    """Status and content of the answer, and how many parts of the body were taken."""
    waiting, sent = list(parts), []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(application(scope, receive, send))
    return sent[0]["status"], sent[1]["body"], len(parts) - len(waiting)


def test_a_strangers_flood_is_refused_before_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "most", lambda _: bodies.WORDS)
    said = asked("/search/", content_length=str(150 << 20))
    status, content, taken = answers(said, b"x")
    assert (status, taken) == (413, 0)
    assert "送来的内容太大" in content.decode()
    piece = b"x" * (bodies.WORDS // 2)
    status, content, taken = answers(asked("/api/feeds/x/deliveries"), *[piece] * 150)
    assert (status, taken) == (413, 3)  # who says no length is cut off where it gets too much
    assert json.loads(content)["error"] == "TooLarge"


def test_files_are_taken_from_who_is_logged_in_only(daughter: Client) -> None:
    cookie = daughter.cookies[settings.SESSION_COOKIE_NAME].value
    name = settings.SESSION_COOKIE_NAME
    assert bodies.most(asked("/family/", cookie=f"{name}={cookie}")) == bodies.FILES
    for forged in ("", f"{name}=", f"{name}={'a' * 32}", "x=y"):
        assert bodies.most(asked("/family/", cookie=forged)) == bodies.WORDS


def test_a_department_may_send_a_register_with_its_key_only(cast: Cast) -> None:
    now = str(int(clock.now().timestamp()))
    with acting(cast.officer):
        key, _ = issue_key(cast.officer, "renshe", "500151")
    told = asked("/api/feeds/x/deliveries", x_songbai_key=key.key_id, x_songbai_time=now)
    assert bodies.most(told) == Limits().file_bytes
    forged = asked("/api/feeds/x/deliveries", x_songbai_key="x", x_songbai_time=now)
    assert bodies.most(forged) == bodies.most(asked("/api/")) == bodies.WORDS
