"""The columns of the demo city's elders and what their codes mean."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from songbai.cli.demo.geography import BoolArray, Division, FloatArray
from songbai.cli.demo.identity import DateArray, IntArray, StrArray

Int8Array = NDArray[np.int8]
Int32Array = NDArray[np.int32]


class LivingSituation(IntEnum):
    """With whom an elder lives."""

    WITH_CHILDREN = 0
    LIVING_ALONE = 1
    EMPTY_NEST = 2
    """A couple without children in the home."""
    LEFT_BEHIND = 3
    """Rural, the children work away."""
    IN_INSTITUTION = 4


class HardshipClass(IntEnum):
    """The legal class of hardship of a household."""

    NONE = 0
    DIBAO = 1
    TEKUN = 2
    NEAR_DIBAO = 3
    LOW_INCOME = 4


class RiskTag(IntEnum):
    """What a caregiver must know before she enters: the bit number in ``ElderBatch.risk_tags``."""

    FALLS = 0
    ALLERGY = 1
    HEARING = 2
    SIGHT = 3
    WANDERS = 4
    SWALLOWING = 5


RISK_NAMES = {
    RiskTag.FALLS: "易跌倒",
    RiskTag.ALLERGY: "药物过敏",
    RiskTag.HEARING: "听力差",
    RiskTag.SIGHT: "视力差",
    RiskTag.WANDERS: "易走失",
    RiskTag.SWALLOWING: "吞咽困难",
}


def codes_of(kind: type[IntEnum], values: NDArray[np.integer]) -> StrArray:
    """The codes a column stands for (``HardshipClass``, [1, 0] → ["dibao", "none"])."""
    codes: StrArray = np.array([member.name.lower() for member in kind])[values]
    return codes


def risk_tags_of(mask: int) -> tuple[RiskTag, ...]:
    """The tags in one entry of ``ElderBatch.risk_tags``."""
    return tuple(tag for tag in RiskTag if mask >> tag & 1)


@dataclass(frozen=True, slots=True)
class ElderBatch:
    """Elders of one district, or of part of it, as columns of equal length n, sorted by village."""

    district: str
    """12-digit code."""
    villages: tuple[Division, ...]
    """The villages of the whole district, in the order of their codes."""
    serial: IntArray
    """int64; number of the elder in the city, from 0; no two share one."""
    village: Int32Array
    """int32; index into ``villages``."""
    name: StrArray
    """<U3."""
    initials: StrArray
    """<U3; pinyin initials in small letters."""
    id_number: StrArray
    """<U18; unique in the city."""
    phone: StrArray
    """<U11; unique in the city."""
    female: BoolArray
    birth_date: DateArray
    """datetime64[D]."""
    age: Int8Array
    """int8; completed years on the reference date, 60 … 105."""
    lon: FloatArray
    lat: FloatArray
    """WGS-84 degrees of the home; a couple shares them."""
    household: IntArray
    """int64; unique in the city, shared by a couple."""
    door: Int32Array
    """int32; number of the household in its village, from 1."""
    living: Int8Array
    """int8; LivingSituation."""
    hardship: Int8Array
    """int8; HardshipClass."""
    ability: Int8Array
    """int8; GB/T 42195 level 0 (able) … 4 (complete loss)."""
    special_family: BoolArray
    """计划生育特殊家庭."""
    disability_kind: Int8Array
    """int8; kind of the certificate as numbered in GB/T 26341, 0 for none."""
    disability_grade: Int8Array
    """int8; 1 (worst) … 4, 0 for none."""
    risk_tags: NDArray[np.uint8]
    """uint8; bit ``RiskTag`` is set."""

    def __len__(self) -> int:
        return len(self.serial)

    @property
    def village_code(self) -> StrArray:
        """12-digit code of the village of every elder, <U12."""
        return np.array([village.code for village in self.villages])[self.village]

    def take(self, rows: NDArray[np.integer] | BoolArray | slice) -> ElderBatch:
        """The elders of the rows chosen by index, mask or slice."""
        columns = {
            field.name: getattr(self, field.name)[rows]
            for field in fields(self)
            if field.name not in {"district", "villages"}
        }
        return replace(self, **columns)
