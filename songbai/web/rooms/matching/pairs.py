"""How a pair of records reads: masked values side by side, and what their comparison says."""

import json
from dataclasses import dataclass
from typing import Any

from songbai.core.crypto import decrypt
from songbai.core.regions.queries import place_words
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries.figures import masked
from songbai.domain.elders.rules import kinds, mask_name
from songbai.domain.matching.models import Candidate, Merge
from songbai.domain.matching.rules import FieldLine
from songbai.domain.matching.rules.lines import from_json

_SEX = {"m": "男", "f": "女"}
#: From so many bits on a pair looks very likely, or likely; below, it is open.
_VERY_LIKELY, _LIKELY = 12.0, 4.0


@dataclass(frozen=True)
class PairRow:
    """A pair in a list. ``other`` is the second record, or the row that arrived."""

    pair: Candidate
    right: str
    likely: str
    lines: tuple[FieldLine, ...]

    @property
    def agreeing(self) -> str:
        """姓名、出生日期: what agrees."""
        return "、".join(line.title for line in self.lines if line.tone in {"agrees", "close"})

    @property
    def contrary(self) -> str:
        """What differs."""
        return "、".join(line.title for line in self.lines if line.tone == "differs")


@dataclass(frozen=True)
class Side:
    """The masked values of one record by field code; "" where nothing is registered."""

    title: str
    values: dict[str, str]
    elder_id: int | None


def pair_row(pair: Candidate) -> PairRow:
    """A pair as a list shows it."""
    right = mask_name(pair.other.name) if pair.other else f"{source_words(pair)}来的一行"
    likely = (
        "很可能" if pair.score >= _VERY_LIKELY else "可能" if pair.score >= _LIKELY else "说不准"
    )
    return PairRow(pair, right, likely, from_json(pair.why))


def source_words(pair: Candidate) -> str:
    """Which department sent the row."""
    return kinds.source_words().get(pair.source, pair.source)


def compared(pair: Candidate | Merge) -> dict[str, Any]:
    """Both sides of a pair, masked, and field by field (line, left value, right value)."""
    left = _record(pair.elder)
    if isinstance(pair, Merge):
        right = _record(pair.survivor)
    elif pair.other is not None:
        right = _record(pair.other)
    else:
        right = _row(pair)
    rows = [
        (line, left.values.get(line.field, ""), right.values.get(line.field, ""))
        for line in from_json(pair.why)
    ]
    return {"left": left, "right": right, "rows": rows}


def _record(elder: Elder) -> Side:
    ends = masked(elder)
    return Side(
        title=f"编号 {elder.pk}",
        values={
            "id_number": ends.id_number,
            "name": mask_name(elder.name),
            "birth_date": f"{elder.birth_date:%Y-%m-%d}",
            "sex": _SEX[elder.sex],
            "region": place_words(elder.region_id),
            "phone": ends.phone,
            "address": "已登记" if bytes(elder.address) else "",
        },
        elder_id=elder.pk,
    )


def _row(pair: Candidate) -> Side:
    """What the row said. Its number and telephone are compared by index and never kept."""
    said: dict[str, str] = json.loads(decrypt(pair.row) or "{}")
    return Side(
        title=f"{source_words(pair)}来的一行",
        values={
            "id_number": "只比对，不保存",
            "name": mask_name(said.get("name", "")),
            "birth_date": said.get("birth_date", ""),
            "sex": _SEX.get(said.get("sex", ""), ""),
            "region": place_words(said.get("region", "")),
            "phone": "只比对，不保存",
            "address": "写了" if said.get("address") else "",
        },
        elder_id=None,
    )
