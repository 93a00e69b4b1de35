"""The generated register, its damage, and how well matching does on them."""

import ast
from pathlib import Path

import numpy as np
import pytest

from bench.matching import crowd, damage, estimate
from songbai.domain.matching.reference import characters, weights
from songbai.domain.matching.rules import Band, IdNumber, check_id_number
from songbai.domain.matching.rules.linking import link

pytestmark = pytest.mark.long

VILLAGES = [f"50015110{town}20{n}" for town in (1, 2, 3) for n in range(1, 5)]


def _imports(module: object) -> set[str]:
    tree = ast.parse(Path(str(getattr(module, "__file__", ""))).read_text())
    return {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_the_damage_knows_nothing_of_the_matcher() -> None:
    for module in (crowd, damage):
        assert not any("domain.matching" in name for name in _imports(module))


def test_everybody_has_a_number_of_their_own() -> None:
    people = crowd.crowd(1, VILLAGES[:3], per_village=150)
    numbers = [person.id_number for person in people.register + people.outsiders]
    assert len(set(numbers)) == len(numbers)
    assert all(isinstance(check_id_number(number), IdNumber) for number in numbers)


def test_the_same_seed_makes_the_same_rows() -> None:
    people = crowd.crowd(1, VILLAGES[:2], per_village=100)
    rows = damage.damaged(2, people, damage.MEASURED_ON, 200)
    assert rows == damage.damaged(2, people, damage.MEASURED_ON, 200)


def test_hardly_anybody_is_joined_wrongly_or_lost() -> None:
    people = crowd.crowd(9, VILLAGES, per_village=300)
    rows = damage.damaged(10, people, damage.MEASURED_ON, 4_000)
    same, near = estimate.number_pairs(rows, people.register)
    linked = link(
        estimate.columns_of(rows),
        estimate.columns_of(people.register),
        characters(),
        weights(),
        same_number=same,
        near_number=near,
    )
    right = np.array(
        [
            people.register[other].person == rows[row].truth
            for row, other in zip(linked.row, linked.other, strict=True)
        ]
    )
    joined = linked.band == Band.CERTAIN
    assert right[joined].mean() >= 0.999
    found = len(set(linked.row[right].tolist()))
    assert found >= 0.98 * sum(row.known for row in rows)


def test_weights_learnt_anew_say_what_agrees_and_what_contradicts() -> None:
    people = crowd.crowd(3, VILLAGES[:6], per_village=200)
    found = estimate.estimated(
        4, people, damage.ESTIMATED_ON, 3_000, people=7_000_000, random_pairs=50_000
    )
    assert found.bits["name"]["same"] > 8 > 0 > found.bits["name"]["different"]
    assert found.bits["birth_date"]["same"] > 8 > 0 > found.bits["birth_date"]["different"]
    assert "bits:" in estimate.written(found, "test")
