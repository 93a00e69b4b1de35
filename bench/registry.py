"""The register of the whole city: looking up, importing a million statements, deriving everything.

    python -m bench.registry fill            7.04 million people and what is said of them, only that
    python -m bench.registry [--looks 400]   the figures, on what ``fill`` or the demo city left

Both use ``SONGBAI_HOME``. Prints p50 and p95 of looking up by identity number (goal 10 ms) and by
name in a district (goal 50 ms) as the web role under row-level security, each beside the owner
without it; the rebuild of the derived view (goal 180 s); the wide rows of everybody read by DuckDB;
and a million statements recorded, beside a bare COPY of the same rows in the same run. What it
records it takes back.
"""

# ruff: noqa: E402  # Django is set up before its models are imported

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast

from songbai.domain.elders.declares import OFFICER

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songbai.settings")
os.environ["SONGBAI_DEMO"] = "1"

from songbai.core import embedded

if "DATABASE_URL" not in os.environ:
    os.environ["DATABASE_URL"] = embedded.start()

import django

django.setup()

import numpy as np
from django.core.management import call_command
from django.db import connection, transaction
from rich.console import Console

from songbai.cli.demo import build, facts, population, register, settle
from songbai.cli.demo.district import District, Plan
from songbai.cli.demo.site import Site, Summary, fast_session
from songbai.cli.progress import Report
from songbai.core import clock, scope
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.crypto import blind_index, decrypt
from songbai.core.loading import without_indexes
from songbai.core.regions.models import Region
from songbai.domain.elders.actions.facts import STAGED, rebuild, record_staged, staging
from songbai.domain.elders.models import CurrentFact, Elder
from songbai.domain.elders.queries import search, visible
from songbai.domain.elders.queries.facts import view_of
from songbai.domain.elders.queries.facts.sets import digest, wide_sql

MILLION = 1_000_000
CODES = (
    "hardship", "living", "ability_level", "disability_kind", "disability_grade", "hukou",
    "pension", "medical_insurance", "ltci_insured", "ltci_grade", "survival", "bank_card",
)  # fmt: skip


def fill(region: str) -> None:
    """People and facts of the districts, by the stages of the demo city."""
    call_command("migrate", verbosity=0, interactive=False)
    with register.pool() as executor, fast_session():
        plan = Plan(7, clock.now(), 14)
        site = Site(plan, Report(Console()), Summary([], 7, 14), executor)
        if not Region.objects.exists():
            site.stage("regions", lambda: settle.divisions(site.load))
        with without_indexes(build.PEOPLE, site.stage):
            for code in build.districts_of(region):
                with transaction.atomic():
                    _district(site, code)
                    site.load.flush()
        site.stage("vacuum and analyze", _vacuum)


def _vacuum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _district(site: Site, code: str) -> None:
    batch = population.district_elders(code, site.plan.seed, site.plan.today, None)
    nothing = cast(Any, None)
    ids = site.load.take(Elder, len(batch))
    district = District(
        code,
        0,
        site.plan,
        site.load,
        batch,
        network=nothing,
        crew=nothing,
        offered=nothing,
        hospitals=nothing,
        elder_ids=ids,
    )
    blocks = register.blocks(site.executor, batch, int(ids[0]), site.plan.begins)
    site.stage(code, lambda: sum(site.load.write(Elder, one) for one in blocks), len(batch))
    site.stage("facts", lambda: facts.write(district))


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """As a request of the web would: the web role, bound to somebody."""
    scope.bind(actor)
    try:
        yield
    finally:
        scope.release()


def _times(looks: list[Callable[[], object]]) -> str:
    for look in looks[:5]:
        look()
    took = []
    for look in looks:
        began = time.perf_counter()
        look()
        took.append(1000 * (time.perf_counter() - began))
    cuts = statistics.quantiles(took, n=20)
    return f"p50 {statistics.median(took):7.2f} ms   p95 {cuts[18]:7.2f} ms"


def _looked(title: str, actor: Actor, looks: list[Callable[[], object]]) -> None:
    with acting(actor):
        print(f"{title:<28} web role {_times(looks)}")
    print(f"{'':<28} owner    {_times(looks)}")


def look_up(count: int) -> None:
    """By identity number in the whole city, and by the beginning of a name in one district."""
    rng = np.random.default_rng(5)
    last = Elder.objects.order_by("-pk").values_list("pk", flat=True)[0]
    rows = list(Elder.objects.filter(pk__in=rng.integers(1, last, 2 * count).tolist()))[:count]
    numbers = [decrypt(row.id_number) for row in rows]
    bureau = Actor(1, "bench", OFFICER, "50")

    def by_number(number: str) -> Callable[[], object]:
        return lambda: visible(bureau).get(id_number_index=blind_index(number))

    _looked("by identity number", bureau, [by_number(number) for number in numbers])
    officer = Actor(1, "bench", OFFICER, rows[0].region_id[:6])
    names = list(
        visible(officer)
        .values_list("name", flat=True)[: 40 * count : 40]
    )  # fmt: skip

    def by_name(name: str) -> Callable[[], object]:
        return lambda: search(officer, name)

    _looked("by name in a district", officer, [by_name(name) for name in names])
    _looked("by family name", officer, [by_name(name[0]) for name in names[:count]])


def _rebuilds() -> None:
    people = Elder.objects.count()
    before = digest(SYSTEM)
    began = time.perf_counter()
    changed = rebuild(SYSTEM, hands=2)
    same = time.perf_counter() - began
    print(f"rebuild, nothing to change   {same:6.1f} s   {people:,} people, {changed} rows changed")
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE elders_currentfact")
    began = time.perf_counter()
    rebuild(SYSTEM, hands=2)
    took = time.perf_counter() - began
    print(
        f"rebuild from nothing         {took:6.1f} s   {CurrentFact.objects.count():,} facts stand"
    )
    print(f"the same view as before      {digest(SYSTEM) == before}")


def _read_wide() -> None:
    import duckdb
    from duckdb_extensions import import_extension

    import_extension("postgres_scanner")
    lake = duckdb.connect()
    lake.execute("LOAD postgres_scanner")
    lake.execute(f"ATTACH '{os.environ['DATABASE_URL']}' AS record (TYPE postgres, READ_ONLY)")
    sql = wide_sql(CODES, view_of(), duckdb="record", stored=True)
    began = time.perf_counter()
    lake.execute(f"CREATE TABLE wide AS {sql}")
    rows = lake.sql("SELECT count(*), count(hardship) FROM wide").fetchone()
    print(f"wide rows into DuckDB        {time.perf_counter() - began:6.1f} s   {rows}")


def _statements() -> list[bytes]:
    """A million statements as COPY text, all new."""
    at = (clock.now() - timedelta(days=2)).isoformat()
    said = (("pension_amount", "210000"), ("pension", "resident"), ("survival", f"{clock.today()}"))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM elders_elder ORDER BY id LIMIT {MILLION}")
        ids = [row[0] for row in cursor.fetchall()]
    lines = [
        f"{pk}\t{kind}\tP{pk}\t{value}\t\t\t\\N\t\\N\t{at}\tf\n"
        for kind, value in said
        for pk in ids
    ]
    return ["".join(lines[:MILLION]).encode()]


def _copy(blocks: list[bytes], table: str, names: tuple[str, ...]) -> float:
    began = time.perf_counter()
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as stream,
    ):
        for block in blocks:
            stream.write(block)
    return time.perf_counter() - began


def record_million() -> None:
    """A million statements staged, recorded and derived; beside a bare COPY of the same rows."""
    blocks = _statements()
    with transaction.atomic():
        with staging():
            bare = _copy(blocks, "fact_staging", STAGED)
            began = time.perf_counter()
            result = record_staged(SYSTEM, source="renshe", batch=1)
            took = time.perf_counter() - began
        transaction.set_rollback(True)
    print(f"bare COPY of a million rows  {bare:6.1f} s")
    print(f"recorded and derived         {took:6.1f} s   {result}")
    print(f"ratio to the bare COPY       {(bare + took) / bare:6.1f}")


def main() -> None:
    """Fill, or measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="?", default="measure", choices=["measure", "fill"])
    parser.add_argument("--looks", type=int, default=400)
    parser.add_argument("--region", default="50", help="districts to fill, as of songbai demo")
    options = parser.parse_args()
    if options.what == "fill":
        fill(options.region)
        return
    look_up(options.looks)
    record_million()
    _read_wide()
    _rebuilds()


if __name__ == "__main__":
    main()
