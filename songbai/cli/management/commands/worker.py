from typing import Any

from songbai.cli import processes
from songbai.cli.command import HouseCommand


class Command(HouseCommand):
    """Runs background and periodic jobs until Ctrl-C."""

    help = "运行后台任务和定时任务；数据库重启后自己接上；Ctrl-C 停止"

    def handle(self, *args: Any, **options: Any) -> None:
        """Keep one worker alive."""
        processes.run(
            [processes.worker()], self.stderr.write, lambda: self.stdout.write("后台任务已启动")
        )
