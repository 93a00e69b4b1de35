"""Changes of the routes: exchange of two segments, exchange of two tails, and their undoing.

Relocating a visit, moving a segment, swapping visits or segments are all ``exchange`` with
segment lengths 1..3 against 0..3. Links are changed first and times afterwards; ``Ends`` holds
what must be put back.
"""

import numpy as np

from songbai.domain.dispatch.solver.compiled import inlined, kernel
from songbai.domain.dispatch.solver.timing import retime


@inlined
def join(visits, a, b):
    """Let ``b`` follow ``a``."""
    visits[a].after = b
    visits[b].before = a


@inlined
def road(visits, travel, a, b):
    """Travel from stop ``a`` to stop ``b``."""
    return np.int64(travel[visits[a].place, visits[b].place])


@kernel
def relabel(visits, able, first, last, route):
    """Give the segment to ``route``; False when somebody in it may not go there.

    The label is set in any case: the caller puts it back.
    """
    fits = True
    v = first
    while True:
        visits[v].route = route
        fits = fits and able[v, route]
        if v == last:
            return fits
        v = visits[v].after


@kernel
def label(visits, first, last, route):
    """Set the route of a segment."""
    v = first
    while True:
        visits[v].route = route
        if v == last:
            return
        v = visits[v].after


@kernel
def apart(visits, first, last):
    """Whether no visit of the segment shares its caregiver with its partner."""
    v = first
    while True:
        u = visits[v].partner
        if u >= 0 and visits[u].free == 0 and visits[u].route == visits[v].route:
            return False
        if v == last:
            return True
        v = visits[v].after


@kernel
def may_exchange(visits, able, v, e, w, b, bl):
    """Relabel segments v..e and b..bl (b < 0: none) for their exchange; False if not allowed.

    On False the labels are as they were.
    """
    here, there = visits[v].route, visits[w].route
    if here == there:
        return True
    fits = relabel(visits, able, v, e, there)
    if b >= 0:
        fits = relabel(visits, able, b, bl, here) and fits
    fits = fits and apart(visits, v, e) and (b < 0 or apart(visits, b, bl))
    if not fits:
        label(visits, v, e, here)
        if b >= 0:
            label(visits, b, bl, there)
    return fits


@kernel
def exchange_travel(visits, travel, v, e, w, b, bl):
    """Change of travel when v..e goes after ``w`` and b..bl (b < 0: none) into its old place."""
    p, q = visits[v].before, visits[e].after
    if b < 0:
        c = visits[w].after
        gone = road(visits, travel, p, v) + road(visits, travel, e, q) + road(visits, travel, w, c)
        return (
            road(visits, travel, w, v)
            + road(visits, travel, e, c)
            + road(visits, travel, p, q)
            - gone
        )
    c = visits[bl].after
    gone = road(visits, travel, p, v) + road(visits, travel, w, b)
    gone += road(visits, travel, e, q) + road(visits, travel, bl, c)
    come = road(visits, travel, w, v) + road(visits, travel, p, b)
    come += road(visits, travel, e, c) + road(visits, travel, bl, q)
    return come - gone


@kernel
def exchange(visits, v, e, w, b, bl):
    """Put v..e after ``w`` and b..bl (b < 0: none) where v..e was.

    The two segments must neither overlap nor touch. ``exchange_back`` undoes it.
    """
    p, q = visits[v].before, visits[e].after
    if b < 0:
        join(visits, p, q)
        c = visits[w].after
        join(visits, w, v)
        join(visits, e, c)
    else:
        c = visits[bl].after
        join(visits, w, v)
        join(visits, e, c)
        join(visits, p, b)
        join(visits, bl, q)


@kernel
def exchange_back(visits, p, v, e, q, w, b, bl, c):
    """Put the links back as they were: p, v..e, q and w, b..bl, c."""
    if b < 0:
        join(visits, w, c)
    else:
        join(visits, bl, c)
        join(visits, w, b)
    join(visits, p, v)
    join(visits, e, q)


@kernel
def retime_exchange(visits, paper, tally, v, q, b, c):
    """The stops whose predecessor is another now."""
    retime(visits, paper, tally, v)
    retime(visits, paper, tally, q)
    retime(visits, paper, tally, c)
    if b >= 0:
        retime(visits, paper, tally, b)


@kernel
def tails_travel(visits, travel, v, w):
    """Change of travel when ``v`` and all after it follow ``w``, and w's tail follows v's head."""
    a, b = visits[v].before, visits[w].after
    gone = road(visits, travel, a, v) + road(visits, travel, w, b)
    return road(visits, travel, w, v) + road(visits, travel, a, b) - gone


@kernel
def may_cross(visits, able, v, w, sentinels):
    """Relabel both tails for their exchange; False (labels as before) when not allowed."""
    here, there = visits[v].route, visits[w].route
    last = visits[sentinels + here].before
    b = visits[w].after
    bl = visits[sentinels + there].before
    fits = relabel(visits, able, v, last, there)
    if b < sentinels:
        fits = relabel(visits, able, b, bl, here) and fits
    fits = fits and apart(visits, v, last) and (b >= sentinels or apart(visits, b, bl))
    if not fits:
        label(visits, v, last, here)
        if b < sentinels:
            label(visits, b, bl, there)
    return fits


@kernel
def cross(visits, v, w, here, there, sentinels):
    """Exchange the tails that begin at ``v`` (on ``here``) and after ``w`` (on ``there``).

    Labels are set by ``may_cross``.
    """
    a, b = visits[v].before, visits[w].after
    last = visits[sentinels + here].before
    bl = visits[sentinels + there].before
    join(visits, w, v)
    join(visits, last, sentinels + there)
    if b < sentinels:
        join(visits, a, b)
        join(visits, bl, sentinels + here)
    else:
        join(visits, a, sentinels + here)


@kernel
def cross_back(visits, a, v, last, w, b, bl, here, there, sentinels):
    """Put tails and labels back: ``v`` .. ``last`` after ``a``, ``b`` .. ``bl`` after ``w``."""
    join(visits, a, v)
    join(visits, last, sentinels + here)
    join(visits, w, b)
    label(visits, v, last, here)
    if b < sentinels:
        join(visits, bl, sentinels + there)
        label(visits, b, bl, there)
