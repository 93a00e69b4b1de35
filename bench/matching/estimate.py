"""The weights of matching, learnt from generated people: writes ``catalogues/matching.yaml``.

python -m bench.matching.estimate [--seed 5] [--villages 100] [--rows 60000] [--print]
"""

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import yaml
from numpy.typing import NDArray

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songbai.settings")
os.environ.setdefault("DATABASE_URL", "postgresql:///unused")

from bench.matching.crowd import Crowd, Somebody, crowd
from bench.matching.damage import ESTIMATED_ON, Damaged, Mix, damaged
from bench.matching.estimation import mixture, shares, weights_from
from songbai.cli.demo import geography
from songbai.cli.demo.population import CITY_ELDERS
from songbai.domain.matching.reference import WEIGHTS, characters, weights
from songbai.domain.matching.rules import (
    IdNumber,
    check_id_number,
    near_id_numbers,
    normal_name,
    normal_phone,
)
from songbai.domain.matching.rules.blocking import Pairs, candidates
from songbai.domain.matching.rules.evidence import Weights
from songbai.domain.matching.rules.linking import NO_PAIRS, Columns, compare

#: Pairs drawn to see how often two people compare so by chance.
RANDOM_PAIRS = 1_000_000


def columns_of(people: Sequence[Somebody] | Sequence[Damaged]) -> Columns:
    """Rows or records as columns; telephones stand for themselves instead of their index."""
    numbers = [check_id_number(person.id_number) for person in people]
    return Columns(
        name=np.array([normal_name(person.name) for person in people]),
        birth_date=np.array([person.birth_date for person in people], dtype="datetime64[D]"),
        sex=np.array([person.sex for person in people]),
        region=np.array([int(person.region or 0) for person in people]),
        phone=np.array(
            [int(normal_phone(person.phone) or 0) for person in people], dtype=np.uint64
        ),
        numbered=np.array([isinstance(number, IdNumber) for number in numbers]),
        checked=np.array([isinstance(number, IdNumber) and number.checked for number in numbers]),
        address=[person.address for person in people],
    )


def number_pairs(rows: Sequence[Damaged], register: Sequence[Somebody]) -> tuple[Pairs, Pairs]:
    """Pairs of one identity number, and pairs one slip apart."""
    places = {person.id_number: at for at, person in enumerate(register) if person.id_number}
    same: list[tuple[int, int]] = []
    near: list[tuple[int, int]] = []
    for at, row in enumerate(rows):
        if not row.id_number:
            continue
        number = check_id_number(row.id_number)
        if isinstance(number, IdNumber) and number.text in places:
            same.append((at, places[number.text]))
        elif not (isinstance(number, IdNumber) and number.checked):
            near += [
                (at, places[text]) for text in near_id_numbers(row.id_number) if text in places
            ]
    return _pairs(same), _pairs(near)


def _pairs(found: list[tuple[int, int]]) -> Pairs:
    array = np.array(found, dtype=np.int64).reshape(len(found), 2)
    return array[:, 0], array[:, 1]


def estimated(
    seed: int,
    register: Crowd,
    mix: Mix,
    rows: int,
    *,
    people: int,
    random_pairs: int = RANDOM_PAIRS,
) -> Weights:
    """Weights learnt from damaged rows about a generated register; nobody tells which pairs match.

    ``people`` is the size of the register that the weights are for. How often two people of it
    live in one village, town or district comes from the divisions, not from the sample.
    """
    known, start = characters(), weights()
    arrived = damaged(seed, register, mix, rows)
    left, right = columns_of(arrived), columns_of(register.register)
    same, near = number_pairs(arrived, register.register)
    pairs = candidates(left.people(known), right.people(known), known)
    one, _, _ = mixture(compare(left, right, pairs, known, start, same, near), start)
    rng = np.random.default_rng([seed, 17])
    drawn = rng.integers(len(left), size=random_pairs), rng.integers(len(right), size=random_pairs)
    random = shares(compare(left, right, drawn, known, start, NO_PAIRS, NO_PAIRS))
    random["region"] = _division_shares()
    names = [known.modern(str(name)) for name in right.name]
    return weights_from(one, random, start, people=people, names=names)


def _division_shares() -> NDArray[np.float64]:
    """How often two people drawn from the city share a village, town, district, or none."""
    codes = np.array([int(one.code) for one in geography.divisions().values() if one.level == 5])
    together = []
    for below in (1, 10**3, 10**6):
        counts = np.unique(codes // below, return_counts=True)[1] / len(codes)
        together.append(float((counts**2).sum()))
    village, town, district = together
    return np.array([village, town - village, district - town, 1.0 - district, 1e-9])


def written(found: Weights, note: str) -> str:
    """The weights as the text of ``catalogues/matching.yaml``."""
    body = yaml.safe_dump(
        {"version": 1, "weights": asdict(found)},
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=None,
        width=100,
    )
    head = (
        "# What the score weighs, in bits; written by `python -m bench.matching.estimate`, see\n"
        f"# docs/matching.md. {note}\n"
        "# bits: log2(m/u) for each way a field can compare. prior: odds of a random pair.\n"
        "# certain, doubtful: from these scores on a pair is joined, or shown to a clerk.\n"
        "# clear: bits by which the best must lead. surname, given: bits of common characters.\n"
    )
    return head + body


def main() -> None:
    """Estimate, and write or show the weights."""
    parser = argparse.ArgumentParser(prog="python -m bench.matching.estimate")
    parser.add_argument("--seed", type=int, default=5, help="which people are made")
    parser.add_argument("--villages", type=int, default=100)
    parser.add_argument("--rows", type=int, default=60_000, help="damaged rows")
    parser.add_argument("--print", action="store_true", help="only show")
    asked = parser.parse_args()
    began = time.monotonic()
    codes = [one.code for one in geography.divisions().values() if one.level == 5]
    spread = codes[:: max(1, len(codes) // asked.villages)][: asked.villages]
    register = crowd(asked.seed, spread)
    found = estimated(asked.seed, register, ESTIMATED_ON, asked.rows, people=CITY_ELDERS)
    note = (
        f"Generated register, seed {asked.seed}: "
        f"{len(register.register):,} people, {asked.rows:,} rows."
    )
    text = written(found, note)
    if asked.print:
        print(text)
    else:
        WEIGHTS.write_text(text)
    print(f"{note} {time.monotonic() - began:.0f} s; {WEIGHTS}")


if __name__ == "__main__":
    main()
