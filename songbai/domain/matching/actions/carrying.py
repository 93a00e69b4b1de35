"""Letting a person be what all her records say: rows follow a merge, and come back with an undo.

Each table says how it follows (``core.following``). What it says never changes, only whose it is,
and only the owner of the tables may change that: a job does it after each merge and undo, and from
time to time for what was written about merged records in between. Which rows went is written down,
so an undo gives back exactly those. A row of which the survivor has one already (a payment of the
same month, a second plan of care) stays where it is; one that is still under way goes on
somebody's list.
"""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, Model, OuterRef, QuerySet

from songbai.core import clock, scope, sql
from songbai.core.accounts.actions import end_doubled_access, give_access_back
from songbai.core.accounts.rules import SYSTEM, Actor, system_only
from songbai.core.following import Following, following
from songbai.core.overriding import triggers_of
from songbai.core.waiting import wait_for
from songbai.domain.elders.actions.consents import agree_both, agree_each
from songbai.domain.elders.actions.facts import reassign
from songbai.domain.elders.actions.facts.registered import held_kinds, keep_registered
from songbai.domain.elders.actions.turning import (
    TWO_RECORDS,
    ask_to_see_to,
    begin_again,
    list_with,
    look_at_record,
    need_not_be_seen_to,
)
from songbai.domain.elders.models import Consent, Elder, Fact, Followed
from songbai.domain.elders.queries import person_of_records
from songbai.domain.elders.queries.turns import lives_of
from songbai.domain.elders.rules.kinds import REGISTER
from songbai.domain.elders.under_way import Parting, UnderWay, all_under_way
from songbai.domain.matching.models import Carried, Merge
from songbai.domain.matching.queries.joined import active_merges, survivors

_FACTS, _CONSENTS = Fact._meta.db_table, Consent._meta.db_table
#: In place of a table: an undo gave the rows back; what was begun while two records were one has
#: been seen to.
_GIVEN, _PARTED = "given back", "parted"
#: Why what was to be seen to of a merge is no matter.
_UNDONE, _ANEW = "合并撤销了", "又合并了"
#: Before a table: rows that were ended because the survivor has such a row already.
_ENDED = "ended "


def settle(actor: Actor) -> int:
    """Bring every row to the record it is read with: to the survivor of a merge, or back after an
    undo. Again changes nothing. Returns how many rows went.

    Raises NotAllowed for everybody but the system.
    """
    system_only(actor)
    seen = Carried.objects.filter(merge=OuterRef("pk"), table=_PARTED)
    undone = Merge.objects.filter(~Exists(seen), undo__isnull=False)
    taken_back = list(undone.order_by("-id"))
    given = sum(_give_back(actor, made) for made in taken_back)
    for made in reversed(taken_back):
        _part(actor, made)
    joined = list(active_merges().order_by("id"))
    return given + sum(_carry(actor, made) for made in _with_rows(actor, joined))


def _tables() -> list[Following]:
    return [one for one in following() if one.merge in {"carried", "handed over"}]


def _with_rows(actor: Actor, merges: Sequence[Merge]) -> list[Merge]:
    """The merges of records that still have rows of their own."""
    gone = [made.elder_id for made in merges]
    found = set(
        scope.visible(Fact, actor)
        .filter(elder_id__in=gone)
        .exclude(source=REGISTER)
        .values_list("elder_id", flat=True)
    )
    for one in _tables():
        asked = f"SELECT DISTINCT {one.person} FROM {one.table} WHERE {one.person} = ANY(%s)"
        found.update(person for (person,) in sql.rows(asked, [gone]))
    return [made for made in merges if made.elder_id in found]


@transaction.atomic
def _carry(actor: Actor, made: Merge) -> int:
    _take_turn()
    root = scope.visible(Elder, actor).get(pk=survivors([made.survivor_id])[made.survivor_id])
    gone = made.elder
    # What stands before the rows are among each other.
    differing = agree_both(actor, root, gone)
    moved = 0
    came: dict[type[Model], list[Any]] = {}
    for one in _tables():
        thing = _held_by(one)
        held = list(thing.rows([gone.pk]).order_by("pk")) if thing else []
        came[one.model] = went = _move(actor, one, gone, root)
        moved += _keep(made, one.table, went)
        second = [row for row in held if row.pk not in went]
        _keep(made, f"{_ENDED}{one.table}", [row.pk for row in second])
        if thing is not None:
            for row in second:
                _ask(made, root, thing, row.pk, thing.doubled(actor, root, row))
    numbers = _said(actor, gone, root)
    moved += _keep(made, _FACTS, reassign(actor, numbers, root) if numbers else [])
    for write_down in differing:
        write_down()
    end_doubled_access(gone.pk, root.pk)
    _ask_about_two(made, root)
    for thing in all_under_way():
        for pk, words in thing.met(root, came.get(thing.model, [])):
            _ask(made, root, thing, pk, words)
    return moved


def _take_turn() -> None:
    """One process at a time: each must see what the other wrote."""
    wait_for(["matching.settle"])


def _is_first(made: Merge, mark: str) -> bool:
    """Whether nobody has done this of an undo; from now on somebody has."""
    _take_turn()
    if made.carried.filter(table=mark).exists():
        return False
    Carried.objects.create(
        merge=made, region_id=made.region_id, table=mark, rows=[], at=clock.now()
    )
    return True


def _said(actor: Actor, gone: Elder, root: Elder) -> list[int]:
    """Facts that go along: all that was said, and what was assumed when the person was entered
    where the survivor's own entry assumed nothing.
    """
    keep_registered(held_kinds(), str(int(root.pk)))
    facts = scope.visible(Fact, actor)
    assumed = facts.filter(elder=root, source=REGISTER).values("kind")
    mine = facts.filter(elder=gone).exclude(source=REGISTER, kind__in=assumed)
    return list(mine.order_by("pk").values_list("pk", flat=True))


def _keep(made: Merge, table: str, rows: Sequence[Any]) -> int:
    if rows:
        Carried.objects.create(
            merge=made,
            region_id=made.region_id,
            table=table,
            rows=[str(row) for row in rows],
            at=clock.now(),
        )
    return len(rows)


def _move(
    actor: Actor, one: Following, gone: Elder, root: Elder, only: Sequence[str] | None = None
) -> list[Any]:
    """The rows of one table that went from one record to another: all, or only these."""
    key = str(one.model._meta.pk.column) if one.model._meta.pk else "id"
    mine = f"{one.person} = %s" + (f" AND {key}::text = ANY(%s)" if only is not None else "")
    asked = f"SELECT {key} FROM {one.table} WHERE {mine} ORDER BY {key}"
    named = [list(only)] if only is not None else []
    rows = [row for (row,) in sql.rows(asked, [gone.pk, *named])]
    thing = _held_by(one)
    if thing is None:
        return _rename(one, key, rows, root) if rows else []
    return [row for row in rows if _hand_over(actor, one, thing, row, gone, root)]


def _held_by(one: Following) -> UnderWay | None:
    """What is under way of a table whose rows are handed over, with what they hold."""
    handed = one.merge == "handed over"
    return next(t for t in all_under_way() if t.model is one.model) if handed else None


def _rename(one: Following, key: str, rows: Sequence[Any], root: Elder) -> list[Any]:
    """All at once; one by one where the other record has the same already."""
    try:
        with triggers_of(one.table):
            filed = f"UPDATE {one.table} SET {one.person} = %s WHERE {key} = ANY(%s)"
            sql.run(filed, [root.pk, list(rows)])
    except IntegrityError:
        if len(rows) == 1:
            return []
        return [row for single in rows for row in _rename(one, key, [single], root)]
    # A key that is the person is another one now.
    return [root.pk] if key == one.person else list(rows)


def _hand_over(
    actor: Actor, one: Following, thing: UnderWay, row: int, gone: Elder, root: Elder
) -> bool:
    """End what one row holds, let it go, and give it again; a second one stays ended."""
    (life,) = lives_of([root.pk])
    held = thing.rows([gone.pk]).filter(pk=row).first()
    if held is not None:
        thing.stop(actor, life, held)
    if not _rename(one, "id", [row], root):
        return False
    if held is not None:
        thing.again(actor, life, Followed(what=thing.code, subject_id=row, elder=root))
        if life.cause is not None:  # it is ended anew, and comes back when that turns
            look_at_record(root)
    return True


def _ask_about_two(made: Merge, root: Elder) -> None:
    """What is under way still for the record nobody opens any more; nobody asks any more whose it
    is what was begun while the two were one before.
    """
    two = [made.elder_id, made.survivor_id]
    before = Merge.objects.filter(elder__in=two, survivor__in=two, undo__isnull=False)
    numbers = list(before.values_list("pk", flat=True))
    need_not_be_seen_to(_listed(parted__in=numbers), SYSTEM.name, _ANEW)
    for thing in all_under_way():
        for row in thing.rows([made.elder_id]).order_by("pk"):
            _ask(made, root, thing, row.pk, f"合并后有两份{thing.label}，请看留哪一份")


def _ask(made: Merge, root: Elder, thing: UnderWay, pk: int, words: str) -> None:
    if words:
        ask_to_see_to(root, thing.code, pk, words, merge=made.pk)


def _listed(**because_of: Any) -> QuerySet[Followed]:
    """What people see to because of a merge or an undo."""
    why = {f"detail__{key}": value for key, value in because_of.items()}
    return scope.visible(Followed, SYSTEM).filter(cause=TWO_RECORDS, **why)


def _no_longer_two_of_one(made: Merge) -> None:
    """What people were asked about the one person is no matter; what they have done about it, they
    are asked to look at again.
    """
    for row in need_not_be_seen_to(_listed(merge=made.pk), SYSTEM.name, _UNDONE):
        if row.note != _UNDONE:
            words = f"合并撤销了，之前按一个人办的请看要不要改回：{row.words}"
            ask_to_see_to(row.elder, row.what, row.subject_id, words, parted=made.pk)


@transaction.atomic
def _give_back(actor: Actor, made: Merge) -> int:
    """The rows that this merge carried and the survivor still has."""
    root = scope.visible(Elder, actor).get(pk=survivors([made.survivor_id])[made.survivor_id])
    again = survivors([made.elder_id])[made.elder_id]
    if again == root.pk or not _is_first(made, _GIVEN):  # merged anew
        return 0
    tables = {one.table: one for one in _tables()}
    moved, facts = 0, list[int]()
    for table, rows in made.carried.order_by("pk").values_list("table", "rows"):
        if table == _FACTS:
            facts += [int(row) for row in rows]
        elif table.startswith(_ENDED):
            _begin_again(actor, tables[table.removeprefix(_ENDED)], made.elder, rows)
        elif table in tables:
            went = _move(actor, tables[table], root, made.elder, rows)
            for thing in all_under_way():
                if thing.model is tables[table].model and went:
                    list_with(root, made.elder, thing.code, went)
            moved += len(went)
    if numbers := _given_back(actor, made, root, facts):
        moved += len(reassign(actor, numbers, made.elder))
    if moved:
        for record in (root, made.elder):
            look_at_record(record)
        give_access_back(made.elder_id, root.pk)
        still = active_merges().filter(elder__in=person_of_records([root.pk]))
        came = Carried.objects.filter(merge__in=still, table=_CONSENTS)
        agree_each(actor, root, came.values_list("rows", flat=True))
    return moved


def _begin_again(actor: Actor, one: Following, back: Elder, rows: Sequence[str]) -> None:
    """What was ended as a second one is the only one of its record again."""
    (life,) = lives_of(survivors([back.pk]).values())
    if thing := _held_by(one):
        for row in thing.model._default_manager.filter(pk__in=rows).order_by("pk"):
            begin_again(actor, thing, life, row)


@transaction.atomic
def _part(actor: Actor, made: Merge) -> None:
    """What was begun for the one person in between goes to whose it is; once for each undo."""
    both = survivors([made.survivor_id, made.elder_id])
    if both[made.survivor_id] == both[made.elder_id] or not _is_first(made, _PARTED):
        return  # merged anew, or done
    kept, back = (
        scope.visible(Elder, actor).get(pk=both[record])
        for record in (made.survivor_id, made.elder_id)
    )
    _no_longer_two_of_one(made)
    for thing in all_under_way():
        thing.part(actor, Parting(made.pk, kept, back, made.at, made.undo.at))
    _ask_about_third(made, kept)


def _ask_about_third(made: Merge, kept: Elder) -> None:
    """A record joined while two were one may be either's: only a person can say whose it is."""
    since = active_merges().filter(survivor=made.survivor_id, at__gt=made.at, at__lt=made.undo.at)
    for other in since.select_related("elder").order_by("pk"):
        words = f"{other.elder.name}的一份档案是合并期间并进来的，请看是谁的"
        ask_to_see_to(kept, "merge", other.pk, words, parted=made.pk)


def _given_back(actor: Actor, made: Merge, root: Elder, carried: Sequence[int]) -> list[int]:
    """Facts that go back: those that came along, and what their sources' rows said since, also that
    they say nothing any more.
    """
    hers = scope.visible(Fact, actor).filter(elder_id=root.pk)
    came = set(carried)
    rows = set(hers.filter(pk__in=came).values_list("kind", "source", "source_id"))
    since = hers.filter(recorded_at__gte=made.at).exclude(source_id="")
    later = since.values_list("pk", "kind", "source", "source_id")
    came |= {pk for pk, *row in later if tuple(row) in rows}
    return list(hers.filter(pk__in=came).order_by("pk").values_list("pk", flat=True))
