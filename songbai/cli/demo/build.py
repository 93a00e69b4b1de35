"""Building the demo city: district by district, stage by stage, each said and timed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial

import numpy as np
from django.conf import settings
from django.db import connection, transaction

from songbai.cli.demo import (
    assessed,
    check,
    credits,
    crew,
    days,
    doors,
    facts,
    fleet,
    hospitals,
    indexes,
    money,
    network,
    news,
    people,
    population,
    register,
    settle,
    tables,
    work,
)
from songbai.cli.demo.books import Books
from songbai.cli.demo.district import District, Person, Plan
from songbai.cli.demo.geography import TONGLIANG, whole
from songbai.cli.demo.history import moment
from songbai.cli.demo.site import Report, Silence, Site, Summary, fast_session, unchecked
from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.regions.models import Region
from songbai.core.regions.queries import forget
from songbai.core.stages import stages
from songbai.domain.catalogue.actions import publish_catalogue
from songbai.domain.elders.actions import recount
from songbai.domain.elders.models import Elder
from songbai.domain.providers.models import Provider

SEED = 7
DAYS, DAYS_ELSEWHERE = 92, 14
"""Days of history in Tongliang, and in the other districts of the whole city."""
CITY = "50"


class NotTheDemo(RuntimeError):
    """The demo city has known passwords: it is only built with SONGBAI_DEMO=1."""


def districts_of(region: str) -> list[str]:
    """12-digit codes to build for ``50`` (the whole city, Tongliang first) or district codes.

    Raises KeyError for a code that is no district.
    """
    known = population.elders_by_district()
    if region == CITY:
        return [TONGLIANG, *(code for code in known if code != TONGLIANG)]
    codes = [whole(code) for code in region.split(",")]
    for code in codes:
        known[code]
    return codes


def build_demo(
    region: str = "500151",
    seed: int = SEED,
    elders: int | None = None,
    days: int = DAYS,
    report: Report | None = None,
) -> Summary:
    """Build districts into an empty, migrated database; for tests with few ``elders`` and days.

    Raises NotTheDemo outside the demo, KeyError for an unknown district, BooksDisagree when the
    result contradicts itself (nothing is kept then of the last district).
    """
    if not settings.DEMO:
        raise NotTheDemo
    codes = districts_of(region)
    summary = Summary(codes, seed, days)
    with register.pool() as executor, fast_session():
        site = Site(Plan(seed, clock.now(), days), report or Silence(), summary, executor)
        site.stage("区划", _divisions)
        site.stage("服务目录", lambda: publish_catalogue(SYSTEM))
        with indexes.without(site.stage) if elders is None else contextlib.nullcontext():
            for district, blocks in _drawn_ahead(site, codes, elders):
                with transaction.atomic(), unchecked():
                    _district(site, district, blocks)
                    site.numbers.settle()
        site.stage("统计信息", _analyze)
        if TONGLIANG in codes:
            story = people.story(site.plan)
            for stage in stages():
                site.stage(stage.words, partial(stage.tell, story))
        site.stage("老人统计", lambda: recount(SYSTEM))
        provider = int(site.numbers.first[Provider])
        months = credits.months_between(site.plan.oldest, site.plan.tomorrow)
        site.stage("核对账目", lambda: check.check(provider, months))
    people.write_list()
    forget()
    return summary


def _divisions() -> int:
    if Region.objects.exists():
        return 0
    rows = settle.divisions()
    forget()
    return rows


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _draw(site: Site, code: str, elders: int | None) -> District:
    """Invent a district: everything that needs no database."""
    plan = site.plan
    if code != TONGLIANG:
        plan = Plan(plan.seed, plan.now, min(plan.days, DAYS_ELSEWHERE))
    batch = population.district_elders(code, plan.seed, plan.today, elders)
    scale = len(batch) / population.TONGLIANG_ELDERS
    block = list(population.elders_by_district()).index(code)
    named = people.choose(batch) if code == TONGLIANG else None
    places = network.build(code, plan.seed, plan.today, scale, block)
    members = crew.hire(places, code, plan.seed, plan.today, scale, block, plan.days)
    vehicles = fleet.assemble(places, members, scale, plan.days)
    owned = {(row.provider, row.kind) for row in vehicles}
    return District(
        code=code,
        block=block,
        plan=plan,
        numbers=site.numbers,
        batch=batch,
        network=places,
        crew=members,
        offered=crew.offer(places, members, owned, code, plan.seed),
        fleet=vehicles,
        hospitals=hospitals.build(code, plan.seed, block, batch),
        elder_ids=site.numbers.take(Elder, len(batch)),
        named=named,
    )


def _drawn_ahead(
    site: Site, codes: list[str], elders: int | None
) -> Iterator[tuple[District, Iterator[bytes]]]:
    """Districts with their encrypted elders; the next is already drawn, so the pool never waits."""
    waiting: list[tuple[District, Iterator[bytes]]] = []
    for code in codes:
        waiting.append(_begin(site, code, elders))
        if len(waiting) > 1:
            yield waiting.pop(0)
    yield from waiting


def _begin(site: Site, code: str, elders: int | None) -> tuple[District, Iterator[bytes]]:
    """Draw a district and hand its elders to the pool."""
    district = _draw(site, code, elders)
    registered = moment(district.plan.oldest, 0) - np.timedelta64(200, "D")
    first = int(district.elder_ids[0])
    return district, register.blocks(site.executor, district.batch, first, f"{registered}+00")


def _district(site: Site, district: District, blocks: Iterator[bytes]) -> None:
    """All stages of one district."""
    district.sick = days.call_in_sick(district, settle.SICK) if len(district.crew) > 20 else ()
    site.stage("服务商和设施", lambda: settle.providers(district) and settle.offers(district))
    site.stage("医院", lambda: hospitals.write(district))
    assessed.register(district)
    caregiver = _sign_up(district)
    site.stage("护理员和班次", lambda: settle.staff(district, caregiver) + settle.shifts(district))
    of, count = days.clients(district), len(district.batch)
    site.stage("家属", lambda: settle.families(district, of.ravel()))
    site.stage("老人", lambda: _write_elders(site, blocks, count), count)
    people.write_risks(district)
    site.stage("部门说的情况", lambda: facts.write(district))
    site.stage("能力评估", lambda: assessed.write(district))
    _history(site, district, of)
    site.summary.elders += count


def _sign_up(district: District) -> Person | None:
    """Accounts of the named people; returns the caregiver among them."""
    if district.named is None:
        return None
    found = people.sign_up(district)
    district.dispatcher, district.officer = found["dispatcher"], found["officer"]
    district.families = dict.fromkeys(district.named.rows(), found["daughter"])
    district.families[district.named.stranger] = found["stranger"]
    return found["caregiver"]


def _write_elders(site: Site, blocks: Iterator[bytes], count: int) -> int:
    def told() -> Iterator[bytes]:
        for block in blocks:
            site.report.advance(register.SLICE)
            yield block

    tables.copy(Elder, register.NAMES, told())
    return count


def _history(
    site: Site, district: District, of: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
) -> None:
    """Orders, visits and money of a district."""
    orders, stops = days.plan_all(district, of)
    done = work.prepare(district, orders, stops)
    books = Books()
    given: dict[tuple[int, str], int] = {}

    def give() -> int:
        given.update(money.give(district, books))
        done.credit = credits.spend(orders, done.price.tolist(), given)
        return len(given)

    site.stage("居家服务额度", give)
    site.stage("订单", lambda: work.write_orders(district, done))
    site.stage("派单和上门记录", lambda: doors.write_visits(district, done))

    def keep() -> int:
        money.move(district, done, books)
        money.lapse(district, books, given)
        return books.close(site.numbers)

    site.stage("账本", keep)
    site.stage(
        "动态和查看留痕",
        lambda: news.write_events(district, done) + news.write_reads(district, done),
    )
    site.summary.orders += len(orders)
