"""What the pages of this door show of an assessment and of the elder it is about; when assessors
come, as typed into a form.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.core.errors import Refused
from songbai.domain.assessments.models import Assessment, AssessorAnswers
from songbai.domain.assessments.queries import instrument_of
from songbai.domain.assessments.rules.instrument import Instrument
from songbai.domain.assessments.rules.process import AT_WORK, State
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import age, note_read, show_plain, village_words
from songbai.domain.elders.rules import mask_name
from songbai.web.rooms.assessments.assessing import standard_words

PURPOSE = "上门评估"
REVIEWING = "复核别家机构的评估"
SHOWN = ["name", "phone", "address", "assessment"]
MASKED = ["name", "age", "village", "assessment"]
#: Answers can be given in these states; before, a time must be agreed on.
FILLABLE = frozenset({State.BOOKED, State.UNDER_WAY, State.DONE})


@dataclass(frozen=True)
class Card:
    """One assessment of an assessor; ``phone`` and ``address`` are empty unless it is near."""

    sheet: AssessorAnswers
    instrument: Instrument
    name: str
    age: int
    village: str
    phone: str
    address: str

    @property
    def assessment(self) -> Assessment:
        """What it is about."""
        return self.sheet.assessment

    @property
    def standard(self) -> str:
        """GB/T 42195-2022: by which standard the form is."""
        return standard_words(self.instrument)

    @property
    def starts_at(self) -> datetime | None:
        """When the assessors are expected."""
        return self.sheet.during.lower if self.sheet.during else None

    @property
    def status(self) -> str:
        """The word of the status vocabulary."""
        return "stopped" if self.assessment.stopped_at else str(self.assessment.state)

    @property
    def answered(self) -> int:
        """Scored items answered, as the platform knows them."""
        return sum(code in self.sheet.answers for code in self.instrument.items)

    @property
    def may_fill(self) -> bool:
        """Whether the form can be filled now."""
        return self.assessment.state in FILLABLE and not self.assessment.stopped_at


def near(sheet: AssessorAnswers) -> bool:
    """Whether the elder's full name, phone and address are needed: today's and tomorrow's visits
    and what was begun and is not signed yet."""
    if sheet.assessment.state in {State.UNDER_WAY, State.DONE, State.RECONCILED}:
        return True
    if sheet.assessment.state not in AT_WORK or not sheet.during:
        return False
    first, last = clock.today(), clock.today() + timedelta(days=1)
    return bool(first <= sheet.during.lower.astimezone(clock.SHANGHAI).date() <= last)


def card_of(actor: Actor, sheet: AssessorAnswers, where: str) -> Card:
    """One card; what it shows in the clear is logged as read, and so is the masked rest."""
    elder, phone, address = sheet.elder, "", ""
    shown = near(sheet)
    if shown:
        plain = show_plain(actor, elder, fields=SHOWN, purpose=PURPOSE, where=where)
        phone, address = plain.phone, plain.address
    else:
        note_read(actor, [elder], fields=MASKED, purpose=PURPOSE, where=where)
    return Card(
        sheet=sheet,
        instrument=instrument_of(sheet.assessment),
        name=elder.name if shown else mask_name(elder.name),
        age=age(elder),
        village=village_words(elder),
        phone=phone,
        address=address,
    )


def masked(elder: Elder) -> str:
    """How somebody who does not go there sees the elder: 王*英，84 岁，巴川街道东方社区."""
    return f"{mask_name(elder.name)}，{age(elder)} 岁，{village_words(elder)}"


MINUTES = (60, 90, 120)
BOOKED = "约好了，两位评估员和家属都能看到时间。"


def when_of(posted: Mapping[str, str]) -> tuple[datetime, int]:
    """Beginning and minutes of a visit.

    Raises Refused naming the field.
    """
    try:
        day = clock.day_of(posted.get("day", ""))
    except ValueError as error:
        raise Refused("请选哪一天上门。", field="day") from error
    try:
        hour, minute = (int(part) for part in posted.get("time", "").split(":")[:2])
        start = clock.at(day, hour, minute)
    except ValueError as error:
        raise Refused("请填几点上门，例如 09:30。", field="time") from error
    minutes = posted.get("minutes", "")
    if minutes not in {str(known) for known in MINUTES}:
        raise Refused("请选要多长时间。", field="minutes")
    return start, int(minutes)
