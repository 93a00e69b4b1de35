"""Entry point of ``songbai``: chooses the database, then hands over to Django's commands."""

import os
import signal
import sys

from songbai.core import embedded

#: Commands that never touch the database.
WITHOUT_DATABASE = {"help", "version", "assets", "check", "makemessages", "policy", "dispatch"}


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
    if name == "assess":
        from songbai.cli import assess

        sys.exit(assess.main(sys.argv[2:]))  # pure rules on files: no apps, no database
    if name == "policy":
        from songbai.cli import policies

        sys.exit(policies.run(sys.argv[2:]))  # pure: needs neither the apps nor a database
    if name == "dispatch":
        from songbai.cli import dispatch

        sys.exit(dispatch.main(sys.argv[2:]))  # pure: needs neither the apps nor a database
    if "DATABASE_URL" not in os.environ and name not in WITHOUT_DATABASE:
        os.environ["DATABASE_URL"] = embedded.start()

    from django.core.management import execute_from_command_line

    execute_from_command_line(["songbai", *sys.argv[1:]])


if __name__ == "__main__":
    main()
