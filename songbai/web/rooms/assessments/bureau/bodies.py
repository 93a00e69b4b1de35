"""Assessment bodies and their assessors: the register, certificates, how they judge."""

import functools
from collections.abc import Callable

from django import forms

from songbai.core import clock, texts
from songbai.core.acting import Reach, may, of_district
from songbai.core.errors import Mendable, NotFound, Refused
from songbai.domain.assessments import actions
from songbai.domain.assessments.declares import BODY_KEEP
from songbai.domain.assessments.models import Assessor, Body
from songbai.domain.assessments.queries.figures import SEVERE, figures, open_outliers
from songbai.domain.assessments.queries.lists import (
    assessor_of,
    assessors,
    bodies,
    body_of,
    due_by_body,
    staffing,
)
from songbai.domain.assessments.rules.instrument import load
from songbai.web.asked import DayField, FormedText, first_wrong, given_in
from songbai.web.frames.bureau import area, place_of
from songbai.web.views import (
    Actor,
    HttpRequest,
    HttpResponse,
    Shown,
    View,
    done,
    door,
    form,
    posted,
)

from ..assessing import askable, chosen, name_of
from .lists import certificate_state
from .quality import drawing, outlier_words, rows_of

_REQUIRED = "请填这一项。"


class BodyForm(forms.Form):
    """A body to be designated."""

    name = forms.CharField(label="名称", max_length=60, error_messages={"required": _REQUIRED})
    uscc = FormedText(
        form=texts.credit_code,
        label="统一社会信用代码",
        max_length=30,
        error_messages={"required": _REQUIRED},
    )
    phone = FormedText(form=texts.phone, label="电话（可以不填）", max_length=30, required=False)
    capacity = forms.IntegerField(
        label="每月能评多少人",
        min_value=1,
        max_value=100_000,
        error_messages={"required": _REQUIRED, "invalid": "请写整数。"},
    )
    instruments = forms.MultipleChoiceField(
        label="能做哪些评估",
        choices=lambda: [(one.code, name_of(one)) for one in askable()],
        error_messages={"required": "请至少选一种。", "invalid_choice": "请从列表里选。"},
    )


class AssessorForm(forms.Form):
    """An assessor of a body, with the certificate."""

    name = forms.CharField(label="姓名", max_length=40, error_messages={"required": _REQUIRED})
    number = forms.CharField(
        label="评估员编号", max_length=20, error_messages={"required": _REQUIRED}
    )
    certificate = forms.CharField(
        label="证书", max_length=40, error_messages={"required": _REQUIRED}
    )
    until = DayField(
        label="证书到哪天",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "请填日期。", "invalid": "请填日期。"},
    )
    medical = forms.BooleanField(label="有医疗或护理背景", required=False)


class RenewalForm(forms.Form):
    """A new certificate of an assessor."""

    certificate = forms.CharField(
        label="证书", max_length=40, error_messages={"required": "请填新证书的名称。"}
    )
    until = DayField(
        label="新证书到哪天", error_messages={"required": "请填日期。", "invalid": "请填日期。"}
    )


@form("bureau", "bodies/", name="bodies", menu="assessments", status=422)
def bodies_list(request: HttpRequest, actor: Actor) -> Shown:
    """Designated bodies of the district; POST designates one."""
    place = place_of(actor)
    form = BodyForm(request.POST if request.method == "POST" else None)
    if posted(request):
        made = actions.register_body(actor, region=place.region.code, **given_in(form))
        return done(request, "已登记。接着登记这家机构的评估员。", "bureau:body", made.pk)
    rows = list(bodies(actor))
    due, staff = due_by_body(actor), staffing(rows)
    return {
        "place": place,
        "rows": [
            (body, _does(body), staff.get(body.pk, (0, 0)), due.get(body.pk)) for body in rows
        ],
        "sees_staff": of_district(actor),
        "may_keep": may(actor, BODY_KEEP, Reach(place.region.code)),
        "form": form,
    }


def _does(body: Body) -> str:
    return "、".join(name_of(load(code)) for code in body.instruments)


@form("bureau", "bodies/<int:body_id>/", menu="assessments", status=422)
def body(request: HttpRequest, actor: Actor, body_id: int, assessor_id: int | None = None) -> Shown:
    """One body and its assessors; POST enters an assessor.

    ``assessor_id``: what was sent about one of them was refused.
    """
    found = body_of(actor, body_id)
    sent = request.method == "POST" and assessor_id is None
    form = AssessorForm(request.POST if sent else None)
    if posted(request):
        given = given_in(form)
        until = given.pop("until")
        actions.register_assessor(actor, found, certificate_until=until, **given)
        return done(request, "已登记。", "bureau:body", found.pk)
    return {
        "body": found,
        "does": _does(found),
        "staff": [(one, certificate_state(one)) for one in assessors(actor, found)],
        "due": due_by_body(actor).get(found.pk),
        "may_keep": may(actor, BODY_KEEP, Reach(found.region_id)),
        "today": clock.today(),
        "form": form,
        "renewing": assessor_id,
    }


def _sent(address: str, field: str) -> Callable[[Callable[..., str]], View]:
    """Decorator of a view to which something about one assessor is sent: it is given her, and what
    it refuses stands at a field of hers.
    """

    def wrap(view: Callable[..., str]) -> View:
        @functools.wraps(view)
        def about(
            request: HttpRequest, actor: Actor, body_id: int, assessor_id: int
        ) -> HttpResponse:
            one = assessor_of(actor, body_of(actor, body_id), assessor_id)
            if one is None:
                raise NotFound
            try:
                return done(request, view(request, actor, one), "bureau:body", body_id)
            except Mendable as error:
                error.field = f"{error.field or field}-{assessor_id}"
                raise

        return about

    address = f"bodies/<int:body_id>/assessors/<int:assessor_id>/{address}/"
    return lambda view: form("bureau", address, status=422, shows=body)(wrap(view))


@_sent("renew", "until")
def assessor_renew(request: HttpRequest, actor: Actor, one: Assessor) -> str:
    """Enter a new certificate."""
    form = RenewalForm(request.POST)
    first_wrong(form)
    given = form.cleaned_data
    actions.renew_certificate(actor, one, given["certificate"], given["until"])
    return f"{one.name}的新证书已登记。"


@_sent("link", "phone")
def assessor_link(request: HttpRequest, actor: Actor, one: Assessor) -> str:
    """Let an assessor log in with a working account."""
    actions.link_account(actor, one, request.POST.get("phone", ""))
    return f"{one.name}可以登录了，手上的评估也能看到。"


@_sent("leave", "sure")
def assessor_leave(request: HttpRequest, actor: Actor, one: Assessor) -> str:
    """An assessor left the body."""
    if request.POST.get("sure") != "1":
        raise Refused("请先勾选“确实离开了”。")
    actions.let_go(actor, one)
    return f"{one.name}已登记离开，做过的评估都在。"


@door("bureau", "assessments/quality/", name="assessment_quality")
def quality(request: HttpRequest, actor: Actor, **_: object) -> Shown:
    """How bodies judge: agreement, drift against peers, time, appeals; what to look into first."""
    place, home = place_of(actor, request.GET.get("region", "")), place_of(actor)
    instrument = chosen(request.GET.get("instrument", "")) or askable()[0]
    found = figures(actor, place.prefix, instrument.code)
    rows = rows_of(found, {one.pk: one.name for one in bodies(actor)})
    return {
        **area(place, home),
        "to_check": [(one, outlier_words(one)) for one in open_outliers(actor, place.prefix)],
        "may_keep": may(actor, BODY_KEEP, Reach(home.region.code)),
        "instrument": instrument,
        "instruments": [(one, name_of(one)) for one in askable()],
        "severe": instrument.level(SEVERE).name,
        "since": clock.today().replace(year=clock.today().year - 1, day=1),
        "rows": rows,
        "outliers": [row for row in rows if row.word == "outlier"],
        "chart": drawing(rows),
    }


@form("bureau", "assessments/outliers/<int:outlier_id>/", status=422, shows=quality)
def outlier_close(request: HttpRequest, actor: Actor, outlier_id: int) -> HttpResponse:
    """Say what looking into an outlier found."""
    actions.close_outlier(actor, outlier_id, request.POST.get("note", ""))
    words = "核查情况记下了。以后再离群，会重新列出来。"
    return done(request, words, "bureau:assessment_quality")
