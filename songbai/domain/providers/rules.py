"""Pure rules about providers and facilities."""

from __future__ import annotations

from enum import StrEnum


class OperatingMode(StrEnum):
    """Who owns and who runs."""

    PUBLIC = "public"
    PUBLIC_BUILT_PRIVATE_RUN = "public_built_private_run"
    PRIVATE_PUBLIC_AIDED = "private_public_aided"
    PRIVATE = "private"


MODE_WORDS = {
    OperatingMode.PUBLIC: "公办",
    OperatingMode.PUBLIC_BUILT_PRIVATE_RUN: "公建民营",
    OperatingMode.PRIVATE_PUBLIC_AIDED: "民办公助",
    OperatingMode.PRIVATE: "社会办",
}


class FacilityKind(StrEnum):
    """Places of the three-level network (M09)."""

    INSTITUTION = "institution"
    DISTRICT_CENTRE = "district_centre"
    TOWN_CENTRE = "town_centre"
    STATION = "station"
    CANTEEN = "canteen"
    BATH_POINT = "bath_point"


FACILITY_WORDS = {
    FacilityKind.INSTITUTION: "养老机构",
    FacilityKind.DISTRICT_CENTRE: "区级养老服务中心",
    FacilityKind.TOWN_CENTRE: "镇街养老服务中心",
    FacilityKind.STATION: "社区养老服务站",
    FacilityKind.CANTEEN: "老年食堂",
    FacilityKind.BATH_POINT: "助浴点",
}


class Inspection(StrEnum):
    """Result of the last inspection, as published by the bureau."""

    NONE = ""
    PASS = "pass"  # noqa: S105
    FIXING = "fixing"
    RECHECK_OK = "recheck_ok"
    OVERDUE = "overdue"
    SUSPENDED = "suspended"
