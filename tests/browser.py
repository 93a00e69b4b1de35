"""A real browser: Debian's Chromium, driven by Playwright, with axe on every page it opens."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from songbai.core import clock

from .stage import ROOT, Stage

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
#: The shell without a window needs half the processor time; where it is not packaged, the whole.
CHROMIUM = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--use-gl=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"),
]
SIZES = {"desk": (1440, 900), "phone": (390, 844), "tablet": (820, 1180)}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: The browser notes every refusal and every lost connection; what was typed wrong, came too late or
#: had no signal is answered by the page itself. A page that is left need not fetch the rest.
ANSWERED = (
    "net::ERR_INTERNET_DISCONNECTED",
    *(f"status of {code}" for code in (409, 422, 503)),
    *("htmx:afterRequest", "htmx:sendAbort"),
)
#: Where pictures go: into the documents when asked, else nowhere anybody commits.
PICTURES = ROOT / "docs" / "images" if os.environ.get("SONGBAI_SCREENSHOTS") == "1" else None


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, closed at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Person:
    """Somebody with a browser window of their own; ``complaints`` collects script errors."""

    stage: Stage
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Open a page of the site."""
        reply = self.page.goto(f"{self.stage.url}{path}")
        assert reply is not None
        assert reply.status == 200, f"{path}: {reply.status}"
        return self.page

    def look(self, picture: str = "", *, whole: bool = False) -> None:
        """Run axe on the page as it stands, and keep a picture when asked for one."""
        self.settle()
        violations = axe(self.page)
        assert violations == [], f"{self.page.url}: {violations}"
        assert self.complaints == [], f"{self.page.url}: {self.complaints}"
        if picture and PICTURES:
            self.page.evaluate("scrollTo(0, 0)")
            self.page.wait_for_timeout(1200)
            PICTURES.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=PICTURES / f"{picture}.png", full_page=whole)

    def settle(self) -> None:
        """Wait until the page has fetched what it wants; a live one never has."""
        self.page.wait_for_load_state("networkidle" if not self._is_live() else "load")

    def complain_of(self, said: ConsoleMessage) -> None:
        """Nothing that a page does may leave an error in the console."""
        if said.type == "error" and not any(known in said.text for known in ANSWERED):
            self.complaints.append(f"{said.text} ({said.location.get('url')})")

    def _is_live(self) -> bool:
        return self.page.locator("[data-live]").count() > 0

    def log_in_family(self, phone: str) -> None:
        """By the code on the phone."""
        self.go("/login/")
        self.look()
        self.page.fill("#phone", phone)
        self.page.click("form[data-once] button[type=submit]")
        self.page.wait_for_url("**/login/code/**")
        self.look()
        self.page.fill("#code", self.stage.last_code())
        self.page.click("form[data-once] button[type=submit]")
        self.page.wait_for_url("**/family/**")

    def log_in_staff(self, person: dict[str, Any], token: str) -> None:
        """By password and dynamic code."""
        self.go("/login/?tab=staff")
        self.page.fill("#username", person["phone"])
        self.page.fill("#password", person["password"])
        self.page.fill("#token", token)
        self.page.click("form[data-once] button[type=submit]")
        self.page.wait_for_url(f"**{person['url']}**")


def visitor(stage: Stage, browser: Browser, size: str, **options: Any) -> Person:
    """A fresh window of a size."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        has_touch=size != "desk",
        device_scale_factor=1,
        **options,
    )
    context.set_default_timeout(20_000)
    if clock.ahead():
        context.clock.set_system_time(clock.now())  # people's devices live on the same day
    person = Person(stage, context, context.new_page())
    person.page.on("pageerror", lambda error: person.complaints.append(str(error)))
    person.page.on("console", lambda said: person.complain_of(said))
    return person


def axe(page: Page) -> list[str]:
    """Violations of WCAG A and AA to 2.2 and of best practice, in short words."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(
        # What passes is not described: that takes three quarters of the time.
        "rules => axe.run({runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})"
        ".then(found => found.violations)",
        RULES,
    )
    return [f"{one['id']}: {[node['target'] for node in one['nodes']][:3]}" for one in found]


def with_camera(browser: Browser, film: Path) -> Browser:
    """Another browser whose camera sees a film."""
    camera = (
        *("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"),
        f"--use-file-for-fake-video-capture={film}",
    )
    return browser.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, *camera])


def film_file(path: Path, text: str) -> Path:
    """What a camera sees that looks at a QR code: grey frames of 640 by 480 (YUV4MPEG2)."""
    import numpy as np
    import segno

    code = np.array([[*row] for row in segno.make(text, error="m").matrix_iter(scale=8, border=4)])
    seen = np.full((480, 640), 200, np.uint8)
    top, left = (480 - code.shape[0]) // 2, (640 - code.shape[1]) // 2
    seen[top : top + code.shape[0], left : left + code.shape[1]] = np.where(code, 20, 235)
    frame = b"FRAME\n" + seen.tobytes() + bytes([128]) * (480 * 640 // 2)
    path.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n" + 10 * frame)
    return path


def picture_file(path: Path, text: str) -> Path:
    """A photograph of a QR code."""
    import segno

    segno.make(text, error="m").save(str(path), scale=8, border=4)
    return path
