"""Pure rules of the register, one file for each subject."""

from .elder import (
    ABILITY_WORDS,
    HARDSHIP_WORDS,
    LIVING_WORDS,
    HardshipClass,
    LivingSituation,
    ProxyScope,
    Sex,
    age_on,
    born_by,
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
    "born_by",
    "mask_name",
    "tags",
]
