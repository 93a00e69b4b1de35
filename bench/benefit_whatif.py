"""Another rule on a whole city: ``python -m bench.benefit_whatif [people]``.

Generated people (numpy, seeded; 7.04 million unless said otherwise) with every column the policies
of Chongqing need in June 2026 stand in one Parquet file, in the order of the register, as a
snapshot does. Each line changes one thing of one policy and decides both rules from the file:
compile, read, decide, add up by town, age and class. The cap of five seconds holds for each line.
"""

import sys
import tempfile
import time
from pathlib import Path

import duckdb
import ibis
import pyarrow.parquet as pq

from bench.population import generate
from songbai.domain.benefits.population.snapshot import columns_for
from songbai.domain.benefits.population.what_if import Cut, what_if
from songbai.domain.benefits.rules.levers import Setting, changed
from songbai.domain.benefits.rules.library import in_force, law
from songbai.domain.benefits.rules.months import Month

MONTH = Month("2026-06")
PEOPLE = 7_040_000
RUNS = 3
#: Policy, what is said of the change, settings.
CHANGES: tuple[tuple[str, str, dict[str, Setting]], ...] = (
    ("longevity-tongliang", "from 80 to 75", {"age-80": 75}),
    ("longevity-tongliang", "80 to 89: 10 to 50 yuan", {"amount-monthly-a80": 5_000}),
    ("longevity-tongliang", "in the whole city", {"regions": ("50",)}),
    ("longevity-jiulongpo", "yearly 300 to 400 yuan", {"amount-yearly-a80": 40_000}),
    ("elderly-service-subsidy", "200 to 250 yuan", {"amount-monthly-all": 25_000}),
    (
        "elderly-service-subsidy",
        "every class",
        {"hardship-dibao-tekun": ("none", "dibao", "tekun", "near_dibao", "low_income")},
    ),
    ("tekun-care", "from 60 to 65", {"age-60": 65}),
    ("chongqing-ltci", "from grade 2 to 1", {"ltci_grade-2": 1}),
    ("consumption-voucher", "from level 2 to 1, cap 1,000", {"ability_level-2": 1, "cap": 100_000}),
    ("consumption-voucher", "everybody from 60", {"ability_level-2": 0}),
)


def main() -> None:
    """Each change, best of a few runs."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    held = in_force(law().policies, MONTH)
    policies = [p for p in held if any(code.startswith("50") for code in p.regions)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "snapshot.parquet"
        pq.write_table(generate(count, policies, seed=5), file, compression="zstd")
        size = file.stat().st_size / 1e6
        columns = len(columns_for(policies))
        print(f"{count:,} people, {columns} columns, {size:,.0f} MB, DuckDB {duckdb.__version__}")
        print(
            f"{'policy':26} {'change':30} {'s':>5} {'gained':>10} {'lost':>8} {'yuan a month':>16}"
        )
        slowest = 0.0
        for code, says, settings in CHANGES:
            policy = next(one for one in policies if one.code == code)
            took = []
            for _ in range(RUNS):
                began = time.perf_counter()
                snapshot = ibis.duckdb.connect().read_parquet(file)
                place = "hukou_on_first_day"
                effect = what_if(
                    snapshot, policy, changed(policy, settings), policies, MONTH, Cut(place)
                )
                took.append(time.perf_counter() - began)
            whole = effect.whole
            slowest = max(slowest, min(took))
            print(
                f"{code:26} {says:30} {min(took):>5.2f} {whole.gained:>10,} {whole.lost:>8,}"
                f" {whole.fen / 100:>16,.2f}"
            )
        print(f"slowest {slowest:.2f} s")


if __name__ == "__main__":
    main()
