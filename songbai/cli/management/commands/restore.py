from pathlib import Path
from typing import Any

from songbai.cli import backup
from songbai.cli.command import CommandError, CommandParser, HouseCommand


class Command(HouseCommand):
    """Makes an empty installation what a copied one was."""

    help = "恢复：从 songbai backup 的一份备份，恢复到空的 SONGBAI_HOME 和空的数据库"

    def add_arguments(self, parser: CommandParser) -> None:
        """Where from."""
        parser.add_argument("dir", type=Path, help="一份备份（里面有 contents.json）")
        parser.add_argument("--keys", type=Path, help="备份当时写下的密钥文件")

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore."""
        try:
            backup.restore(options["dir"], options["keys"])
        except OSError as error:
            raise CommandError(f"没有恢复成：{error.strerror}（{error.filename}）") from error
        self.stdout.write("恢复好了。现在可以启动：songbai serve、songbai worker")
