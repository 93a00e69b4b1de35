"""Whose rows a database session may see: row-level security bound to the actor of the request.

Every request sets four session variables; every table that holds people declares, with
:func:`row_security`, which of its columns say whose it is; the policies follow from that. A session
without variables sees no row. The web role has no way round: it owns nothing, deletes nothing.

The macros compare the 12-digit region code by range, which is leakproof in PostgreSQL and so can
use an index under row-level security.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from django.apps import apps
from django.db import connection, models, transaction

from songbai.core import clock
from songbai.core.record import WEB_ROLE

if TYPE_CHECKING:
    from songbai.core.accounts.rules import Actor

M = TypeVar("M", bound=type[models.Model])

# In a subquery of its own a variable is read once for a statement, not once for every row.
_ACCOUNT = "(SELECT NULLIF(current_setting('songbai.account', true), '')::bigint)"
_ORGANISATION = "(SELECT NULLIF(current_setting('songbai.organisation', true), '')::bigint)"
_REGION = (
    "{0} >= (SELECT NULLIF(current_setting('songbai.region_from', true), ''))"
    " AND {0} <= (SELECT NULLIF(current_setting('songbai.region_to', true), ''))"
)
_PERSON = (
    "{0} = ANY (ARRAY(SELECT person_id FROM accounts_access"
    " WHERE valid_until > (SELECT songbai_now()) AND ({1})))"
)
_BY_NAME = f"account_id = {_ACCOUNT}"
_BY_ORGANISATION = f"organisation_id = {_ORGANISATION}"


@dataclass(frozen=True)
class RowSecurity:
    """Columns of a table that decide who sees a row; ``anyone`` for rows open to all."""

    region: str | None = None
    person: str | None = None
    organisation: str | None = None
    account: str | None = None
    changed_by_region_only: bool = False

    def using(self) -> str:
        """The SQL condition of the policy."""
        parts = []
        if self.region:
            parts.append(f"({_REGION.format(self.region)})")
        if self.organisation:
            parts.append(f"{self.organisation} = {_ORGANISATION}")
        if self.account:
            parts.append(f"{self.account} = {_ACCOUNT}")
        if self.person:
            # Where rows say whose organisation they are, access to the person alone is not enough:
            # a provider must not see what another one does for the same elder.
            holders = [_BY_NAME] if self.organisation else [_BY_NAME, _BY_ORGANISATION]
            parts.append(_PERSON.format(self.person, " OR ".join(holders)))
        return " OR ".join(parts)

    def changing(self) -> str:
        """The SQL condition for changing a row: as for seeing it, or only by its region."""
        return RowSecurity(self.region).using() if self.changed_by_region_only else self.using()


_secured: dict[type[models.Model], RowSecurity] = {}
_insert_only: set[type[models.Model]] = set()
_OWNERS = (
    "ledger_transfer",
    "ledger_ledgeraccount",
    "accounts_access",
    "accounts_role",
    "songbai_clock",
)


def row_security(
    *,
    region: str | None = None,
    person: str | None = None,
    organisation: str | None = None,
    account: str | None = None,
    changed_by_region_only: bool = False,
) -> Callable[[M], M]:
    """Class decorator: declare which columns bind a table's rows to the actor."""

    def register(model: M) -> M:
        _secured[model] = RowSecurity(region, person, organisation, account, changed_by_region_only)
        return model

    return register


def insert_only(model: M) -> M:
    """Class decorator: the web role may add rows and never change them."""
    _insert_only.add(model)
    return model


def secured_models() -> dict[type[models.Model], RowSecurity]:
    """All declarations, for the database and for tests."""
    return dict(_secured)


def install() -> None:
    """Write grants and policies to the database; idempotent, runs after every migrate."""
    deletable = {"django_session", "accounts_phonecode"}
    set_clock(clock.ahead())
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {WEB_ROLE}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO {WEB_ROLE}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {WEB_ROLE}")
        for table in deletable:
            cursor.execute(f"GRANT DELETE ON {table} TO {WEB_ROLE}")
        cursor.execute(f"REVOKE INSERT, UPDATE ON django_migrations FROM {WEB_ROLE}")
        for model in _insert_only:
            cursor.execute(f"REVOKE UPDATE ON {model._meta.db_table} FROM {WEB_ROLE}")
        # Money, the keys to people and the clock: the owner writes them, or functions of the owner.
        for table in _OWNERS:
            cursor.execute(f"REVOKE INSERT, UPDATE ON {table} FROM {WEB_ROLE}")
        cursor.execute(f"GRANT UPDATE (valid_until) ON accounts_access TO {WEB_ROLE}")
        for model, rule in _secured.items():
            table = model._meta.db_table
            cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            for name, clause in (
                ("seen", f"FOR SELECT TO {WEB_ROLE} USING ({rule.using()})"),
                ("changed", f"FOR UPDATE TO {WEB_ROLE} USING ({rule.changing()})"),
                ("added", f"FOR INSERT TO {WEB_ROLE} WITH CHECK ({rule.using()})"),
            ):
                cursor.execute(f"DROP POLICY IF EXISTS {name} ON {table}")
                cursor.execute(f"CREATE POLICY {name} ON {table} {clause}")


def set_clock(ahead: timedelta) -> None:
    """Let ``songbai_now()`` run as far ahead of the server's clock as the program does.

    Only the owner can: access that has ended would come back with an earlier day.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE songbai_clock SET ahead = make_interval(secs => %(ahead)s)"
            " WHERE ahead <> make_interval(secs => %(ahead)s)",
            {"ahead": ahead.total_seconds()},
        )


def bind(actor: Actor | None) -> None:
    """Set the session's scope to this actor (None: a stranger) and take the web role."""
    region = actor.region if actor else None
    values = (
        str(actor.account_id or "") if actor else "",
        str(actor.organisation_id or "") if actor else "",
        region.ljust(12, "0") if region is not None else "",
        region.ljust(12, "9") if region is not None else "",
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', %s, false), set_config('songbai.account', %s, false),"
            " set_config('songbai.organisation', %s, false),"
            " set_config('songbai.region_from', %s, false),"
            " set_config('songbai.region_to', %s, false)",
            [WEB_ROLE, *values],
        )


def release() -> None:
    """Forget the scope at the end of a request; the session sees nothing until bound again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', 'none', false), set_config('songbai.account', '', false),"
            " set_config('songbai.organisation', '', false),"
            " set_config('songbai.region_from', '', false),"
            " set_config('songbai.region_to', '', false)"
        )


@contextmanager
def reading_for(organisation_id: int) -> Iterator[None]:
    """Let a block see what one organisation sees, and nothing else; what it writes is undone.

    For an answer that an organisation owes a person and that tells of nobody: whether it has time.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('role', %s, true), set_config('songbai.account', '', true),"
                " set_config('songbai.organisation', %s, true),"
                " set_config('songbai.region_from', '', true),"
                " set_config('songbai.region_to', '', true)",
                [WEB_ROLE, str(organisation_id)],
            )
        yield
        transaction.set_rollback(True)  # takes the settings back, with whatever was written


def within(queryset: models.QuerySet[models.Model], prefix: str) -> models.QuerySet[models.Model]:
    """Rows of one division and everything below it, by code range."""
    return queryset.filter(
        region_id__gte=prefix.ljust(12, "0"), region_id__lte=prefix.ljust(12, "9")
    )


def check_complete() -> list[str]:
    """Models that hold people but declare no row security (for the architecture test)."""
    holds = {"elder", "person_id", "region"}
    return [
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("songbai.domain")
        and {field.name for field in model._meta.get_fields()} & holds
        and model not in _secured
        and not getattr(model, "open_to_all", False)
    ]
