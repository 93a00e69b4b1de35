"""One result, read by those who pay on it: with a legal basis or consent, and a trace."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from songbai.core.acting import Actor, require
from songbai.core.audit.actions import record_read
from songbai.core.errors import NotAllowed
from songbai.domain.assessments.declares import ASSESSMENT_SHARE
from songbai.domain.assessments.models import Assessment
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import reach_of
from songbai.domain.elders.queries.family import consenting


class Purpose(StrEnum):
    """Who reads a result, and for what."""

    CIVIL_AFFAIRS = "civil_affairs"  # 民政：补贴、消费券、基本养老服务
    CARE_INSURANCE = "care_insurance"  # 医保：长护险


@dataclass(frozen=True)
class Basis:
    """What allows a reading: a statutory duty, or the elder's consent to a purpose."""

    words: str
    clause: str
    consent: str = ""
    verified: bool = False


BASES = {
    Purpose.CIVIL_AFFAIRS: Basis(
        "民政：核定养老服务待遇", "《个人信息保护法》第十三条第一款第三项"
    ),
    Purpose.CARE_INSURANCE: Basis(
        "医保：核定长护险待遇", "《个人信息保护法》第二十三条、第二十九条", "medical_insurance"
    ),
}


class NoConsent(NotAllowed):
    """老人还没有同意把评估结果给医保部门核对，或只同意过改动以前的说明。请先在“授权”里办理同意。"""


@dataclass(frozen=True)
class SharedResult:
    """What the other department gets: the result, not the answers."""

    instrument: str
    standard: str
    level: int
    verified: bool
    valid_from: date
    valid_until: date
    basis: str


def share(
    actor: Actor, elder: Elder, instrument: str, purpose: Purpose, *, where: str
) -> SharedResult | None:
    """The result that holds now, for a purpose; every reading leaves a trace with its basis.

    None where there is no result. Raises NotAllowed, NoConsent.
    """
    require(actor, ASSESSMENT_SHARE, reach_of(elder))
    basis = BASES[purpose]
    if basis.consent and not consenting(basis.consent, [elder.pk]):
        raise NoConsent
    record_read(
        actor,
        [(elder.pk, elder.region_id)],
        fields=["ability"],
        purpose=f"{basis.words}（{'本人同意' if basis.consent else '法定职责'}）",
        where=where,
    )
    found = Assessment.objects.filter(elder=elder, instrument=instrument, current=True).first()
    return _as_shared(found, basis) if found else None


def _as_shared(found: Assessment, basis: Basis) -> SharedResult:
    told: dict[str, Any] = {
        name: getattr(found, name) for name in ("valid_from", "valid_until", "verified")
    }
    return SharedResult(
        instrument=found.instrument,
        standard=f"{found.standard_code}-{found.standard_version}",
        level=int(found.final_level or 0),
        basis=basis.clause,
        **told,
    )
