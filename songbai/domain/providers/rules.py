"""Pure rules about providers and facilities."""

from enum import StrEnum

from songbai.core.geo import Mode
from songbai.core.worded import Worded


class OperatingMode(Worded):
    """Who owns and who runs."""

    PUBLIC = "public", "公办"
    PUBLIC_BUILT_PRIVATE_RUN = "public_built_private_run", "公建民营"
    PRIVATE_PUBLIC_AIDED = "private_public_aided", "民办公助"
    PRIVATE = "private", "社会办"


class RegistrationStatus(StrEnum):
    """What the market regulator says about an organisation."""

    ACTIVE = "active"
    CANCELLED = "cancelled"
    REVOKED = "revoked"
    MOVED_OUT = "moved_out"


#: Organisations in these states may not give care any more.
CEASED = frozenset({RegistrationStatus.CANCELLED, RegistrationStatus.REVOKED})


class FacilityKind(Worded):
    """Places of the three-level network (M09)."""

    INSTITUTION = "institution", "养老机构"
    DISTRICT_CENTRE = "district_centre", "区级养老服务中心"
    TOWN_CENTRE = "town_centre", "镇街养老服务中心"
    STATION = "station", "社区养老服务站"
    CANTEEN = "canteen", "老年食堂"
    BATH_POINT = "bath_point", "助浴点"


class VehicleKind(Worded):
    """Vehicles with a load; what they carry is used up visit by visit."""

    BATH_VAN = "bath_van", "助浴车"
    MEAL_BIKE = "meal_bike", "送餐车"


#: What is done where the vehicle is filled up.
REFILL_WORDS = {VehicleKind.BATH_VAN: "加水", VehicleKind.MEAL_BIKE: "取餐"}
#: How whoever has the vehicle gets about.
VEHICLE_MODE = {VehicleKind.BATH_VAN: Mode.CAR, VehicleKind.MEAL_BIKE: Mode.EBIKE}


class Inspection(StrEnum):
    """Result of the last inspection, as published by the bureau."""

    NONE = ""
    PASS = "pass"  # noqa: S105
    FIXING = "fixing"
    RECHECK_OK = "recheck_ok"
    OVERDUE = "overdue"
    SUSPENDED = "suspended"
