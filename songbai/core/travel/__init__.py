"""Travel time: estimated, or asked of a road server (OSRM, Valhalla). One contract.

Row M14. Minutes are whole and rounded up, because a caregiver who is told 7 must not need 7½.
"""

from functools import cache

from django.conf import settings

from .estimate import EstimatedTravel
from .roads import RoadServer
from .rules import Minutes, Travel
from .servers import Osrm, Valhalla

_SERVERS: dict[str, type[RoadServer]] = {"osrm": Osrm, "valhalla": Valhalla}


@cache
def travel() -> Travel:
    """The travel adapter of this installation, chosen by SONGBAI_TRAVEL_SERVER.

    Raises KeyError for a kind of road server that nobody wrote.
    """
    estimate = EstimatedTravel(settings.TERRAIN_FACTOR)
    if not settings.TRAVEL_SERVER:
        return estimate
    kind, address = settings.TRAVEL_SERVER
    return _SERVERS[kind](address, estimate)
