from typing import Any

from songbai.cli.command import CommandParser, HouseCommand
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.matching import actions


class Command(HouseCommand):
    """A search for people registered twice."""

    help = "同一人比对：duplicates 查找重复登记的老人"

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do."""
        tasks = parser.add_subparsers(dest="task", required=True)
        duplicates = tasks.add_parser("duplicates", help="查找一个区划里重复登记的老人")
        duplicates.add_argument("--region", required=True, help="区划代码或前缀，如 500151")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        found = actions.search_duplicates(SYSTEM, options["region"])
        self.stdout.write(f"合并 {found.joined} 对，另有 {found.offered} 对待经办人判定")
