"""Letters on paper: the words of a notice laid out as an A4 page in big type, as PDF.

The same notice gives the same bytes: nothing in the file depends on when or where it was drawn.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.http import content_disposition_header

from songbai.core import clock
from songbai.core.errors import Mendable
from songbai.core.regions.queries import path
from songbai.domain.assessments.models import Assessment, Notice
from songbai.domain.assessments.queries import instrument_of
from songbai.domain.elders.rules import mask_name

from .assessing import standard_words

if TYPE_CHECKING:
    from weasyprint import Document

#: Who stands at the foot of a letter, by the fact its instrument finds.
_OFFICES = {"ability_level": "民政局", "ltci_grade": "医疗保障局"}


class LetterUnprintable(Mendable):
    """这台服务器缺排版信件的程序库，暂时不能打印。结果页面上有同样的内容；请管理员安装 pango。"""


def result_letter(notice: Notice, assessment: Assessment) -> str:
    """The HTML of a result letter, from the words that were sent; the name is masked as printed."""
    return render_to_string("letters/result.html", _values(notice, assessment))


def _values(notice: Notice, assessment: Assessment) -> dict[str, Any]:
    instrument = instrument_of(assessment)
    return {
        "letter": notice.letter,
        "number": assessment.number,
        "who": mask_name(assessment.elder.name),
        "standard": f"《{instrument.title}》（{standard_words(instrument)}）",
        "body": assessment.body.name if assessment.body else "",
        "day": _day(notice.issued_at.astimezone(clock.SHANGHAI).date()),
        "office": office_of(assessment.region_id, instrument.fact),
    }


def _day(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def office_of(region: str, fact: str | None = None) -> str:
    """重庆市铜梁区民政局: who stands behind a letter, by the fact it is about."""
    district = path(region)[0].name
    city = "重庆市" if region.startswith("50") and district != "重庆市" else ""
    return f"{city}{district}{_OFFICES.get(fact or '', '民政局')}"


def drawn(html: str) -> Document:
    """The pages of a letter. Raises LetterUnprintable where the system's libraries are missing."""
    try:
        from weasyprint import HTML
    except OSError as error:
        raise LetterUnprintable from error
    return HTML(string=html, url_fetcher=_nothing_from_outside).render()


def pdf(html: str) -> bytes:
    """A letter as PDF, the same bytes for the same words. Raises LetterUnprintable."""
    mark = hashlib.sha256(html.encode()).digest()[:16]
    found: bytes = drawn(html).write_pdf(pdf_identifier=mark, pdf_tags=True)
    return found


def answer(letter: bytes, number: str, title: str = "评估结果告知书") -> HttpResponse:
    """The letter as an answer that no cache keeps."""
    response = HttpResponse(letter, content_type="application/pdf")
    name = f"{title}-{number}.pdf"
    response["Content-Disposition"] = str(content_disposition_header(False, name))
    return response


def _nothing_from_outside(url: str, *args: Any, **options: Any) -> Any:  # noqa: ARG001  # its hook
    raise ValueError(f"a letter loads nothing: {url}")
