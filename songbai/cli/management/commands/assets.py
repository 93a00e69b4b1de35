from typing import Any

from django.core.management.base import BaseCommand

from songbai.cli import assets


class Command(BaseCommand):
    """Makes the static files ready."""

    requires_system_checks: list[str] = []
    help = "准备静态文件：浏览器程序库、本项目的样式和脚本、图标字体"

    def handle(self, *args: Any, **options: Any) -> None:
        """Build what changed."""
        assets.build(self.stdout.write)
