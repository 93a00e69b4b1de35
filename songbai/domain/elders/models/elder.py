"""The person, and heads, counted."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from songbai.core import clock
from songbai.core.crypto.fields import BlindIndexField, EncryptedField
from songbai.core.regions.models import Region
from songbai.core.scope import row_security
from songbai.core.states import holds, index, once
from songbai.core.texts_fields import FormedField
from songbai.domain.elders.rules import HardshipClass, LivingSituation, Sex, door
from songbai.domain.elders.rules.erasure import ERASED_NAME


def choices(
    kind: type[Sex] | type[HardshipClass] | type[LivingSituation],
) -> list[tuple[str, str]]:
    """A column's choices: the codes of a list, which are also what is stored."""
    return [(str(member), str(member)) for member in kind]


def turned(
    name: str,
    kind: str,
    who: str,
    when: pgtrigger.Operation,
    condition: pgtrigger.Condition,
    row: str = "NEW",
) -> pgtrigger.Trigger:
    """Writes down that a life turned (``Turn``), whoever wrote the row."""
    return pgtrigger.Trigger(
        name=name,
        operation=when,
        when=pgtrigger.After,
        condition=condition,
        func=f"""
        INSERT INTO elders_turn (elder_id, region_id, kind, at)
        VALUES ({who}, {row}.region_id, '{kind}', songbai_now());
        RETURN NULL;
        """,
    )


@row_security(region="region_id", person="id")
class Elder(models.Model):
    """A registered person of 60 or more. ID number, phone and address are encrypted."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = FormedField(form="person", max_length=40)
    initials = models.CharField(max_length=12)
    sex = models.CharField(max_length=1, choices=choices(Sex))
    birth_date = models.DateField()
    id_number = EncryptedField()
    id_number_index = BlindIndexField(of="id_number", unique=True)
    phone = EncryptedField(default=b"")
    phone_index = BlindIndexField(of="phone", default=b"")
    address = EncryptedField(default=b"")
    longitude = models.FloatField()
    latitude = models.FloatField()
    household = models.BigIntegerField()
    hardship = models.CharField(
        max_length=12, choices=choices(HardshipClass), default=HardshipClass.NONE
    )
    living = models.CharField(
        max_length=16, choices=choices(LivingSituation), default=LivingSituation.WITH_CHILDREN
    )
    special_family = models.BooleanField(default=False)
    ability_level = models.PositiveSmallIntegerField(null=True)
    risks = ArrayField(models.CharField(max_length=12), default=list)
    door_code = models.CharField(max_length=door.LENGTH, unique=True, default=door.draw)
    registered_at = models.DateTimeField(default=clock.now)
    died_on = models.DateField(null=True)
    erased_at = models.DateTimeField(null=True)
    #: The record this one is read as, at the end of all merges; follows them (``matching``),
    #: nobody else writes it.
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        indexes = [
            models.Index(fields=["region", "name"]),
            models.Index(fields=["region", "initials"]),
            models.Index(fields=["region", "birth_date"]),
            index("elder_merged", "merged_into", when=Q(merged_into__isnull=False)),
            index("elder_by_phone", "phone_index", when=~Q(phone_index=b"")),
        ]
        constraints = [
            holds(
                "ability_level_0_to_4",
                Q(ability_level__isnull=True) | Q(ability_level__range=(0, 4)),
            ),
            holds("elder_sex_known", sex__in=["m", "f"]),
            holds(
                "erased_elder_has_no_name",
                Q(erased_at=None) | Q(name=ERASED_NAME, id_number=b"", phone=b"", address=b""),
            ),
        ]
        triggers = [
            turned(
                "elder_died_or_lives",
                "death",
                "NEW.id",
                pgtrigger.UpdateOf("died_on"),  # type: ignore[no-untyped-call]  # library
                pgtrigger.Q(old__died_on__df=pgtrigger.F("new__died_on")),
            ),
            turned(
                "elder_joined_or_parted",
                "record",
                "coalesce(NEW.merged_into_id, NEW.id)",
                pgtrigger.UpdateOf("merged_into_id"),  # type: ignore[no-untyped-call]  # library
                pgtrigger.Q(old__merged_into__df=pgtrigger.F("new__merged_into")),
            ),
            turned(
                "elder_left_the_district",
                "move",
                "NEW.id",
                pgtrigger.UpdateOf("region_id"),  # type: ignore[no-untyped-call]  # library
                pgtrigger.Condition("left(OLD.region_id, 6) <> left(NEW.region_id, 6)"),
            ),
            pgtrigger.Trigger(
                name="held_elder_is_not_erased",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__erased_at__isnull=True, new__erased_at__isnull=False),
                func="""
                IF EXISTS (SELECT FROM elders_legalhold
                           WHERE elder_id = NEW.id AND lifted_at IS NULL) THEN
                  RAISE EXCEPTION 'elder % is under a legal hold', NEW.id;
                END IF;
                RETURN NEW;
                """,
            ),
        ]


@row_security(region="region_id")
class ElderCount(models.Model):
    """How many living elders of a village share age band and situation, as of ``counted_at``.

    A summary, rebuilt whole by ``actions.recount``; the register itself is the truth.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    age_band = models.PositiveSmallIntegerField()
    hardship = models.CharField(max_length=12, choices=choices(HardshipClass))
    living = models.CharField(max_length=16, choices=choices(LivingSituation))
    n = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            once("one_count_per_group", "region", "age_band", "hardship", "living"),
            holds("age_band_50_to_100", Q(age_band__gte=50) & Q(age_band__lte=100)),
        ]
