"""What one route costs: walk it stop by stop. The same walk prices a trial and writes the times."""

import numpy as np

from songbai.domain.dispatch.solver.compiled import inlined, kernel

NEVER = 10**9
#: Floors rise at most so many rounds per relation before it is called a circle.
ROUNDS = 4


@inlined
def rest_now(crew, k, taken, now, road, begin, minutes, closes):
    """Whether the next break is taken before going on: it is free, or due and makes nobody late, or
    there is no time for it later.
    """
    earliest = crew[k].earliest[taken]
    there = max(now, earliest) + crew[k].rest[taken] + road
    due = now >= earliest and there <= closes
    return due or begin + minutes > crew[k].latest[taken] or there <= begin


@inlined
def way_to(stops, crew, travel, k, here, w, load):
    """Seconds on the road to ``w`` (-1: home), extra seconds filling up, whether it cannot be."""
    mode = crew[k].mode
    place = stops[w].place if w >= 0 else crew[k].end_place
    if place < 0:
        return np.int64(0), np.int64(0), False, False
    full = w >= 0 and crew[k].capacity >= 0 and load + stops[w].amount > crew[k].capacity
    if full and crew[k].refill_place >= 0:
        road = np.int64(travel[mode, here, crew[k].refill_place])
        return road + travel[mode, crew[k].refill_place, place], crew[k].refill, True, False
    return np.int64(travel[mode, here, place]), np.int64(0), full, full


@inlined
def rests(crew, k, taken, now, way, wanted, minutes, closes, home):
    """Take the breaks that come before going on; (time, breaks taken, seconds too late)."""
    broken = np.int64(0)
    while taken < crew[k].rests:
        begin = max(now + way, wanted)
        if not rest_now(crew, k, taken, now, way, begin, minutes, closes):
            break
        if home and begin <= crew[k].latest[taken]:
            break  # home in time: no break owed
        rest = max(now, crew[k].earliest[taken])
        broken += max(0, rest - crew[k].latest[taken])
        now = rest + crew[k].rest[taken]
        taken += 1
    return now, taken, broken


@inlined
def stop_price(stops, v, now):
    """Points for starting ``v`` at ``now``: lateness, and distance from what was announced."""
    points = max(0, now - stops[v].closes) * stops[v].late_price
    if stops[v].announced >= 0:
        points += abs(now - stops[v].announced) * stops[v].moved_price
    return points


@inlined
def route_price(crew, k, now, on_road, work):
    """Points for the route as a whole: road, overtime, more than a fair share."""
    return (
        crew[k].used_price
        + max(0, now - crew[k].ends) * crew[k].overtime_price
        + on_road * crew[k].travel_price
        + max(0, work - crew[k].fair_work) * crew[k].work_price
        + max(0, on_road - crew[k].fair_travel) * crew[k].long_way_price
    )


@kernel
def walk(stops, crew, travel, fit, order, length, k, v, at, write):
    """Cost of route ``k``, with ``v`` (if not negative) put in as number ``at``.

    Args:
        write: keep the starts and the route of its stops.

    Returns:
        (points, seconds by which hard limits are broken).
    """
    count = length[k] + (1 if v >= 0 else 0)
    if count == 0:
        return 0.0, 0
    here, now = crew[k].start_place, crew[k].starts
    on_road, work, load, broken = np.int64(0), np.int64(0), np.int64(crew[k].load), np.int64(0)
    points, taken = 0.0, 0
    for i in range(count + 1):
        w, minutes, wanted, closes = -1, np.int64(0), np.int64(0), np.int64(NEVER)
        if i < count:
            w = v if v >= 0 and i == at else order[k, i - (1 if v >= 0 and i > at else 0)]
            minutes, closes = stops[w].minutes, stops[w].closes
            wanted = max(stops[w].opens, stops[w].floor)
        road, filling, emptied, stuck = way_to(stops, crew, travel, k, here, w, load)
        if emptied:
            load = np.int64(0)
        way = road + filling
        now, taken, bad = rests(crew, k, taken, now, way, wanted, minutes, closes, w < 0)
        broken += bad + (NEVER if stuck else 0)
        on_road += road
        now += way
        if w < 0:
            break
        if wanted > now:
            points += (wanted - now) * crew[k].wait_price if i > 0 else 0.0
            now = wanted
        points += stop_price(stops, w, now) + fit[w, k]
        broken += max(0, now - stops[w].closes) * stops[w].hard
        if write:
            stops[w].start = now
            stops[w].route = k
        load += stops[w].amount
        now += minutes
        work += minutes
        here = stops[w].end_place
    broken += max(0, now - crew[k].ends - crew[k].overtime)
    return points + route_price(crew, k, now, on_road, work), broken


@kernel
def raise_floors(stops, relations, stale):
    """Lift what related visits forbid; routes that must be walked again are ``stale`` then."""
    lifted = False
    for r in range(len(relations)):
        a, b = relations[r].first, relations[r].second
        if stops[a].route < 0 or stops[b].route < 0:
            continue
        floor = stops[a].start + relations[r].least
        if floor > stops[b].start:
            stops[b].floor = floor
            stale[stops[b].route] = True
            lifted = True
        floor = stops[b].start - relations[r].most
        if floor > stops[a].start:
            stops[a].floor = floor
            stale[stops[a].route] = True
            lifted = True
    return lifted


@kernel
def evaluate(day):
    """Time every route from nothing and add up; (points, broken). Broken also on a circle."""
    stops, crew, relations, route_cost = day.stops, day.crew, day.relations, day.route_cost
    travel, fit, order, length = day.travel, day.fit, day.order, day.length
    for v in range(len(stops)):
        stops[v].floor = 0
        stops[v].route = -1
    bad, stale = np.zeros(len(crew), np.int64), np.ones(len(crew), np.bool_)
    settled = False
    for _ in range(ROUNDS * len(relations) + 5):
        for k in range(len(crew)):
            if stale[k]:
                stale[k] = False
                route_cost[k], bad[k] = walk(
                    stops, crew, travel, fit, order, length, k, -1, 0, True
                )
        if not raise_floors(stops, relations, stale):
            settled = True
            break
    points, broken = 0.0, np.int64(0 if settled else NEVER)
    for k in range(len(crew)):
        points += route_cost[k]
        broken += bad[k]
    for v in range(len(stops)):
        if stops[v].route < 0:
            points += stops[v].unserved_price
    return points, broken + misfits(stops, relations)


@kernel
def misfits(stops, relations):
    """Related visits given to the wrong people, or only half of them made."""
    bad = np.int64(0)
    for r in range(len(relations)):
        a, b = stops[relations[r].first].route, stops[relations[r].second].route
        if (a < 0) != (b < 0) or (
            a >= 0 and ((relations[r].same == 1 and a != b) or (relations[r].same == 0 and a == b))
        ):
            bad += NEVER
    return bad
