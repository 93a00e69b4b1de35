"""Whose rows an actor sees: one declaration for the queries and for the database.

Every table that holds people declares, with :func:`row_security`, which of its columns say whose it
is. :func:`visible` asks by them, and so do the policies of row-level security, of the session
variables every request sets: a query that forgets to ask sees no more. A session sees no row unless
its variables come with a token of this program (``core.signing``). The web role has no way round:
it owns nothing, deletes nothing, and cannot sign.

A role reaches rows in one way only: by place, by organisation, or by name.

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

from songbai.core import clock, page_jobs, signing, web_role
from songbai.core.record import WEB_ROLE
from songbai.core.sql import rows, run

if TYPE_CHECKING:
    from songbai.core.accounts.rules import Actor

M = TypeVar("M", bound=type[models.Model])
Row = TypeVar("Row", bound=models.Model)

# In a subquery of its own a variable is read once for a statement, not once for every row.
#: Whether the variables are what this program signed.
BOUND = "(SELECT songbai_bound())"
#: Who acts; the account, if it reaches by name; the organisation; the codes of a place.
_SETTINGS = ("songbai.account", "songbai.name", "songbai.organisation", "songbai.region_from",
             "songbai.region_to")  # fmt: skip
_NAME = "(SELECT NULLIF(current_setting('songbai.name', true), '')::bigint)"
_ORGANISATION = "(SELECT NULLIF(current_setting('songbai.organisation', true), '')::bigint)"
_REGION = (
    "{0} >= (SELECT NULLIF(current_setting('songbai.region_from', true), ''))"
    " AND {0} <= (SELECT NULLIF(current_setting('songbai.region_to', true), ''))"
)
_PERSON = (
    "{0} = ANY (ARRAY(SELECT person_id FROM accounts_access"
    " WHERE valid_until > (SELECT songbai_now()) AND ({1})))"
)
_BY_NAME = f"account_id = {_NAME}"
_BY_ORGANISATION = f"organisation_id = {_ORGANISATION}"


#: The cause of access of who acts for a person, and is not only sent to them.
PROXY = "proxy"


@dataclass(frozen=True)
class RowSecurity:
    """Columns of a table that decide who sees a row.

    ``region`` is for who reaches by place, ``organisation`` for who belongs to one, ``account`` for
    who reaches by name. ``person`` opens the row to whom ``accounts_access`` gives that person;
    with ``proxy_only`` just to who acts for the person.
    """

    region: str | None = None
    person: str | None = None
    organisation: str | None = None
    account: str | None = None
    proxy_only: bool = False
    changed_by_region_only: bool = False

    def using(self) -> str:
        """The SQL condition of the policy."""
        parts = []
        if self.region:
            parts.append(f"({_REGION.format(self.region)})")
        if self.organisation:
            parts.append(f"{self.organisation} = {_ORGANISATION}")
        if self.account:
            parts.append(f"{self.account} = {_NAME}")
        if self.person:
            holders = [f"{_BY_NAME} AND why = '{PROXY}'" if self.proxy_only else _BY_NAME]
            if self.opens_to_organisations:
                holders.append(_BY_ORGANISATION)
            parts.append(_PERSON.format(self.person, " OR ".join(holders)))
        return " OR ".join(parts)

    @property
    def opens_to_organisations(self) -> bool:
        """Whether an organisation sees the rows of whom it has access to.

        Where rows say whose organisation they are, that is not enough: a provider must not see what
        another one does for the same elder.
        """
        return not self.organisation and not self.proxy_only

    def seen_by(self, actor: Actor) -> models.Q:
        """The same condition for a query."""
        if actor.region is not None:
            low, high = actor.region.ljust(12, "0"), actor.region.ljust(12, "9")
            columns = {f"{self.region}__gte": low, f"{self.region}__lte": high}
            return models.Q(**columns) if self.region else _NOTHING
        if actor.organisation_id is not None:
            if self.organisation:
                return models.Q(**{self.organisation: actor.organisation_id})
            return self._of_people(actor) if self.opens_to_organisations else _NOTHING
        own = models.Q(**{self.account: actor.account}) if self.account else _NOTHING
        return own | self._of_people(actor)

    def _of_people(self, actor: Actor) -> models.Q:
        """Rows about the people somebody has access to. Their numbers are read first: beside
        another condition a subquery would keep the indexes from being used.
        """
        if not self.person:
            return _NOTHING
        access = apps.get_model("accounts", "Access")._default_manager
        rows = access.filter(valid_until__gt=clock.now())
        if actor.organisation_id is not None:
            rows = rows.filter(organisation_id=actor.organisation_id)
        else:
            rows = rows.filter(account_id=actor.account)
            rows = rows.filter(why=PROXY) if self.proxy_only else rows
        people = set(rows.values_list("person_id", flat=True))
        return models.Q(**{f"{self.person}__in": people}) if people else _NOTHING

    def changing(self) -> str:
        """The SQL condition for changing a row: as for seeing it, or only by its region."""
        return RowSecurity(self.region).using() if self.changed_by_region_only else self.using()


_NOTHING = models.Q(pk__in=[])
_secured: dict[type[models.Model], RowSecurity] = {}
_written: dict[type[models.Model], str] = {}
_insert_only: set[type[models.Model]] = set()
_OWNERS = (
    "ledger_transfer",
    "ledger_ledgeraccount",
    "accounts_access",
)
#: What opens doors: not even read.
_OWNERS_ALONE = ("accounts_logincode", "accounts_tries", "django_session", signing.KEY_TABLE)
#: The same of the queue, whose tables are the library's.
_QUEUE = "procrastinate"


def row_security(
    *,
    region: str | None = None,
    person: str | None = None,
    organisation: str | None = None,
    account: str | None = None,
    proxy_only: bool = False,
    changed_by_region_only: bool = False,
) -> Callable[[M], M]:
    """Class decorator: declare which columns bind a table's rows to the actor (``RowSecurity``)."""

    def register(model: M) -> M:
        _secured[model] = RowSecurity(
            region, person, organisation, account, proxy_only, changed_by_region_only
        )
        return model

    return register


def insert_only(model: M) -> M:
    """Class decorator: the web role may add rows and never change them."""
    _insert_only.add(model)
    return model


def written_by(*, region: str) -> Callable[[M], M]:
    """Class decorator for a table that everybody reads: pages write it too, in a signed scope.

    ``region``: the column (or expression) with the code of the place whose people write the row.
    A table that declares neither this nor ``row_security`` is written by functions of the owner
    alone.
    """

    def register(model: M) -> M:
        _written[model] = f"{BOUND} AND {_REGION.format(region)}"
        return model

    return register


def visible(model: type[Row], actor: Actor) -> models.QuerySet[Row]:
    """The rows of a table an actor may see: the same as the database lets the actor's session see.

    Rooms read each other's tables by this or by queries of the room that owns them. What the actor
    may do with the rows is asked by acts. Raises KeyError for a table without a rule.
    """
    rows = model._default_manager.all()
    if actor.is_system or getattr(model, "open_to_all", False):
        return rows
    return rows.filter(_secured[model].seen_by(actor))


def within(rows: models.QuerySet[Row], prefix: str) -> models.QuerySet[Row]:
    """Rows of one division and everything below it, by the code range of their region."""
    return rows.filter(region_id__gte=prefix.ljust(12, "0"), region_id__lte=prefix.ljust(12, "9"))


def cut(rows: models.QuerySet[Row], actor: Actor) -> models.QuerySet[Row]:
    """Rows with a region in the actor's place: all for the program, none for who has no place."""
    if actor.is_system:
        return rows
    return rows.none() if actor.region is None else within(rows, actor.region)


def secured_models() -> dict[type[models.Model], RowSecurity]:
    """All declarations, for the database and for tests."""
    return dict(_secured)


def install() -> None:
    """Write grants and policies to the database; idempotent, runs after every migrate."""
    begin()
    with connection.cursor() as cursor:
        closed, others = _tables()
        refuse_temporary()
        refuse_large_objects()
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {WEB_ROLE}")
        cursor.execute(f"REVOKE ALL ON {closed}, {others} FROM {WEB_ROLE}")
        cursor.execute(f"GRANT SELECT ON {others} TO {WEB_ROLE}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {WEB_ROLE}")
        for model in {**_secured, **_written}:
            table = model._meta.db_table
            # Money and the keys to people: functions of the owner write them.
            if table not in _OWNERS:
                cursor.execute(f"GRANT INSERT ON {table} TO {WEB_ROLE}")
            if table not in _OWNERS and model not in _insert_only:
                # Of every column: who may update the table may also lock it against everybody.
                columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
                cursor.execute(f"GRANT UPDATE ({columns}) ON {table} TO {WEB_ROLE}")
        for model, (seen, changed, added) in _policies().items():
            table = model._meta.db_table
            cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            for name, clause in (
                ("seen", f"FOR SELECT TO {WEB_ROLE} USING ({seen})"),
                ("changed", f"FOR UPDATE TO {WEB_ROLE} USING ({changed})"),
                ("added", f"FOR INSERT TO {WEB_ROLE} WITH CHECK ({added})"),
            ):
                cursor.execute(f"DROP POLICY IF EXISTS {name} ON {table}")
                cursor.execute(f"CREATE POLICY {name} ON {table} {clause}")


def _policies() -> dict[type[models.Model], tuple[str, str, str]]:
    """Of each table the conditions for seeing, changing and adding a row."""
    open_ = {model: ("true", writes, writes) for model, writes in _written.items()}
    return open_ | {
        model: (
            f"{BOUND} AND ({rule.using()})",
            f"{BOUND} AND ({rule.changing()})",
            f"{BOUND} AND ({rule.using()})",
        )
        for model, rule in _secured.items()
    }


def _tables() -> tuple[str, str]:
    """All tables and views, as lists for a grant: what the owner alone reads, and all others.

    A part of a table is read by its whole: the policies are the whole's.
    """
    closed = f"(relispartition OR relname = ANY (%s) OR relname LIKE '{_QUEUE}%%')"
    listed = "string_agg(quote_ident(relname), ', ') FILTER (WHERE {})"
    [(ours, others)] = rows(
        f"SELECT {listed.format(closed)}, {listed.format('NOT ' + closed)} FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')",
        [list(_OWNERS_ALONE)] * 2,
    )
    return ours, others


def refuse_temporary() -> None:
    """Nobody but the owner makes temporary tables, which would lie before ours. No dump says so."""
    name = connection.ops.quote_name(str(connection.settings_dict["NAME"]))
    run(f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC")


def refuse_large_objects() -> None:
    """Nobody but the owner fills the disk past all tables; who does not own the server's functions
    is told so by a notice (``docs/go-to-production.md``).
    """
    [(functions,)] = rows(
        "SELECT string_agg(oid::regprocedure::text, ', ') FROM pg_proc"
        " WHERE pronamespace = 'pg_catalog'::regnamespace"
        r" AND (proname LIKE 'lo\_%%' OR proname IN ('loread', 'lowrite'))"
    )
    run(f"REVOKE EXECUTE ON FUNCTION {functions} FROM PUBLIC")


def begin() -> None:
    """What the owner tells the database when a program starts: clock, key, jobs and web role."""
    set_clock(clock.ahead())
    signing.tell_key()
    page_jobs.tell_names()
    web_role.restore()


def set_clock(ahead: timedelta) -> None:
    """Let ``songbai_now()`` run as far ahead of the server's clock as the program does.

    Only the owner can: access that has ended would come back with an earlier day.
    """
    run(
        "UPDATE songbai_clock SET ahead = make_interval(secs => %(ahead)s)"
        " WHERE ahead <> make_interval(secs => %(ahead)s)",
        {"ahead": ahead.total_seconds()},
    )


def settings_of(actor: Actor | None) -> dict[str, str]:
    """The session variables that bind a session to this actor (None: a stranger)."""
    if actor is None:
        return dict.fromkeys(_SETTINGS, "")
    account, region = str(actor.account_id or ""), actor.region
    by_name = region is None and actor.organisation_id is None
    values = (
        account,
        account if by_name else "",
        str(actor.organisation_id or ""),
        "" if region is None else region.ljust(12, "0"),
        "" if region is None else region.ljust(12, "9"),
    )
    return dict(zip(_SETTINGS, values, strict=True))


def bind(actor: Actor | None) -> None:
    """Set the session's scope to this actor (None: a stranger) and take the web role."""
    _set(WEB_ROLE, settings_of(actor))


def release() -> None:
    """Forget the scope at the end of a request; the session sees nothing until bound again."""
    _set("none", settings_of(None))


@contextmanager
def reading_for(organisation_id: int) -> Iterator[None]:
    """Let a block see what one organisation sees, and nothing else; what it writes is undone.

    For an answer that an organisation owes a person and that tells of nobody: whether it has time.
    """
    with transaction.atomic():
        organisation = {"songbai.organisation": str(organisation_id)}
        _set(WEB_ROLE, settings_of(None) | organisation, until_rollback=True)
        yield
        transaction.set_rollback(True)  # takes the settings back, with whatever was written


def signed(settings: dict[str, str], backend: int) -> dict[str, str]:
    """These settings with the token that makes them hold in one session of the database."""
    holds = any(settings.values())
    said = "|".join(["scope", *settings.values()])
    return settings | {"songbai.token": signing.token(said, backend) if holds else ""}


def _set(role: str, settings: dict[str, str], *, until_rollback: bool = False) -> None:
    values = {"role": role} | signed(settings, signing.backend())
    asked = ", ".join([f"set_config(%s, %s, {until_rollback})"] * len(values))
    run(f"SELECT {asked}", [part for pair in values.items() for part in pair])
