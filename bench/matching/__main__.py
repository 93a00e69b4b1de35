"""Precision and recall of matching on a damaged register with known truth, beside a simple peer.

    python -m bench.matching [--villages 150] [--rows 60000] [--seed 41]

Prints, for rows of a feed: precision of what is joined without a clerk (goal 99.9 %), recall of
true duplicates joined or offered (goal 98 %), how many rows a clerk sees; the same for a peer that
joins by exact identity number or exact name and birth date; and both again for records entered
twice in the register. The damage is ``MEASURED_ON`` with a seed of its own: the weights were
estimated on another mix and seed.
"""

import argparse
import csv
import os
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songbai.settings")
os.environ.setdefault("DATABASE_URL", "postgresql:///unused")

from bench.matching.crowd import Crowd, Somebody, crowd
from bench.matching.damage import (
    ESTIMATED_ON,
    MEASURED_ON,
    Damaged,
    Mix,
    damaged,
    registered_twice,
)
from bench.matching.estimate import columns_of, number_pairs
from songbai.domain.matching.reference import characters, weights
from songbai.domain.matching.rules import Band
from songbai.domain.matching.rules.linking import Linked, link, link_within

ROOT = Path(__file__).resolve().parents[2]
DISTRICTS = ("500151", "500152", "500116")


@dataclass
class Tally:
    """What came of the rows."""

    joined: int = 0
    wrong: int = 0
    found: int = 0
    duplicates: int = 0
    offered_rows: int = 0
    offers: int = 0

    def words(self) -> str:
        precision = 100 * (1 - self.wrong / max(self.joined, 1))
        recall = 100 * self.found / max(self.duplicates, 1)
        return (
            f"joined {self.joined:>7,}  wrong {self.wrong:>4}  precision {precision:8.4f} %   "
            f"found {self.found:,} of {self.duplicates:,}  recall {recall:6.2f} %   "
            f"rows for a clerk {self.offered_rows:,} ({self.offers:,} pairs)"
        )


def villages(count: int) -> list[str]:
    """Codes of villages, spread over three districts."""
    with (ROOT / "catalogues" / "regions" / "divisions.csv").open() as file:
        codes = [row["code"] for row in csv.DictReader(file) if row["level"] == "5"]
    near = [code for code in codes if code[:6] in DISTRICTS]
    return near[:: max(1, len(near) // count)][:count]


def ours(people: Crowd, rows: list[Damaged], *, show: int = 0) -> tuple[Tally, float]:
    """Match the rows, against the truth; and the seconds it took."""
    began = time.perf_counter()
    left, right = columns_of(rows), columns_of(people.register)
    same, near = number_pairs(rows, people.register)
    known, weigh = characters(), weights()
    linked = link(left, right, known, weigh, same_number=same, near_number=near)
    took = time.perf_counter() - began
    tally = Tally(duplicates=sum(row.known for row in rows))
    offered: defaultdict[int, list[int]] = defaultdict(list)
    shown = 0
    for at, (row, other) in enumerate(zip(linked.row, linked.other, strict=True)):
        right_one = people.register[other].person == rows[row].truth
        if linked.band[at] == Band.CERTAIN:
            tally.joined += 1
            tally.found += right_one
            tally.wrong += not right_one
            if not right_one and shown < show:
                shown += 1
                print(rows[row], people.register[other], float(linked.score[at]), sep="\n  ")
        else:
            tally.offers += 1
            offered[int(row)].append(people.register[other].person)
    tally.offered_rows = len(offered)
    tally.found += sum(rows[row].truth in those for row, those in offered.items())
    if show:
        _missed(people, rows, linked, show)
    return tally, took


def _missed(people: Crowd, rows: list[Damaged], linked: Linked, show: int) -> None:
    truth = {person.person: person for person in people.register}
    got = {
        row
        for row, other in zip(linked.row.tolist(), linked.other.tolist(), strict=True)
        if people.register[other].person == rows[row].truth
    }
    missed = [row for at, row in enumerate(rows) if row.known and at not in got]
    for row in missed[:show]:
        print("missed", row, truth[row.truth], sep="\n  ")


def peer(people: Crowd, rows: list[Damaged]) -> tuple[Tally, float]:
    """Exact identity number as typed, else exact name and birth date when that is one person."""
    began = time.perf_counter()
    by_number = {person.id_number: person for person in people.register}
    by_name: defaultdict[tuple[str, date | None], list[Somebody]] = defaultdict(list)
    for person in people.register:
        by_name[person.name, person.birth_date].append(person)
    tally = Tally(duplicates=sum(row.known for row in rows))
    for row in rows:
        found = by_number.get(row.id_number)
        if found is None and not row.id_number:
            those = by_name.get((row.name, row.birth_date), [])
            found = those[0] if len(those) == 1 else None
        if found is not None:
            tally.joined += 1
            tally.found += found.person == row.truth
            tally.wrong += found.person != row.truth
    return tally, time.perf_counter() - began


def twice(seed: int, people: Crowd, mix: Mix) -> None:
    """Records entered twice in the register itself, the second time without a number."""
    again = registered_twice(seed, people, mix, 0.03)
    both = [*people.register, *again]
    began = time.perf_counter()
    linked = link_within(columns_of(both), characters(), weights())
    took = time.perf_counter() - began
    tally = Tally(duplicates=len(again))
    found = set()
    for one, two, band in zip(linked.row, linked.other, linked.band, strict=True):
        right_one = both[one].person == both[two].person
        tally.joined += band == Band.CERTAIN
        tally.wrong += band == Band.CERTAIN and not right_one
        tally.offers += band == Band.DOUBTFUL
        if right_one:
            found.add(both[one].person)
    tally.found, tally.offered_rows = len(found), tally.offers
    exact = defaultdict(list)
    for person in both:
        exact[person.name, person.birth_date].append(person.person)
    simple = Tally(duplicates=len(again))
    for those in exact.values():
        if len(those) == 2:
            simple.joined += 1
            simple.wrong += those[0] != those[1]
            simple.found += those[0] == those[1]
    print(f"register  ours  {tally.words()}   {took:.1f} s")
    print(f"register  peer  {simple.words()}")


def main() -> None:
    """Measure on two mixes: the one estimated on, with a new seed, and a worse one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--villages", type=int, default=150)
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=41)
    parser.add_argument("--show", type=int, default=0, help="print so many mistakes")
    asked = parser.parse_args()
    characters()
    people = crowd(asked.seed, villages(asked.villages))
    print(f"register of {len(people.register):,} people, {asked.rows:,} rows, seed {asked.seed}")
    for name, mix in (("as estimated", ESTIMATED_ON), ("another mix", MEASURED_ON)):
        rows = damaged(asked.seed + 1, people, mix, asked.rows)
        for who, (tally, took) in (
            ("ours", ours(people, rows, show=asked.show)),
            ("peer", peer(people, rows)),
        ):
            print(f"{name:>12}  {who}  {tally.words()}   {took:.1f} s")
    twice(asked.seed + 2, people, MEASURED_ON)


if __name__ == "__main__":
    main()
