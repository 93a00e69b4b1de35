"""Rows that take a record back, and those they take back, in whatever order and file they come.

Of nobody known the two say nothing together. Whom a register entered before its row was taken back
stays until somebody has looked.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from songbai.core import scope
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.elders.actions.turning import UNDONE, ask_to_see_to, need_not_be_seen_to
from songbai.domain.elders.models import Elder, Fact, Followed
from songbai.domain.elders.queries.withdrawn import speaking_of
from songbai.domain.feeds.models import Delivery, UnmatchedRow
from songbai.domain.feeds.reading.rows import Prepared
from songbai.domain.feeds.rules.schema import Schema
from songbai.domain.feeds.rules.states import UnmatchedState


def nothing_said(
    delivery: Delivery, rows: Prepared, aside: Iterable[int]
) -> tuple[set[int], dict[bytes, int | None]]:
    """Of rows without a person those about which nobody need be asked, as a later word is known;
    and the records that are taken back, each with the row that says so (None: it came earlier).
    """
    by_record: defaultdict[bytes, list[int]] = defaultdict(list)
    for row in aside:
        by_record[rows.keys[row]].append(row)
    known = UnmatchedRow.objects.filter(feed=delivery.feed_id, source_key__in=list(by_record))
    waiting = {
        bytes(key): ((at, gone), state)
        for key, at, gone, state in known.exclude(state=UnmatchedState.MATCHED).values_list(
            "source_key", "observed_at", "taken_back", "state"
        )
    }
    dropped: set[int] = set()
    void: dict[bytes, int | None] = {}
    for key, mine in by_record.items():
        words = {row: (rows.observed[row], rows.is_taken_back(row)) for row in mine}
        newest = max(mine, key=words.__getitem__)
        before, state = waiting.get(key, (None, UnmatchedState.OPEN))
        last = max(words[newest], before or words[newest])
        said = [word for word in (*words.values(), before) if word and not word[1]]
        if last[1] and (said or state == UnmatchedState.DISMISSED):
            void[key] = newest if last != before else None
            dropped.update(mine)
        elif last != words[newest]:
            dropped.update(mine)
    return dropped, void


def ask_about_the_entered(
    schema: Schema, rows: Prepared, people: Sequence[int], unsaid: Mapping[int, int]
) -> None:
    """Somebody of whom nothing but a row that was taken back speaks is on the list of what people
    see to; until the record says something again. ``unsaid``: people of whom a record spoke, with
    the row by which it is about somebody else.
    """
    if schema.unknown_people != "register":
        return
    gone = {one: row for row, one in enumerate(people) if one and rows.is_taken_back(row)}
    gone |= {one: row for one, row in unsaid.items() if one}
    for elder in scope.visible(Elder, SYSTEM).filter(pk__in=gone).order_by("pk"):
        if not _spoken_of(elder.pk):
            number = rows.numbers[gone[elder.pk]]
            how = "改成了别人" if elder.pk in unsaid else "撤销了"
            words = (
                f"{schema.title}登记了这位老人，第 {number} 行又把那一行{how}，"
                "没有别的来源说到这位老人，请核对是不是登记错了"
            )
            ask_to_see_to(elder, "register_row", elder.pk, words, UNDONE)
    asked = scope.visible(Followed, SYSTEM).filter(cause=UNDONE)
    mine = asked.filter(elder_id__in=set(people)).values_list("elder_id", flat=True)
    again = [elder for elder in mine if _spoken_of(elder)]
    need_not_be_seen_to(asked.filter(elder_id__in=again), SYSTEM.name, "名册又登记了")


def _spoken_of(elder_id: int) -> bool:
    return bool(speaking_of(scope.visible(Fact, SYSTEM).filter(elder_id=elder_id)))
