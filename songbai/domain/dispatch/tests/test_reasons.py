"""What the desk reads of a choice, and when a vehicle is filled up."""

import pytest

from songbai.domain.dispatch.rules import Candidate, reason_words
from songbai.domain.dispatch.vehicles import Vehicle, used_by
from songbai.domain.providers.rules import VehicleKind
from tests.cast import HOME


def candidate(**facts: object) -> Candidate:
    values: dict[str, object] = {
        "worker_id": 1,
        "worker_name": "李芳",
        "start": 540,
        "end": 600,
        "travel_minutes": 7,
        "km": 1.14,
        "known": False,
        "cost": 7.0,
    }
    return Candidate(**{**values, **facts})  # type: ignore[arg-type]  # fields of Candidate


@pytest.mark.parametrize(
    ("known", "skills", "words"),
    [
        (False, [], "1.1 公里，路上 7 分钟"),
        (False, ["bathing"], "1.1 公里，路上 7 分钟，有助浴证"),
        (True, ["bathing", "x"], "1.1 公里，路上 7 分钟，有助浴证、x，以前去过"),
    ],
)
def test_the_reason_is_one_sentence(known: bool, skills: list[str], words: str) -> None:
    assert reason_words(candidate(known=known), skills, {"bathing": "助浴证"}) == words


VAN = Vehicle(1, VehicleKind.BATH_VAN, 2, HOME, 20)


def test_a_reason_names_the_vehicle_and_the_refill_on_the_way() -> None:
    van = VehicleKind.BATH_VAN
    assert reason_words(candidate(), [], {}, van) == "1.1 公里，路上 7 分钟，带助浴车"
    filled = reason_words(candidate(filling=20), [], {}, van)
    assert filled == "1.1 公里，路上 7 分钟，带助浴车，途中加水 20 分钟"


def test_a_vehicle_is_filled_up_when_too_little_is_left() -> None:
    assert VAN.after(0, 1) == (1, False)
    assert VAN.after(1, 1) == (2, False)
    assert VAN.after(2, 1) == (1, True)
    assert VAN.after(2, 0) == (2, False)
    assert [used_by(VAN, [1] * n) for n in range(5)] == [0, 1, 2, 1, 2]
