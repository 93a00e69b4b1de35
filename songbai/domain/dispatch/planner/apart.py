"""Visits of one elder come one after the other, of whichever providers; each plan knows only its
own, so what they share is parted before: every visit keeps a part of its window. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from .facts import Need

END_OF_DAY = 2 * 24 * 60


@dataclass(frozen=True)
class Block:
    """One order's time at a door: when it may begin, how long it lasts; ``fixed``: told already."""

    order_id: int
    earliest: int
    latest: int
    minutes: int
    fixed: bool = False


def apart(needs: Iterable[Need], beside: Iterable[Need], now: int | None = None) -> list[Need]:
    """The needs, open ones with windows in which no two visits of an elder meet.

    ``beside``: all that is known of their elders' day, also of other providers. What was ordered
    for one time, so that it cannot be parted, and the two who come together keep their windows.
    """
    blocks: dict[int, dict[int, Block]] = {}
    for need in beside:
        blocks.setdefault(need.elder_id, {})[need.order_id] = _block(need, now)
    windows: dict[int, tuple[int, int]] = {}
    for elder, own in blocks.items():
        if elder and len(own) > 1:
            windows |= parted(list(own.values()))
    return [
        replace(
            need,
            earliest=windows[need.order_id][0],
            latest=windows[need.order_id][1],
            asked=(need.earliest, need.latest),
        )
        if need.order_id in windows and need.standing is None
        else need
        for need in needs
    ]


def around(needs: Sequence[Need], starts: Mapping[str, int], now: int | None) -> list[Need]:
    """The needs, with the others of an elder round what a dispatcher decided: minutes by key."""
    elders = {need.elder_id for need in needs if need.key in starts} - {0}
    whole = [
        replace(need, earliest=need.agreed[0], latest=need.agreed[1])
        for need in needs
        if need.elder_id in elders
    ]
    fixed = [
        replace(need, earliest=starts[need.key], latest=starts[need.key])
        if need.key in starts and need.standing is None
        else need
        for need in whole
    ]
    again = {need.key: need for need in apart(whole, fixed, now)}
    return [need if need.key in starts else again.get(need.key, need) for need in needs]


def _block(need: Need, now: int | None) -> Block:
    stands = need.standing
    if stands is not None:
        begun = stands.start if stands.begun is None else stands.begun
        return Block(need.order_id, begun, begun, need.minutes, fixed=True)
    earliest = need.earliest if now is None else max(need.earliest, now + 1)
    return Block(need.order_id, earliest, need.latest, need.minutes)


def parted(blocks: Sequence[Block]) -> dict[int, tuple[int, int]]:
    """Windows in which no two of an elder's visits meet, by order; those that fit nowhere are left
    out.
    """
    chain = sorted((one for one in blocks if one.fixed), key=lambda one: one.earliest)
    open_ = (one for one in blocks if not one.fixed)
    for block in sorted(open_, key=lambda one: (one.latest, one.minutes, one.order_id)):
        tried = ([*chain[:n], block, *chain[n:]] for n in range(len(chain), -1, -1))
        chain = next((longer for longer in tried if _soonest(longer)), chain)
    first, last = _soonest(chain), _latest(chain)
    found, free = {}, 0
    for place, block in enumerate(chain):
        begin, end = max(first[place], 0 if block.fixed else free), last[place]
        if place + 1 < len(chain):  # all share the slack alike, what is nobody's goes to each
            share = (last[place] - first[place]) * (place + 1) // len(chain)
            end = min(end, max(first[place] + share, first[place + 1] - block.minutes))
        found[block.order_id] = begin, end
        free = end + block.minutes
    return found


def _soonest(chain: Sequence[Block]) -> list[int]:
    """When each begins at the soonest, one after the other; none when they do not all fit. What is
    told already stays as it is, also where two of those meet.
    """
    found: list[int] = []
    free = free_of_open = 0
    for block in chain:
        begin = block.earliest if block.fixed else max(block.earliest, free)
        if begin > block.latest or begin < free_of_open:
            return []
        found.append(begin)
        free = max(free, begin + block.minutes)
        if not block.fixed:
            free_of_open = free
    return found


def _latest(chain: Sequence[Block]) -> list[int]:
    """When each begins at the latest, so that the next ones are not too late."""
    found: list[int] = []
    room = END_OF_DAY
    for block in reversed(chain):
        begin = block.earliest if block.fixed else min(block.latest, room - block.minutes)
        found.append(begin)
        room = min(room, begin)
    return found[::-1]
