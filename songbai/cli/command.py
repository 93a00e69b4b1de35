"""What the commands of the house have in common."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from songbai.core.errors import SongbaiError

__all__ = ["CommandError", "CommandParser", "HouseCommand"]


class HouseCommand(BaseCommand):
    """Starts without looking the program over, and says in a line what was refused."""

    requires_system_checks: list[str] = []

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run it."""
        try:
            return super().execute(*args, **options)
        except SongbaiError as error:
            raise CommandError(error.message) from error
