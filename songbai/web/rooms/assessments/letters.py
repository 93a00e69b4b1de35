"""The result letter: the words of a notice on paper."""

from typing import Any

from django.template.loader import render_to_string

from songbai.core import clock
from songbai.domain.assessments.models import Assessment, Notice
from songbai.domain.assessments.queries import instrument_of
from songbai.domain.elders.rules import mask_name
from songbai.web.letters import day_of
from songbai.web.letters import office_of as office

from .assessing import standard_words

TITLE = "评估结果告知书"
#: Who stands at the foot of a letter, by the fact its instrument finds.
_OFFICES = {"ability_level": "民政局", "ltci_grade": "医疗保障局"}


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
        "day": day_of(notice.issued_at.astimezone(clock.SHANGHAI).date()),
        "office": office(assessment.region_id, _OFFICES.get(instrument.fact or "", "民政局")),
    }
