import argparse
import sys
from typing import Any

from songbai.cli import dispatch
from songbai.cli.command import CommandParser, HouseCommand


class Command(HouseCommand):
    """Plans routes from a file; ``songbai`` runs it without loading the apps."""

    help = "排路线：dispatch solve 算例.json --seconds 10 --seed 1 --out 方案.json"

    def add_arguments(self, parser: CommandParser) -> None:
        """The arguments of ``songbai.cli.dispatch``."""
        dispatch.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it, and end with its code."""
        sys.exit(dispatch.run(argparse.Namespace(**options)))
