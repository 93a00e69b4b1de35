"""Scoring a million stored answers: the lake beside the pure function.

Invented answers of GB/T 42195-2022 lie in PostgreSQL as the platform keeps them (``choices`` as
smallint[], ``background`` as jsonb). DuckDB reads and scores them with the expression made from the
instrument's data file; then the pure function scores the same rows one by one in one process, and
every score and level is compared. Reading them for the pure loop is not counted, reading them for
the lake is.

    SONGBAI_HOME=/some/folder python -m bench.assessments [--rows 1000000]
"""

import argparse
import json
import time
from collections.abc import Iterator

import duckdb
import ibis
import numpy as np
import psycopg
from duckdb_extensions import import_extension

from bench.assessments import lake
from songbai.core import embedded
from songbai.domain.assessments.rules.answers import decode
from songbai.domain.assessments.rules.instrument import Instrument, load
from songbai.domain.assessments.rules.scoring import score

TABLE = "bench_assessments"
CODES = ("I10", "I63", "F00", "F01.2", "F32", "痴呆", "其他")


def invent(instrument: Instrument, rows: int, seed: int = 7) -> Iterator[tuple[str, str]]:
    """``choices`` and ``background`` as PostgreSQL text, from people of every degree of ability."""
    rng = np.random.default_rng(seed)
    worst = np.array([len(item.options) for item in instrument.items.values()])
    frailty = rng.random((rows, 1)) ** 2 * 1.5
    places = np.minimum(rng.random((rows, len(worst))) * frailty * worst, worst - 1).astype(int)
    falls, comas = rng.poisson(0.5, rows).tolist(), (rng.random(rows) < 0.01).tolist()
    ill = rng.integers(1 << len(CODES), size=rows) & rng.integers(1 << len(CODES), size=rows)
    for chosen, fell, coma, mask in zip(places.tolist(), falls, comas, ill.tolist(), strict=True):
        codes = [code for place, code in enumerate(CODES) if mask >> place & 1]
        background = {"A.2.14": {"跌倒": fell, "走失": 0}, "A.4.1": codes, "A.5.11": coma}
        yield str(chosen).replace("[", "{").replace("]", "}"), json.dumps(background)


def store(url: str, instrument: Instrument, rows: int) -> None:
    """Write the invented answers into a table of their own."""
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        cursor.execute(
            f"CREATE UNLOGGED TABLE {TABLE} (id int, choices smallint[], background jsonb)"
        )
        with cursor.copy(f"COPY {TABLE} FROM STDIN") as stream:
            for number, row in enumerate(invent(instrument, rows)):
                stream.write_row((number, *row))


def in_the_lake(url: str, instrument: Instrument) -> tuple[float, dict[str, np.ndarray]]:
    """Seconds and columns of the lake's scores, in the order of the rows' numbers."""
    import_extension("postgres_scanner")
    connection = duckdb.connect()
    connection.execute(f"ATTACH '{url}' AS record (TYPE postgres, READ_ONLY)")
    began = time.perf_counter()
    table = ibis.duckdb.from_connection(connection).table(TABLE, database=("record", "public"))
    found = lake.scored(instrument, table).drop("choices", "background").to_pyarrow()
    took = time.perf_counter() - began
    found = found.sort_by("id")
    return took, {name: found[name].to_numpy() for name in found.column_names}


def one_by_one(url: str, instrument: Instrument) -> tuple[float, dict[str, np.ndarray]]:
    """Seconds and columns of the pure function's scores over the same rows."""
    sections = [section.code for section in instrument.sections]
    names = [*(f"score_{code}" for code in sections), "total", "initial_level", "final_level"]
    with psycopg.connect(url) as connection:
        rows = connection.execute(f"SELECT choices, background FROM {TABLE} ORDER BY id").fetchall()
    columns: list[list[int]] = [[] for _ in names]
    began = time.perf_counter()
    for choices, background in rows:
        result = score(instrument, decode(instrument, choices, background))
        values = (*result.scores.values(), result.total, result.initial_level, result.final_level)
        for column, value in zip(columns, values, strict=True):
            column.append(value)
    took = time.perf_counter() - began
    return took, {name: np.array(column) for name, column in zip(names, columns, strict=True)}


def main() -> None:
    """Store, score twice, compare."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    url, instrument = embedded.start(), load("gbt42195-2022")
    store(url, instrument, rows)
    quick, lakes = in_the_lake(url, instrument)
    print(f"lake: {rows:,} answers read and scored in {quick:.2f} s", flush=True)
    slow, pure = one_by_one(url, instrument)
    same = all(np.array_equal(lakes[name], pure[name]) for name in pure)
    levels = np.bincount(pure["final_level"]).tolist()
    print(
        f"{rows:,} answers of {instrument.code}, levels 0-4: {levels}\n"
        f"lake (read and scored) {quick:.2f} s; pure function, one process {slow:.1f} s;"
        f" ratio {slow / quick:.1f}; {'equal on all' if same else 'NOT EQUAL'}"
    )
    with psycopg.connect(url) as connection:
        connection.execute(f"DROP TABLE {TABLE}")
    if not same:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
