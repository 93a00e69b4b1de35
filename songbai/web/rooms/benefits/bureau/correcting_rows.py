"""How money that was put right reads: owed back, paid later, or kept back for a time."""

from collections.abc import Iterable
from dataclasses import dataclass

from songbai.domain.benefits.models import Arrears, Recovery, Suspension
from songbai.domain.benefits.rules.facts import yuan
from songbai.domain.benefits.rules.paying import InstalmentState, SuspensionReason
from songbai.web.rooms.elders.words import who
from songbai.web.templatetags.songbai import month_words
from songbai.web.words import village_of

from ..explaining import policy_name
from .people_rows import cause_words


@dataclass(frozen=True)
class CorrectionRow:
    """Arrears or a recovery in a list: whose, of what, why; ``next`` is what comes now."""

    row: Arrears | Recovery
    who: str
    village: str
    policy: str
    cause: str
    next: str


def arrears_rows(rows: Iterable[Arrears]) -> list[CorrectionRow]:
    """Rows that came from a scoped query with their people."""
    return [_row(one, "随下一批发") for one in rows]


def recovery_rows(rows: Iterable[Recovery]) -> list[CorrectionRow]:
    """Rows that came from a scoped query with their people and instalments."""
    return [_row(one, recovery_next(one)) for one in rows]


def recovery_next(row: Recovery) -> str:
    """When the next part is due, or that nothing was agreed, or that it is settled."""
    if not row.open:
        return "结清了"
    due = [one for one in row.instalments.all() if one.state == InstalmentState.DUE]
    if row.elder.died_on:
        return "和家属商量退回"
    if not due:
        return "还没排分期"
    first = min(due, key=lambda one: (one.due_month, one.number))
    return f"{month_words(first.due_month)}还 {yuan(first.amount)}，剩 {len(due)} 期"


def _row(one: Arrears | Recovery, next_: str) -> CorrectionRow:
    return CorrectionRow(
        one,
        who(one.elder),
        village_of(one.region_id),
        policy_name(one.policy),
        cause_words(one.cause),
        next_,
    )


@dataclass(frozen=True)
class SuspensionRow:
    """A suspension in a list."""

    row: Suspension
    who: str
    village: str
    policy: str
    reason: str


def suspension_rows(rows: Iterable[Suspension]) -> list[SuspensionRow]:
    """Rows that came from a scoped query with their people."""
    return [
        SuspensionRow(
            one,
            who(one.elder),
            village_of(one.region_id),
            policy_name(one.policy),
            SuspensionReason(one.reason).words,
        )
        for one in rows
    ]
