"""Building the demo city: district by district, stage by stage, each said and timed."""

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Model

from songbai.cli.demo import (
    assessed,
    calendar,
    check,
    crew,
    facts,
    fleet,
    hospitals,
    network,
    people,
    population,
    register,
    settle,
)
from songbai.cli.demo.district import District, Plan
from songbai.cli.demo.geography import TONGLIANG, whole
from songbai.cli.demo.history import History
from songbai.cli.demo.site import Site, Summary, fast_session
from songbai.cli.progress import Report
from songbai.core import clock
from songbai.core.accounts.models import Access
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.audit.models import Read
from songbai.core.events.models import Event
from songbai.core.ledger.loading import Books
from songbai.core.ledger.models import LedgerAccount, Transfer
from songbai.core.loading import Load, without_indexes
from songbai.core.regions.models import Region
from songbai.core.regions.queries import forget
from songbai.core.regions.rules import inside
from songbai.core.sql import run
from songbai.core.stages import stages
from songbai.domain.assessments.models import Assessment, AssessorAnswers
from songbai.domain.benefits.demo import give_credits
from songbai.domain.benefits.models import CreditGrant
from songbai.domain.catalogue.actions import publish_catalogue
from songbai.domain.dispatch.models import Assignment
from songbai.domain.elders.actions import recount
from songbai.domain.elders.models import CurrentFact, Elder, Fact
from songbai.domain.orders.loading import Past
from songbai.domain.orders.models import Order, OrderLine, PayerShare
from songbai.domain.providers.models import Provider, Shift
from songbai.domain.providers.rules import VehicleKind
from songbai.domain.visits.models import Visit, VisitStep

SEED = 7
DAYS, DAYS_ELSEWHERE = 35, 14
"""Days of history in Tongliang, and in the other districts of the whole city."""
CITY = "50"
Drawn = tuple[District, Iterator[register.Columns]]
"""A district and its elders, encrypted part by part."""
PEOPLE = (Elder, Fact, CurrentFact, Shift, Assessment, AssessorAnswers)
ORDERS = (Access, Order, OrderLine, PayerShare, Assignment, Visit, VisitStep, Read)
"""Large tables that are loaded without indexes; the ledger and what happened stand in order."""


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
    size: int | None = None,
    days: int = DAYS,
    report: Report | None = None,
) -> Summary:
    """Build districts into an empty, migrated database; small ones with ``size`` elders each.

    Raises NotTheDemo outside the demo, KeyError for an unknown district, BooksDisagree when the
    result contradicts itself (nothing is kept then of the last district).
    """
    if not settings.DEMO:
        raise NotTheDemo
    codes = districts_of(region)
    report = report or Report()
    summary = Summary(codes, seed, days, seconds=report.seconds)
    with register.pool() as executor, fast_session():
        site = Site(Plan(seed, clock.now(), days), report, summary, executor)
        site.stage("区划", lambda: _divisions(site))
        site.stage("服务目录", lambda: publish_catalogue(SYSTEM))

        def bare(tables: tuple[type[Model], ...]) -> AbstractContextManager[None]:
            large = size is None
            return without_indexes(tables, site.stage) if large else contextlib.nullcontext()

        told = None
        with bare(PEOPLE), bare(ORDERS):
            for district, blocks in _drawn_ahead(site, codes, size):
                with transaction.atomic():
                    _people(site, district, blocks)
                if district.named:
                    told = district
                else:
                    _history(site, district)
        site.stage("统计信息", partial(_analyze, ()))
        if told is not None:
            story = people.story(site.plan)
            site.stage("居家服务额度", partial(give_credits, story))
            with bare(ORDERS):
                _history(site, told)
            site.stage("统计信息", partial(_analyze, (*ORDERS, LedgerAccount, Transfer, Event)))
            for stage in stages():
                site.stage(stage.words, partial(stage.tell, story))
        site.stage("老人统计", lambda: recount(SYSTEM))
        provider = Provider.objects.earliest("pk").pk
        site.stage("核对账目", lambda: check.check(provider, site.plan.months))
    people.write_list()
    forget()
    return summary


def _divisions(site: Site) -> int:
    if Region.objects.exists():
        return 0
    rows = settle.divisions(site.load)
    forget()
    return rows


def _analyze(tables: tuple[type[Model], ...]) -> None:
    """Count what lies in some tables, or in all."""
    run("ANALYZE " + ", ".join(model._meta.db_table for model in tables))


def _draw(site: Site, code: str, size: int | None) -> District:
    """Invent a district: everything that needs no database."""
    plan = site.plan
    if code != TONGLIANG:
        plan = Plan(plan.seed, plan.now, min(plan.days, DAYS_ELSEWHERE))
    batch = population.district_elders(code, plan.seed, plan.today, size)
    scale = len(batch) / population.TONGLIANG_ELDERS
    block = list(population.elders_by_district()).index(code)
    named = people.choose(batch) if code == TONGLIANG else None
    places = network.build(code, plan.seed, plan.today, scale, block)
    members = crew.hire(places, code, plan.seed, plan.today, scale, block, plan.days)
    vehicles = fleet.assemble(places, members, scale, plan.days)
    owned = {(row.provider, VehicleKind(row.vehicle.kind)) for row in vehicles}
    return District(
        code=code,
        block=block,
        plan=plan,
        load=site.load,
        batch=batch,
        network=places,
        crew=members,
        offered=crew.offer(places, members, owned, code, plan.seed),
        fleet=vehicles,
        hospitals=hospitals.build(code, plan.seed, block, batch),
        elder_ids=site.load.take(Elder, len(batch)),
        named=named,
    )


def _drawn_ahead(site: Site, codes: list[str], size: int | None) -> Iterator[Drawn]:
    """Districts with their encrypted elders; the next is already drawn, so the pool never waits."""
    waiting: list[Drawn] = []
    for code in codes:
        waiting.append(_begin(site, code, size))
        if len(waiting) > 1:
            yield waiting.pop(0)
    yield from waiting


def _begin(site: Site, code: str, size: int | None) -> tuple[District, Iterator[register.Columns]]:
    """Draw a district and hand its elders to the pool."""
    district = _draw(site, code, size)
    registered = district.plan.begins - timedelta(days=200)
    first = int(district.elder_ids[0])
    return district, register.blocks(site.executor, district.batch, first, registered)


def _people(site: Site, district: District, blocks: Iterator[register.Columns]) -> None:
    """Who lives and works in one district, and what is known of them."""
    district.sick = calendar.call_in_sick(district) if len(district.crew) > 20 else ()
    site.stage("服务商和设施", lambda: settle.providers(district) and settle.offers(district))
    site.stage("医院", lambda: district.medical.extend(hospitals.write(district.hospitals)))
    assessed.register(district)
    caregiver = _sign_up(district)
    site.stage("护理员和班次", lambda: settle.staff(district, caregiver) + settle.shifts(district))
    count = len(district.batch)
    site.stage("老人", lambda: _write_elders(site, blocks), count)
    people.write_risks(district)
    site.stage("能力评估", lambda: assessed.write(district))
    site.stage("部门说的情况", lambda: facts.write(district))
    site.load.flush()
    site.summary.elders += count


def _sign_up(district: District) -> Actor | None:
    """Accounts of the named people; returns the caregiver among them."""
    if district.named is None:
        return None
    found = people.sign_up(district)
    district.dispatcher, district.officer = found["dispatcher"], found["officer"]
    district.families = dict.fromkeys(district.named.rows(), found["daughter"])
    district.families[district.named.stranger] = found["stranger"]
    return found["caregiver"]


def _write_elders(site: Site, blocks: Iterator[register.Columns]) -> int:
    count = 0
    for block in blocks:
        count += site.load.write(Elder, block)
        site.report.advance(register.SLICE)
    return count


@transaction.atomic
def _history(site: Site, district: District) -> None:
    """Families, orders, visits and money of a district."""
    load, month = Load(), clock.month_of(district.plan.today)
    grants = list(CreditGrant.objects.filter(**inside(district.code[:6])))
    entitled = [grant.elder_id for grant in grants if grant.month == month]
    of = calendar.clients(district, np.array(entitled))
    site.stage("家属", lambda: settle.families(district, of.ravel()))
    past = Past(load, Books(load))
    history = History(district, past, grants)

    def tell() -> int:
        planned = calendar.stops(district, of)
        return history.tell(planned, calendar.waiting(district, planned, of))

    before = site.summary.orders
    site.stage("订单、派单和上门", tell)
    site.summary.orders = before + history.told
    site.stage("账本、动态和查看留痕", past.close)
