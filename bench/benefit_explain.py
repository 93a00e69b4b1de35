"""Explaining one person, on a full district.

    SONGBAI_HOME=/some/folder python -m bench.benefit_explain [--people 200] [--month 2026-11]

Uses what ``python -m bench.registry fill --region 500151`` or a demo city left, and the cycles run
on it. Each explanation is a whole call of ``queries.explain`` as the web role under row-level
security: reading the facts, deciding every policy twice (as known then and now), what cycles wrote,
and the trace of reading. The traces are taken back. Goal: 100 ms.
"""

# ruff: noqa: E402  # Django is set up before its models are imported

import argparse
import os
import statistics
import time

from songbai.domain.elders.declares import OFFICER

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songbai.settings")

from songbai.core import embedded

if "DATABASE_URL" not in os.environ:
    os.environ["DATABASE_URL"] = embedded.start()

import django

django.setup()

from django.db import transaction
from django.db.models import QuerySet

from songbai.core import clock, scope
from songbai.core.accounts.rules import Actor
from songbai.core.regions.rules import bounds
from songbai.domain.benefits.models import Cycle
from songbai.domain.benefits.queries.explain import explain
from songbai.domain.benefits.rules import telling
from songbai.domain.benefits.rules.months import Month
from songbai.domain.elders.models import Elder, Fact


def elders_of(region: str) -> QuerySet[Elder]:
    """The elders of a district."""
    low, high = bounds(region)
    return Elder.objects.filter(region_id__gte=low, region_id__lte=high).order_by("pk")


def people(region: str, count: int) -> list[Elder]:
    """Elders spread over a district."""
    rows = elders_of(region)
    ids = list(rows.values_list("pk", flat=True))
    return list(Elder.objects.filter(pk__in=ids[:: max(1, len(ids) // count)][:count]))


def told(actor: Actor, elder: Elder, month: Month) -> tuple[float, int, int]:
    """Milliseconds of one explanation with its sentences, its policies, and how many of them come
    out otherwise than their cycle wrote.
    """
    began = time.perf_counter()
    found = explain(actor, elder, month, purpose="bench", where="bench")
    for entry in found.entries:
        telling.tell(entry.then, str)
    took = 1000 * (time.perf_counter() - began)
    return took, len(found.entries), sum(not entry.agrees for entry in found.entries)


def run(region: str, month: Month, count: int) -> None:
    """Explain many and print what it took."""
    elders = people(region, count)
    total = elders_of(region).count()
    facts = Fact.objects.filter(region_id__range=bounds(region)).count()
    cycles = Cycle.objects.filter(region_id=region.ljust(12, "0"), month=month.text).count()
    print(f"{region}: {total:,} people, {facts:,} statements, {cycles} cycles in {month.text}")
    officer = Actor(1, "bench", OFFICER, region)
    with transaction.atomic():
        scope.bind(officer)
        try:
            rows = [told(officer, elder, month) for elder in [*elders[:5], *elders]][5:]
        finally:
            scope.release()
            transaction.set_rollback(True)
    took = [row[0] for row in rows]
    cuts = statistics.quantiles(took, n=100)
    policies = statistics.mean(row[1] for row in rows)
    print(
        f"{len(rows)} people, {policies:.1f} policies each, decided twice: p50"
        f" {statistics.median(took):.1f} ms  p95 {cuts[94]:.1f} ms  max {max(took):.1f} ms"
    )
    print(f"otherwise than the cycles wrote: {sum(row[2] for row in rows)}")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--region", default="500151")
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--month", default=clock.month_of(clock.today()))
    asked = parser.parse_args()
    run(asked.region, Month.parse(asked.month), asked.people)


if __name__ == "__main__":
    main()
