"""Benefit pages of office, family and portal in a real browser; two sizes, elder mode, with axe."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from .browser import Person, chromium, visitor
from .stage import Stage

pytestmark = pytest.mark.slow
#: Where pictures go when somebody wants to look at them.
PICTURES = os.environ.get("SONGBAI_BENEFIT_PICTURES", "")
#: Facts of Mrs Wang, an objection answered and one open; sessions of the officer and the daughter.
SCENE = """
import django
django.setup()
import uuid
from datetime import UTC, datetime
from django.test import Client
from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.queries import actors_of
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.benefits import actions
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.objection import Ground
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.models import Elder

def actor(name):
    return actors_of(Account.objects.get(name=name))[0]

mother, officer, daughter = Elder.objects.get(name="王桂英"), actor("刘局"), actor("王敏")
with clock.moved_to(datetime(2026, 9, 1, 4, tzinfo=UTC)):
    said = {"hukou": "500151001001", "disability_kind": "none", "ltci_insured": "false"}
    facts = [NewFact(kind, value) for kind, value in said.items() if kind != "ltci_insured"]
    record_facts(SYSTEM, mother, facts[:1], source="gongan")
    record_facts(SYSTEM, mother, facts[1:], source="canlian")
    record_facts(SYSTEM, mother, [NewFact("ltci_insured", "false")], source="yibao")
month = Month(clock.month_of(clock.today()))
def wrong(code, ground, text):
    new = actions.NewObjection(uuid.uuid4(), code, month, ground, text)
    return actions.raise_objection(daughter, mother, new, where="/")
one = wrong("longevity-tongliang", Ground.AMOUNT, "邻居每月有 200 元")
actions.take(officer, one.pk)
actions.answer(officer, one.pk, "80 至 89 周岁每月 10 元，满 90 周岁才是 200 元", where="/")
two = wrong("consumption-voucher", Ground.HEALTH, "评估已经是中度失能")
actions.take(officer, two.pk)
actions.note_given(officer, mother, actions.GivenNotice(uuid.uuid4(), month, "home", "本人"))
for name in ("刘局", "王敏"):
    client = Client()
    client.force_login(Account.objects.get(name=name),
                       backend="songbai.core.accounts.backends.PasswordBackend")
    print("SESSION " + client.cookies["songbai-session"].value)
print("IDS", mother.pk, one.pk, two.pk, month.text)
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An installation with the cast and a web server."""
    found = Stage(Path(tmp_path_factory.mktemp("benefits")))
    try:
        found.start_database()
        found.set_up()
        found.run("-m", "songbai.cli.main", "assets")
        found.start_web()
        yield found
    finally:
        found.close()


@pytest.fixture(scope="module")
def told(stage: Stage) -> tuple[list[str], list[str]]:
    """Sessions of the officer and the daughter; the elder, two objections, the month."""
    lines = [
        line.split()[1:]
        for line in stage.run("-c", SCENE).splitlines()
        if line.startswith(("SESSION", "IDS"))
    ]
    return [lines[0][0], lines[1][0]], lines[2]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the module."""
    with chromium() as started:
        yield started


def opened(stage: Stage, browser: Browser, size: str, session: str = "", mode: str = "") -> Person:
    """Somebody, signed in or not."""
    found = visitor(stage, browser, size)
    cookies = {"songbai-session": session, "songbai-mode": mode}
    found.context.add_cookies(
        [{"name": k, "value": v, "url": stage.url} for k, v in cookies.items() if v]
    )
    return found


def seen(who: Person, name: str) -> Page:
    """Axe, nothing wider than the window, and a picture."""
    who.look()
    assert who.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), who.page.url
    if PICTURES:
        who.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
    return who.page


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_office_pages_are_for_everybody(
    stage: Stage, browser: Browser, told: tuple[list[str], list[str]], size: str
) -> None:
    (session, _), (elder, answered, waits, month) = told
    who = opened(stage, browser, size, session)
    for name, path in {
        "benefits": f"/bureau/elders/{elder}/benefits/",
        "counter": f"/bureau/elders/{elder}/counter/",
        "objections": "/bureau/objections/",
        "objection": f"/bureau/objections/{waits}/",
        "answered": f"/bureau/objections/{answered}/",
    }.items():
        who.go(path)
        seen(who, f"{name}-{size}")
    letter = who.context.request.get(f"{stage.url}/bureau/elders/{elder}/benefits/{month}/letter/")
    assert letter.body().startswith(b"%PDF")
    if PICTURES:
        (Path(PICTURES) / "letter.pdf").write_bytes(letter.body())
    who.context.close()


@pytest.mark.parametrize("mode", ["", "elder"])
def test_the_family_pages_are_for_everybody(
    stage: Stage, browser: Browser, told: tuple[list[str], list[str]], mode: str
) -> None:
    (_, session), (elder, answered, _, month) = told
    who = opened(stage, browser, "phone", session, mode)
    for name, path in {
        "family": f"/family/elders/{elder}/benefits/",
        "family-object": f"/family/elders/{elder}/benefits/{month}/longevity-tongliang/",
        "family-objection": f"/family/objections/{answered}/",
    }.items():
        who.go(path)
        seen(who, f"{name}-{mode or 'plain'}")
    who.context.close()


def test_objecting_takes_three_taps(
    stage: Stage, browser: Browser, told: tuple[list[str], list[str]]
) -> None:
    (_, session), (elder, *_) = told
    who = opened(stage, browser, "phone", session)
    page = who.go(f"/family/elders/{elder}/benefits/")
    box = page.locator("section", has=page.get_by_role("heading", name="铜梁区高龄津贴"))
    box.get_by_role("link", name="不对，我要说").tap()
    page.locator("label", has_text="年龄不对").tap()
    page.get_by_role("button", name="交上去").tap()
    page.wait_for_url("**/family/objections/**")
    assert "15 个工作日内" in page.inner_text("main")
    who.context.close()


@pytest.mark.parametrize(("size", "mode"), [("desk", ""), ("phone", ""), ("phone", "elder")])
def test_anybody_checks_oneself(
    stage: Stage, browser: Browser, told: tuple[list[str], list[str]], size: str, mode: str
) -> None:
    who = opened(stage, browser, size, mode=mode)
    page, name = who.go("/self-check/"), f"check-{size}{mode}"
    seen(who, f"{name}-start")
    page.get_by_role("button", name="开始").click()
    seen(who, f"{name}-place")
    page.get_by_role("button", name="铜梁区", exact=True).click()
    seen(who, f"{name}-date")
    for part, value in (("year", "1943"), ("month", "4"), ("day", "6")):
        page.fill(f"[name={part}]", value)
    page.get_by_role("button", name="下一个").click()
    while page.locator("[name=asks]").count():
        page.get_by_role("button", name="不知道").click()
    seen(who, f"{name}-end")
    assert "铜梁区高龄津贴" in page.inner_text("main")
    assert page.url.endswith("/self-check/")
    assert not [c for c in who.context.cookies() if c["name"] == "songbai-session"]
    who.context.close()
