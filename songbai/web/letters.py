"""Letters on paper: HTML laid out as A4 pages in big type, as PDF.

The same words give the same bytes: nothing in the file depends on when or where it was drawn.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from songbai.core.errors import Mendable
from songbai.core.regions.queries import path

if TYPE_CHECKING:
    from weasyprint import Document


class LetterUnprintable(Mendable):
    """这台服务器缺排版信件的程序库，暂时不能打印。结果页面上有同样的内容；请管理员安装 pango。"""


def day_of(day: date) -> str:
    """2026 年 1 月 31 日."""
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def office_of(region: str, office: str = "民政局") -> str:
    """重庆市铜梁区民政局: who stands behind a letter."""
    district = path(region)[0].name
    city = "重庆市" if region.startswith("50") and district != "重庆市" else ""
    return f"{city}{district}{office}"


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


def answer(letter: bytes, number: str, title: str) -> HttpResponse:
    """The letter as an answer that no cache keeps."""
    response = HttpResponse(letter, content_type="application/pdf")
    name = f"{title}-{number}.pdf"
    response["Content-Disposition"] = str(content_disposition_header(False, name))
    return response


def _nothing_from_outside(url: str, *args: Any, **options: Any) -> Any:  # noqa: ARG001  # its hook
    raise ValueError(f"a letter loads nothing: {url}")
