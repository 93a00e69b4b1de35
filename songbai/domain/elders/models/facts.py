"""What was said about a person, what stands of it, and where sources disagree."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from songbai.core import clock
from songbai.core.crypto.fields import BlindIndexField, EncryptedField
from songbai.core.regions.models import Region
from songbai.core.scope import insert_only, row_security
from songbai.core.states import forever, holds, index, machine, never, once, stays

from .elder import Elder, turned

#: Kinds of facts that say whether somebody is at home at all.
_AWAY = ["hospital_stay", "exclusion"]
#: Somebody lives in another village than the register has, or the hukou is in another district.
_ELSEWHERE = (
    "({0}.kind = 'residence' AND {0}.value <> {0}.region_id OR"
    " {0}.kind = 'hukou' AND left({0}.value, 6) <> left({0}.region_id, 6))"
)


@insert_only
@row_security(region="region_id", person="elder_id")
class Fact(models.Model):
    """One statement of one source about one person. Content is written once and never changed.

    ``digest`` names the content, so the same row delivered twice is one row. ``region_id`` follows
    the person when they move, and ``elder`` when two records turn out to be one person; both by
    functions of the owner only. No foreign keys in the database: checking them row by row costs
    more than the whole import of a million rows, and people are never deleted.
    """

    elder = models.ForeignKey(
        Elder,
        on_delete=models.PROTECT,
        related_name="facts",
        db_constraint=False,
        db_index=False,
    )
    region_id = models.CharField(max_length=12)
    kind = models.CharField(max_length=20)
    source = models.CharField(max_length=12)
    source_id = models.CharField(max_length=64)
    value = models.CharField(max_length=60, default="")
    secret = EncryptedField(default=b"")
    value_index = BlindIndexField(of="secret", default=b"")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    observed_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)
    withdrawn = models.BooleanField(default=False)
    batch = models.BigIntegerField(null=True)
    entered_by = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=120, default="")
    digest = models.UUIDField()

    class Meta:
        constraints = [
            once("fact_once", "elder", "kind", "digest"),
            holds(
                "fact_ends_later",
                Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
            ),
        ]
        triggers = [
            never("fact_is_forever", pgtrigger.AnyChange(exclude=["elder", "region_id"])),
            stays("fact_stays"),
        ]


@row_security(region="region_id", person="elder_id")
class CurrentFact(models.Model):
    """The statement that stands, by person and kind: derived from ``Fact``, rebuilt at will.

    Where no row stands, the default of a complete list holds (``ClosedList``), or nothing is known.
    ``value_index`` stands for the value of secret kinds.
    """

    pk = models.CompositePrimaryKey("elder_id", "kind")
    elder = models.ForeignKey(
        Elder, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    region_id = models.CharField(max_length=12)
    kind = models.CharField(max_length=20)
    source = models.CharField(max_length=12)
    value = models.CharField(max_length=60, default="")
    value_index = BlindIndexField(default=b"")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    observed_at = models.DateTimeField()
    fact_id = models.BigIntegerField()

    class Meta:
        indexes = [index("current_by_account", "value_index", when=Q(kind="bank_card"))]
        triggers = [
            turned(
                "person_is_away",
                "away",
                "NEW.elder_id",
                pgtrigger.Insert | pgtrigger.Update,
                pgtrigger.Q(new__kind__in=_AWAY),
            ),
            turned(
                "person_is_back",
                "away",
                "OLD.elder_id",
                pgtrigger.Delete,
                pgtrigger.Q(old__kind__in=_AWAY),
                row="OLD",
            ),
            # Followed within the minute: first they are moved, then what is under way ends.
            turned(
                "person_lives_elsewhere",
                "move",
                "NEW.elder_id",
                pgtrigger.Insert | pgtrigger.Update,
                pgtrigger.Condition(_ELSEWHERE.format("NEW")),
            ),
            turned(
                "person_lives_here_again",
                "move",
                "OLD.elder_id",
                pgtrigger.Update | pgtrigger.Delete,
                pgtrigger.Condition(_ELSEWHERE.format("OLD")),
                row="OLD",
            ),
        ]


class TrustOrder(models.Model):
    """Who is believed first about a kind, from a moment on; before the first, the catalogue's."""

    open_to_all = True

    kind = models.CharField(max_length=20)
    sources = ArrayField(models.CharField(max_length=12))
    set_at = models.DateTimeField(default=clock.now)
    set_by = models.BigIntegerField(null=True)
    set_by_name = models.CharField(max_length=40)
    reason = models.CharField(max_length=120)

    class Meta:
        indexes = [models.Index(fields=["kind", "-set_at"])]
        triggers = [forever("trust_order_is_forever")]


class ClosedList(models.Model):
    """A source delivered its complete list of a kind for a district, true as of a moment.

    It tells of nobody, and everybody reads it: who is in no list is known by that, also to the
    family.
    """

    open_to_all = True

    kind = models.CharField(max_length=20)
    source = models.CharField(max_length=12)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    as_of = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)
    rows = models.PositiveIntegerField(default=0)
    batch = models.BigIntegerField(null=True)
    entered_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [once("closed_list_once", "region", "kind", "source", "as_of")]
        triggers = [forever("closed_list_is_forever")]


class ConflictState(models.TextChoices):
    """A disagreement of trusted sources waits for a clerk, ended by itself, or was decided."""

    OPEN = "open"
    ENDED = "ended"
    DECIDED = "decided"


_CONFLICT = (
    (ConflictState.OPEN, ConflictState.ENDED),
    (ConflictState.OPEN, ConflictState.DECIDED),
    (ConflictState.ENDED, ConflictState.OPEN),
)
_CONFLICT_ENDS = {
    ConflictState.DECIDED: "the decision is a fact: withdrawn like any other; other values that"
    " disagree open another conflict"
}


@row_security(region="region_id", person="elder_id")
class Conflict(models.Model):
    """Two trusted sources say different things of one person. ``key`` names who says what."""

    elder = models.ForeignKey(
        Elder, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    region_id = models.CharField(max_length=12)
    kind = models.CharField(max_length=20)
    key = models.UUIDField()
    sources = ArrayField(models.CharField(max_length=12))
    state = models.CharField(
        max_length=8, choices=ConflictState.choices, default=ConflictState.OPEN
    )
    opened_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)
    decided_by_name = models.CharField(max_length=40, default="")
    reason = models.CharField(max_length=120, default="")

    class Meta:
        constraints = [
            once("conflict_once", "elder", "kind", "key"),
            holds("conflict_ends_when_it_ends", Q(state="open") | Q(ended_at__isnull=False)),
            holds("conflict_decided_by_somebody", ~Q(state="decided") | ~Q(decided_by_name="")),
        ]
        indexes = [index("conflicts_open", "region_id", "-opened_at", when=Q(state="open"))]
        triggers = [
            stays("conflict_stays"),
            machine("conflict_state_machine", _CONFLICT, _CONFLICT_ENDS),
        ]


@insert_only
class Derivation(models.Model):
    """The view was derived: for which day, of how many facts, and how many rows changed."""

    open_to_all = True

    day = models.DateField()
    at = models.DateTimeField(default=clock.now)
    why = models.CharField(max_length=20)
    changed = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["-at"])]
