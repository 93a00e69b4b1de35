"""Uploading a register, saying what its columns are, confirming it."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, Reach, on, publish, require, system_only
from songbai.core.crypto import encrypt, encrypt_bytes
from songbai.core.errors import Refused
from songbai.core.regions.queries import region as region_by_code
from songbai.core.regions.rules import Level, prefix
from songbai.core.sheets import SheetRefused, read
from songbai.core.sql import run
from songbai.domain.feeds.actions.receiving import schema_of
from songbai.domain.feeds.declares import FEED_DELIVER
from songbai.domain.feeds.errors import ColumnsMissing

from .. import queries
from ..models import Roster, RosterColumns
from ..preview import Preview, deliver, try_out
from ..rules import FEED, LIMITS, RosterState, guess_columns, wrong_choice
from . import notes


class TooHigh(Refused):
    """请先选一个镇街或村社：名册一个村（或一个镇）交一份。"""

    field = "region"


class WrongColumns(Refused):
    """列没有对好，请重新选。"""


class NotNow(Refused):
    """这份名册现在不能这样办，可能别人刚处理过。请刷新页面看看。"""


class SomebodyElseWrites(Refused):
    """同一个地方的另一份名册正在写入。请等它写完，再核对一次自己的这份。"""


class LookAgain(Refused):
    """您核对之后，同一个地方刚写入了另一份名册。已经重新核对，请看过新的结果再确认。"""


@dataclass(frozen=True)
class Upload:
    """What a clerk hands over. ``key``: the form's own number; sent twice it is one upload."""

    region: str
    name: str
    content: bytes
    key: UUID


@transaction.atomic
def upload(actor: Actor, new: Upload) -> tuple[Roster, Roster | None]:
    """Keep a file, encrypted, and guess its columns; also the same file's earlier upload, if any.

    Raises NotAllowed, UnknownRegion, TooHigh, SheetRefused.
    """
    region = region_by_code(new.region)
    if region.level < Level.TOWN:
        raise TooHigh
    require(actor, FEED_DELIVER, Reach(region.code))
    sent = Roster.objects.filter(key=new.key).first()
    if sent is not None:
        return sent, None
    if not new.content:
        raise SheetRefused("还没有选文件，或选的文件是空的。")
    sheet = read(io.BytesIO(new.content), known=queries.known_headings(), limits=LIMITS)
    samples = queries.samples_of(sheet)
    remembered = queries.remembered(actor, region.code)
    guesses = guess_columns(schema_of(FEED), samples, remembered)
    digest = _digest(new.content)
    before = queries.same_file(region.code, digest)
    roster = Roster.objects.create(
        region=region,
        key=new.key,
        account_id=actor.account,
        uploaded_by=actor.name[:40],
        uploaded_at=clock.now(),
        file_name=Path(new.name).name[:120] or "名册",
        file_bytes=len(new.content),
        digest=digest,
        content=encrypt_bytes(new.content),
        notes=list(sheet.notes),
        columns={guess.heading: guess.column for guess in guesses},
    )
    _say("rosters.uploaded", actor, roster, bytes=roster.file_bytes)
    return roster, before


@transaction.atomic
def choose_columns(actor: Actor, roster_id: int, chosen: Mapping[str, str]) -> Roster:
    """Say which heading is which column ("" for none); from then on it is looked over.

    The choice is remembered for this village and sender. Raises NotFound, NotAllowed, NotNow,
    WrongColumns.
    """
    roster = _locked(actor, roster_id)
    if roster.state not in {RosterState.COLUMNS, RosterState.PREVIEWED}:
        raise NotNow
    columns = {heading: chosen.get(heading, "") for heading in roster.columns}
    problem = wrong_choice(schema_of(FEED), columns)
    if problem:
        raise WrongColumns(problem)
    _move(roster, RosterState.CHECKING, columns=columns, reason="")
    RosterColumns.objects.update_or_create(
        region_id=roster.region_id,
        account_id=actor.account,
        defaults={"columns": columns, "used_at": clock.now()},
    )
    _say("rosters.columns_chosen", actor, roster)
    return roster


def _move(roster: Roster, to: RosterState, **changes: Any) -> None:
    """Take a register to another state, with what changes beside it."""
    for name, value in {"state": to, **changes}.items():
        setattr(roster, name, value)
    roster.save(update_fields=["state", *changes])


@transaction.atomic
def back_to_columns(actor: Actor, roster_id: int) -> Roster:
    """The columns were wrong after all. Raises NotFound, NotAllowed, NotNow."""
    roster = _locked(actor, roster_id)
    if roster.state not in {RosterState.CHECKING, RosterState.PREVIEWED}:
        raise NotNow
    _move(roster, RosterState.COLUMNS)
    return roster


@transaction.atomic
def confirm(actor: Actor, roster_id: int) -> Roster:
    """Have the register written. Confirming twice is confirming once.

    Raises NotFound, NotAllowed, NotNow, SomebodyElseWrites.
    """
    roster = _locked(actor, roster_id)
    if roster.state in {RosterState.CONFIRMED, RosterState.WRITTEN}:
        return roster
    if roster.state != RosterState.PREVIEWED:
        raise NotNow
    if _overlapping(roster, state=RosterState.CONFIRMED):
        raise SomebodyElseWrites
    if roster.counts.get("rows", 0) == roster.counts.get("refused", 0):
        raise NotNow("没有一行可以写入。请先改好退回的行，再交一次。")
    by, at = actor.name[:40], clock.now()
    _move(roster, RosterState.CONFIRMED, confirmed_by=by, confirmed_at=at)
    _say("rosters.confirmed", actor, roster, **roster.counts)
    return roster


@transaction.atomic
def look_again_if_old(actor: Actor, roster_id: int) -> bool:
    """Whether another register was written since this one was looked over; then it is done anew.

    Raises NotFound, NotAllowed.
    """
    roster = _locked(actor, roster_id)
    if roster.state != RosterState.PREVIEWED:
        return False
    if not _overlapping(roster, written_at__gt=roster.previewed_at):
        return False
    _move(roster, RosterState.CHECKING, reason="")
    return True


@transaction.atomic
def discard(actor: Actor, roster_id: int) -> Roster:
    """Throw the file away; nothing was written. Raises NotFound, NotAllowed, NotNow."""
    roster = _locked(actor, roster_id)
    if roster.state == RosterState.DISCARDED:
        return roster
    if roster.state not in {RosterState.COLUMNS, RosterState.PREVIEWED}:
        raise NotNow
    _move(roster, RosterState.DISCARDED, content=b"", preview=b"")
    _say("rosters.discarded", actor, roster)
    return roster


def note_errors_taken(actor: Actor, roster: Roster) -> None:
    """Somebody took the refused rows of a register, which are not masked."""
    _say("rosters.errors_taken", actor, roster, refused=roster.counts.get("refused", 0))


# -- What a worker does --------------------------------------------------------------------------


@transaction.atomic
def look_over(actor: Actor, roster_id: int) -> Roster | None:
    """Try out a register that waits for it; None when it does not wait any more.

    Raises NotAllowed.
    """
    system_only(actor)
    roster = _taken(roster_id, RosterState.CHECKING)
    if roster is None:
        return None
    try:
        preview = try_out(roster, queries.content_of(roster))
    except (SheetRefused, ColumnsMissing) as error:
        preview = Preview(reason=error.message)
    _move(
        roster,
        RosterState.REFUSED if preview.reason else RosterState.PREVIEWED,
        reason=preview.reason[:300],
        counts=preview.counts,
        notes=list(dict.fromkeys([*roster.notes, *preview.notes])),
        preview=encrypt(json.dumps(preview.as_json(), ensure_ascii=False)),
        previewed_at=clock.now(),
        content=b"" if preview.reason else roster.content,
    )
    _say("rosters.looked_over", actor, roster, **roster.counts)
    return roster


def write(actor: Actor, roster_id: int) -> Roster | None:
    """Write a confirmed register; killed at any point and run again it ends the same.

    None when it does not wait to be written. Raises NotAllowed.
    """
    system_only(actor)
    roster = Roster.objects.filter(pk=roster_id, state=RosterState.CONFIRMED).first()
    if roster is None:
        return None
    content = queries.content_of(roster)
    delivery = deliver(roster, content)
    with transaction.atomic():
        taken = _taken(roster_id, RosterState.CONFIRMED)
        if taken is None:
            return None
        notes.keep(taken, delivery, content)
        now = clock.now()
        _move(taken, RosterState.WRITTEN, delivery=delivery, written_at=now, content=b"")
        _say("rosters.written", actor, taken, **taken.counts)
    return taken


def _taken(roster_id: int, state: RosterState) -> Roster | None:
    """The roster if it waits in this state and no other worker is at it."""
    return (
        Roster.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(pk=roster_id, state=state)
        .first()
    )


def _locked(actor: Actor, roster_id: int) -> Roster:
    """The roster, kept from others until the end of the transaction.

    Raises NotFound, NotAllowed.
    """
    roster = queries.get(actor, roster_id)
    require(actor, FEED_DELIVER, Reach(roster.region_id))
    # One lock for all registers of a town: who confirms second sees that somebody was first.
    town = prefix(roster.region_id, Level.TOWN)
    run("SELECT pg_advisory_xact_lock(hashtext('roster'), hashtext(%s))", [town])
    return Roster.objects.select_for_update(of=("self",)).get(pk=roster.pk)


def _overlapping(roster: Roster, **which: object) -> bool:
    """Whether there is another register of the same village, or of its town."""
    return (
        Roster.objects.filter(region_id__in=queries.overlapping(roster.region_id), **which)
        .exclude(pk=roster.pk)
        .exists()
    )


def _digest(content: bytes) -> bytes:
    sm3 = hashes.Hash(hashes.SM3())
    sm3.update(content)
    return sm3.finalize()


def _say(kind: str, actor: Actor, roster: Roster, **more: Any) -> None:
    publish(kind, actor, **on("roster", roster), topics=(f"roster:{roster.pk}",), **more)
