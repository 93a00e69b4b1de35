"""Sixty ugly values in every parameter of every address: an answer each time, never an accident.

Which parameters an address reads is found by watching it read, so a new one is asked at once.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import Client

from .cast import Cast
from .scenes import Scene, lay_out
from .test_access_matrix import addresses, is_page, signed_in

pytestmark = pytest.mark.slow

UGLY = [
    *("", " ", "0", "-1", "00", "1e9", "1.5", "٣", "²", "½", "１２", "+1", "0x10", "1_000", "None"),
    *("9" * 15, "9" * 16, "9" * 400, "2147483648", "9223372036854775808", "-9223372036854775809"),
    *("9" * 5000, "9" * 14 + "." + "9" * 5000),
    *("NaN", "inf", "-0", "true", "[]", "{}", "null", "undefined", "\x00", "a\x00b", "\x1b[0m"),
    *("\n", "\r\nX: y", "\t", "\u202e", "\ufeff", "\ud7ff", "\U0001f475", "\U00020bb7", "e\u0301"),
    *("9999-12-31", "9999-12", "0001-01", "0001-01-01", "0000-00-00", "2026-02-30", "2026-13"),
    *("2026-1-1", "12:60", "24:00", "-1:00", "2026-W01", "2026-06-31T25:61", "1969-12-31"),
    *("../../etc/passwd", "%00", "%s%n", "{{7*7}}", "<script>alert(1)</script>", "' OR 1=1--"),
    *("account:²", "account:", ":", "50", "500190", "9" * 12, "=cmd|' /C calc'!A0", "x" * 9000),
    *("\\", "00000000-0000-0000-0000-000000000000"),
]  # fmt: skip

#: Some every time; all of them with ``SONGBAI_THOROUGH=1`` (ten minutes).
FEW = ["²", "9" * 400, "9999-12-31", "9" * 5000]
SENT = UGLY if os.environ.get("SONGBAI_THOROUGH") == "1" else FEW


@contextmanager
def watched() -> Iterator[set[str]]:
    """Names that are asked of what an address or a form says."""
    found: set[str] = set()
    reads = {name: getattr(QueryDict, name) for name in ("get", "getlist", "__getitem__")}

    def watching(name: str) -> Any:
        def read(self: QueryDict, key: str, *rest: Any) -> Any:
            found.add(key)
            return reads[name](self, key, *rest)

        return read

    with patch.multiple(QueryDict, **{name: watching(name) for name in reads}):
        yield found


@pytest.fixture
def scene(cast: Cast, kernels: None) -> Scene:  # a day is planned in it
    return lay_out(cast)


def asked_of(client: Client, url: str, method: str) -> list[str]:
    """The parameters an address reads, also those it reads once others are there."""
    names: set[str] = set()
    for _ in range(3):
        with watched() as found, transaction.atomic():
            getattr(client, method)(url, dict.fromkeys(names, "1"))
            transaction.set_rollback(True)
        if found <= names:
            break
        names |= found
    return sorted(names - {"csrfmiddlewaretoken"})


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_value_is_an_accident(scene: Scene, method: str) -> None:
    sent = 0
    for address in filter(is_page, addresses()):
        client = signed_in(scene.insider(address.door) if address.door else None)
        url = address.url(scene.ids)
        names = asked_of(client, url, method)
        for turn in range(len(SENT) if names else 0):
            said = {name: SENT[(turn + 7 * at) % len(SENT)] for at, name in enumerate(names)}
            with transaction.atomic():
                reply = getattr(client, method)(url, said)
                transaction.set_rollback(True)
            assert reply.status_code < 500, (address.name, said)
            sent += 1
    assert sent > 50 * len(SENT)


def test_no_number_in_an_address_is_an_accident(scene: Scene) -> None:
    ids = {name: 2**63 if isinstance(one, int) else one for name, one in scene.ids.items()}
    asked = 0
    for address in filter(is_page, addresses()):
        url = address.url(ids)
        if url == address.url(scene.ids):
            continue
        client = signed_in(scene.insider(address.door) if address.door else None)
        for method in (client.get, client.post):
            with transaction.atomic():
                assert method(url).status_code < 500, url
                transaction.set_rollback(True)
            asked += 1
    assert asked > 100
    for topic in ("account:", "organisation:", "person:", "region:"):
        reply = signed_in(scene.insider("desk")).get("/live/", {"topic": topic + "9" * 5000})
        assert reply.status_code == 404


def test_what_no_column_can_hold_is_refused_in_words(scene: Scene) -> None:
    client = signed_in(scene.insider("desk"))
    for reply in (client.get("/desk/", {"q": "a\0b"}), client.post("/desk/", {"q": "\0"})):
        assert reply.status_code == 400
        assert "看不见的字符" in reply.content.decode()
