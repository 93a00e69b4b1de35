"""Entry point of ``songbai``: chooses the database, then hands over to Django's commands."""

import os
import signal
import sys
from importlib import import_module

from songbai.core import embedded

#: Commands that never touch the database.
WITHOUT_DATABASE = {"help", "version", "assets", "check", "makemessages", "policy", "dispatch"}

#: Commands on files alone: they need neither the apps nor a database.
PURE = {
    "assess": "songbai.cli.assess",
    "dispatch": "songbai.cli.dispatch",
    "policy": "songbai.cli.policies",
}


def main() -> None:
    """Run one command; it ends quietly when whoever reads what it prints has left (``| head``)."""
    try:
        try:
            command()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else it is told at the end
        sys.exit(128 + signal.SIGPIPE)


def command() -> None:
    """What the arguments ask for; without DATABASE_URL the embedded PostgreSQL is started."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songbai.settings")
    name = sys.argv[1] if len(sys.argv) > 1 else "help"
    if name == "demo":
        os.environ["SONGBAI_DEMO"] = "1"
    if name == "assets" and len(sys.argv) == 2:
        from songbai.cli import assets

        try:
            assets.build(print)  # without loading the apps: this runs before every start
        except assets.AssetsFailed as error:
            sys.exit(str(error))
        return
    if name in PURE:
        sys.exit(import_module(PURE[name]).main(sys.argv[2:]))
    if "DATABASE_URL" not in os.environ and name not in WITHOUT_DATABASE:
        os.environ["DATABASE_URL"] = embedded.start()

    from django.core.management import execute_from_command_line

    execute_from_command_line(["songbai", *sys.argv[1:]])


if __name__ == "__main__":
    main()
