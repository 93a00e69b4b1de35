"""Facts as people read them, without what nobody needs to see."""

from songbai.core.regions.queries import place_words
from songbai.domain.elders.models import Fact
from songbai.domain.elders.queries.figures import ends
from songbai.domain.elders.rules import mask_name
from songbai.domain.elders.rules.kinds import Kind, ValueType, words

from . import plain


def masked_value(kind: Kind, fact: Fact) -> str:
    """A value as an officer sees it without stating a purpose."""
    if kind.code in {"phone", "bank_card"}:
        return ends(plain(fact), 3, 4)
    if kind.secret:
        return "已登记，不显示"
    return mask_name(fact.value) if kind.code == "name" else open_value(kind, fact.value)


def open_value(kind: Kind, value: str) -> str:
    """A value that may be seen; a division by its name."""
    if kind.type is not ValueType.REGION:
        return words(kind, value)
    return place_words(value) or value
