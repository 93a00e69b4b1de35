"""Deciding a city's benefits beside OpenFisca-core: ``python -m bench.benefits [people]``.

Both sides get the same generated people (numpy, seeded; 7.04 million unless said otherwise) and
the policies of Chongqing that hold in June 2026, read from ``policies/``. What is timed is
deciding only: the people stand in DuckDB's memory on one side, in OpenFisca's arrays on the other.
Ours keeps for every person which criteria failed and which could not be decided; in OpenFisca
every criterion is a variable, as its tracer needs it. OpenFisca has no unknown, so the people of
this bench have no missing facts that matter. Amounts are compared to the fen.
"""

import sys
import time
from collections.abc import Callable, Sequence

import duckdb
import ibis
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bench import openfisca_side
from bench.population import generate
from songbai.domain.benefits.population import columns_for, layered
from songbai.domain.benefits.population.at_size import complete_columns, decide_city
from songbai.domain.benefits.rules import Month, Policy
from songbai.domain.benefits.rules.library import in_force, law

MONTH = Month("2026-06")
PEOPLE = 7_040_000
RUNS = 5


def policies_of_chongqing() -> list[Policy]:
    """What holds there in the month."""
    held = in_force(law().policies, MONTH)
    return [p for p in held if any(code.startswith("50") for code in p.regions)]


def best(run: Callable[[], object]) -> tuple[float, float]:
    """Shortest wall time and least processor time of a few runs, in seconds."""
    walls, processors = [], []
    for _ in range(RUNS):
        wall, processor = time.perf_counter(), time.process_time()
        run()
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return min(walls), min(processors)


def ours(
    people: pa.Table, policies: Sequence[Policy]
) -> tuple[tuple[float, float], dict[str, NDArray[np.int64]]]:
    """Seconds to decide everybody into two tables, and fen by policy, shape (people,)."""
    engine = ibis.duckdb.connect()
    engine.raw_sql("SET preserve_insertion_order = false")
    engine.con.register("given", people)
    engine.raw_sql("CREATE TABLE snapshot AS SELECT * FROM given")
    snapshot = engine.table("snapshot")

    began = time.perf_counter()
    decided = decide_city(snapshot, policies, MONTH, complete_columns(snapshot, policies))
    with layered():
        queries = {
            name: ibis.to_sql(getattr(decided, name), dialect="duckdb")
            for name in ("criteria", "outcomes")
        }
    print(f"ours       {time.perf_counter() - began:6.2f} s to compile the policies (not compared)")

    def decide() -> None:
        for name, query in queries.items():
            engine.raw_sql(f"CREATE OR REPLACE TABLE {name} AS {query}")

    took = best(decide)
    amounts = {}
    for place, policy in enumerate(policies):
        rows = engine.raw_sql(
            f"SELECT person, amount FROM outcomes WHERE policy = {place} AND amount <> 0"
        ).fetchnumpy()
        amounts[policy.code] = np.zeros(len(people), dtype=np.int64)
        amounts[policy.code][rows["person"]] = rows["amount"]
    counted = engine.raw_sql("SELECT count(*), sum(CAST(unknown <> 0 AS int)) FROM outcomes")
    print("outcomes {:,}, of them {:,} cannot be decided".format(*counted.fetchall()[0]))
    return took, amounts


def main() -> None:
    """Both sides in one run."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    policies = policies_of_chongqing()
    people = generate(count, policies, seed=5)
    criteria = sum(len(policy.criteria) for policy in policies)
    print(f"{count:,} people, {len(policies)} policies, {criteria} criteria, {MONTH.text}")
    print(f"DuckDB {duckdb.__version__}, {len(columns_for(policies))} columns of facts")
    (wall, processor), decided = ours(people, policies)
    print(f"ours       {wall:6.2f} s wall  {processor:6.2f} s processor")
    theirs = openfisca_side.Side(people, policies, MONTH)
    print(f"OpenFisca  {theirs.build_seconds:6.2f} s to load policies and people (not compared)")
    their_wall, their_processor = best(theirs.compute)
    print(f"OpenFisca  {their_wall:6.2f} s wall  {their_processor:6.2f} s processor")
    print(f"ratio      {their_wall / wall:6.2f} x wall")
    compare(decided, theirs, policies)


def compare(
    amounts: dict[str, NDArray[np.int64]], theirs: openfisca_side.Side, policies: Sequence[Policy]
) -> None:
    """Amounts to the fen; where OpenFisca's float32 says otherwise."""
    print(f"{'policy':26} {'people':>9} {'yuan':>18}  apart by a fen   float32 total off by (yuan)")
    for policy in policies:
        fen, yuan = amounts[policy.code], theirs.amount(policy)
        rounded = np.round(yuan.astype(np.float64) * 100).astype(np.int64)
        total = float(yuan.sum(dtype=np.float32))
        print(
            f"{policy.code:26} {(fen > 0).sum():>9,} {fen.sum() / 100:>18,.2f}"
            f" {(rounded != fen).sum():>15,} {total - fen.sum() / 100:>28,.2f}"
        )
        inexact = np.flatnonzero(yuan.astype(np.float64) * 100 != fen)
        if len(inexact):
            row = inexact[0]
            print(f"  {len(inexact):,} are not exact, e.g. {fen[row]} fen is {yuan[row]:.9f} yuan")


if __name__ == "__main__":
    main()
