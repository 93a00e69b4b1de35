"""Who may do what: role × scope, pure. Every action asks ``may``; the database asks again."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class RoleKind(StrEnum):
    """What a person is to the platform; one account may hold several."""

    FAMILY = "family"  # 家属、老人本人
    CAREGIVER = "caregiver"  # 护理员
    DISPATCHER = "dispatcher"  # 调度员、12349 坐席
    PROVIDER = "provider"  # 服务商后台
    OFFICER = "officer"  # 民政


class Act(StrEnum):
    """Everything a person can do or read; the second half is the verb of the action."""

    ELDER_READ = "elder.read"
    ORDER_PLACE = "order.place"
    ORDER_READ = "order.read"
    ORDER_CANCEL = "order.cancel"
    ORDER_CONFIRM = "order.confirm"
    ORDER_SETTLE = "order.settle"
    DISPATCH_READ = "dispatch.read"
    DISPATCH_PLAN = "dispatch.plan"
    VISIT_DO = "visit.do"
    STATEMENT_READ = "statement.read"
    OVERVIEW_READ = "overview.read"
    LEDGER_READ = "ledger.read"
    READS_OF_ELDER = "audit.read_of_elder"
    AUDIT_READ = "audit.read"


GRANTS: dict[RoleKind, frozenset[Act]] = {
    RoleKind.FAMILY: frozenset(
        {
            Act.ELDER_READ,
            Act.ORDER_PLACE,
            Act.ORDER_READ,
            Act.ORDER_CANCEL,
            Act.ORDER_CONFIRM,
            Act.READS_OF_ELDER,
        }
    ),
    RoleKind.CAREGIVER: frozenset({Act.VISIT_DO}),
    RoleKind.DISPATCHER: frozenset(
        {
            Act.ELDER_READ,
            Act.ORDER_PLACE,
            Act.ORDER_READ,
            Act.ORDER_CANCEL,
            Act.DISPATCH_READ,
            Act.DISPATCH_PLAN,
        }
    ),
    RoleKind.PROVIDER: frozenset({Act.ORDER_READ, Act.STATEMENT_READ}),
    RoleKind.OFFICER: frozenset(
        {
            Act.ELDER_READ,
            Act.ORDER_READ,
            Act.ORDER_SETTLE,
            Act.STATEMENT_READ,
            Act.OVERVIEW_READ,
            Act.LEDGER_READ,
            Act.AUDIT_READ,
            Act.READS_OF_ELDER,
        }
    ),
}

#: Which kinds reach things by region, by organisation, or only by name.
TERRITORIAL = frozenset({RoleKind.DISPATCHER, RoleKind.OFFICER})


@dataclass(frozen=True)
class Actor:
    """Who acts, in which role. ``region`` is a code prefix and only set for territorial roles."""

    account_id: int | None
    name: str
    kind: RoleKind | None
    region: str | None = None
    organisation_id: int | None = None
    role_id: int | None = None

    @property
    def account(self) -> int:
        """The account's id for filters; 0, which nobody has, for the system."""
        return self.account_id or 0

    @property
    def organisation(self) -> int:
        """The organisation's id for filters; 0, which none has, for everybody else."""
        return self.organisation_id or 0

    @property
    def is_system(self) -> bool:
        """True for the program itself (jobs, demo city)."""
        return self.account_id is None and self.kind is None and self.region == ""


#: The program itself: periodic jobs and the demo city. Sees everything.
SYSTEM = Actor(account_id=None, name="系统", kind=None, region="")


@dataclass(frozen=True)
class Reach:
    """Whose a thing is: its division, the organisations and accounts that have access to it."""

    region: str
    organisations: frozenset[int] = field(default_factory=frozenset)
    accounts: frozenset[int] = field(default_factory=frozenset)


def may(actor: Actor, act: Act, reach: Reach | None = None) -> bool:
    """Whether the actor's role grants the act, and the thing lies in its scope.

    ``reach`` None asks about the role only (a list, which queries then cut to the scope).
    """
    if actor.is_system:
        return True
    if actor.kind is None or act not in GRANTS[actor.kind]:
        return False
    if reach is None:
        return True
    if actor.kind in TERRITORIAL:
        return actor.region is not None and reach.region.startswith(actor.region)
    if actor.kind is RoleKind.PROVIDER:
        return actor.organisation_id in reach.organisations
    return actor.account_id in reach.accounts
