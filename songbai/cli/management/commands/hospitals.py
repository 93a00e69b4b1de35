from pathlib import Path
from typing import Any

from songbai.cli.command import CommandParser, HouseCommand
from songbai.cli.hospitals import COLUMNS, bring_in


class Command(HouseCommand):
    """The hospitals elders may be taken to: ``songbai hospitals LIST.xlsx``."""

    help = f"写入或更新医院名单（陪诊的目的地），列：{'、'.join(COLUMNS)}"

    def add_arguments(self, parser: CommandParser) -> None:
        """The list."""
        parser.add_argument("file", type=Path, help="名单文件：xlsx、xls、ods、csv 或 jsonl")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take all of it, or say which rows are wrong."""
        count = bring_in(options["file"])
        self.stdout.write(f"医院名单已更新，共 {count} 家")
