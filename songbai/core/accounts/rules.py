"""Who may do what: role × scope, pure. Every action asks ``may``; the database asks again."""

from dataclasses import dataclass, field

from songbai.core.errors import NotAllowed

from .registry import Act, RoleKind, granted

#: Why somebody keeps a way to own records of a person, whom she does not reach any more.
FOR_RECORDS = "records"


@dataclass(frozen=True)
class Actor:
    """Who acts, in which role. ``region`` is a code prefix, only set where the role reaches it."""

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
    def at_home(self) -> bool:
        """True for an elder or family: whoever is at work answers for it elsewhere."""
        return self.kind is not None and self.kind.reaches == "person"

    @property
    def is_system(self) -> bool:
        """True for the program itself (jobs, demo city)."""
        return self.account_id is None and self.kind is None and self.region == ""


#: The program itself: periodic jobs and the demo city. Sees everything.
SYSTEM = Actor(account_id=None, name="系统", kind=None, region="")


def system_only(actor: Actor) -> None:
    """Stop here unless the program itself acts. Raises NotAllowed."""
    if not actor.is_system:
        raise NotAllowed


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
    if actor.kind is None or actor.kind not in granted(act):
        return False
    if reach is None:
        return True
    if actor.kind.reaches == "region":
        return actor.region is not None and reach.region.startswith(actor.region)
    if actor.kind.reaches == "organisation":
        return actor.organisation_id in reach.organisations
    return actor.account_id in reach.accounts
