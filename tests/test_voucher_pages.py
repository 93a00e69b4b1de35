"""Vouchers on the pages of family, desk and bureau in a real browser, with axe."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .browser import chromium
from .stage import Stage
from .test_benefit_pages import opened, seen

pytestmark = pytest.mark.slow
#: Mrs Wang may use vouchers now and tomorrow; sessions of her daughter, the desk and the bureau.
SCENE = """
import django
django.setup()
from django.test import Client
from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.benefits.tests.giving import grant_voucher
from songbai.domain.benefits.tests.facts import may_use_vouchers
from songbai.domain.catalogue.models import Offer
from songbai.domain.elders.models import Elder
from tests.acts import wanted
from tests.cast import tomorrow
from songbai.domain.orders.actions import NewOrder, place
import uuid

mother = Elder.objects.get(name="王桂英")
may_use_vouchers(mother)
for month in {clock.month_of(clock.now()), clock.month_of(tomorrow(9))}:
    grant_voucher(SYSTEM, mother, month)
bath = Offer.objects.get(item_id="A05-01")
order = place(SYSTEM, NewOrder(uuid.uuid4(), mother, [bath.pk], tomorrow(9), tomorrow(11)))
for name in ("王敏", "张霞", "刘局"):
    client = Client()
    client.force_login(Account.objects.get(name=name),
                       backend="songbai.core.accounts.backends.PasswordBackend")
    print("SESSION " + client.cookies["songbai-session"].value)
print("IDS", mother.pk, bath.pk, order.pk, clock.month_of(tomorrow(9)))
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An installation with the cast and a web server."""
    found = Stage(Path(tmp_path_factory.mktemp("vouchers")))
    try:
        found.start_database()
        found.set_up()
        found.run("-m", "songbai.cli.main", "assets")
        found.start_web()
        yield found
    finally:
        found.close()


@pytest.fixture(scope="module")
def told(stage: Stage) -> list[list[str]]:
    """Three sessions, and the elder, the offer, the order, the month."""
    lines = stage.run("-c", SCENE).splitlines()
    return [line.split()[1:] for line in lines if line.startswith(("SESSION", "IDS"))]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the module."""
    with chromium() as started:
        yield started


@pytest.mark.parametrize("mode", ["", "elder"])
def test_the_family_sees_the_voucher_in_the_split(
    stage: Stage, browser: Browser, told: list[list[str]], mode: str
) -> None:
    [session], _, _, (_, offer, order, _) = told
    who = opened(stage, browser, "phone", session, mode)
    for name, path in {
        "voucher-home": "/family/",
        "voucher-quote": f"/family/order/?offer={offer}",
        "voucher-order": f"/family/orders/{order}/",
    }.items():
        assert "电子券" in who.go(path).content(), path
        seen(who, f"{name}-{mode or 'plain'}")
    who.context.close()


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_offices_see_who_pays_what(
    stage: Stage, browser: Browser, told: list[list[str]], size: str
) -> None:
    _, [desk], [bureau], (elder, _, order, month) = told
    for session, paths in (
        (desk, {"desk": f"/desk/orders/new/?elder={elder}"}),
        (
            bureau,
            {
                "money": f"/bureau/money/?month={month}",
                "order": f"/bureau/orders/{order}/",
                "orders": f"/bureau/orders/?month={month}",
            },
        ),
    ):
        who = opened(stage, browser, size, session)
        for name, path in paths.items():
            assert "电子券" in who.go(path).content(), path
            seen(who, f"voucher-{name}-{size}")
        who.context.close()


def test_the_back_button_after_leaving_shows_nothing(
    stage: Stage, browser: Browser, told: list[list[str]]
) -> None:
    """The next at a shared machine presses it; the session ends with this, so this comes last."""
    [session], _, _, (_, _, order, _) = told
    who = opened(stage, browser, "phone", session)
    assert "王桂英" in who.go(f"/family/orders/{order}/").content()
    who.go("/family/me/")
    who.page.get_by_role("button", name="退出登录").click()
    who.page.wait_for_url(f"{stage.url}/")
    for _ in range(2):
        who.page.go_back()
        assert "/login/" in who.page.url
        assert "王桂英" not in who.page.content()
    who.context.close()
