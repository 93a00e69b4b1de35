from typing import Any

from songbai.cli import policies
from songbai.cli.command import CommandParser, HouseCommand


class Command(HouseCommand):
    """Tools for benefit policies. ``songbai policy`` itself runs them without loading the apps."""

    help = "待遇政策：check 检查文件，test 跑案例，decide 判断一个人"

    def add_arguments(self, parser: CommandParser) -> None:
        """``check PATH…``, ``test PATH…``, ``decide PATH --facts FILE --month YYYY-MM``."""
        policies.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one act; the exit code says how it went."""
        raise SystemExit(policies.act(options, self.stdout.write, self.stderr.write))
