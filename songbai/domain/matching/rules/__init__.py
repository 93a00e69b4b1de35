"""Pure rules of matching: numbers, names, dates, places, the score and who may be joined."""

from songbai.domain.matching.rules.states import Band

from .id_number import (
    IdNumber,
    IdProblem,
    check_character,
    check_id_number,
    near_id_numbers,
    normal_id_number,
)
from .lines import FieldLine
from .names import normal_name
from .places import common_division, normal_phone
from .states import CandidateState, Verdict
