"""Who looked at a record, and where, in plain words."""

from songbai.core.accounts.registry import role_words
from songbai.core.accounts.rules import Actor
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import age
from songbai.domain.elders.rules import Sex, mask_name
from songbai.web.plugs import DOOR_MENUS
from songbai.web.templatetags.songbai import day_words


def who(elder: Elder) -> str:
    """王*英，84 岁; of who has died the day instead: 王*英，11 月 22 日去世."""
    if elder.died_on:
        return f"{mask_name(elder.name)}，{day_words(elder.died_on)}去世"
    return f"{mask_name(elder.name)}，{age(elder)} 岁"


def reader_words(account_id: int | None, name: str, role: str, viewer: Actor) -> str:
    """Who looked: 您自己, 系统, or 张*（调度员）."""
    if account_id is None:
        return "系统"
    if account_id == viewer.account_id:
        return "您自己"
    return f"{mask_name(name)}（{role_words(role, '工作人员')}）"


#: Where a look was made, by the first part of the address.
_PLACES = {**DOOR_MENUS, "api": "系统对接"}


def looked_from(where: str) -> str:
    """From where somebody looked: 民政端, 家庭版, 导出的名单; 系统 for anything else."""
    if "#export-" in where:
        return f"导出的名单（编号 {where.rpartition('-')[2]}）"
    return _PLACES.get(where.strip("/").split("/")[0], "系统")


def honorific(elder: Elder) -> str:
    """王奶奶, 李爷爷: how one speaks to an elder. Four characters mean a double surname."""
    surname = elder.name[:2] if len(elder.name) > 3 else elder.name[:1]
    return f"{surname}{'奶奶' if elder.sex == Sex.FEMALE else '爷爷'}"
