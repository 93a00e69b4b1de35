"""The drop folder: files named by feed and division are taken in and moved aside.

``renshe_pensions-500151-20261110.csv`` is the feed, the division and the day it speaks of (the day
may be left out). A file counts as complete when it has not grown for a minute, or when an empty
file of the same name with ``.done`` lies beside it.
"""

import re
from datetime import datetime, timedelta
from pathlib import Path

from songbai.core import clock, whole
from songbai.core.acting import Actor, publish
from songbai.core.errors import SongbaiError
from songbai.domain.feeds.models import Delivery
from songbai.domain.feeds.rules.schema import schemas
from songbai.domain.feeds.rules.states import Way

from .receiving import Parcel, receive

_NAME = re.compile(r"^(?P<code>[a-z_]+)-(?P<region>\d{2,12})(?:-(?P<day>\d{8}))?(?:[-_.].*)?$")
QUIET = timedelta(minutes=1)
LEFT, TAKING = "not-taken", ".taking-"
ABANDONED = timedelta(minutes=30)


def take_in(actor: Actor, folder: Path) -> list[Delivery]:
    """Receive every complete file; each ends in the record, encrypted, or in ``not-taken/``.

    Two watchers at once: a file is taken by the one that renames it first. Raises NotAllowed.
    """
    found = []
    for lost in folder.glob(f"{TAKING}*"):  # a watcher was killed while it held this file
        if _age(lost) > ABANDONED:
            lost.rename(folder / lost.name.removeprefix(TAKING))
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith(".") and path.suffix != ".done":
            delivery = _take(actor, folder, path)
            if delivery is not None:
                found.append(delivery)
    return found


def _take(actor: Actor, folder: Path, path: Path) -> Delivery | None:
    if not path.with_name(f"{path.name}.done").exists() and _age(path) <= QUIET:
        return None
    mine = folder / f"{TAKING}{path.name}"
    try:
        path.rename(mine)
    except FileNotFoundError:
        return None
    try:
        delivery = receive(actor, parcel_of(mine, path.name))
    except SongbaiError as error:
        _aside(mine, folder / LEFT, path.name, error.message)
        publish(
            "feeds.file_not_taken",
            actor,
            subject=("feed", 0),
            region=(actor.region or "").ljust(12, "0"),
            name=path.name[:80],
            reason=error.message,
        )
        return None
    # The record has it, encrypted: the plain file goes.
    mine.unlink()
    path.with_name(f"{path.name}.done").unlink(missing_ok=True)
    return delivery


def parcel_of(path: Path, name: str) -> Parcel:
    """What a file's name says. Raises SongbaiError when it says nothing."""
    said = _NAME.match(Path(name).stem)
    if said is None or said["code"] not in schemas():
        raise SongbaiError(
            "文件名应是“数据种类-区划代码-日期”，例如 renshe_pensions-500151-20261110.csv。"
        )
    return Parcel(
        code=said["code"],
        region=said["region"],
        file=path,
        file_name=name,
        way=Way.FOLDER,
        sender=schemas()[said["code"]].department_name,
        as_of=_moment(said["day"]),
    )


def _moment(day: str | None) -> datetime | None:
    """The end of a day, or now when the day is not over. Raises SongbaiError for no day."""
    if day is None:
        return None
    try:
        read = datetime.strptime(day, "%Y%m%d").replace(tzinfo=clock.SHANGHAI).date()
    except ValueError as error:
        raise SongbaiError("文件名里的日期不存在，应像 20261110。") from error
    return clock.day_bounds(read)[0]


def _age(path: Path) -> timedelta:
    """How long ago a file was changed; nothing for one that is gone."""
    try:
        return timedelta(seconds=clock.now().timestamp() - path.stat().st_mtime)
    except FileNotFoundError:
        return timedelta(0)


def _aside(path: Path, folder: Path, name: str, reason: str) -> None:
    folder.mkdir(exist_ok=True)
    whole.write(folder / f"{name}.txt", f"{reason}\n".encode())
    path.rename(folder / name)
