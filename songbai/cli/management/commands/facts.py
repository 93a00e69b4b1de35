from typing import Any

from rich.console import Console

from songbai.cli.command import CommandParser, HouseCommand
from songbai.cli.progress import Report
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.elders.actions.facts import people_to_rebuild, rebuild, settle_moves
from songbai.domain.elders.queries.facts.sets import digest
from songbai.domain.elders.rules.kinds import kind_of, kinds


class Command(HouseCommand):
    """Deriving the register from its facts: ``songbai facts rebuild | digest``."""

    help = "老人情况：按各部门说的重新得出现在的情况（rebuild），或给出一个校验值（digest）"

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, and for which kind of fact."""
        parser.add_argument("what", choices=["rebuild", "digest"])
        parser.add_argument("--kind", default="", choices=["", *kinds()], help="只算一种情况")
        parser.add_argument("--region", default="", help="digest 只看这个区划（代码前缀）")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run and say how long it took."""
        console = Console()
        if options["what"] == "digest":
            console.print(digest(SYSTEM, options["region"]))
            return
        report = Report(console)
        name = kind_of(options["kind"]).name if options["kind"] else "全部情况"

        def act() -> int:
            changed = rebuild(SYSTEM, kind=options["kind"], hands=2, progress=report.advance)
            return changed + settle_moves(SYSTEM)

        if not report.stage(name, act, people_to_rebuild()):
            console.print("没有变化")
