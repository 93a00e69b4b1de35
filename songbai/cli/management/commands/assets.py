from typing import Any

from songbai.cli import assets
from songbai.cli.command import HouseCommand


class Command(HouseCommand):
    """Makes the static files ready."""

    help = "准备静态文件：浏览器程序库、本项目的样式和脚本、图标字体"

    def handle(self, *args: Any, **options: Any) -> None:
        """Build what changed."""
        assets.build(self.stdout.write)
