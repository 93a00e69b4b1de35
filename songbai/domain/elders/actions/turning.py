"""Following the turns of a life: what is under way is stopped, or put back, in every room."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from songbai.core import clock
from songbai.core.acting import SYSTEM, Actor, on, publish, require, system_only
from songbai.core.errors import Refused
from songbai.core.found import found_in
from songbai.core.reasons import reason_in
from songbai.domain.elders.declares import SEE_TO
from songbai.domain.elders.models import Elder, Followed, FollowedState, Turn, TurnKind
from songbai.domain.elders.queries import person_of_records, reach_of
from songbai.domain.elders.queries.turns import lives_of
from songbai.domain.elders.under_way import Life, UnderWay, all_signs, all_under_way

#: The causes of what waits because one person had two records, shows signs of life after death, or
#: was entered by a row that was taken back.
TWO_RECORDS, SIGNS, UNDONE = "records", "signs", "undone"
#: In the detail of what its cause did not bring about after all.
_NO_MATTER = "no_matter"
_STILL_A_MATTER = ~Q(detail__has_key=_NO_MATTER)
#: People looked at together.
AT_ONCE = 500
#: How long after a death signs of life are looked for.
SIGNS_BACK = timedelta(days=400)


class NothingToSeeTo(Refused):
    """这件事已经办好了。请刷新看最新状态。"""


def announce() -> None:
    """Say of deaths and of deaths that were none, in the transaction that derived them.

    The events start the work that follows; a job every minute catches what they missed.
    """
    deaths = Turn.objects.filter(kind=TurnKind.DEATH)
    who = set(deaths.filter(told_at=None).values_list("elder_id", flat=True))
    if not who:
        return
    earlier = deaths.filter(elder_id__in=who, told_at__isnull=False)
    known = set(earlier.values_list("elder_id", flat=True))
    deaths.filter(told_at=None).update(told_at=clock.now())
    for elder in Elder.objects.filter(pk__in=who, merged_into=None).order_by("pk"):
        if elder.died_on is None and elder.pk not in known:
            continue
        publish(
            "elder.died" if elder.died_on else "elder.lives",
            SYSTEM,
            **on("elder", elder),
            died_on=str(elder.died_on or ""),
        )


def look_again(people: Iterable[int]) -> None:
    """Something new is under way for people whose death is known: follow as if it were reported."""
    now = clock.now()
    rows = Elder.objects.filter(pk__in=list(people)).values_list("pk", "region_id")
    Turn.objects.bulk_create(
        Turn(elder_id=pk, region_id=region, kind=TurnKind.DEATH, at=now, told_at=now)
        for pk, region in rows.order_by("pk")
    )


def look_at_record(elder: Elder) -> None:
    """A record that was read with another is read alone again: its life and its past months."""
    now, kind = clock.now(), TurnKind.RECORD
    Turn.objects.create(elder=elder, region_id=elder.region_id, kind=kind, at=now, told_at=now)


def follow_turns(actor: Actor) -> int:
    """Bring what is under way in line with every life that turned; returns how many people.

    A killed run is gone on with; two at once do not disturb each other. Raises NotAllowed.
    """
    system_only(actor)
    followed = 0
    while waiting := _waiting():
        touched = _touched(waiting)
        for person in sorted(waiting):
            followed += _follow(actor, person, waiting[person], touched[person])
    return followed


def _waiting() -> dict[int, list[int]]:
    """People whose life turned, with the turns to follow."""
    rows = Turn.objects.filter(done_at=None).order_by("id")[:AT_ONCE]
    found: defaultdict[int, list[int]] = defaultdict(list)
    turns = list(rows.values_list("pk", "elder_id"))
    joined = dict(
        Elder.objects.filter(pk__in={elder for _, elder in turns})
        .exclude(merged_into=None)
        .values_list("pk", "merged_into_id")
    )
    for turn, elder in turns:
        found[joined.get(elder) or elder].append(turn)
    return found


def _touched(people: dict[int, list[int]]) -> dict[int, bool]:
    """Who of these people has anything under way, or anything that was stopped."""
    person = person_of_records(people)
    stopped = Followed.objects.filter(elder_id__in=person, state=FollowedState.STOPPED)
    busy = {person[elder] for elder in stopped.values_list("elder_id", flat=True)}
    for thing in all_under_way():
        rows = thing.rows(list(person)).values_list("elder_id", flat=True)
        busy.update(person[elder] for elder in rows)
    return {one: one in busy for one in people}


@transaction.atomic
def _follow(actor: Actor, person: int, turns: list[int], touched: bool) -> bool:
    mine = Turn.objects.select_for_update(skip_locked=True).filter(pk__in=turns, done_at=None)
    if len(list(mine.order_by("pk"))) < len(turns):
        return False  # another worker is at this person
    for life in lives_of([person]) if touched else ():
        for thing in reversed(all_under_way()):  # what stands on others first
            _stop(actor, life, thing)
        for row in _stopped(life):
            _put_back(actor, life, row)
    Turn.objects.filter(pk__in=turns).update(done_at=clock.now())
    return touched


def _stop(actor: Actor, life: Life, thing: UnderWay) -> None:
    known = Followed.objects.filter(what=thing.code, state=FollowedState.STOPPED)
    stopped = set(known.filter(elder_id__in=life.records).values_list("subject_id", flat=True))
    for row in thing.rows(life.records).order_by("pk"):
        seen = thing.stands(life, row)
        if row.pk in stopped or not thing.stops(seen, row):
            continue
        _write_down(actor, seen, thing, row, FollowedState.STOPPED)


def _write_down(actor: Actor, seen: Life, thing: UnderWay, row: Any, state: FollowedState) -> None:
    detail = {"was": str(getattr(row, "state", ""))}
    words = thing.stop(actor, seen, row)
    Followed.objects.create(
        elder_id=row.elder_id,
        region_id=seen.elder.region_id,
        cause=seen.cause or TWO_RECORDS,
        what=thing.code,
        subject_id=row.pk,
        words=words[:160],
        detail=detail,
        state=state,
        at=clock.now(),
    )


def begin_again(actor: Actor, thing: UnderWay, life: Life, row: Any) -> None:
    """What two records of one person ended goes on now that they are two people. Where it cannot,
    it is on the list of what people see to, or waits until the life that stops it turns.
    """
    seen = thing.stands(life, row)
    stops = thing.stops(seen, row)
    if not thing.again(actor, life, Followed(what=thing.code, subject_id=row.pk, elder=life.elder)):
        state = FollowedState.STOPPED if stops else FollowedState.TO_DO
        _write_down(actor, seen, thing, row, state)
    if stops:  # it is ended anew, and comes back, as everything that this life stops
        look_at_record(life.elder)


def _stopped(life: Life) -> list[Followed]:
    """What was stopped, in the order in which it goes back: what others stand on first."""
    place = {thing.code: at for at, thing in enumerate(all_under_way())}
    rows = Followed.objects.filter(elder_id__in=life.records, state=FollowedState.STOPPED)
    found = rows.select_for_update().order_by("pk")
    return sorted(found, key=lambda row: (place.get(row.what, len(place)), row.pk))


def _put_back(actor: Actor, life: Life, followed: Followed) -> None:
    things: dict[str, Any] = {thing.code: thing for thing in all_under_way()}
    thing = things.get(followed.what)
    row = thing.model.objects.filter(pk=followed.subject_id).first() if thing else None
    if thing is None or row is None or thing.stops(thing.stands(life, row), row):
        return
    done = thing.again(actor, life, followed)
    Followed.objects.filter(pk=followed.pk).update(
        state=FollowedState.PUT_BACK if done else FollowedState.TO_DO,
        ended_at=clock.now() if done else None,
        ended_by=actor.name if done else "",
    )


@transaction.atomic
def look_for_signs(actor: Actor) -> int:
    """Signs of life after a death go on the list of what people see to, and off it when the death
    was taken back; returns how many are new. Raises NotAllowed.
    """
    system_only(actor)
    lives = Followed.objects.filter(cause=SIGNS, elder__died_on=None)
    need_not_be_seen_to(lives, actor.name, "去世登记撤回了")
    since = clock.today() - SIGNS_BACK
    dead = {
        elder.pk: elder
        for elder in Elder.objects.filter(died_on__gte=since, merged_into=None).order_by("pk")
    }
    person = person_of_records(dead)
    died = {record: dead[one].died_on or clock.today() for record, one in person.items()}
    new = 0
    for code, found in all_signs() if died else ():
        for sign in found(died):
            elder = dead[person[sign.record]]
            words = f"{_date(died[sign.record])}去世，{_date(sign.day)}{sign.words}"
            new += ask_to_see_to(elder, code, sign.subject_id, words, SIGNS)
    return new


def _date(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def ask_to_see_to(
    elder: Elder,
    what: str,
    subject_id: int,
    words: str,
    cause: str = TWO_RECORDS,
    **because_of: int,
) -> bool:
    """Put something on the list of what people see to; once for each, and once more for each time
    that it was no matter in between. ``because_of``: by what it is found when its cause was none.

    Whether it is new.
    """
    listed = Followed.objects.filter(what=what, subject_id=subject_id, cause=cause, elder=elder)
    known = listed.filter(_STILL_A_MATTER).exists()
    if not known:
        Followed.objects.create(
            elder=elder,
            region_id=elder.region_id,
            cause=cause,
            what=what,
            subject_id=subject_id,
            words=words[:160],
            detail=because_of,
            state=FollowedState.TO_DO,
            at=clock.now(),
        )
    return not known


def seen_to_by_itself(
    actor: Actor, life: Life, what: str, subject_id: int, cause: str, note: str = "登记撤回了"
) -> None:
    """What somebody should have seen to is no matter any more."""
    rows = Followed.objects.filter(
        what=what, subject_id=subject_id, cause=cause, elder_id__in=life.records
    )
    need_not_be_seen_to(rows, actor.name, note)


def need_not_be_seen_to(listed: QuerySet[Followed], by: str, note: str) -> list[Followed]:
    """What of these still waits for somebody is done without anybody, for what ``note`` says; the
    same another time is asked anew. Returns what was a matter until now, also what was seen to.
    """
    rows = list(listed.filter(_STILL_A_MATTER).exclude(state=FollowedState.STOPPED))
    for row in rows:
        row.detail |= {_NO_MATTER: True}
        if row.state == FollowedState.TO_DO:
            row.state, row.ended_at = FollowedState.DONE, clock.now()
            row.ended_by, row.note = by[:40], note
        row.save(update_fields=["detail", "state", "ended_at", "ended_by", "note"])
    return rows


def list_with(root: Elder, back: Elder, what: str, subjects: Sequence[int]) -> None:
    """What was stopped while two records were one is listed with the one whose it is."""
    listed = Followed.objects.filter(what=what, subject_id__in=subjects, elder=root)
    listed.update(elder=back, region_id=back.region_id)


@transaction.atomic
def see_to(actor: Actor, followed_id: int, note: str) -> Followed:
    """An officer or the desk saw to what could not go back by itself.

    Raises NotFound, NotAllowed, NothingToSeeTo.
    """
    found = found_in(
        Followed.objects.select_for_update(of=("self",))
        .select_related("elder")
        .filter(pk=followed_id)
    )
    require(actor, SEE_TO, reach_of(found.elder))
    reason_in(note, "请写明怎么办的，至少 4 个字。", field="note")
    if found.state != FollowedState.TO_DO:
        raise NothingToSeeTo
    found.state, found.ended_at = FollowedState.DONE, clock.now()
    found.ended_by, found.note = actor.name[:40], note.strip()[:120]
    found.save(update_fields=["state", "ended_at", "ended_by", "note"])
    publish("elder.seen_to", actor, **on("elder", found.elder), what=found.what, reason=found.note)
    return found
