"""The demo's story of village registers: one written, one looked over, one without its columns."""

import csv
import io

from songbai.core.accounts.rules import SYSTEM
from songbai.core.crypto import decrypt
from songbai.core.regions.models import Region
from songbai.core.stages import Story, stage
from songbai.domain.elders.demo import key
from songbai.domain.elders.models import Elder

from .actions import Upload, choose_columns, confirm, discard, look_over, upload, write
from .models import Roster

HEADINGS = ("姓名", "身份证号", "联系电话", "居住情况")
LIVING = {
    "with_children": "和子女同住",
    "empty_nest": "空巢",
    "living_alone": "独居",
    "left_behind": "留守",
}
#: Rows as a village writes them when it does not know better.
WRONG = (("陈", "5001511945", "无", "独居"), ("李桂花", "500190194503019999", "139", "与猫同住"))


@stage("rosters", words="村社名册")
def tell(story: Story) -> None:
    """The town's officer hands in what villages wrote."""
    town = Region.objects.filter(parent_id=f"{story.place[:9]}000").order_by("code")
    for place, village in enumerate(town[:4]):
        with story.ago(9 - 2 * place, 15):
            roster = _upload(story, village, wrong=place != 0)
            if place != 2:
                choose_columns(story.actors["town_officer"], roster.pk, roster.columns)
                look_over(SYSTEM, roster.pk)
        with story.ago(8 - 2 * place, 9):
            if place == 0:
                confirm(story.actors["town_officer"], roster.pk)
                write(SYSTEM, roster.pk)
            if place == 3:
                discard(story.actors["town_officer"], roster.pk)


def _upload(story: Story, village: Region, *, wrong: bool) -> Roster:
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(HEADINGS)
    for elder in Elder.objects.filter(region=village, died_on=None).order_by("id")[5:25]:
        said = LIVING.get(elder.living, LIVING["living_alone"])
        writer.writerow([elder.name, decrypt(elder.id_number), decrypt(elder.phone), said])
    writer.writerows(WRONG if wrong else ())
    sent = Upload(
        village.code,
        f"{village.short}老年人名册.csv",
        target.getvalue().encode(),
        key(village.code),
    )
    return upload(story.actors["town_officer"], sent)[0]
