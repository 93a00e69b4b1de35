"""Pure rules of the register, one file for each subject."""

from .elder import (
    ABILITY_WORDS,
    HARDSHIP_WORDS,
    LIVING_WORDS,
    READ_FIELDS,
    HardshipClass,
    LivingSituation,
    ProxyScope,
    Sex,
    age_on,
    born_by,
    mask_name,
    read_words,
    tags,
)

__all__ = [
    "ABILITY_WORDS",
    "HARDSHIP_WORDS",
    "LIVING_WORDS",
    "READ_FIELDS",
    "HardshipClass",
    "LivingSituation",
    "ProxyScope",
    "Sex",
    "age_on",
    "born_by",
    "mask_name",
    "read_words",
    "tags",
]
