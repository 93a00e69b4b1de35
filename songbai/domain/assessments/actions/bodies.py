"""The list of bodies and assessors; bodies that judge out of the ordinary: noticed by the program,
looked into by the office.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.numbers import check_name
from songbai.core.acting import Actor, Reach, on, publish, require, system_only
from songbai.core.errors import NotFound, Refused
from songbai.core.found import refusing
from songbai.core.reasons import reason_in
from songbai.core.regions.queries import region as region_by_code
from songbai.core.signing import asked
from songbai.domain.assessments.actions.common import TooLate, let_in
from songbai.domain.assessments.declares import BODY_KEEP
from songbai.domain.assessments.models import Assessor, AssessorAnswers, Body, Outlier, Recusal
from songbai.domain.assessments.queries.figures import figures, open_outliers
from songbai.domain.assessments.rules.agreement import Oddity, oddities
from songbai.domain.elders.models import Elder


class AlreadyListed(Refused):
    """这家机构或这位评估员已经登记过了。"""


class NoWorkingAccount(Refused):
    """这个手机号还没有工作账号。请系统管理员先开通（要设密码和动态码），再来关联。"""

    field = "phone"


@transaction.atomic
def register_body(
    actor: Actor,
    *,
    region: str,
    name: str,
    uscc: str,
    instruments: Sequence[str],
    capacity: int,
    phone: str = "",
    serves_as: int | None = None,
) -> Body:
    """Designate a body; ``capacity`` is assessments a month.

    Raises NotAllowed, UnknownRegion, AlreadyListed.
    """
    where = region_by_code(region)
    require(actor, BODY_KEEP, Reach(where.code))
    with refusing(AlreadyListed):
        body = Body.objects.create(
            region=where,
            name=name,
            uscc=uscc,
            instruments=list(instruments),
            capacity=capacity,
            phone=phone,
            serves_as=serves_as,
            designated_on=clock.today(),
        )
    publish("body.designated", actor, subject=("body", body.pk), region=where.code, name=name)
    return body


@transaction.atomic
def register_assessor(
    actor: Actor,
    body: Body,
    *,
    name: str,
    number: str,
    medical: bool,
    certificate: str,
    certificate_until: date,
    account: Account | None = None,
) -> Assessor:
    """Enter an assessor of a body. Raises NotAllowed, AlreadyListed."""
    require(actor, BODY_KEEP, Reach(body.region_id))
    with refusing(AlreadyListed):
        assessor = Assessor.objects.create(
            body=body,
            region_id=body.region_id,
            account=account,
            number=number,
            name=name,
            medical=medical,
            certificate=certificate,
            certificate_until=certificate_until,
        )
    if account:
        _follow_register(account.pk)
    _tell(actor, "assessor.registered", assessor)
    return assessor


@transaction.atomic
def renew_certificate(actor: Actor, assessor: Assessor, certificate: str, until: date) -> None:
    """Enter a new certificate. Raises NotAllowed, Refused when it ends before the old one."""
    require(actor, BODY_KEEP, Reach(assessor.region_id))
    if until < assessor.certificate_until:
        raise Refused("新证书的有效期比原来的还早，请核对。")
    assessor.certificate, assessor.certificate_until = certificate, until
    assessor.save(update_fields=["certificate", "certificate_until"])
    _tell(actor, "assessor.renewed", assessor, until=str(until))


@transaction.atomic
def link_account(actor: Actor, assessor: Assessor, phone: str) -> None:
    """Let an assessor log in with the working account of this phone; sheets that wait go along.

    The role of an assessor follows the register. Raises NotAllowed, NoWorkingAccount, OtherName,
    AlreadyListed for an account that assesses for somebody else.
    """
    require(actor, BODY_KEEP, Reach(assessor.region_id))
    account = Account.objects.by_phone(phone.strip())
    # A family logs in by a code on the phone, which accounts with a working role cannot do.
    if account is None or not account.is_active or not account.has_usable_password():
        raise NoWorkingAccount
    check_name(phone.strip(), assessor.name)
    before, assessor.account = assessor.account_id, account
    with refusing(AlreadyListed("这个账号已经关联了别的评估员。", field="phone")):
        assessor.save(update_fields=["account"])
    for one in {before, account.pk} - {None}:
        _follow_register(one)
    sheets = AssessorAnswers.objects.filter(assessor=assessor, active=True, finished_at=None)
    for sheet in sheets.select_related("elder"):
        let_in(sheet, account_id=account.pk)
    sheets.update(account_id=account.pk)
    _tell(actor, "assessor.linked", assessor, account=account.pk)


def _follow_register(account_id: int | None) -> None:
    """Give or end the role of an assessor, as the register says now."""
    asked("assessments_follow_register", account_id, clock.now())


@transaction.atomic
def let_go(actor: Actor, assessor: Assessor) -> None:
    """An assessor leaves the body today, once; what they did stays. Raises NotAllowed."""
    require(actor, BODY_KEEP, Reach(assessor.region_id))
    still = Assessor.objects.filter(pk=assessor.pk, left_on=None)
    if not still.update(left_on=clock.today()):
        return
    assessor.refresh_from_db(fields=["left_on"])
    if assessor.account_id:
        _follow_register(assessor.account_id)
    _tell(actor, "assessor.left", assessor)


@transaction.atomic
def recuse(actor: Actor, assessor: Assessor, elder: Elder, reason: str) -> Recusal:
    """Declare an interest: this assessor never judges this elder.

    By the assessor or by the office. Raises NotAllowed, Refused without a reason.
    """
    if actor.account_id is None or actor.account_id != assessor.account_id:
        require(actor, BODY_KEEP, Reach(assessor.region_id))
    reason_in(reason, "请写明是什么关系。", least=2)
    recusal, _ = Recusal.objects.get_or_create(
        assessor=assessor,
        elder=elder,
        defaults={
            "region_id": elder.region_id,
            "account_id": assessor.account_id,
            "reason": reason.strip()[:120],
            "at": clock.now(),
        },
    )
    return recusal


def _tell(actor: Actor, kind: str, assessor: Assessor, **payload: Any) -> None:
    publish(kind, actor, **on("assessor", assessor), organisation_id=assessor.body_id, **payload)


@transaction.atomic
def notice_outliers(actor: Actor, region: str, instrument: str) -> list[Outlier]:
    """Put what is out of the ordinary in a district on the list; what is on it is not put again.

    The program's own act. Raises NotAllowed, UnknownInstrument.
    """
    system_only(actor)
    found = oddities(figures(actor, region, instrument).values())
    bodies = Body.objects.in_bulk({one.body for one in found})
    # One run at a time for a body, so that nothing is put twice.
    list(Body.objects.select_for_update().filter(pk__in=bodies).order_by("pk"))
    open_ = set(
        Outlier.objects.filter(body__in=bodies, instrument=instrument, closed_at=None).values_list(
            "body_id", "measure"
        )
    )
    new = [one for one in found if (one.body, one.measure) not in open_]
    return [_put(actor, bodies[one.body], instrument, one) for one in new]


def _put(actor: Actor, body: Body, instrument: str, oddity: Oddity) -> Outlier:
    made = Outlier.objects.create(
        body=body,
        region_id=body.region_id,
        instrument=instrument,
        measure=oddity.measure,
        value=oddity.value,
        usual=oddity.usual,
        noticed_at=clock.now(),
    )
    publish(
        "body.outlier",
        actor,
        **on("body", body),
        organisation_id=body.pk,
        outlier=made.pk,
        instrument=instrument,
        measure=oddity.measure.value,
        value=round(oddity.value, 3),
        usual=round(oddity.usual, 3),
    )
    return made


@transaction.atomic
def close_outlier(actor: Actor, outlier_id: int, note: str) -> Outlier:
    """Say what looking into it found. Raises NotFound, NotAllowed, TooLate, Refused."""
    require(actor, BODY_KEEP)
    if not open_outliers(actor).filter(pk=outlier_id).exists():
        raise NotFound
    found = Outlier.objects.select_for_update(of=("self",)).get(pk=outlier_id)
    require(actor, BODY_KEEP, Reach(found.region_id))
    reason_in(note, "请写明核查的情况，至少 4 个字。", field=f"note-{outlier_id}")
    if found.closed_at:
        raise TooLate
    found.closed_at, found.closed_by, found.note = clock.now(), actor.name, note.strip()[:300]
    found.save(update_fields=["closed_at", "closed_by", "note"])
    publish(
        "body.outlier_closed",
        actor,
        subject=("body", found.body_id),
        region=found.region_id,
        organisation_id=found.body_id,
        outlier=found.pk,
        note=found.note,
    )
    return found
