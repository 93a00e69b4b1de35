from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from songbai.cli.command import CommandError, CommandParser, HouseCommand
from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.exports.queries import trace


class Command(HouseCommand):
    """Whose copy a leaked file is."""

    help = "导出的名单流出去了：trace FILE 查这份文件是谁导出的"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which file."""
        acts = parser.add_subparsers(dest="act", required=True)
        found = acts.add_parser(
            "trace", help="查一份文件是谁导出的（xlsx、csv、txt，只有一部分也行）"
        )
        found.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the marks."""
        try:
            traces = trace(SYSTEM, options["file"].read_bytes())
        except OSError as error:
            raise CommandError(str(error)) from error
        if not traces:
            raise CommandError("没有找到记号。行数太少、重新排过序又去掉了隐藏字符时，认不出来。")
        shown = Table("导出编号", "谁", "什么时候", "做什么用", "隐藏字符", "行的次序")
        for one in traces:
            at = one.export.at.astimezone(clock.SHANGHAI)
            order = f"{one.order.agree}/{one.order.pairs} 对，巧合的可能 {one.order.chance:.1g}"
            shown.add_row(
                str(one.export.pk),
                one.export.recipient,
                f"{at:%Y-%m-%d %H:%M}",
                one.export.purpose,
                f"{one.characters} 处",
                order if one.order.convincing else "不足以认定",
            )
        Console().print(shown)
