import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from songbai.core import clock
from songbai.core.crypto.fields import EncryptedField
from songbai.core.regions.models import Region
from songbai.core.scope import insert_only, row_security
from songbai.core.states import choices, forever, holds, index, known, machine, once, stays
from songbai.domain.elders.models import Elder

from .rules.states import TRANSITIONS, CandidateState, Verdict

_STATES = choices(CandidateState)
_VERDICTS = choices(Verdict)

#: Two merges at once meet at the elders' rows, locked in one order; then the check holds.
_ROOTS_ONLY = """
PERFORM 1 FROM elders_elder WHERE id IN (NEW.elder_id, NEW.survivor_id) ORDER BY id FOR UPDATE;
IF EXISTS (
    SELECT 1 FROM matching_merge m
    WHERE m.elder_id IN (NEW.elder_id, NEW.survivor_id)
      AND NOT EXISTS (SELECT 1 FROM matching_undo u WHERE u.merge_id = m.id)
) THEN
    RAISE EXCEPTION 'already merged' USING ERRCODE = 'unique_violation',
        CONSTRAINT = 'merged_once';
END IF;
RETURN NEW;
"""


#: Whatever is merged into a record goes where that record goes (the function is the owner's: some
#: of these records may lie outside the scope of who decides).
_MARKED = "PERFORM matching_read_as(NEW.elder_id); RETURN NULL;"
_UNMARKED = """
PERFORM matching_read_as(m.elder_id) FROM matching_merge m WHERE m.id = NEW.merge_id;
RETURN NULL;
"""


@row_security(region="region_id")
class Candidate(models.Model):
    """A doubtful pair: two elders of the register, or an elder and a row that arrived.

    ``region`` is the smallest division that holds both, so only who may see both sees the pair. The
    row is kept sealed, as JSON of what it said. ``why`` are the field lines at the time.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Elder, null=True, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=20, blank=True, default="")
    row_key = models.CharField(max_length=80, blank=True, default="")
    row = EncryptedField(default=b"")
    score = models.FloatField()
    why = models.JSONField()
    state = models.CharField(max_length=10, choices=_STATES, default=CandidateState.OPEN)
    found_at = models.DateTimeField(default=clock.now)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            index("matching_open", "region", "-score", when=Q(state="open")),
            models.Index(fields=["source", "row_key"]),
        ]
        constraints = [
            holds(
                "candidate_is_a_pair",
                Q(other__isnull=False, row_key="", elder__lt=F("other"))
                | Q(other__isnull=True) & ~Q(row_key=""),
            ),
            once("candidate_pair_once", "elder", "other", when=Q(other__isnull=False)),
            once("candidate_row_once", "source", "row_key", "elder", when=Q(other__isnull=True)),
            once(
                "row_is_one_person", "source", "row_key", when=Q(other__isnull=True, state="same")
            ),
            known("state", CandidateState, "candidate_state_known"),
        ]
        triggers = [
            machine("candidate_state_machine", TRANSITIONS),
            stays("candidate_is_kept"),
        ]


@insert_only
@row_security(region="region_id")
class Decision(models.Model):
    """What somebody said about a doubtful pair, and why. Never changed; a later one counts."""

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="decisions")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    verdict = models.CharField(max_length=10, choices=_VERDICTS)
    reason = models.CharField(max_length=200)
    clerk_id = models.BigIntegerField(null=True)
    clerk = models.CharField(max_length=40)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        triggers = [forever("decision_is_forever")]


@insert_only
@row_security(region="region_id", person="survivor_id")
class Merge(models.Model):
    """Two records are one person: ``elder`` is read as ``survivor`` until an undo says otherwise.

    Rows keep their content and are read with the survivor's (see ``Carried``), so that a person is
    what all her records say.
    ``region`` is the merged record's, so that whoever sees the record sees where it went, and the
    trigger, which looks with the eyes of who merges, misses nothing.
    """

    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="+")
    survivor = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    candidate = models.ForeignKey(Candidate, null=True, on_delete=models.PROTECT, related_name="+")
    score = models.FloatField()
    why = models.JSONField()
    reason = models.CharField(max_length=200)
    clerk_id = models.BigIntegerField(null=True)
    clerk = models.CharField(max_length=40)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["region", "-id"])]
        constraints = [holds("merge_of_two", ~Q(elder=F("survivor")))]
        triggers = [
            pgtrigger.Trigger(
                name="merged_once",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=_ROOTS_ONLY,
            ),
            pgtrigger.Trigger(
                name="merged_is_marked",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                func=_MARKED,
            ),
            forever("merge_is_forever"),
        ]


@insert_only
@row_security(region="region_id")
class Undo(models.Model):
    """A merge taken back: from now on the two records are two people again."""

    merge = models.OneToOneField(Merge, on_delete=models.PROTECT, related_name="undo")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=200)
    clerk_id = models.BigIntegerField(null=True)
    clerk = models.CharField(max_length=40)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        triggers = [
            pgtrigger.Trigger(
                name="undone_is_unmarked",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                func=_UNMARKED,
            ),
            forever("undo_is_forever"),
        ]


@insert_only
@row_security(region="region_id")
class Carried(models.Model):
    """Rows that went from a merged record to its survivor, by id: what an undo gives back."""

    merge = models.ForeignKey(Merge, on_delete=models.PROTECT, related_name="carried")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    table = models.CharField(max_length=63)
    rows = ArrayField(models.TextField())
    at = models.DateTimeField(default=clock.now)

    class Meta:
        triggers = [forever("carried_is_forever")]
