import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from songbai.cli.command import CommandError, CommandParser, HouseCommand
from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.feeds.actions import checking, folder, keys, watching, writing
from songbai.domain.feeds.actions.receiving import Parcel, receive
from songbai.domain.feeds.models import Delivery
from songbai.domain.feeds.queries import reasons, standings
from songbai.domain.feeds.rules.states import DeliveryState, Way


class Command(HouseCommand):
    """Deliveries by hand: load a file, watch a folder, see what is due, give out keys."""

    help = "部门数据：导入文件、盯文件夹、看哪些没到、发密钥"

    def add_arguments(self, parser: CommandParser) -> None:
        """One sub-command for each job."""
        jobs = parser.add_subparsers(dest="job", required=True)
        load = jobs.add_parser("load", help="导入一个文件")
        load.add_argument("feed", help="数据代码，例如 renshe_pensions")
        load.add_argument("file", type=Path)
        load.add_argument("--region", default="500151", help="区划代码，默认 500151")
        load.add_argument("--as-of", default="", help="数据截至哪天，例如 2026-11-10")
        load.add_argument("--processes", type=int, default=2)
        watch = jobs.add_parser("watch", help="盯着一个文件夹，放进来就导入，Ctrl-C 停止")
        watch.add_argument("folder", type=Path)
        watch.add_argument("--every", type=float, default=10.0, help="隔几秒看一次")
        watch.add_argument("--once", action="store_true", help="只看一次")
        jobs.add_parser("due", help="每种数据上次什么时候到、下次什么时候该到")
        jobs.add_parser("resume", help="接着写没写完的批次")
        key = jobs.add_parser("key", help="给一个部门发接口密钥")
        key.add_argument("department", help="部门代码，例如 renshe")
        key.add_argument("scope", help="区划代码前缀，例如 500151")
        key.add_argument("--feeds", nargs="*", default=[], help="只准送这些数据")
        key.add_argument("--public-key", default="", help="部门自己的 Ed25519 公钥（十六进制）")
        revoke = jobs.add_parser("revoke", help="收回一把密钥")
        revoke.add_argument("key_id")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one job."""
        self.console = Console()
        jobs: dict[str, Callable[..., None]] = {
            "load": self._load,
            "watch": self._watch,
            "due": self._due,
            "resume": self._resume,
            "key": self._key,
            "revoke": self._revoke,
        }
        jobs[options["job"]](**options)

    def _load(
        self, feed: str, file: Path, region: str, as_of: str, processes: int, **_: Any
    ) -> None:
        if not file.is_file():
            raise CommandError(f"没有这个文件：{file}")
        parcel = Parcel(
            code=feed,
            region=region,
            file=file,
            file_name=file.name,
            way=Way.FILE,
            sender="命令行",
            as_of=_day(as_of),
        )
        delivery = receive(SYSTEM, parcel)
        if delivery.state == DeliveryState.WRITTEN:
            self.console.print("这份数据以前送过，已经写入，没有变化。")
        self._finish(delivery, processes)

    def _finish(self, delivery: Delivery, processes: int) -> None:
        began = time.monotonic()
        checking.check(SYSTEM, delivery.pk)
        done = writing.write(SYSTEM, delivery.pk, processes=processes)
        if done.state == DeliveryState.REFUSED:
            raise CommandError(f"整份退回：{done.reason}")
        took = time.monotonic() - began
        self.console.print(
            f"第 {done.pk} 批：{done.rows:,} 行，匹配 {done.matched:,}，"
            f"新登记 {done.registered:,}，待匹配 {done.unmatched:,}，退回 {done.refused:,}；"
            f"新 {done.new:,}，变 {done.changed:,}，同 {done.same:,}，旧 {done.older:,}；"
            f"{took:.1f} 秒"
        )
        for title, reason, rows in reasons(done)[:10]:
            self.console.print(f"  退回 {rows:,} 行：{title} {reason}")

    def _watch(self, folder: Path, every: float, once: bool, **_: Any) -> None:
        if not folder.is_dir():
            raise CommandError(f"没有这个文件夹：{folder}")
        self.console.print(f"盯着 {folder}，Ctrl-C 停止")
        try:
            while True:
                self._take(folder)
                if once:
                    return
                time.sleep(every)
        except KeyboardInterrupt:
            self.console.print("已停止")

    def _take(self, path: Path) -> None:
        for delivery in folder.take_in(SYSTEM, path):
            try:
                self._finish(delivery, 2)
            except CommandError as error:
                self.console.print(f"[red]{error}[/]")

    def _due(self, **_: Any) -> None:
        table = Table()
        for title in ("部门", "数据", "区划", "上次到", "该到", "晚几天"):
            table.add_column(title)
        for one in standings(SYSTEM):
            came = one.feed.last_received_at
            table.add_row(
                one.schema.department_name,
                one.schema.title,
                one.feed.region_id,
                f"{came.astimezone(clock.SHANGHAI):%Y-%m-%d}" if came else "还没有",
                f"{one.feed.due_on}",
                str(one.late_days or ""),
            )
        self.console.print(table)

    def _resume(self, **_: Any) -> None:
        for delivery in watching.open_deliveries(SYSTEM):
            self._finish(delivery, 2)

    def _key(
        self, department: str, scope: str, feeds: list[str], public_key: str, **_: Any
    ) -> None:
        key, secret = keys.issue_key(SYSTEM, department, scope, feeds, public_key=public_key)
        self.console.print(f"密钥编号 {key.key_id}，可送 {'、'.join(key.feeds)}")
        if secret:
            self.console.print(f"密钥（只显示这一次，请当面交给对方）：{secret}")

    def _revoke(self, key_id: str, **_: Any) -> None:
        keys.revoke_key(SYSTEM, key_id)
        self.console.print(f"{key_id} 已收回")


def _day(text: str) -> datetime | None:
    try:
        return clock.day_bounds(clock.day_of(text))[0] if text else None
    except ValueError as error:
        raise CommandError("--as-of 应像 2026-11-10") from error
