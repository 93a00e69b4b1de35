"""One LTCI assessment through every state, by the pages of those whose turn it is.

The daughter asks (with the self-assessment), the office assigns, an assessor books, two fill (one
without signal), they confer, the daughter signs, a second body reviews, the result is made public
and told, she appeals, a third body assesses again, the result is final; then the care plan.
"""

import json
import os
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from songbai.core import clock
from songbai.domain.assessments.rules.process import drawn
from songbai.domain.assessments.tests.forms import LTCI

from .browser import Person, chromium, visitor
from .stage import Stage, eventually

pytestmark = pytest.mark.slow
PICTURES = os.environ.get("SONGBAI_ASSESSMENT_PICTURES", "")
SET_UP = """
import django
django.setup()
import itertools, json
from types import SimpleNamespace
from django.test import Client
from songbai.core.accounts.models import Account
from songbai.core.accounts.queries import actors_of
from songbai.domain.assessments.tests.scene import make_scene
from songbai.domain.elders.models import Elder
import tests.cast
tests.cast._phones = itertools.count(12_950_000_000)  # the cast's own numbers are taken
officer = actors_of(Account.objects.get(name="刘局"))[0]
mother = Elder.objects.get(name="王桂英")
scene = make_scene(SimpleNamespace(mother=mother, officer=officer), bodies=3)
def session(name):
    client = Client()
    client.force_login(Account.objects.get(name=name),
                       backend="songbai.core.accounts.backends.PasswordBackend")
    return client.cookies["songbai-session"].value
names = ["刘局", "王敏", "张霞", *(actor.name for pair in scene.actors for actor in pair)]
print("SAID " + json.dumps({"sessions": {name: session(name) for name in names},
    "bodies": [body.pk for body in scene.bodies], "elder": mother.pk}))
"""
ITEMS = list(LTCI.items)
#: The second option of every item that has one: somebody who needs some help.
PLACES = {code: min(1, len(LTCI.items[code].options) - 1) for code in ITEMS}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An installation with the cast and three bodies; no worker, so that pages do every step."""
    found = Stage(Path(tmp_path_factory.mktemp("process")))
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


@pytest.fixture
def people(stage: Stage, browser: Browser) -> Iterator[dict[str, Person]]:
    """Everybody with a device of their own."""
    sizes = {"刘局": "desk", "张霞": "desk", "王敏": "phone"}
    found = {}
    for name, session in stage.cast["sessions"].items():
        size = sizes.get(name, "phone" if name.endswith("0") else "tablet")
        found[name] = visitor(stage, browser, size)
        cookie = {"name": "songbai-session", "value": session, "url": stage.url}
        found[name].context.add_cookies([cookie])  # type: ignore[list-item]  # a cookie as said
    yield found
    for one in found.values():
        one.context.close()


def look(who: Person, name: str) -> None:
    """Axe, and a picture."""
    who.page.wait_for_timeout(300)
    who.look()
    if PICTURES:
        who.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def state(stage: Stage, assessment: int) -> str:
    query = "SELECT state FROM assessments_assessment WHERE id = %s"
    return str(stage.sql(query, assessment)[0][0])


def press(page: Page, words: str) -> None:
    """Press a button and wait for the page that follows."""
    with page.expect_navigation():
        page.get_by_role("button", name=words, exact=True).click()


def ask(who: Person, stage: Stage) -> int:
    """The daughter answers the self-assessment and asks."""
    page = who.go(f"/family/elders/{stage.cast['elder']}/assessments/new/?instrument=ltci-2021")
    look(who, "01-gate-phone")
    for code in ("a1", "a2", "a3", "b1", "b2", "b3"):
        choice = "依赖" if code.startswith("a") else "部分独立"
        page.locator(f"#g-{code} label", has_text=choice).click()
    press(page, "申请")
    found = int(page.url.rstrip("/").rsplit("/", 1)[1])
    assert state(stage, found) == "accepted"
    return found


def book(who: Person, assessment: int) -> None:
    """An assessor agrees on a time with the family."""
    page = who.go(f"/assessor/assessments/{assessment}/")
    begin = clock.today() + timedelta(days=1)
    page.locator("[name=day]").fill(f"{begin:%Y-%m-%d}")
    page.locator("[name=time]").fill("09:00")
    with page.expect_navigation():
        page.locator("form[action$='/book/'] button[type=submit]").click()


def sheets(stage: Stage, assessment: int) -> dict[str, int]:
    query = "SELECT name, id FROM assessments_assessoranswers WHERE assessment_id = %s AND active"
    return {str(name): int(pk) for name, pk in stage.sql(query, assessment)}


def fill(who: Person, sheet: int, changes: dict[str, int]) -> None:
    """Every item by one press; the next comes by itself."""
    page = who.page
    for code in ITEMS:
        screen = page.locator(f"[data-screen='{code}']")
        screen.locator(".opts .opt").nth(changes.get(code, PLACES[code])).click()
        expect(screen).to_be_hidden()
    page.goto(f"{who.stage.url}/assessor/sheets/{sheet}/#end")
    page.get_by_role("button", name="填完了，交上去").click()


def assess(
    stage: Stage, pair: list[Person], names: list[str], assessment: int, **other: int
) -> None:
    """Both fill, the first without signal; they confer and the daughter signs."""
    mine = sheets(stage, assessment)
    first, second = pair
    first.go("/assessor/")
    expect(first.page.locator("[data-kept]")).to_be_visible(timeout=60_000)
    first.go(f"/assessor/sheets/{mine[names[0]]}/")
    look(first, f"04-form-{assessment}-phone")
    first.context.set_offline(True)
    fill(first, mine[names[0]], {})
    expect(first.page.locator("[data-offline]")).to_be_visible()
    second.go(f"/assessor/sheets/{mine[names[1]]}/")
    look(second, f"05-form-{assessment}-tablet")
    fill(second, mine[names[1]], {code.replace("_", "."): n for code, n in other.items()})
    done = "SELECT count(*) FROM assessments_tap WHERE sheet_id = %s"
    assert stage.sql(done, mine[names[0]]) == [(0,)]
    first.context.set_offline(False)
    eventually("both sheets", 90, lambda: state(stage, assessment) == "done")
    assert stage.sql(done, mine[names[0]]) == [(len(ITEMS),)]
    page = first.go(f"/assessor/assessments/{assessment}/agree/")
    look(first, f"06-agree-{assessment}-phone")
    for group in page.locator("fieldset").all():
        group.locator("label").first.click()
    with page.expect_navigation():
        page.locator("main form button[type=submit]").click()
    page.fill("#name", "王敏")
    page.select_option("#relation", "子女")
    look(first, f"07-sign-{assessment}-phone")
    press(page, "签好了")
    assert state(stage, assessment) == "signed"


def office(who: Person, assessment: int, words: str) -> None:
    """The officer presses what comes next."""
    press(who.go(f"/bureau/assessments/{assessment}/"), words)


def end_publicity(stage: Stage, officer: Person, assessment: int) -> None:
    """Seven days pass."""
    assert state(stage, assessment) == "publicised"
    stage.sql(
        "UPDATE assessments_assessment SET publicity_until = %s WHERE id = %s RETURNING id",
        clock.today() - timedelta(days=2),
        assessment,
    )
    office(officer, assessment, "公示期满，出结果")


def draw(stage: Stage, assessment: int) -> None:
    """Let the lot fall on this one: its key decides."""
    keys = (uuid.UUID(int=number) for number in range(10_000))
    percent = LTCI.process.review_percent
    key = next(key for key in keys if drawn(str(key), assessment, percent))
    stage.sql(
        "UPDATE assessments_assessment SET key = %s WHERE id = %s RETURNING id", key, assessment
    )


def test_every_state_is_reached_by_pages(stage: Stage, people: dict[str, Person]) -> None:
    daughter, officer = people["王敏"], people["刘局"]
    found = ask(daughter, stage)
    page = officer.go(f"/bureau/assessments/{found}/")
    page.select_option("#body", str(stage.cast["bodies"][0]))
    press(page, "分派")
    names = ["评估员00", "评估员01"]
    pair = [people[name] for name in names]
    book(pair[0], found)
    assess(stage, pair, names, found, **{"1_1": 2, "2_1": 3})

    draw(stage, found)
    office(officer, found, "往下办")
    assert state(stage, found) == "in_review"
    look(officer, "08-in-review-desk")
    [(asked, reviewer)] = stage.sql(
        "SELECT r.id, a.name FROM assessments_review r"
        " JOIN assessments_assessor a ON a.id = r.assessor_id"
    )
    second = people[str(reviewer)]
    second.go("/assessor/")
    look(second, "09-day-with-review")
    review = second.go(f"/assessor/reviews/{asked}/")
    look(second, "10-review")
    press(review, "同意这个结果")
    officer.go(f"/bureau/assessments/{found}/")
    look(officer, "11-publicised-desk")
    end_publicity(stage, officer, found)
    assert state(stage, found) == "noticed"

    page = daughter.go(f"/family/assessments/{found}/")
    look(daughter, "12-result-phone")
    expect(page.get_by_text("未核实").first).to_be_visible()
    letter = daughter.context.request.get(f"{stage.url}/family/assessments/{found}/letter/")
    assert letter.body().startswith(b"%PDF")
    page.get_by_text("不同意这个结果，申诉").click()
    page.fill("#reason", "晚上起不来床，要两个人扶")
    press(page, "申诉")
    [(again,)] = stage.sql("SELECT id FROM assessments_assessment WHERE appeal_of_id = %s", found)
    assert state(stage, found) == "appealed"

    # Two bodies have judged already, one of them as reviewer: the third is all that is left.
    reviewed = int(str(reviewer)[-2])
    left = next(number for number in (1, 2) if number != reviewed)
    office(officer, again, "分派")
    assert stage.sql("SELECT body_id FROM assessments_assessment WHERE id = %s", again) == [
        (stage.cast["bodies"][left],)
    ]
    names = [f"评估员{left}0", f"评估员{left}1"]
    pair = [people[name] for name in names]
    book(pair[0], again)
    assess(stage, pair, names, again)
    office(officer, again, "往下办")
    end_publicity(stage, officer, again)
    assert (state(stage, found), state(stage, again)) == ("final", "final")
    daughter.go(f"/family/assessments/{again}/")
    look(daughter, "13-final-phone")


def test_the_result_becomes_a_care_plan(stage: Stage, people: dict[str, Person]) -> None:
    """After the first test."""
    daughter, desk, officer = people["王敏"], people["张霞"], people["刘局"]
    page = daughter.go(f"/family/elders/{stage.cast['elder']}/plans/")
    look(daughter, "20-plans-phone")
    press(page, "列一份服务计划")
    look(daughter, "21-draft-phone")
    plan = int(page.url.rstrip("/").rsplit("/", 1)[1])
    desk.go("/desk/care-plans/")
    look(desk, "22-plans-desk")
    desk.go(f"/desk/care-plans/{plan}/")
    look(desk, "23-draft-desk")
    press(page, "同意这份计划")
    look(daughter, "24-agreed-phone")
    with page.expect_navigation():
        page.locator("button[value=order]").click()
    assert stage.sql("SELECT count(*) > 0 FROM orders_order") == [(True,)]
    look(daughter, "25-ordered-phone")
    desk.go(f"/desk/care-plans/{plan}/")
    look(desk, "26-agreed-desk")
    officer.go("/bureau/plans/?show=agreed")
    look(officer, "27-plans-bureau")
    officer.go(f"/bureau/plans/{plan}/")
    look(officer, "28-plan-bureau")
    officer.go(f"/bureau/bodies/{stage.cast['bodies'][0]}/")
    look(officer, "29-body-bureau")
