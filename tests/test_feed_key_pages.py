"""Keys of departments in a real browser: issued, shown, taken back; two sizes, with axe."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from .browser import chromium
from .stage import Stage
from .test_roster_pages import officer

pytestmark = pytest.mark.slow
#: Where pictures go when somebody wants to look at them.
PICTURES = os.environ.get("SONGBAI_FEED_KEY_PICTURES", "")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An installation with the cast and the web."""
    found = Stage(Path(tmp_path_factory.mktemp("keys")))
    try:
        found.start_database()
        found.set_up()
        found.run("-m", "songbai.cli.main", "assets")
        found.start_web()
        yield found
    finally:
        found.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the module."""
    with chromium() as started:
        yield started


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_a_key_is_issued_shown_once_and_revoked(stage: Stage, browser: Browser, size: str) -> None:
    person = officer(stage, browser, size)
    page = person.go("/bureau/feeds/keys/")
    person.look()
    page.get_by_label("哪个部门的什么数据").select_option("renshe:renshe_pensions")
    page.get_by_role("button", name="发放").click()
    expect(page.get_by_role("heading", name="新密钥 renshe-")).to_be_visible()
    secret = page.get_by_role("status").locator("code").inner_text()
    assert len(secret) == 64
    person.look()
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/feed-keys-{size}.png", full_page=True)
    page.goto(f"{stage.url}/bureau/feeds/keys/")
    assert secret not in page.content()
    page.get_by_role("button", name="收回密钥 renshe-").first.click()
    expect(page.get_by_text("已收回").first).to_be_visible()
    person.look()
