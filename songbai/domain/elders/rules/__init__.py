"""Pure rules of the register, one file for each subject."""

from songbai.core.texts import mask_name

from .ages import age_on, birthday, born_by, possible_birth
from .elder import (
    ABILITY_WORDS,
    HardshipClass,
    LivingSituation,
    ProxyScope,
    Sex,
    tags,
)
