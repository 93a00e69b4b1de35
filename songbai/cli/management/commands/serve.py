from typing import Any

from songbai.cli import assets, processes
from songbai.cli.command import CommandParser, HouseCommand


class Command(HouseCommand):
    """Serves the pages until Ctrl-C."""

    help = "启动网页服务（granian），静态文件也由它提供；Ctrl-C 停止"

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen, and with how many processes."""
        parser.add_argument("--host", default="127.0.0.1", help="监听地址，默认只有本机能访问")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=2, help="进程数，默认 2")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the static files ready, then serve."""
        assets.build(self.stdout.write)
        host, port = options["host"], options["port"]
        child = processes.web(host, port, options["workers"])
        processes.run(
            [child], self.stderr.write, lambda: self.stdout.write(f"http://{host}:{port}/")
        )
