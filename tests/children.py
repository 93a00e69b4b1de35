"""Processes that work on this test's own database, to be killed in their middle."""

import os
import subprocess
import sys

from django.db import connection

#: Of a web process only: a child of a test is the owner's.
_OF_PAGES = ("SONGBAI_PROCESS", "DATABASE_WEB_URL")


def child(script: str, *arguments: object) -> subprocess.Popen[bytes]:
    """Begin a script with arguments in a process of its own; what it prints can be read."""
    inherited = {name: text for name, text in os.environ.items() if name not in _OF_PAGES}
    name = connection.settings_dict["NAME"]
    url = os.environ["DATABASE_URL"].replace("/songbai?", f"/{name}?")
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        env=inherited | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "songbai.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
