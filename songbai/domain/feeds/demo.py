"""The demo's story of the departments: three months of deliveries, the last ones for real.

Older deliveries are rows with counts that follow from the register; the newest ones of four feeds
are files that go through the same actions as anybody's, with wrong cells and unknown people in
them. One list is late and one file was refused as a whole, so that nobody has to imagine it.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import numpy as np

from songbai.core import clock, texts
from songbai.core.accounts.rules import SYSTEM
from songbai.core.crypto import decrypt
from songbai.core.stages import Story, stage
from songbai.domain.elders.models import Elder
from songbai.domain.elders.rules import HardshipClass
from songbai.domain.feeds.actions.receiving import load
from songbai.domain.matching.rules import check_character
from songbai.domain.providers.models import Provider

from .actions.checking import check
from .actions.keys import issue_key, revoke_key
from .actions.receiving import Parcel, feed_of, receive
from .actions.watching import note_late
from .actions.writing import write
from .models import Delivery, Feed
from .rules.schema import Schema, schemas
from .rules.states import EARLY, DeliveryState, Every, Way, due_after, next_due

DAYS = 92
#: The list that is late today, and the file that was refused as a whole.
LATE, REFUSED = "canlian_disability", "weijian_health"
#: Feeds whose newest delivery is a real file.
REAL = ("weijian_doctors", "yibao_stays", "renshe_survival", "shichang_providers")
HOSPITALS = ("铜梁区人民医院", "铜梁区中医院", "巴川街道社区卫生服务中心", "安居镇中心卫生院")
Row = dict[str, str]


@stage("feeds", words="部门数据")
def tell(story: Story) -> int:
    """Write everything; returns how many deliveries there are."""
    rng = np.random.default_rng([story.seed, 41])
    sizes = _sizes(story)
    for schema in schemas().values():
        if schema.department != "village":
            _history(story, schema, sizes[schema.code], rng)
    forgot_a_column = f"健康档案号,姓名,体检日期\nJ001,王某,{_day(20)}\n"
    _take(story, REFUSED, forgot_a_column.encode())
    for code, rows in _files(_some_elders(story), rng):
        _hand_in(story, code, rows)
    note_late(SYSTEM)
    for days, department in ((80, "renshe"), (75, "yibao"), (20, "gongan")):
        with story.ago(days):
            key, _ = issue_key(story.actors["officer"], department, story.region)
    with story.ago(6):
        revoke_key(story.actors["officer"], key.key_id)
    return Delivery.objects.count()


def _sizes(story: Story) -> dict[str, int]:
    """Rows of a usual delivery: what the register says where it can."""
    living = Elder.objects.filter(**story.inside, died_on=None)
    elders = living.count()
    return {
        "gongan_people": elders // 400,
        "gongan_deaths": max(elders // 12_000, 1),
        "renshe_pensions": elders,
        "renshe_survival": elders // 14,
        "weijian_health": elders // 18,
        "weijian_doctors": elders // 30,
        "yibao_insured": elders,
        "yibao_stays": elders // 260,
        "yibao_ltci": elders // 1_500,
        "canlian_disability": elders // 15,
        "shichang_providers": Provider.objects.count(),
        "minzheng_hardship": living.exclude(hardship=HardshipClass.NONE).count(),
        "minzheng_deaths": max(elders // 13_000, 1),
    }


def _history(story: Story, schema: Schema, size: int, rng: np.random.Generator) -> None:
    """Deliveries of the last three months, each about as large as the register says."""
    feed = feed_of(schema.code, story.region)
    today = clock.today()
    dues = list(_dues(schema, today - timedelta(days=DAYS), today))
    if schema.code in {LATE, REFUSED, *REAL}:
        dues = dues[:-1]
    told = (_past(feed, schema, due, size, rng) for due in dues)
    rows = [row for row in told if row.written_at and row.written_at <= clock.now()]
    if rows:
        came = rows[-1].received_at.astimezone(clock.SHANGHAI).date()
        load(feed, rows, due_after(schema.due, dues[len(rows) - 1], came))


def _dues(schema: Schema, first: date, last: date) -> Iterator[date]:
    """Due days that have passed, oldest first."""
    day = first
    while (day := next_due(schema.due, day - timedelta(days=EARLY[schema.due.every]))) <= last:
        yield day
        day += timedelta(days=EARLY[schema.due.every])


def _past(feed: Feed, schema: Schema, due: date, size: int, rng: np.random.Generator) -> Delivery:
    rows = max(int(size * rng.uniform(0.94, 1.06)), 1)
    # Rows that went back or wait are only told of deliveries that have such rows.
    new = int(rng.binomial(rows, 0.02)) if schema.list == "full" else rows
    changed = int(rng.binomial(rows - new, 0.03))
    early = int(rng.integers(0, 2)) if schema.due.every is not Every.DAY else 0
    moment = clock.at(due - timedelta(days=early), 9, int(rng.integers(0, 60)))
    return Delivery(
        feed=feed,
        region_id=feed.region_id,
        digest=rng.bytes(32),
        way=Way.API if schema.department in {"renshe", "yibao"} else Way.FOLDER,
        sender=schema.department_name,
        file_name=f"{schema.code}-{feed.region_id[:6]}-{due:%Y%m%d}.csv",
        file_bytes=rows * 96 + 120,
        as_of=moment - timedelta(hours=12),
        received_at=moment,
        last_received_at=moment,
        state=DeliveryState.WRITTEN,
        layout={"headers": [c.title for c in schema.columns],
                "places": {c.name: c.title for c in schema.columns}},
        rows=rows,
        matched=rows,
        new=new,
        changed=changed,
        same=rows - new - changed,
        checked_at=moment + timedelta(seconds=2),
        written_at=moment + timedelta(seconds=2 + rows // 10_000),
    )  # fmt: skip


def _some_elders(story: Story) -> list[tuple[str, str]]:
    """Identity numbers and names of a few hundred people of the district."""
    some = Elder.objects.filter(**story.inside).order_by("id")[:6_000:10]
    return [(decrypt(elder.id_number), elder.name) for elder in some]


def _files(
    elders: Sequence[tuple[str, str]], rng: np.random.Generator
) -> Iterator[tuple[str, list[Row]]]:
    """The newest files, each with a few wrong cells and people from elsewhere."""
    people = _with_strangers(elders, rng)
    yield "weijian_doctors", [
        {
            "签约编号": f"Q{at:06d}", "身份证号": number, "姓名": name,
            "家庭医生": f"{'陈李周'[at % 3]}医生团队", "签约日期": _day(at % 300 + 3),
            "到期日期": _day(at % 300 + 3 - 365),
        }
        for at, (number, name) in enumerate(people)
    ]  # fmt: skip
    yield "yibao_stays", [
        {
            "住院号": f"Z{at:06d}", "身份证号": number, "姓名": name,
            "医院名称": HOSPITALS[at % 4], "入院日期": _day(at % 20 + 6),
            "出院日期": "" if at % 3 else _day(at % 20 + 2), "上报日期": _day(1),
        }
        for at, (number, name) in enumerate(people[:180])
    ]  # fmt: skip
    yield "renshe_survival", [
        {
            "认证流水号": f"R{at:06d}", "身份证号": number, "姓名": name,
            "认证日期": "昨天" if at % 90 == 7 else _day(at % 30 + 1),
            "认证方式": ("人脸识别", "窗口", "上门")[at % 3],
        }
        for at, (number, name) in enumerate(people)
    ]  # fmt: skip
    yield "shichang_providers", [
        {
            "统一社会信用代码": provider.uscc, "名称": provider.name,
            "住所区划代码": provider.region_id, "登记状态": "存续", "核准日期": _day(20),
        }
        for provider in Provider.objects.filter(exited_on=None).order_by("id")[:200]
        if texts.is_credit_code(provider.uscc)
    ]  # fmt: skip


def _with_strangers(
    elders: Sequence[tuple[str, str]], rng: np.random.Generator
) -> list[tuple[str, str]]:
    """Every fortieth is somebody the register does not know, every fiftieth has a slip."""
    found = []
    for at, (number, name) in enumerate(elders):
        if at % 40 == 11:
            born = f"19{rng.integers(35, 60)}0{at % 9 + 1}1{at % 9}"
            body = f"510{rng.integers(100, 999)}{born}{at % 1000:03d}"
            number = body + check_character(body)
        elif at % 50 == 23:
            number = number[:16] + str((int(number[16]) + 1) % 10) + number[17]
        found.append((number, name))
    return found


def _hand_in(story: Story, code: str, rows: Sequence[Row]) -> None:
    if not rows:
        return
    target = io.StringIO()
    writer = csv.DictWriter(target, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    _take(story, code, target.getvalue().encode())


def _take(story: Story, code: str, content: bytes) -> None:
    schema = schemas()[code]
    delivery = receive(
        SYSTEM,
        Parcel(
            code=code,
            region=story.region,
            file=io.BytesIO(content),
            file_name=f"{code}-{story.region}-{clock.today():%Y%m%d}.csv",
            way=Way.FOLDER,
            sender=schema.department_name,
            as_of=clock.now() - timedelta(hours=1),
        ),
    )
    check(SYSTEM, delivery.pk)
    write(SYSTEM, delivery.pk)


def _day(back: int) -> str:
    return f"{clock.today() - timedelta(days=back):%Y-%m-%d}"
