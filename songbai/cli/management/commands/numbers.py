import csv
from pathlib import Path
from typing import Any

from songbai.cli.command import CommandError, CommandParser, HouseCommand
from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import Refused
from songbai.domain.elders.actions.numbers import follow_carrier


class Command(HouseCommand):
    """Reading a carrier's answer about numbers: ``songbai numbers FILE``."""

    help = "运营商答复：哪些手机号换了机主。文件每行：手机号,换机主的日期"

    def add_arguments(self, parser: CommandParser) -> None:
        """The file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Put each number that an account used before that day on the list to be checked."""
        doubted = 0
        with options["file"].open(encoding="utf-8-sig", newline="") as lines:
            for at, row in enumerate(csv.reader(lines), 1):
                try:
                    phone, day = row
                    doubted += follow_carrier(SYSTEM, phone, clock.day_of(day.strip()))
                except (ValueError, Refused) as error:
                    raise CommandError(f"第 {at} 行：要写“手机号,日期”。{error}") from error
        self.stdout.write(f"{doubted} 个号码要核对")
