import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from songbai.domain.dispatch.solver.warm import warm


class Command(BaseCommand):
    """Compiles the kernels of the route planner."""

    requires_system_checks: list[str] = []
    help = "把排班程序编译好，第一次排班就不用等：dispatch warm"

    def add_arguments(self, parser: CommandParser) -> None:
        """One word."""
        parser.add_argument("act", choices=["warm"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Compile, and say where the machine code lies and how long it took."""
        began = time.monotonic()
        self.stdout.write(f"{warm()}  {time.monotonic() - began:.1f} s")
