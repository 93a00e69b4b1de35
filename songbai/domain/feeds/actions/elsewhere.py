"""What a village's register may not say: anything about people of another place."""

from songbai.core import scope
from songbai.core.accounts.rules import SYSTEM
from songbai.core.regions.rules import level_of, prefix
from songbai.domain.elders.models import Elder
from songbai.domain.feeds.models import Delivery
from songbai.domain.feeds.reading.rows import Prepared, Refusal
from songbai.domain.feeds.rules.schema import Schema
from songbai.domain.matching.queries.joined import survivors

from .people import Found
from .sources import Known

_REASON = (
    "这位老人登记在别的地方，这份名册不能改。确实搬来的，请原来的镇街或公安先改居住地，再交这一行"
)


def to_send_back(
    delivery: Delivery, schema: Schema, rows: Prepared, known: Known, found: Found
) -> dict[int, Refusal]:
    """Rows about people outside the register's place, who lose their person. What a register said
    of somebody who has left since it can take back.
    """
    if schema.department != "village":
        return {}
    asked = {
        row: person
        for row, (person, word) in enumerate(zip(found.person, known.standing, strict=True))
        if person and word != "repeated" and not rows.is_taken_back(row)
    }
    read_as = survivors(asked.values())
    people = scope.visible(Elder, SYSTEM).filter(pk__in=read_as.values())
    homes = dict(people.values_list("pk", "region_id"))
    place = prefix(delivery.region_id, level_of(delivery.region_id))
    problems = [{"column": "", "title": "整行", "reason": _REASON}]
    outside = {
        row: Refusal(rows.numbers[row], rows.cells(row), problems)
        for row, person in asked.items()
        if not homes[read_as[person]].startswith(place)
    }
    for row in outside:
        found.person[row] = 0
    return outside
