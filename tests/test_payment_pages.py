"""The bureau's pages of paying in a real browser, at two sizes, with axe."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .browser import Person, chromium, visitor
from .stage import Stage

pytestmark = pytest.mark.slow
#: Where pictures go when somebody wants to look at them.
PICTURES = os.environ.get("SONGBAI_BENEFIT_PICTURES", "")
#: A cycle of twelve with the bank, some of it failed; one person owes, one is suspended.
SCENE = """
import django
django.setup()
from itertools import count
from types import SimpleNamespace
from django.test import Client
from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.queries import actors_of
from songbai.domain.benefits.actions.correcting import ask_waiver, set_instalments
from songbai.domain.benefits.actions.paying import try_again
from songbai.domain.benefits.bank import RecordingBank
from songbai.domain.benefits.models import Arrears, Payment
from songbai.domain.benefits.tests.payments import answered, crowd, with_the_bank
from songbai.domain.elders.models import Elder
from songbai.domain.benefits.tests.frozen import kept_back, owing
from tests import cast as people
from tests.cast import acting

people._phones = count(12_990_000_000)  # the cast took the first ones in another process
officer = actors_of(Account.objects.get(name="刘局"))[0]
named = {e.name: e for e in Elder.objects.filter(name__in=["王桂英", "李松福"])}
cast = SimpleNamespace(officer=officer, mother=named["王桂英"], neighbour=named["李松福"])
crowd(10)
stopped = kept_back(Elder.objects.get(name="老" + chr(0x4E03)))
bank = RecordingBank()
batch = with_the_bank(cast, bank)
answered(bank, batch, {1: "E003", 2: "E002", 4: "E005", 6: "E001"})
mended = Payment.objects.filter(state="failed").last()
payment = Payment.objects.filter(state="failed").first()
owed = owing(cast.mother)
owing(cast.neighbour, fen=24_000)
with acting(officer):
    try_again(officer, mended.pk)
    parts = set_instalments(officer, owed.pk, 3, clock.month_of(clock.today()))
    ask_waiver(officer, owed.pk, 500, "孙子重病住院")
about = {"elder": cast.mother, "region_id": cast.mother.region_id, "policy": owed.policy}
Arrears.objects.create(
    **about, month="2026-02", number=2, amount=1_000, cause="hukou", known_at=clock.now())
client = Client()
client.force_login(Account.objects.get(name="刘局"),
                   backend="songbai.core.accounts.backends.PasswordBackend")
print("SESSION", client.cookies["songbai-session"].value)
print("IDS", payment.pk, batch.cycle_id, owed.pk, stopped.pk, cast.mother.pk)
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An installation with the cast and a web server."""
    found = Stage(Path(tmp_path_factory.mktemp("paying")))
    try:
        found.start_database()
        found.set_up()
        found.run("-m", "songbai.cli.main", "assets")
        found.start_web()
        yield found
    finally:
        found.close()


@pytest.fixture(scope="module")
def paid(stage: Stage) -> tuple[str, list[str]]:
    """The officer's session; a failed payment, its cycle, a recovery, a suspension, the elder."""
    lines = stage.run("-c", SCENE).splitlines()
    said = {line.split()[0]: line.split()[1:] for line in lines if line}
    return said["SESSION"][0], said["IDS"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the module."""
    with chromium() as started:
        yield started


def seen(who: Person, name: str) -> None:
    """Axe, nothing wider than the window, and a picture."""
    who.look()
    assert who.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), who.page.url
    if PICTURES:
        who.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_pages_of_paying_are_for_everybody(
    stage: Stage, browser: Browser, paid: tuple[str, list[str]], size: str
) -> None:
    session, (payment, cycle, recovery, suspension, elder) = paid
    who = visitor(stage, browser, size)
    who.context.add_cookies([{"name": "songbai-session", "value": session, "url": stage.url}])
    for name, path in {
        "failed": "benefits/payments/failed/",
        "mended": "benefits/payments/failed/?show=mended",
        "payment": f"benefits/payments/{payment}/",
        "cycle-payments": f"benefits/{cycle}/payments/",
        "cycle": f"benefits/{cycle}/",
        "recoveries": "benefits/recoveries/",
        "recovery": f"benefits/recoveries/{recovery}/",
        "arrears": "benefits/arrears/",
        "suspensions": "benefits/suspensions/",
        "suspension": f"benefits/suspensions/{suspension}/",
        "elder-paying": f"elders/{elder}/paying/",
        "elder": f"elders/{elder}/",
    }.items():
        who.go(f"/bureau/{path}")
        seen(who, f"{name}-{size}")
    who.context.close()


def test_an_account_typed_wrong_stays_in_the_form(
    stage: Stage, browser: Browser, paid: tuple[str, list[str]]
) -> None:
    session, (payment, *_) = paid
    who = visitor(stage, browser, "desk")
    who.context.add_cookies([{"name": "songbai-session", "value": session, "url": stage.url}])
    page = who.go(f"/bureau/benefits/payments/{payment}/")
    page.fill("#account", "6222 0000")
    page.get_by_role("button", name="报同事核对").click()
    page.wait_for_selector(".sb-errors")
    assert page.input_value("#account") == "6222 0000"
    seen(who, "payment-wrong-desk")
    page.fill("#account", "6222 0000 1111 2222")
    page.fill("#basis", "本人带社保卡到窗口")
    page.get_by_role("button", name="报同事核对").click()
    page.wait_for_url("**/failed/")
    assert "新账号报上去了" in page.inner_text("main")
    who.context.close()
