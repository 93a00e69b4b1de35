from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from songbai.cli import matching
from songbai.cli.demo import geography
from songbai.cli.demo.crowd import crowd
from songbai.cli.demo.damage import ESTIMATED_ON
from songbai.cli.demo.population import CITY_ELDERS
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.matching import actions, reference


class Command(BaseCommand):
    """Weights of the score, and a search for people registered twice."""

    help = "同一人比对：estimate 重新估计权重；duplicates 查找重复登记的老人"

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do."""
        tasks = parser.add_subparsers(dest="task", required=True)
        estimate = tasks.add_parser("estimate", help="在生成的登记册上用 EM 估计权重")
        estimate.add_argument("--seed", type=int, default=5, help="生成哪一批人")
        estimate.add_argument("--villages", type=int, default=100, help="生成多少个村社的人")
        estimate.add_argument("--rows", type=int, default=60_000, help="多少行有损坏的数据")
        estimate.add_argument("--print", action="store_true", help="只显示，不写文件")
        duplicates = tasks.add_parser("duplicates", help="查找一个区划里重复登记的老人")
        duplicates.add_argument("--region", required=True, help="区划代码或前缀，如 500151")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        if options["task"] == "estimate":
            self._estimate(options)
        else:
            found = actions.search_duplicates(SYSTEM, options["region"])
            self.stdout.write(f"合并 {found.joined} 对，另有 {found.offered} 对待经办人判定")

    def _estimate(self, options: dict[str, Any]) -> None:
        began = time.monotonic()
        codes = [one.code for one in geography.divisions().values() if one.level == 5]
        spread = codes[:: max(1, len(codes) // options["villages"])][: options["villages"]]
        register = crowd(options["seed"], spread)
        found = matching.estimated(
            options["seed"], register, ESTIMATED_ON, options["rows"], people=CITY_ELDERS
        )
        note = (
            f"Generated register, seed {options['seed']}: "
            f"{len(register.register):,} people, {options['rows']:,} rows."
        )
        text = matching.written(found, note)
        if options["print"]:
            self.stdout.write(text)
        else:
            reference.WEIGHTS.write_text(text)
        took = time.monotonic() - began
        self.stdout.write(f"{note} {took:.0f} 秒；写入 {reference.WEIGHTS}")
