"""What was built: a file beside the database, and starting over."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from songbai.cli.demo.site import Summary
from songbai.core import clock
from songbai.core.regions.models import Region


def _path() -> Any:
    return settings.HOME / "demo-city.json"


def read() -> dict[str, Any] | None:
    """What was built into this database, or None when it is empty or was not built by us.

    A build that did not end has no ``date``.
    """
    if not _path().exists() or not is_inhabited():
        return None
    found: dict[str, Any] = json.loads(_path().read_text(encoding="utf-8"))
    return found


def begin() -> None:
    """Remember that a build is under way: what it leaves when it is broken off is ours to drop."""
    _path().write_text("{}", encoding="utf-8")


def write(summary: Summary, region: str) -> None:
    """Remember what was built."""
    facts = {**asdict(summary), "region": region, "date": str(clock.today())}
    _path().write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def is_inhabited() -> bool:
    """Whether the database holds divisions."""
    return Region.objects.exists()


def drop_database() -> None:
    """Drop the demo's database and create it anew; all that was done in the demo is lost."""
    _path().unlink(missing_ok=True)
    name = connection.settings_dict["NAME"]
    params = connection.get_connection_params()
    connection.close()
    known = {key: params[key] for key in ("user", "password", "host", "port") if params.get(key)}
    with psycopg.connect(dbname="postgres", autocommit=True, **known) as server:
        quoted = sql.Identifier(name)
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(quoted))
        server.execute(sql.SQL("CREATE DATABASE {}").format(quoted))
