"""The room's data files, read once: characters of names, weights of the score."""

from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from songbai.core import yaml_file
from songbai.domain.matching.rules.evidence import Weights
from songbai.domain.matching.rules.names import Characters

CHARACTERS = Path(settings.ROOT) / "catalogues" / "name_characters.yaml"
WEIGHTS = Path(settings.ROOT) / "catalogues" / "matching.yaml"


@cache
def characters() -> Characters:
    """What is known of characters: our own lists, and the readings of pypinyin.

    Raises OSError or ``yaml.YAMLError`` when the file is missing or broken.
    """
    # Its readings of phrases come with it: only who matches names reads them.
    from pypinyin import Style, pinyin_dict
    from pypinyin.style import convert

    def toneless(syllable: str) -> str:
        return convert(syllable, Style.NORMAL, strict=True, default=syllable) or syllable

    listed: dict[str, Any] = yaml_file.read(CHARACTERS)
    readings: dict[int, tuple[str, ...]] = {
        point: (toneless(said.split(",")[0]),) for point, said in pinyin_dict.pinyin_dict.items()
    }
    for character, said in listed["readings"].items():
        readings[ord(character)] = tuple(dict.fromkeys((said, *readings[ord(character)])))
    return Characters.of(
        readings,
        [group for line in listed["variants"] for group in line.split()],
        [group for line in listed["similar"] for group in line.split()],
    )


@cache
def weights() -> Weights:
    """What the score weighs, as ``python -m bench.matching.estimate`` wrote it.

    Raises OSError, ``yaml.YAMLError`` or TypeError when the file is missing or broken.
    """
    stored: dict[str, Any] = yaml_file.read(WEIGHTS)
    return Weights(**stored["weights"])
