from pathlib import Path
from typing import Any

from songbai.cli import backup
from songbai.cli.command import CommandError, CommandParser, HouseCommand


class Command(HouseCommand):
    """Copies everything this installation knows into a folder."""

    help = "备份：数据库和冻结的资料放进 DIR 下的一个新文件夹，密钥另放"

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument("dir", type=Path, help="放备份的文件夹")
        parser.add_argument("--keys", type=Path, help="密钥写到这个文件，不能在 DIR 里面")

    def handle(self, *args: Any, **options: Any) -> None:
        """Copy."""
        try:
            copy = backup.back_up(options["dir"], options["keys"])
        except OSError as error:
            raise CommandError(
                f"没有备份成，也没有留下半份：{error.strerror}（{error.filename}）"
            ) from error
        self.stdout.write(f"备份好了：{copy}")
        if not options["keys"]:
            self.stdout.write("密钥不在备份里，请另外保管：没有密钥，加密的内容读不出来。")
