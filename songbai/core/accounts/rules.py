"""Who may do what: role × scope, pure. Every action asks ``may``; the database asks again."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from .registry import granted


class RoleKind(StrEnum):
    """What a person is to the platform; one account may hold several."""

    FAMILY = "family"  # 家属、老人本人
    CAREGIVER = "caregiver"  # 护理员
    DISPATCHER = "dispatcher"  # 调度员、12349 坐席
    PROVIDER = "provider"  # 服务商后台
    OFFICER = "officer"  # 民政
    ASSESSOR = "assessor"  # 评估员
    BODY = "body"  # 评估机构后台
    DEPARTMENT = "department"  # 送数据的部门，只有接口，没有页面


class Act(StrEnum):
    """The codes of acts, for pages that do not yet import them from ``declares``."""

    ELDER_READ = "elder.read"
    CAREPLAN_READ = "careplan.read"
    CAREPLAN_KEEP = "careplan.keep"
    ORDER_PLACE = "order.place"
    ORDER_READ = "order.read"
    ORDER_CANCEL = "order.cancel"
    ORDER_CONFIRM = "order.confirm"
    ORDER_SETTLE = "order.settle"
    DISPATCH_READ = "dispatch.read"
    DISPATCH_PLAN = "dispatch.plan"
    VEHICLE_GIVE = "vehicle.give"
    VISIT_DO = "visit.do"
    POSITION_SHARE = "position.share"
    STATEMENT_READ = "statement.read"
    OVERVIEW_READ = "overview.read"
    LEDGER_READ = "ledger.read"
    READS_OF_ELDER = "audit.read_of_elder"
    AUDIT_READ = "audit.read"
    ASSESSMENT_ASK = "assessment.ask"
    ASSESSMENT_READ = "assessment.read"
    ASSESSMENT_ASSIGN = "assessment.assign"
    ASSESSMENT_TEAM = "assessment.team"
    ASSESSMENT_BOOK = "assessment.book"
    ASSESSMENT_DO = "assessment.do"
    ASSESSMENT_REVIEW = "assessment.review"
    ASSESSMENT_CONCLUDE = "assessment.conclude"
    ASSESSMENT_APPEAL = "assessment.appeal"
    ASSESSMENT_STOP = "assessment.stop"
    ASSESSMENT_SHARE = "assessment.share"
    BODY_READ = "body.read"
    BODY_KEEP = "body.keep"
    OCCURRENCE_NOTE = "occurrence.note"
    EXPORT = "export.take"
    CORRECTION_ASK = "correction.ask"
    CORRECTION_DECIDE = "correction.decide"
    PROXY_INVITE = "proxy.invite"
    PROXY_BIND = "proxy.bind"
    PROXY_END = "proxy.end"
    CONSENT_GIVE = "consent.give"
    CONSENT_READ = "consent.read"
    ERASURE_ASK = "erasure.ask"
    ERASURE_DECIDE = "erasure.decide"
    HOLD_PLACE = "hold.place"
    MATCH_READ = "match.read"
    MATCH_DECIDE = "match.decide"
    MATCH_UNDO = "match.undo"
    FACT_RECORD = "fact.record"
    CONFLICT_DECIDE = "fact.decide_conflict"
    TRUST_SET = "fact.set_trust"
    FEED_DELIVER = "feed.deliver"
    FEED_READ = "feed.read"
    FEED_SETTLE = "feed.settle"
    FEED_KEY = "feed.key"
    BENEFIT_READ = "benefit.read"
    BENEFIT_TELL = "benefit.tell"
    OBJECTION_RAISE = "objection.raise"
    OBJECTION_ANSWER = "objection.answer"
    BENEFIT_CHECK = "benefit.check"
    BENEFIT_PROPOSE = "benefit.propose"
    BENEFIT_APPROVE = "benefit.approve"
    BENEFIT_PAY = "benefit.pay"


#: Which kinds reach things by region, by organisation, or only by name.
TERRITORIAL = frozenset({RoleKind.DISPATCHER, RoleKind.OFFICER, RoleKind.DEPARTMENT})

#: Kinds that belong to one organisation: a provider, or an assessment body.
ORGANISED = frozenset({RoleKind.PROVIDER, RoleKind.BODY})


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


def may(actor: Actor, act: str, reach: Reach | None = None) -> bool:
    """Whether the actor's role grants the act, and the thing lies in its scope.

    ``reach`` None asks about the role only (a list, which queries then cut to the scope).
    """
    if actor.is_system:
        return True
    if actor.kind is None or actor.kind not in granted(act):
        return False
    if reach is None:
        return True
    if actor.kind in TERRITORIAL:
        return actor.region is not None and reach.region.startswith(actor.region)
    if actor.kind in ORGANISED:
        return actor.organisation_id in reach.organisations
    return actor.account_id in reach.accounts
