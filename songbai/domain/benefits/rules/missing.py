"""Which facts an open bit of a policy may be waiting for, and why something changed. Pure."""

from collections.abc import Iterator

from .cycle import CAUSE_WORDS
from .language.tree import Fact, facts_of
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
    """The facts that a criterion, the ``amount`` or ``stacking`` reads and that can be unknown."""
    return [fact for fact in _read_by(policy, name) if fact.kind.given[0].missing is None]


def _read_by(policy: Policy, name: str) -> Iterator[Fact]:
    if name == "stacking":
        kinds = [kind for group in policy.stacking for kind in group.outside]
    elif name == "amount":
        kinds = []
        for part in policy.amounts if policy.at_disposal is None else ():
            for row in part.rows:
                yield from facts_of(row.when) if row.when else ()
            kinds += [kind for kind in (part.times, part.percent_of, *part.less) if kind]
    else:
        yield from facts_of(next(c for c in policy.criteria if c.id == name).when)
        return
    yield from (Fact(kind, policy.day_of(kind.key)) for kind in kinds)
