"""A village register in a real browser: upload, columns, preview, confirm; two sizes, with axe."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from songbai.domain.rosters.tests.files import HEADINGS, book, number, person

from .browser import Person, chromium, visitor
from .stage import Stage

pytestmark = pytest.mark.slow
SIGN_IN = """
import django
django.setup()
from django.test import Client
from songbai.core.accounts.models import Account
client = Client()
client.force_login(Account.objects.get(name="刘局"),
                   backend="songbai.core.accounts.backends.PasswordBackend")
print("SESSION " + client.cookies["songbai-session"].value)
"""
NEW = ["赵柏年", "钱秀英", "孙德福", "李桂兰", "周建国", "吴翠花", "郑长江", "冯玉珍"]
HEADERS = (*HEADINGS, "出生日期", "组", "其他")
#: Where pictures go when somebody wants to look at them.
PICTURES = os.environ.get("SONGBAI_ROSTER_PICTURES", "")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An installation with the cast, web and worker."""
    found = Stage(Path(tmp_path_factory.mktemp("rosters")))
    try:
        found.start_database()
        found.set_up()
        found.run("-m", "songbai.cli.main", "assets")
        found.start_web()
        found.start("worker", "worker")
        yield found
    finally:
        found.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the module."""
    with chromium() as started:
        yield started


def officer(stage: Stage, browser: Browser, size: str) -> Person:
    """The officer of the district, signed in."""
    session = stage.run("-c", SIGN_IN).split("SESSION ", 1)[1].strip()
    found = visitor(stage, browser, size)
    found.context.add_cookies([{"name": "songbai-session", "value": session, "url": stage.url}])
    return found


def look(who: Person, name: str) -> None:
    """Axe, and a picture."""
    who.look()
    if PICTURES:
        who.page.wait_for_timeout(300)
        who.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_a_clerk_brings_a_register_in(
    stage: Stage, browser: Browser, size: str, tmp_path: Path
) -> None:
    serial = 200 if size == "desk" else 300
    rows = [(*person(serial + n, who), "1945-3-1", "3 组", "x") for n, who in enumerate(NEW)]
    rows += [("钱松", number(serial + 20)[:-2], "139", "独居", "1945-02-30", "3 组", "")]
    rows += [("孙兰英", number(serial + 21), "13900000000", "与猫同住", "1945-03-01", "", "")]
    path = tmp_path / "东方社区老年人名册.xlsx"
    path.write_bytes(book(*rows, headings=HEADERS))
    who = officer(stage, browser, size)
    page = who.go("/bureau/rosters/?region=500151001001")
    look(who, f"1-upload-{size}")
    page.set_input_files("#file", path)
    page.get_by_role("button", name="上传，先核对").click()
    expect(page.get_by_role("heading", name="哪一列是什么")).to_be_visible()
    look(who, f"2-columns-{size}")
    page.get_by_role("button", name="对好了，核对内容").click()
    expect(page.get_by_role("heading", name="正在核对")).to_be_visible()
    expect(page.get_by_role("button", name="确认写入")).to_be_visible(timeout=60_000)
    look(who, f"3-preview-{size}")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载，改好再交").click()
    assert download.value.suggested_filename == "东方社区老年人名册-要改的行.xlsx"
    page.get_by_role("button", name="确认写入").click()
    expect(page.get_by_text("写完，")).to_be_visible(timeout=60_000)
    look(who, f"4-written-{size}")
    who.go("/bureau/rosters/")
    look(who, f"5-history-{size}")
    [(count,)] = stage.sql("SELECT count(*) FROM elders_elder WHERE name = ANY(%s)", NEW)
    assert count >= 8
    who.context.close()
