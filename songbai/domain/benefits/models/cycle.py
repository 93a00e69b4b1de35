"""One policy in one district and month: its way from frozen facts to closed books."""

import pgtrigger
from django.db import models
from django.db.models import Q

from songbai.core import clock
from songbai.core.crypto.fields import EncryptedField
from songbai.core.regions.models import Region
from songbai.core.scope import insert_only, row_security, written_by
from songbai.core.states import choices, fixed, forever, holds, known, machine, never, once, stays
from songbai.domain.benefits.rules.cycle import ENDS, TRANSITIONS, FileKind, State
from songbai.domain.benefits.rules.paying import SETTLED


@insert_only
class PolicyText(models.Model):
    """The very text of a policy file that was decided by, under its SHA-256."""

    open_to_all = True

    digest = models.CharField(max_length=64, primary_key=True)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    text = models.TextField()
    kept_at = models.DateTimeField(default=clock.now)

    class Meta:
        triggers = [forever("policy_text_is_forever")]


@insert_only
class Snapshot(models.Model):
    """The facts of everybody in a division for a month, as known at a moment, frozen in a file.

    ``policies`` are the digests of the policy files by code, ``without_source`` the facts they ask
    for that no source delivers (unknown for everybody). The row holds nothing about a person; the
    file does and is read by the system only. ``previous`` is what changes are told against.
    """

    open_to_all = True

    key = models.UUIDField(unique=True)
    month = models.CharField(max_length=7)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    known_at = models.DateTimeField()
    taken_at = models.DateTimeField(default=clock.now)
    policies = models.JSONField()
    without_source = models.JSONField(default=list)
    rows = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["month", "region"])]
        constraints = [holds("snapshot_month_is_one", month__regex="^\\d{4}-(0[1-9]|1[0-2])$")]
        triggers = [forever("snapshot_is_forever")]

    def __str__(self) -> str:
        return f"{self.region_id} {self.month}"


@insert_only
class SnapshotFile(models.Model):
    """One Parquet file of a snapshot, in the folder ``lake`` of the installation.

    ``layout`` says where each policy's criteria stand in the words of the criteria file, ``key`` is
    what the file is encrypted with, itself encrypted: with a new field key it is written anew, and
    the file stays.
    """

    open_to_all = True

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="files")
    kind = models.CharField(max_length=10, choices=choices(FileKind))
    name = models.CharField(max_length=120, unique=True)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    bytes = models.BigIntegerField()
    key = EncryptedField(default=b"")
    layout = models.JSONField(default=dict)
    written_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            once("one_file_of_a_kind", "snapshot", "kind"),
            known("kind", FileKind, "snapshot_file_kind_known"),
        ]
        triggers = [forever("snapshot_file_is_forever")]


_STATES = choices(State)
_COUNTS = ("yes", "cannot_decide", "stacked", "new", "changed", "stopped", "same")


def only_while(state: State, table: str) -> pgtrigger.Trigger:
    """Rows of a cycle are added while it is in one state, and never to a closed one."""
    return pgtrigger.Trigger(
        name=f"{table}_in_its_state",
        operation=pgtrigger.Insert,
        when=pgtrigger.After,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(new="added"),  # type: ignore[no-untyped-call]  # has none
        func=f"""
        IF EXISTS (SELECT FROM (SELECT DISTINCT cycle_id FROM added) a
                   JOIN benefits_cycle c ON c.id = a.cycle_id WHERE c.state <> '{state.value}') THEN
          RAISE EXCEPTION 'cycle is not {state.value}';
        END IF;
        RETURN NULL;
        """,
    )


def _row(which: str) -> str:
    return ", ".join(f"{which}.{column}" for column in ("fen", *_COUNTS))


#: What may still be written on a cycle; everything else says what it is.
_MOVING = ["state", "fen", "proposal_id", "closed_at", *_COUNTS]


_SETTLED = ", ".join(f"'{state}'" for state in sorted(SETTLED))


@written_by(region="region_id")
class Cycle(models.Model):
    """One policy × district × month (发放批次). ``fen`` is what the yes of this cycle sum to.

    Holds totals only, nothing about a person: open to all, lists are cut to the scope by queries.
    ``region`` is the district; ``previous`` the cycle before, against which changes are told.
    """

    open_to_all = True

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="cycles")
    policy = models.CharField(max_length=40)
    policy_text = models.ForeignKey(PolicyText, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.CharField(max_length=7)
    previous = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="followers"
    )
    state = models.CharField(max_length=10, choices=_STATES, default=State.FROZEN)
    fen = models.BigIntegerField(default=0)
    yes = models.PositiveIntegerField(default=0)
    cannot_decide = models.PositiveIntegerField(default=0)
    stacked = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    stopped = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    proposal_id = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["region", "-month"]),
            models.Index(fields=["state"]),
        ]
        constraints = [
            once("one_cycle_of_a_month", "policy", "region", "month"),
            known("state", State, "cycle_state_known"),
            holds("cycle_closed_when_closed", Q(state="closed") ^ Q(closed_at__isnull=True)),
        ]
        triggers = [
            machine("cycle_state_machine", TRANSITIONS, ENDS),
            stays("cycle_stays"),
            never("closed_cycle_never_changes", pgtrigger.Q(old__state=State.CLOSED.value)),
            pgtrigger.ReadOnly(name="cycle_is_what_it_is", exclude=_MOVING),
            # Counted once, when decided; who is on the list is then fixed.
            never(
                "cycle_counted_once",
                pgtrigger.Condition(
                    f"OLD.state <> '{State.FROZEN.value}'"
                    f" AND ({_row('OLD')}) IS DISTINCT FROM ({_row('NEW')})"
                ),
            ),
            pgtrigger.Trigger(
                name="cycle_has_its_towns",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(
                    old__state=State.IN_TOWNS.value, new__state=State.NOTICED.value
                ),
                func="""
                IF EXISTS (SELECT FROM benefits_townpart
                           WHERE cycle_id = NEW.id AND confirmed_at IS NULL) THEN
                  RAISE EXCEPTION 'cycle % has towns that did not confirm', NEW.id;
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="cycle_closed_when_settled",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__state=State.PAYING.value, new__state=State.CLOSED.value),
                func=f"""
                IF EXISTS (SELECT FROM benefits_payment WHERE cycle_id = NEW.id
                           AND state NOT IN ({_SETTLED})) THEN
                  RAISE EXCEPTION 'cycle % has payments that are not settled', NEW.id;
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="cycle_approved_by_another",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(
                    old__state=State.PROPOSED.value, new__state=State.APPROVED.value
                ),
                func="""
                IF NOT EXISTS (SELECT FROM approvals_proposal WHERE id = NEW.proposal_id
                    AND kind = 'benefit_cycle' AND state = 'approved'
                    AND subject_kind = 'cycle' AND subject_id = NEW.id) THEN
                  RAISE EXCEPTION 'cycle % lacks its approval', NEW.id;
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    @property
    def empty(self) -> bool:
        """Whether it pays nobody and changes nothing."""
        return not (self.yes or self.new or self.changed or self.stopped)


class CycleStep(models.Model):
    """A cycle came into a state: when, and who brought it there."""

    open_to_all = True

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=10, choices=_STATES)
    at = models.DateTimeField(default=clock.now)
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=40)

    class Meta:
        indexes = [models.Index(fields=["cycle", "id"])]
        triggers = [forever("cycle_step_is_forever")]


@row_security(region="region_id")
class TownPart(models.Model):
    """A town's part of a cycle, which the town confirms. ``region`` is the town, or the district
    for people whose town is not known.
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="towns")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    people = models.PositiveIntegerField()
    fen = models.BigIntegerField()
    changes = models.PositiveIntegerField()
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by_id = models.BigIntegerField(null=True)
    confirmed_by = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints = [
            once("one_part_for_a_town", "cycle", "region"),
            holds("town_confirmed_by_somebody", Q(confirmed_at__isnull=True) ^ ~Q(confirmed_by="")),
        ]
        triggers = [
            only_while(State.CHECKED, "town_part"),
            stays("town_part_stays"),
            never("town_confirms_once", pgtrigger.Q(old__confirmed_at__isnull=False)),
            fixed("town_part_is_fixed", but=["confirmed_at", "confirmed_by_id", "confirmed_by"]),
            pgtrigger.Trigger(
                name="town_confirms_what_is_settled",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(new__confirmed_at__isnull=False),
                func="""
                IF NOT EXISTS (SELECT FROM benefits_cycle
                               WHERE id = NEW.cycle_id AND state = 'in_towns') THEN
                  RAISE EXCEPTION 'cycle % is not with the towns', NEW.cycle_id;
                END IF;
                IF EXISTS (SELECT FROM benefits_cycleexception
                           WHERE cycle_id = NEW.cycle_id AND state = 'open' AND blocking
                             AND region_id BETWEEN NEW.region_id
                               AND left(NEW.region_id, 9) || '999') THEN
                  RAISE EXCEPTION 'town % has open exceptions', NEW.region_id;
                END IF;
                RETURN NEW;
                """,
            ),
        ]
