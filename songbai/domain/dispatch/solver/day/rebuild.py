"""Ruin and recreate for a real day: take neighbouring visits out, put them back at least cost.

Related visits come out and go in together. Pinned visits are put in once and never taken out.
"""

import numpy as np

from songbai.domain.dispatch.solver.chance import below, unit
from songbai.domain.dispatch.solver.compiled import inlined, kernel
from songbai.domain.dispatch.solver.day.walk import evaluate, walk

#: Visits taken out in one round, about; one place in so many is overlooked.
REMOVED, BLINK = 8, 50
LONGEST_STRING = 6


@kernel
def place_in(day, k, v, at):
    """Insert ``v`` as number ``at`` of route ``k``."""
    order, length = day.order, day.length
    for i in range(length[k], at, -1):
        order[k, i] = order[k, i - 1]
    order[k, at] = v
    length[k] += 1


@kernel
def take_from(day, v):
    """Remove ``v`` from its route."""
    stops, order, length = day.stops, day.order, day.length
    k = stops[v].route
    found = 0
    for i in range(length[k]):
        if order[k, i] == v:
            found = 1
        elif found == 1:
            order[k, i - 1] = order[k, i]
    length[k] -= found
    stops[v].route = -1


@inlined
def at_least(stops, crew, travel, fit, order, length, k, v, at):
    """Points that ``v`` costs at least as number ``at`` of route ``k``; infinite when it, or the
    next one, would come too late.

    The routes must have been timed. Refills and breaks are left out: they only make it dearer.
    """
    mode, before, free = crew[k].mode, crew[k].start_place, crew[k].starts
    if at > 0:
        w = order[k, at - 1]
        before, free = stops[w].end_place, stops[w].start + stops[w].minutes
    way = np.int64(travel[mode, before, stops[v].place])
    begin = max(free + way, stops[v].opens, stops[v].floor)
    late = max(0, begin - stops[v].closes)
    points = fit[v, k] + late * stops[v].late_price
    lost = late > 0 and stops[v].hard == 1
    after = crew[k].end_place
    if at < length[k]:
        after = stops[order[k, at]].place
    if after >= 0:
        onward = np.int64(travel[mode, stops[v].end_place, after])
        way += onward - travel[mode, before, after]
        if at < length[k]:
            x = order[k, at]
            there = begin + stops[v].minutes + onward
            if there > stops[x].start:
                later = max(0, there - stops[x].closes) - max(0, stops[x].start - stops[x].closes)
                points += later * stops[x].late_price
                lost = lost or (later > 0 and stops[x].hard == 1)
    points += way * crew[k].travel_price
    points -= (stops[v].minutes + max(0, way)) * crew[k].wait_price  # waiting it may fill
    return np.inf if lost else points


@kernel
def allowed(stops, relations, k, v):
    """Whether placed relatives let ``v`` go to caregiver ``k``."""
    for r in range(len(relations)):
        a, b = relations[r].first, relations[r].second
        if v not in (a, b):
            continue
        other = stops[b if v == a else a].route
        if other < 0:
            continue
        if (relations[r].same == 1 and other != k) or (relations[r].same == 0 and other == k):
            return False
    return True


@kernel
def set_floor(stops, relations, v):
    """The earliest start of ``v`` that its placed relatives allow."""
    floor = np.int64(0)
    for r in range(len(relations)):
        a, b = relations[r].first, relations[r].second
        if v == b and stops[a].route >= 0:
            floor = max(floor, stops[a].start + relations[r].least)
        if v == a and stops[b].route >= 0:
            floor = max(floor, stops[b].start - relations[r].most)
    stops[v].floor = floor


@kernel
def best_place(day, v, only, random):
    """Caregiver, number and price of the cheapest place; the caregiver is -1 if there is none.

    ``only``: look at this caregiver alone, or -1. ``random`` empty: overlook nothing.
    """
    stops, crew, fit, length = day.stops, day.crew, day.fit, day.length
    travel, order, route_cost = day.travel, day.order, day.route_cost
    tied = stops[v].tied == 1
    if tied:
        set_floor(stops, day.relations, v)
    room = len(crew)
    for k in range(len(crew)):
        room += length[k]
    bounds, place = np.empty(room), np.empty((room, 2), np.int64)
    count, first = 0, 0
    for k in range(len(crew)):
        if not np.isfinite(fit[v, k]) or (only >= 0 and k != only) or length[k] >= order.shape[1]:
            continue
        if tied and not allowed(stops, day.relations, k, v):
            continue
        for at in range(length[k] + 1):
            bound = at_least(stops, crew, travel, fit, order, length, k, v, at)
            if bound == np.inf or (len(random) > 0 and below(random, BLINK) == 0):
                continue
            bounds[count], place[count, 0], place[count, 1] = bound, k, at
            if bound < bounds[first]:
                first = count
            count += 1
    best, who, where = np.inf, -1, -1
    for n in range(-1, count):  # the likeliest first, so that most others need no walk
        i = first if n < 0 else n
        if count == 0 or bounds[i] >= best or (n == first):
            continue
        k, at = place[i, 0], place[i, 1]
        points, broken = walk(stops, crew, travel, fit, order, length, k, v, at, False)
        if broken == 0 and points - route_cost[k] < best:
            best, who, where = points - route_cost[k], k, at
    return who, where, best


@kernel
def price_everywhere(day, v, extra, number):
    """Price and number of the cheapest sound place of ``v`` on every route; infinite where none.

    Exact for a visit without relatives as long as its place moves nobody who has some.
    """
    stops, crew, travel, route_cost = day.stops, day.crew, day.travel, day.route_cost
    fit, order, length = day.fit, day.order, day.length
    for k in range(len(crew)):
        extra[k], number[k] = np.inf, -1
        if not np.isfinite(fit[v, k]) or length[k] >= order.shape[1]:
            continue
        for at in range(length[k] + 1):
            if at_least(stops, crew, travel, fit, order, length, k, v, at) == np.inf:
                continue
            points, broken = walk(stops, crew, travel, fit, order, length, k, v, at, False)
            if broken == 0 and points - route_cost[k] < extra[k]:
                extra[k], number[k] = points - route_cost[k], at


@kernel
def has_tied(day, k):
    """Whether a change of route ``k`` may reach other routes."""
    found = False
    for i in range(day.length[k]):
        found = found or day.stops[day.order[k, i]].tied == 1
    return found


@kernel
def insert_group(day, first, next_of, random):
    """Put a group of related visits in, one after the other; all or none.

    Consequences for other routes are walked through; True when all are in and nothing is broken.
    """
    stops, sound, reaches = day.stops, True, False
    v = first
    while v >= 0 and sound:
        k, at, price = best_place(day, v, -1, random)
        sound = k >= 0 and price < stops[v].unserved_price
        if sound:
            place_in(day, k, v, at)
            stops[v].route = k
            day.route_cost[k], _ = walk(
                stops, day.crew, day.travel, day.fit, day.order, day.length, k, -1, 0, True
            )
            reaches = reaches or has_tied(day, k)
        v = next_of[v]
    if sound and reaches:
        _, broken = evaluate(day)
        sound = broken == 0
    if sound:
        return True
    v, taken = first, False
    while v >= 0:
        if stops[v].route >= 0:
            take_from(day, v)
            taken = True
        v = next_of[v]
    if taken:
        evaluate(day)
    return False


@kernel
def insert_all(day, free, count, first_of, next_of, random):
    """Put the groups listed in ``free`` in, in that order; returns how many are in."""
    done = 0
    for i in range(count):
        if insert_group(day, first_of[free[i]], next_of, random):
            done += 1
    return done


@kernel
def take_group(day, v, free, count, first_of, next_of):
    """Take the whole group of ``v`` out unless a member is pinned; returns the new count."""
    stops = day.stops
    w = first_of[stops[v].group]
    while w >= 0:
        if stops[w].pinned == 1:
            return count
        w = next_of[w]
    w = first_of[stops[v].group]
    while w >= 0:
        if stops[w].route >= 0:
            take_from(day, w)
        w = next_of[w]
    free[count] = stops[v].group
    return count + 1


@kernel
def add_unserved(stops, free, count, first_of):
    """Add the groups that nobody served before; returns the new count."""
    out = count
    for v in range(len(stops)):
        if first_of[stops[v].group] == v and stops[v].route < 0 and stops[v].pinned == 0:
            known = False
            for i in range(count):
                known = known or free[i] == stops[v].group
            if not known:
                free[out] = stops[v].group
                out += 1
    return out


@kernel
def ruin(day, around, free, random, first_of, next_of):
    """Take strings of visits out around a random one; ``free`` lists the groups that are out.

    Groups that nobody served before are tried again too.
    """
    stops, order, length = day.stops, day.order, day.length
    count = 0
    seed = below(random, len(stops))
    longest = 1 + below(random, LONGEST_STRING)
    strings = 1 + below(random, max(1, 2 * REMOVED // (1 + longest)))
    for i in range(around.shape[1]):
        v = around[seed, i]
        k = stops[v].route
        if k < 0:
            continue
        at = 0
        while order[k, at] != v:
            at += 1
        at = max(0, at - below(random, longest))
        taken = order[k, at : min(length[k], at + 1 + below(random, longest))].copy()
        for w in taken:
            if stops[w].route == k:
                count = take_group(day, w, free, count, first_of, next_of)
        strings -= 1
        if strings <= 0:
            break
    return add_unserved(stops, free, count, first_of)


@kernel
def shuffle(stops, free, count, first_of, random):
    """Order of putting back: by chance, by opening, by closing."""
    kind = below(random, 4)
    key = np.empty(count)
    for i in range(count):
        v = first_of[free[i]]
        key[i] = unit(random)
        if kind == 2:
            key[i] = stops[v].opens
        if kind == 3:
            key[i] = -stops[v].unserved_price + unit(random)
    free[:count] = free[:count][np.argsort(key)]


@inlined
def changed(order, length, kept_order, kept_length, k):
    """Whether route ``k`` is another than the kept one."""
    other = length[k] != kept_length[k]
    for i in range(kept_length[k]):
        other = other or order[k, i] != kept_order[k, i]
    return other


@kernel
def renew(day, kept_order, kept_length):
    """Time the routes that are other than the kept ones, or all where relatives are among them.

    Returns:
        (points, seconds of broken hard limits) of the plan; the kept one broke none.
    """
    stops, order, length, route_cost = day.stops, day.order, day.length, day.route_cost
    points, broken = 0.0, np.int64(0)
    for k in range(len(day.crew)):
        if changed(order, length, kept_order, kept_length, k):
            tied = has_tied(day, k)
            for i in range(kept_length[k]):
                tied = tied or stops[kept_order[k, i]].tied == 1
            if tied:
                return evaluate(day)
            route_cost[k], bad = walk(
                stops, day.crew, day.travel, day.fit, order, length, k, -1, 0, True
            )
            broken += bad
        points += route_cost[k]
    for v in range(len(stops)):
        if stops[v].route < 0:
            points += stops[v].unserved_price
    return points, broken


@kernel
def keep(to, to_length, order, length):
    """Copy the routes, as far as they count."""
    for k in range(len(length)):
        for i in range(length[k]):
            to[k, i] = order[k, i]
        to_length[k] = length[k]


@kernel
def go_back(day, kept_order, kept_length):
    """Make the routes the kept ones again."""
    stops, order, length, tied = day.stops, day.order, day.length, False
    for k in range(len(day.crew)):
        if changed(order, length, kept_order, kept_length, k):
            tied = tied or has_tied(day, k)
            for i in range(length[k]):
                stops[order[k, i]].route = -1
    for k in range(len(day.crew)):
        if changed(order, length, kept_order, kept_length, k):
            length[k] = kept_length[k]
            order[k, : kept_length[k]] = kept_order[k, : kept_length[k]]
            tied = tied or has_tied(day, k)
            day.route_cost[k], _ = walk(
                stops, day.crew, day.travel, day.fit, order, length, k, -1, 0, True
            )
    if tied:
        evaluate(day)


@kernel
def improve(
    day, best_order, best_length, around, first_of, next_of, random, tally, rounds, heat
):  # fmt: skip
    """Rounds of ruin and recreate at temperature ``heat`` (points).

    ``tally`` is (present cost, best cost). Only routes that changed are timed.

    Returns:
        how many rounds were accepted.
    """
    stops, order, length = day.stops, day.order, day.length
    free = np.empty(len(stops), np.int32)
    kept_order, kept_length = order.copy(), length.copy()
    accepted = 0
    for _ in range(rounds):
        count = ruin(day, around, free, random, first_of, next_of)
        renew(day, kept_order, kept_length)
        shuffle(stops, free, count, first_of, random)
        insert_all(day, free, count, first_of, next_of, random)
        points, broken = renew(day, kept_order, kept_length)
        if broken > 0 or points > tally[0] - heat * np.log(unit(random) + 1e-300):
            go_back(day, kept_order, kept_length)
            continue
        accepted += 1
        keep(kept_order, kept_length, order, length)
        tally[0] = points
        if points < tally[1] - 1e-9:
            tally[1] = points
            keep(best_order, best_length, order, length)
    return accepted
