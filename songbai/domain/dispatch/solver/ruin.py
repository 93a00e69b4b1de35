"""Ruin and recreate: take strings of visits out of neighbouring routes, put them back greedily.

The manner is slack induction by string removals: short strings around one place leave room there
in capacity, time and skill; each visit goes to its cheapest place, now and then overlooking one.
"""

import numpy as np

from songbai.domain.dispatch.solver.chance import below, unit
from songbai.domain.dispatch.solver.compiled import kernel
from songbai.domain.dispatch.solver.moves import join, road
from songbai.domain.dispatch.solver.timing import HOPELESS, copy, lateness, retime, spread, worst_of
from songbai.domain.dispatch.solver.visits import BEST, LATE, POOL, TRAVEL, WAITING, WORST

ENDLESS = np.int64(1) << np.int64(50)
LONGEST_STRING = 10
#: Visits taken out in one round, about.
REMOVED = 10
#: Percent of rounds in which partners come along, and in which rivals go instead of neighbours.
PARTNERS, RIVALS = 30, 20
#: One place in so many is overlooked when a visit is put back.
BLINK = 100


@kernel
def take_out(visits, travel, tally, removed, count, v):
    """Remove ``v`` from its route as number ``count``; times are left alone."""
    p, q = np.int64(visits[v].before), np.int64(visits[v].after)
    tally[TRAVEL] += road(visits, travel, p, q)
    tally[TRAVEL] -= road(visits, travel, p, v) + road(visits, travel, v, q)
    tally[LATE] -= lateness(visits, v)
    join(visits, p, q)
    visits[v].free = 1
    removed[count] = v
    return count + 1


@kernel
def take_string(visits, travel, tally, removed, random, sentinels, count, v, length):
    """Remove about ``length`` visits in a row that include ``v``; returns the new count."""
    first = v
    back = below(random, length)
    while back > 0 and visits[first].before < sentinels:
        first = np.int64(visits[first].before)
        back -= 1
    for _ in range(length):
        if first >= sentinels:
            return count
        after = np.int64(visits[first].after)
        count = take_out(visits, travel, tally, removed, count, first)
        first = after
    return count


@kernel
def take_partners(visits, travel, tally, removed, count):
    """Remove the other halves too: a pair moves in time only when both are out."""
    for i in range(count):
        u = np.int64(visits[removed[i]].partner)
        if u >= 0 and visits[u].free == 0:
            count = take_out(visits, travel, tally, removed, count, u)
    return count


@kernel
def ruin(visits, travel, around, rivals, tally, removed, ruined, random):
    """Take strings out around a random visit; returns how many visits are out."""
    sentinels = len(around)
    ruined[:] = 0
    count = 0
    seed = below(random, sentinels)
    longest = 1 + below(random, LONGEST_STRING)
    strings = 1 + below(random, max(1, 2 * REMOVED // (1 + longest)))
    partners = below(random, 100) < PARTNERS
    others = rivals if below(random, 100) < RIVALS else around
    for i in range(others.shape[1]):
        v = np.int64(others[seed, i])
        if visits[v].free == 1 or ruined[visits[v].route] == 1:
            continue
        ruined[visits[v].route] = 1
        length = 1 + below(random, longest)
        count = take_string(visits, travel, tally, removed, random, sentinels, count, v, length)
        strings -= 1
        if strings == 0:
            break
    if partners:
        count = take_partners(visits, travel, tally, removed, count)
    return count


@kernel
def pushed(visits, travel, v, start, sentinels, enough):
    """Lateness added on the route from ``v`` on when ``v`` starts at ``start`` (not earlier)."""
    added = np.int64(0)
    while True:
        late = start - visits[v].closes
        if late > 0:
            added += late - lateness(visits, v)
            if added > enough:
                return added
        u = visits[v].partner
        if u >= 0 and visits[u].free == 0:
            other = start + visits[v].least
            if other > visits[u].start and other > visits[u].closes:
                added += other - visits[u].closes - lateness(visits, u)
        w = visits[v].after
        if w >= sentinels:
            return added
        start = start + visits[v].minutes + travel[visits[v].place, visits[w].place]
        if start <= visits[w].start:
            return added
        v = w


@kernel
def delays(visits, travel, v, q, u, start, sentinels, enough):
    """Lateness added when ``v`` starts at ``start`` before ``q``; ``u``: placed partner or -1."""
    added = np.int64(0)
    if q < sentinels:
        onward = start + visits[v].minutes + travel[visits[v].place, visits[q].place]
        if onward > visits[q].start:
            added += pushed(visits, travel, q, onward, sentinels, enough)
    if u >= 0 and start + visits[v].least > visits[u].start:
        other = start + visits[v].least
        added += pushed(visits, travel, u, other, sentinels, enough - added)
    return added


@kernel
def cheapest(visits, able, travel, random, v):
    """The stop after which ``v`` adds least travel and lateness, by estimate; -1 if nowhere."""
    sentinels = able.shape[0]
    u = np.int64(visits[v].partner)
    if u >= 0 and visits[u].free == 1:
        u = np.int64(-1)
    floor, own = np.int64(visits[v].opens), np.int64(-1)
    if u >= 0:
        floor = max(floor, np.int64(visits[u].start - visits[v].most))
        own = np.int64(visits[u].route)
    closes = np.int64(visits[v].closes)
    best, where = ENDLESS, np.int64(-1)
    for k in range(able.shape[1]):
        if not able[v, k] or k == own:
            continue
        p = np.int64(sentinels + k)
        while True:
            there = travel[visits[p].place, visits[v].place]
            start = max(floor, np.int64(visits[p].start + visits[p].minutes + there))
            late = start - closes
            if late >= best:
                break  # later places are later still
            q = np.int64(visits[p].after)
            price = np.int64(there) + road(visits, travel, v, q) - road(visits, travel, p, q)
            if late > 0:
                price += late
            if price < best and below(random, BLINK) > 0:
                price += delays(visits, travel, v, q, u, start, sentinels, best - price)
                if price < best:
                    best, where = price, p
            p = q
            if p >= sentinels:
                break
    return where


@kernel
def put_in(visits, travel, tally, v, p):
    """Link ``v`` after ``p``; its time is still to be found."""
    q = np.int64(visits[p].after)
    tally[TRAVEL] += road(visits, travel, p, v) + road(visits, travel, v, q)
    tally[TRAVEL] -= road(visits, travel, p, q)
    join(visits, p, v)
    join(visits, v, q)
    visits[v].route = visits[p].route
    visits[v].free = 0
    visits[v].start = visits[v].opens
    tally[LATE] += lateness(visits, v)


@kernel
def shuffle(visits, travel, removed, count, random):
    """Order of putting back: by chance, far from the office, near, by opening, by closing."""
    kind = below(random, 11)
    for i in range(count):
        v = removed[i]
        if kind < 4:
            key = np.int64(below(random, 1 << 30))
        elif kind < 6:
            key = -np.int64(travel[0, visits[v].place])
        elif kind < 7:
            key = np.int64(travel[0, visits[v].place])
        elif kind < 9:
            key = np.int64(visits[v].opens)
        else:
            key = -np.int64(visits[v].opens)
        visits[v].order = key
    for i in range(1, count):
        v = removed[i]
        j = i - 1
        while j >= 0 and visits[removed[j]].order > visits[v].order:
            removed[j + 1] = removed[j]
            j -= 1
        removed[j + 1] = v


@kernel
def rebuild(visits, able, travel, paper, tally, removed, count, random, limit):
    """Put everything back; False when the cost would exceed ``limit`` or a circle would arise."""
    for i in range(count):
        v = np.int64(removed[i])
        where = cheapest(visits, able, travel, random, v)
        if where < 0:
            return False
        put_in(visits, travel, tally, v, where)
        retime(visits, paper, tally, v)
        retime(visits, paper, tally, visits[v].after)
        spare = limit - tally[TRAVEL] - tally[LATE]
        change, _, _ = spread(visits, travel, paper, tally, tally[LATE], 0, spare)
        if change == HOPELESS:
            return False
        tally[LATE] += change
        if tally[TRAVEL] + tally[LATE] > limit:
            return False
    return True


@kernel
def settle(visits, travel, paper, tally, removed, count):
    """Time the routes that lost visits; False in a circle."""
    for i in range(count):
        v = removed[i]
        retime(visits, paper, tally, visits[v].after)
        u = visits[v].partner
        if u >= 0 and visits[u].free == 0:
            retime(visits, paper, tally, u)
    for i in range(tally[WAITING] - 1, -1, -1):  # what is out of the plan has no time
        if visits[paper[i, POOL]].free == 1:
            visits[paper[i, POOL]].queued = 0
            tally[WAITING] -= 1
            paper[i, POOL] = paper[tally[WAITING], POOL]
    change, _, _ = spread(visits, travel, paper, tally, tally[LATE], 0, ENDLESS)
    if change == HOPELESS:
        return False
    tally[LATE] += change
    return True


@kernel
def try_ruin(day, work, limit):
    """One round of ruin and recreate; True when the new plan costs at most ``limit``.

    Otherwise ``work.visits`` is in pieces.
    """
    able, travel, visits, paper = day.able, day.travel, work.visits, work.paper
    tally, removed, random = work.tally, work.removed, work.random
    count = ruin(visits, travel, day.around, day.rivals, tally, removed, work.ruined, random)
    if not settle(visits, travel, paper, tally, removed, count):
        return False
    shuffle(visits, travel, removed, count, random)
    if not rebuild(visits, able, travel, paper, tally, removed, count, random, limit):
        return False
    tally[WORST] = worst_of(visits)
    return tally[TRAVEL] + tally[LATE] + tally[WORST] <= limit


@kernel
def wreck(day, work, tries, heat):
    """Make ``tries`` rounds of ruin and recreate at temperature ``heat`` (ticks).

    Returns:
        how many were accepted.
    """
    tally = work.tally
    copy(work.current, work.words)
    accepted = 0
    for _ in range(tries):
        travel, late, worst = tally[TRAVEL], tally[LATE], tally[WORST]
        value = travel + late + worst
        limit = np.int64(value - heat * np.log(unit(work.random) + 1e-300))
        if not try_ruin(day, work, limit):
            copy(work.words, work.current)
            tally[TRAVEL], tally[LATE], tally[WORST] = travel, late, worst
            continue
        accepted += 1
        copy(work.current, work.words)
        value = tally[TRAVEL] + tally[LATE] + tally[WORST]
        if value < tally[BEST]:
            tally[BEST] = value
            copy(work.best, work.words)
    return accepted
