"""The demo's story of people who were registered twice: found, judged by a clerk, taken back."""

from dataclasses import dataclass

from songbai.core.accounts.rules import SYSTEM
from songbai.core.crypto import decrypt
from songbai.core.geo import Place
from songbai.core.stages import Story, stage
from songbai.domain.elders.actions.registration import AlreadyRegistered, NewElder, register
from songbai.domain.elders.demo import people
from songbai.domain.elders.models import Elder
from songbai.domain.elders.rules import Sex

from .actions import decide, search_duplicates, undo
from .models import Candidate, Merge
from .rules import check_character
from .rules.states import CandidateState, Verdict

#: A division no county has, and not the one the register's own people carry first.
DIVISION = "500199"


@dataclass(frozen=True)
class Slip:
    """What a village wrote otherwise when it entered somebody again."""

    name: str = ""
    phone: str = ""
    years: int = 0


SLIPS = (
    *(Slip(), Slip(phone="12000009101"), Slip(years=1), Slip(name="蘭"), Slip(phone="12000009102")),
    *(Slip(), Slip(years=-1), Slip(phone="12000009103")),
)


@stage("matching", words="疑似同一人")
def tell(story: Story) -> None:
    """Villages entered people again; the search finds them, an officer judges some."""
    villages = set()
    for place, (elder, slip) in enumerate(zip(people(story, 50)[3::5], SLIPS, strict=False)):
        with story.ago(20 - place):
            if _again(elder, slip, place):
                villages.add(elder.region_id)
    with story.ago(2, 3):
        for village in sorted(villages):
            search_duplicates(SYSTEM, village)
    _judge(story)


def _again(elder: Elder, slip: Slip, place: int) -> bool:
    """Enter somebody once more, with another number; False where the number is taken."""
    try:
        born = elder.birth_date.replace(year=elder.birth_date.year + slip.years)
    except ValueError:
        born = elder.birth_date
    woman = elder.sex == Sex.FEMALE
    body = f"{DIVISION}{born:%Y%m%d}{901 + 2 * place - woman:03d}"
    twin = NewElder(
        region=elder.region_id,
        name=elder.name[:-1] + (slip.name or elder.name[-1]),
        initials=elder.initials,
        sex=Sex(elder.sex),
        birth_date=born,
        id_number=body + check_character(body),
        phone=slip.phone or decrypt(elder.phone),
        address=decrypt(elder.address),
        home=Place(elder.longitude, elder.latitude),
    )
    try:
        register(SYSTEM, twin)
    except AlreadyRegistered:
        return False
    return True


def _judge(story: Story) -> None:
    """One pair is one person, one is two, one was joined and taken apart again."""
    officer = story.actors["officer"]
    said = (
        (Verdict.SAME, "上门核对，是同一位老人登记了两次"),
        (Verdict.DIFFERENT, "一对堂兄弟，身份证号都核过"),
        (Verdict.SAME, "电话里家属说是同一个人"),
    )
    pairs = Candidate.objects.filter(state=CandidateState.OPEN, other__isnull=False)
    with story.ago(1, 9):
        for pair, (verdict, reason) in zip(pairs.order_by("id")[: len(said)], said, strict=False):
            decide(officer, pair, verdict, reason)
    with story.ago(1, 16):
        merges = Merge.objects.filter(undo=None).order_by("-id")
        if merges.count() > 1:
            undo(officer, merges[0].pk, "家属拿来户口簿，是两位老人")
