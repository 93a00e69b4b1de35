"""Two caregivers of one order come together, or nobody comes."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from songbai.domain.dispatch.solver.day.problem import Relation

from .facts import Need

#: Two caregivers of one order begin together.
TOGETHER = Relation("", "", 0, 0, same_caregiver=False)


def beside_who_stands(needs: Iterable[Need]) -> list[Need]:
    """Needs in order; where one of two caregivers was sent, the other one comes when she does."""
    sent = {need.order_id: need.standing for need in needs if need.standing}
    found = []
    for need in sorted(needs, key=lambda n: (n.order_id, n.seat)):
        first = sent.get(need.order_id)
        if need.standing is None and first is not None:
            refused = need.refused | {first.staff_id}
            found.append(replace(need, earliest=first.start, latest=first.start, refused=refused))
            continue
        found.append(need)
    return found


def pairs(needs: Mapping[str, Need]) -> tuple[Relation, ...]:
    """Two who are both still to be found, or were sent for one time, stay together."""
    return tuple(
        replace(TOGETHER, first=first.key, second=need.key)
        for need in needs.values()
        if need.seat > 1 and (first := needs.get(str(need.order_id))) and _together(first, need)
    )


def _together(first: Need, second: Need) -> bool:
    one, other = first.standing, second.standing
    if one is None or other is None:
        return one is other
    return one.start == other.start and one.staff_id != other.staff_id
