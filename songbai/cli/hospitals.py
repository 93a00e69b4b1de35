"""A district's list of hospitals, from a sheet made by hand: all of it is taken, or none."""

from collections.abc import Callable
from pathlib import Path

from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import Refused, UnknownRegion
from songbai.core.regions.queries import region
from songbai.core.sheets import CellRefused, Row, as_code, as_date, as_number, read
from songbai.core.sheets.values import Value, text_of
from songbai.domain.providers.actions import MedicalSaid, publish_medical_places

COLUMNS = ("登记号", "名称", "区划代码", "地址", "经度", "纬度", "电话", "停业日期")
REQUIRED = COLUMNS[:6]
LONGEST = {"登记号": 22, "名称": 60, "地址": 100, "电话": 20}
#: Degrees between which a place in China lies.
LONGITUDES, LATITUDES = (73.0, 136.0), (3.0, 54.0)
MOST_NAMED = 10


class WrongRows(Refused):
    """名单里有的行不对，一行也没有写入。"""


def bring_in(path: Path) -> int:
    """Read a list and bring it into the record; returns how many hospitals it names.

    Raises SheetRefused, WrongRows naming row and reason.
    """
    found: list[MedicalSaid] = []
    wrong: list[str] = []
    with read(path, known=COLUMNS) as sheet:
        for row in sheet:
            try:
                found.append(_said(row))
            except CellRefused as error:
                wrong.append(f"第 {row.number} 行：{error.message}")
    codes = [one.code for one in found]
    wrong += [
        f"登记号 {code} 出现了两次" for code in sorted({c for c in codes if codes.count(c) > 1})
    ]
    if wrong:
        raise WrongRows("；".join(wrong[:MOST_NAMED]) + "。一行也没有写入。")
    return publish_medical_places(SYSTEM, found)


def _said(row: Row) -> MedicalSaid:
    if row.problem:
        raise CellRefused(row.problem)
    missing = [name for name in REQUIRED if row.cells.get(name) is None]
    if missing:
        raise CellRefused("缺" + "、".join(missing))

    def cell(name: str, read_as: Callable[[Value], object] = text_of) -> str:
        text = str(read_as(row.cells.get(name)) or "")
        if len(text) > LONGEST.get(name, len(text)):
            raise CellRefused(f"{name}最多 {LONGEST[name]} 个字")
        return text

    try:
        where = region(cell("区划代码", as_code)).code
    except UnknownRegion as error:
        raise CellRefused("没有这个区划代码，请写 12 位的村社代码或镇街代码") from error
    return MedicalSaid(
        code=cell("登记号", as_code),
        name=cell("名称"),
        region=where,
        address=cell("地址"),
        longitude=_degrees(row, "经度", LONGITUDES),
        latitude=_degrees(row, "纬度", LATITUDES),
        phone=cell("电话"),
        closed_on=as_date(row.cells.get("停业日期")),
    )


def _degrees(row: Row, name: str, within: tuple[float, float]) -> float:
    found = as_number(row.cells.get(name))
    if found is None or not within[0] <= found <= within[1]:
        raise CellRefused(f"{name}要在 {within[0]:g} 和 {within[1]:g} 之间，用 WGS-84 的度数")
    return float(found)
