"""Every page of every door, opened as its user in the built demo: rows to see, and plain words."""

import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve
from pytest_django import DjangoDbBlocker

from songbai.cli.demo import people
from songbai.core import clock
from songbai.core.accounts.models import Account

from .conftest import Built

pytestmark = pytest.mark.slow
BACKEND = "songbai.core.accounts.backends.PasswordBackend"
#: Pages opened of one address, whatever its numbers.
MOST = 2
LINK = re.compile(r'href="(/[^"#]*)')
HIDDEN = re.compile(r"<(script|style|template|svg|code)\b.*?</\1>|<!--.*?-->", re.DOTALL)
SAID = re.compile(r'(?:aria-label|title|placeholder|alt)="([^"]*)"')
RAW = re.compile(
    r"\b(None|True|False|nan|null|undefined)\b|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}"
    r"|[a-z]+_[a-z_]+|\{\{|\{%"
)
TWICE = re.compile(r"([一-鿿]{2,6}(?:市|区|县|镇|村|街道|社区))\1")
#: Latin letters that people here do read: formats, units, names of codes.
LATIN = re.compile(
    r"^([A-Z]|Excel|csv|xlsx?|ods|PDF|KB|MB|kg|cm|mmHg|mmol|ml|L|BMI|ICD|GB|T|Web|WCAG|AA|WGY|SM|HMAC"
    r"|Ed|hmac|sm)$"
)
#: Codes as they are issued: orders, assessments, certificates, keys, digests, policies.
CODES = re.compile(
    r"\b[A-HJ-NP-Z2-9]{4} [A-HJ-NP-Z2-9]{4}\b|\b[A-Z]{0,2}\d[\dA-Za-z]*\b|\b[0-9a-f]{8}\b"
    r"|\b[a-z]+(?:-[a-z0-9]+)+\b|[\w.-]+\.(?:csv|xlsx|json|yaml)"
)
WORD = re.compile(r"[A-Za-z]+")
#: What the office says and nobody at home does.
OFFICE = re.compile(
    "助浴(?!证|点|车)|助餐|助医|助洁|供餐服务|温水擦浴|个人承担|用户|申请人|该老人|不予受理|审核未通过"
    "|资格不符|尽快|近期|相关部门|去世日期|指（趾）|床单位|生命体征监测|失禁护理|会阴护理"
)
AT_HOME = {"family", "caregiver", "portal"}
#: Lists that are rightly empty, and why.
RIGHTLY_EMPTY = {
    "family:now": "nobody is on the way to these two at ten to five",
    "desk:positions": "nobody shares her position outside working hours",
    "bureau:correction": "nobody asked to correct what is known of the people opened",
    "bureau:withdrawn": "nothing was taken back of the people opened",
    "family:withdrawn": "nor of these two",
    "bureau:privacy": "the people opened have no relative with an account",
    "bureau:what_if": "a rule is tried when somebody has changed it",
    "portal:provider": "the places opened are stations, where nothing is charged",
}


@dataclass
class Seen:
    """What was found at an address: how often, and which of it was empty or raw."""

    full: Counter[str] = field(default_factory=Counter)
    empty: dict[str, str] = field(default_factory=dict)
    raw: list[str] = field(default_factory=list)
    english: list[str] = field(default_factory=list)
    office: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def seen(built: Built, django_db_blocker: DjangoDbBlocker) -> Iterator[Seen]:
    """A town at ten to five in the afternoon, all of it opened."""
    found = Seen()
    with built(clock.at(clock.today(), 16, 50), 3_000, 35) as home, django_db_blocker.unblock():
        for login in people.LOGINS:
            client = Client()
            account = Account.objects.by_phone(people.phone_of(login))
            assert account is not None
            client.force_login(account, backend=BACKEND)
            _open(found, client, login.key, [login.url])
        _open(found, Client(), "nobody", ["/", "/about/", "/search/?q=洗澡", "/self-check/"])
        assert isinstance(home, Path)
        yield found


def _open(found: Seen, client: Client, who: str, begin: list[str]) -> None:
    todo, known, opened = deque(begin), set(begin), Counter[str]()
    while todo:
        url = todo.popleft()
        try:
            name = resolve(urlsplit(url).path).view_name
        except Resolver404:
            continue
        if opened[name] >= MOST or name in {"live", "accounts:logout"}:
            continue
        opened[name] += 1
        reply = client.get(url)
        if reply.status_code in {301, 302}:
            todo.append(urljoin(url, reply["Location"]))
        elif reply.status_code != 405 and reply.status_code >= 400:
            found.failed.append(f"{who} {url}: {reply.status_code}")
        elif not reply.streaming and "html" in reply["Content-Type"]:
            html = reply.content.decode()
            _read(found, f"{who} {url}", name, html)
            links = {urljoin(url, unescape(link)) for link in LINK.findall(html)}
            todo.extend(sorted(links - known, key=_counted))
            known |= links


def _counted(url: str) -> list[tuple[str, int]]:
    """Page 9 before page 10: which pages are opened does not depend on where numbers begin."""
    return [(words, int(part or 0)) for words, part in re.findall(r"(\D+)(\d*)", url)]


def _read(found: Seen, where: str, name: str, html: str) -> None:
    shown = HIDDEN.sub(" ", html)
    words = " ".join([unescape(re.sub(r"<[^>]+>", " ", shown)), *SAID.findall(shown)])
    found.raw += [f"{where}: {hit[0]}" for hit in RAW.finditer(words)]
    found.raw += [f"{where}: {hit[0]}" for hit in TWICE.finditer(words)]
    latin = {word for word in WORD.findall(CODES.sub(" ", words)) if not LATIN.match(word)}
    found.english += [f"{where}: {word}" for word in sorted(latin)]
    if name.split(":")[0] in AT_HOME:
        found.office += [f"{where}: {hit[0]}" for hit in OFFICE.finditer(words)]
    if 'class="sb-state' in shown:
        found.empty.setdefault(name, where)
    else:
        found.full[name] += 1


def test_no_page_fails(seen: Seen) -> None:
    assert seen.failed == []
    assert len(seen.full) > 90


def test_every_page_has_something_to_show_somebody(seen: Seen) -> None:
    assert {n: w for n, w in seen.empty.items() if not seen.full[n]}.keys() <= set(RIGHTLY_EMPTY)


def test_no_page_shows_what_no_person_says(seen: Seen) -> None:
    assert seen.raw == []


def test_no_page_shows_an_english_word(seen: Seen) -> None:
    assert seen.english == []


def test_no_page_of_elders_and_caregivers_speaks_office(seen: Seen) -> None:
    assert seen.office == []
