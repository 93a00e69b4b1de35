"""The web role may change what its sessions begin with, and its password: both are taken back.

What its sessions need at once they say when they begin (``record.WEB_SESSION``).
"""

import logging

from django.db import ProgrammingError, connection, transaction
from psycopg.errors import InsufficientPrivilege

from songbai.core import record
from songbai.core.record import WEB_ROLE
from songbai.core.sql import rows, run
from songbai.core.waiting import wait_for

logger = logging.getLogger(__name__)


def restore() -> None:
    """No session begins with what the role set; the password of DATABASE_WEB_URL holds again.

    Needs the right to alter the role, which who made it has; who has not is told by a warning.
    """
    try:
        with transaction.atomic():
            wait_for([WEB_ROLE])
            _forget_settings()
            _set_password(record.web_password())
    except ProgrammingError as error:
        if not isinstance(error.__cause__, InsufficientPrivilege):
            raise
        logger.warning("cannot restore the role %s: %s", WEB_ROLE, error)


def _forget_settings() -> None:
    found = rows(
        "SELECT datname FROM pg_db_role_setting LEFT JOIN pg_database d ON d.oid = setdatabase"
        " WHERE setrole = %s::regrole AND (setdatabase = 0 OR datname = current_database())",
        [WEB_ROLE],
    )
    for (name,) in found:
        where = f"IN DATABASE {connection.ops.quote_name(name)} " if name else ""
        run(f"ALTER ROLE {WEB_ROLE} {where}RESET ALL")


def _set_password(password: str) -> None:
    """Tell the database its digest: statements are written to logs."""
    if password:
        connection.ensure_connection()
        session = connection.connection.pgconn
        digest = session.encrypt_password(password.encode(), WEB_ROLE.encode()).decode()
        run(f"ALTER ROLE {WEB_ROLE} PASSWORD '{digest}'")
