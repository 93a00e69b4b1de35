from functools import partial
from typing import Any

from rich.console import Console
from rich.table import Table

from songbai.cli.command import CommandParser, HouseCommand
from songbai.cli.progress import Report
from songbai.core.crypto import ring, rotation


class Command(HouseCommand):
    """The keys of encrypted columns: which are in use, a new one, an old one away."""

    help = "字段加密密钥：status 看用了哪几把；rotate 全部改用当前密钥；drop 删掉不用的旧密钥"

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do."""
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("status", help="每一列用哪把密钥、各多少行")
        rotate = acts.add_parser("rotate", help="全部改用当前密钥；中断后再运行就接着做")
        rotate.add_argument("--new-key", action="store_true", help="先生成一把新密钥，设为当前")
        drop = acts.add_parser("drop", help="删掉一把已经没有数据在用的密钥")
        drop.add_argument("key_id", type=int)
        acts.add_parser("reindex", help="换索引密钥之后重算全部盲索引；先停网页服务")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        self.console = Console()
        getattr(self, f"_{options['act']}")(options)

    def _status(self, options: dict[str, Any]) -> None:
        current = ring.current()[0]
        shown = Table("表", "列", "密钥", "行数", title=f"当前密钥 {current}，共有 {ring.ids()}")
        rows = rotation.status()
        for row in rows:
            colour = "" if row.key_id == current else "[yellow]"
            shown.add_row(row.table, row.column, f"{colour}{row.key_id}", f"{row.rows:,}")
        self.console.print(shown)
        old = sum(row.rows for row in rows if row.key_id != current)
        self.console.print(
            f"还有 {old:,} 个值用旧密钥，运行 songbai keys rotate" if old else "全部用当前密钥"
        )

    def _rotate(self, options: dict[str, Any]) -> None:
        if options["new_key"]:
            self.console.print(f"新密钥 {rotation.add_key()} 已设为当前")
        report = Report(self.console)
        for table in rotation.tables():
            rotate = partial(rotation.rotate, table, report.advance)
            report.stage(table.name, rotate, rotation.left(table))
        self.console.print(f"全部用密钥 {ring.current()[0]} 加密")

    def _drop(self, options: dict[str, Any]) -> None:
        rotation.drop_key(options["key_id"])
        self.console.print(f"密钥 {options['key_id']} 已删除。用它加密的旧备份从此读不出来。")

    def _reindex(self, options: dict[str, Any]) -> None:
        report = Report(self.console)
        report.stage("盲索引", lambda: rotation.reindex(report.advance))
        for column in rotation.not_reindexable():
            self.console.print(f"[yellow]{column} 没有原文，不能重算[/]")
