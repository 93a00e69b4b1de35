"""Pure rules of the register, one file for each subject."""

from .ages import age_on, birthday, born_by, possible_birth
from .elder import (
    ABILITY_WORDS,
    HARDSHIP_WORDS,
    LIVING_WORDS,
    HardshipClass,
    LivingSituation,
    ProxyScope,
    Sex,
    mask_name,
    tags,
)

__all__ = [
    "ABILITY_WORDS",
    "HARDSHIP_WORDS",
    "LIVING_WORDS",
    "HardshipClass",
    "LivingSituation",
    "ProxyScope",
    "Sex",
    "age_on",
    "birthday",
    "born_by",
    "mask_name",
    "possible_birth",
    "tags",
]
