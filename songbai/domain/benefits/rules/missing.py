"""Which facts an open bit of a policy may be waiting for, and why something changed. Pure."""

from .cycle import CAUSE_WORDS
from .language.tree import Fact
from .policy import Policy
from .vocabulary import vocabulary


def missing_by(policy: Policy, name: str) -> list[str]:
    """Keys of the facts of ``waits_for``, derived ones as what they derive from."""
    found = (fact.kind.given[0].key for fact in waits_for(policy, name))
    return list(dict.fromkeys(found))


def missing_names(policy: Policy, unknown: int) -> list[str]:
    """What the facts are called that the open bits of a mask may be waiting for."""
    names = [name for name, bit in policy.bits.items() if unknown & bit]
    keys = dict.fromkeys(key for name in names for key in missing_by(policy, name))
    return [policy.vocabulary[key].name for key in keys]


def cause_words(cause: str) -> str:
    """Why something changed: a fact's name, or a word for what is no fact."""
    kind = vocabulary("elder").get(cause)
    return CAUSE_WORDS.get(cause) or (f"{kind.name}变了" if kind else cause)


def waits_for(policy: Policy, name: str) -> list[Fact]:
    """The facts that a criterion, the ``amount`` or ``stacking`` reads and that can be unknown.

    What a voucher puts at somebody's disposal waits for nothing.
    """
    if name == "amount" and policy.at_disposal is not None:
        return []
    read = (fact for reader, fact in policy.facts_read() if reader == name)
    return [fact for fact in read if fact.kind.given[0].missing is None]
