from typing import Any

from rich.console import Console
from rich.table import Table

from songbai.cli.command import CommandError, CommandParser, HouseCommand
from songbai.cli.progress import Report
from songbai.core.accounts.rules import SYSTEM
from songbai.core.regions.queries import region
from songbai.domain.benefits.actions.cycles import resume, run
from songbai.domain.benefits.models import Cycle
from songbai.domain.benefits.queries.cycles import policy_of
from songbai.domain.benefits.rules.cycle import State
from songbai.domain.benefits.rules.facts import yuan
from songbai.domain.benefits.rules.months import Month


class Command(HouseCommand):
    """Benefit cycles: ``run`` a month up to the towns' desks, ``resume`` a killed run."""

    help = "待遇核定：run 核定一个地方一个月的待遇，到镇街核对为止；resume 接着办被中断的核定"

    def add_arguments(self, parser: CommandParser) -> None:
        """What to run."""
        acts = parser.add_subparsers(dest="act", required=True)
        running = acts.add_parser("run", help="核定；再运行一次不会重复")
        running.add_argument("--region", required=True, help="区县或全市的代码，如 500151、50")
        running.add_argument("--month", required=True, help="月份，如 2026-11")
        running.add_argument("--policy", default="", help="只核定这一项政策（代码）")
        acts.add_parser("resume", help="接着办被中断的核定")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, and say what came of it."""
        self.console = Console()
        stages = Report(self.console).stage
        try:
            if options["act"] == "resume":
                count = resume(SYSTEM, stages)
                self.console.print(f"接着办完了 {count} 个核定" if count else "没有被中断的核定")
                return
            month = Month.parse(options["month"])
            cycles = run(SYSTEM, options["region"], month, policy=options["policy"], stages=stages)
        except ValueError as error:
            raise CommandError("月份要写成 2026-11 这样。") from error
        self._show(cycles)

    def _show(self, cycles: list[Cycle]) -> None:
        titles = ("政策", "地方", "状态", "享受", "金额", "新增", "变化", "停发", "不能判断")
        table = Table(*titles)
        for cycle in cycles:
            numbers = (cycle.new, cycle.changed, cycle.stopped, cycle.cannot_decide)
            table.add_row(
                policy_of(cycle).name,
                region(cycle.region_id).name,
                State(cycle.state).words,
                f"{cycle.yes:,}",
                yuan(cycle.fen),
                *(f"{number:,}" for number in numbers),
            )
        self.console.print(table)
