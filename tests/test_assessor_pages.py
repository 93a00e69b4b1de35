"""A day without signal: a whole GB/T 42195 assessment filled offline arrives once, unchanged."""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from songbai.core import clock
from songbai.domain.assessments.tests.forms import GBT

from .browser import Person, chromium, visitor
from .stage import Stage, eventually

pytestmark = pytest.mark.slow
SET_UP = """
import django, json, uuid
django.setup()
from datetime import date, timedelta
from django.test import Client
from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.assessments import actions
from songbai.domain.assessments.declares import ASSESSOR, BODY
from songbai.domain.assessments.rules.process import Channel
from songbai.domain.elders.models import Elder
import itertools
import tests.cast
from tests.cast import make_account, make_elder
tests.cast._phones = itertools.count(12_950_000_000)  # the cast's own are taken
body = actions.register_body(SYSTEM, region="500151000000", name="铜柏能力评估中心",
    uscc="91500151MA5UASM01X", instruments=["gbt42195-2022"], capacity=100)
people = [make_account(name, ASSESSOR) for name in ("许青", "方舟")]
people.append(make_account("骆敏", BODY, organisation=body.pk))
for n, who in enumerate(people[:2]):
    actions.register_assessor(SYSTEM, body, name=who.name, number=f"P{n}", medical=n == 0,
        certificate="老年人能力评估师", certificate_until=clock.today() + timedelta(days=700),
        account=Account.objects.get(pk=who.account))
def booked(elder, hours):
    wanted = actions.NewRequest(elder, "gbt42195-2022", Channel.VILLAGE, uuid.uuid4())
    found = actions.assign(SYSTEM, actions.request(SYSTEM, wanted).pk)
    actions.book(SYSTEM, found.pk, clock.now() + timedelta(hours=hours), 60)
    return {"assessment": found.pk, "sheets": {
        sheet.name: sheet.pk for sheet in found.sheets.filter(active=True)}}
def session(who):
    client = Client()
    client.force_login(Account.objects.get(pk=who.account),
                       backend="songbai.core.accounts.backends.PasswordBackend")
    return client.cookies["songbai-session"].value
print("SAID " + json.dumps({
    "first": booked(Elder.objects.get(name="王桂英"), 1),
    "second": booked(make_elder("陈松柏", 61), 3),
    "sessions": {who.name: session(who) for who in people}}))
"""
#: Where pictures go when somebody wants to look at them.
PICTURES = os.environ.get("SONGBAI_ASSESSOR_PICTURES", "")
ITEMS = list(GBT.items)
#: Places of the chosen options: all kinds of answers, not only the first button.
PLACES = {code: n % len(GBT.items[code].options) for n, code in enumerate(ITEMS)}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An installation with the cast, a body and two visits booked for today."""
    found = Stage(Path(tmp_path_factory.mktemp("assessor")))
    try:
        found.start_database()
        found.set_up()
        found.run("-m", "songbai.cli.main", "assets")
        found.cast |= json.loads(found.run("-c", SET_UP).split("SAID ", 1)[1])
        found.start_web()
        yield found
    finally:
        found.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the module."""
    with chromium() as started:
        yield started


def device_of(stage: Stage, browser: Browser, name: str, size: str) -> Person:
    """A device of its own on which this person is signed in."""
    found = visitor(stage, browser, size)
    session = stage.cast["sessions"][name]
    found.context.add_cookies([{"name": "songbai-session", "value": session, "url": stage.url}])
    return found


def look(who: Person, name: str) -> None:
    """Axe, and a picture."""
    who.page.wait_for_timeout(300)
    who.look()
    if PICTURES:
        who.page.screenshot(path=Path(PICTURES) / f"{name}.png")


def choose(page: Page, code: str, place: int) -> None:
    """Press the option in this place; the next item comes by itself."""
    page.locator(f"[data-screen='{code}'] .opts .opt").nth(place).click()
    expect(page.locator(f"[data-screen='{code}']")).to_be_hidden()


def nothing_to_report(page: Page, path: str) -> None:
    """The background on which the result rests."""
    for code in ("A.2.14", "A.4.1"):
        page.goto(f"{path}#{code.rsplit('.', 1)[0]}")
        page.locator(f"[id='q-{code}'] [data-none]").click()
    page.goto(f"{path}#A.5")
    page.locator("[id='q-A.5.11'] .opt").first.click()


def taps(stage: Stage, sheet: int) -> list[tuple[Any, ...]]:
    """Answers the platform has: item, value, the device's time, arrival."""
    query = "SELECT item, value, at, received_at FROM assessments_tap WHERE sheet_id = %s"
    return stage.sql(query, sheet)


def test_a_day_without_signal_arrives_once_with_its_own_times(
    stage: Stage, browser: Browser
) -> None:
    who = device_of(stage, browser, "许青", "tablet")
    sheet = stage.cast["first"]["sheets"]["许青"]
    page = who.go("/assessor/")
    expect(page.locator("[data-kept]")).to_be_visible(timeout=60_000)
    look(who, "1-day-tablet")

    yesterday = clock.now() - timedelta(days=1)
    page.clock.set_system_time(yesterday)
    who.context.set_offline(True)
    page.goto(f"{stage.url}/assessor/assessments/{stage.cast['first']['assessment']}/")
    expect(page.get_by_role("heading", name="没有信号")).to_be_visible()
    who.go("/assessor/")
    expect(page.get_by_role("heading", name="王桂英，")).to_be_visible()
    path = f"{stage.url}/assessor/sheets/{sheet}/"
    who.go(f"/assessor/sheets/{sheet}/")
    for code in ITEMS[:13]:
        choose(page, code, PLACES[code])
    look(who, "2-form-tablet-offline")
    page.close()

    who.page = page = who.context.new_page()
    page.clock.set_system_time(yesterday + timedelta(hours=1))
    who.go(f"/assessor/sheets/{sheet}/")
    expect(page.locator(f"[data-screen='{ITEMS[13]}']")).to_be_visible()
    for code in ITEMS[13:]:
        choose(page, code, PLACES[code])
    nothing_to_report(page, path)
    page.goto(f"{path}#end")
    page.get_by_role("button", name="填完了，交上去").click()
    expect(page.locator("[data-offline] [data-waiting-count]")).to_have_text("30")
    assert taps(stage, sheet) == []

    page.clock.set_system_time(clock.now())
    back = clock.now()
    who.context.set_offline(False)
    finished = (
        "SELECT 1 FROM assessments_assessoranswers"
        " WHERE finished_at > songbai_now() - '2 day'::interval"
    )
    eventually("everything arrives", 60, lambda: stage.sql(f"{finished} AND id = %s", sheet))
    page.reload()
    expect(page.get_by_text("已经交了")).to_be_visible()
    look(who, "3-end-tablet")
    found = taps(stage, sheet)
    values = {item: value for item, value, _, _ in found}
    wanted = {
        c: GBT.items[c].options[p].code or GBT.items[c].options[p].points for c, p in PLACES.items()
    }
    assert values == {**wanted, "A.2.14": {}, "A.4.1": [], "A.5.11": False}
    assert len(found) == 29
    early = {item: at for item, _, at, _ in found}
    assert all(yesterday <= early[code] < yesterday + timedelta(minutes=59) for code in ITEMS[:13])
    assert all(early[code] >= yesterday + timedelta(hours=1) for code in ITEMS[13:])
    assert all(at < back - timedelta(hours=20) < back <= arrived for _, _, at, arrived in found)
    [(begun, ended)] = stage.sql(
        "SELECT started_at, finished_at FROM assessments_assessoranswers WHERE id = %s", sheet
    )
    assert begun == min(early.values())
    assert max(early.values()) <= ended < back - timedelta(hours=20)
    who.context.close()


def test_two_devices_lose_nothing_and_ask(stage: Stage, browser: Browser) -> None:
    sheet = stage.cast["second"]["sheets"]["许青"]
    one, two = (device_of(stage, browser, "许青", size) for size in ("phone", "tablet"))
    for who in (one, two):
        who.go("/assessor/")
        expect(who.page.locator("[data-kept]")).to_be_visible(timeout=60_000)
        who.go(f"/assessor/sheets/{sheet}/")
        who.context.set_offline(True)
    choose(one.page, "B.1.1", 0)
    choose(one.page, "B.1.2", 1)
    choose(two.page, "B.1.1", 2)
    choose(two.page, "B.1.2", 1)
    one.context.set_offline(False)
    eventually("the first device's answers", 60, lambda: len(taps(stage, sheet)) == 2)
    two.context.set_offline(False)
    eventually("both devices' answers", 60, lambda: len(taps(stage, sheet)) == 4)
    for who in (one, two):
        who.page.goto(f"{stage.url}/assessor/sheets/{sheet}/#B.1.1")
        who.page.reload()
        asked = who.page.locator("[id='q-B.1.1'] [data-asked]")
        expect(asked).to_be_visible(timeout=60_000)
        expect(asked.locator(".opt")).to_have_count(2)
        look(who, f"4-asked-{'phone' if who is one else 'tablet'}")
    one.page.locator("[id='q-B.1.1'] [data-asked] .opt", has_text="另一台设备").click()
    expect(one.page.locator("[id='q-B.1.1'] [data-asked]")).to_be_hidden()
    eventually("the choice", 60, lambda: len(taps(stage, sheet)) == 5)
    two.page.reload()
    expect(two.page.locator("[id='q-B.1.1'] [data-asked]")).to_be_hidden(timeout=60_000)
    pressed = two.page.locator("[id='q-B.1.1'] .opts .opt[aria-pressed=true]")
    assert pressed.get_attribute("data-value") == str(GBT.items["B.1.1"].options[2].points)
    for code in ("B.2", "A.2", "A.4", "end"):
        target = "B.2.3" if code == "B.2" else code
        one.page.goto(f"{stage.url}/assessor/sheets/{sheet}/#{target}")
        look(one, f"5-form-{code}-phone")
    one.go(f"/assessor/assessments/{stage.cast['second']['assessment']}/")
    look(one, "6-visit-phone")
    one.context.close()
    two.context.close()


def test_conferring_and_signing_and_the_managers_page(stage: Stage, browser: Browser) -> None:
    """After the first test: the second assessor fills too, they confer, the daughter signs."""
    found = stage.cast["first"]
    who = device_of(stage, browser, "方舟", "phone")
    sheet = found["sheets"]["方舟"]
    page = who.go(f"/assessor/sheets/{sheet}/")
    for code in ITEMS:
        choose(page, code, 0 if code == "B.1.2" else PLACES[code])
    nothing_to_report(page, f"{stage.url}/assessor/sheets/{sheet}/")
    page.goto(f"{stage.url}/assessor/sheets/{sheet}/#end")
    page.get_by_role("button", name="填完了，交上去").click()
    finished = "SELECT 1 FROM assessments_assessoranswers WHERE id = %s AND finished_at IS NOT NULL"
    eventually("the sheet is in", 60, lambda: stage.sql(finished, sheet))
    who.go(f"/assessor/assessments/{found['assessment']}/agree/")
    look(who, "7-agree-phone")
    page.locator("fieldset label").first.click()
    page.get_by_role("button", name="就按商定的算").click()
    page.wait_for_url("**/sign/")
    look(who, "8-sign-phone")
    page.fill("#name", "王敏")
    page.select_option("#relation", "子女")
    canvas = page.locator("canvas[data-mark]")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 60, steps=5)
    page.mouse.up()
    page.get_by_role("button", name="签好了").click()
    expect(page.get_by_text("签好了。评估结果")).to_be_visible()
    [(mark,)] = stage.sql(
        "SELECT mark FROM assessments_signature WHERE kind = 'information_provider'"
    )
    assert mark.startswith("M") and mark.count("L") == 5
    desk = device_of(stage, browser, "骆敏", "tablet")
    desk.go("/assessor/body/")
    look(desk, "9-body-tablet")
    desk.go(f"/assessor/body/assessments/{stage.cast['second']['assessment']}/")
    look(desk, "10-assignment-tablet")
    for person in (who, desk):
        person.context.close()
