"""Checks that need Django but no test: migrations are complete, deployment settings are sound.

``python -m tests.house``
"""

from __future__ import annotations

import os


def main() -> None:
    """Run both checks; exits with their status."""
    import tests.plugin  # noqa: F401  # starts the database

    os.environ |= {"DJANGO_SETTINGS_MODULE": "songbai.settings", "SONGBAI_HTTPS": "1"}
    import django
    from django.core.management import call_command

    django.setup()
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)
    call_command("check", deploy=True, fail_level="WARNING")


if __name__ == "__main__":
    main()
