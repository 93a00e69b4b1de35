from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.geo import Mode
from songbai.core.regions.models import Region
from songbai.core.regions.queries import path
from songbai.core.scope import row_security
from songbai.core.states import choices, holds, once
from songbai.core.texts_fields import FormedField

from .rules import (
    FacilityKind,
    Inspection,
    OperatingMode,
    RegistrationStatus,
    VehicleKind,
)


class Provider(models.Model):
    """A legal person that gives care; its facts are public."""

    open_to_all = True

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = FormedField(form="organisation", max_length=60)
    uscc = FormedField(form="code", max_length=18, unique=True)
    mode = models.CharField(max_length=30, choices=choices(OperatingMode))
    phone = FormedField(form="phone", max_length=20)
    summary = models.CharField(max_length=200)
    home_care = models.BooleanField(default=False)
    admitted_on = models.DateField()
    exited_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["region", "name"])]


class BusinessRegistration(models.Model):
    """What the market regulator says about an organisation; public. Admission is another matter.

    An organisation may be registered for elder care and not (yet) be a provider of this platform.
    """

    open_to_all = True

    uscc = FormedField(form="code", max_length=18, unique=True)
    name = FormedField(form="organisation", max_length=60)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    address = FormedField(form="address", max_length=100, blank=True)
    legal_person = FormedField(form="person", max_length=40, blank=True)
    phone = FormedField(form="phone", max_length=20, blank=True)
    status = models.CharField(max_length=10, choices=choices(RegistrationStatus))
    established_on = models.DateField(null=True)
    changed_on = models.DateField()
    provider = models.OneToOneField(
        Provider, null=True, on_delete=models.PROTECT, related_name="registration"
    )

    class Meta:
        indexes = [models.Index(fields=["region", "status"])]
        constraints = [holds("uscc_18_places", uscc__regex="^[0-9A-HJ-NPQRTUWXY]{18}$")]


class Facility(models.Model):
    """A place where care is given; public. ``beds`` and prices are 0 where they do not apply."""

    open_to_all = True

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="facilities")
    kind = models.CharField(max_length=20, choices=choices(FacilityKind))
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = FormedField(form="organisation", max_length=60)
    address = FormedField(form="address", max_length=100)
    longitude = models.FloatField()
    latitude = models.FloatField()
    cell = models.CharField(max_length=16)
    phone = FormedField(form="phone", max_length=20)
    hours = models.CharField(max_length=40)
    beds = models.PositiveIntegerField(default=0)
    nursing_beds = models.PositiveIntegerField(default=0)
    beds_free = models.PositiveIntegerField(default=0)
    month_price = models.BigIntegerField(default=0)
    stars = models.PositiveSmallIntegerField(default=0)
    inspection = models.CharField(
        max_length=12, choices=choices(Inspection), blank=True, default=""
    )
    inspected_on = models.DateField(null=True)

    class Meta:
        verbose_name_plural = "facilities"
        indexes = [
            models.Index(fields=["kind", "region"]),
            models.Index(fields=["cell"]),
            GinIndex(OpClass("name", "gin_trgm_ops"), name="facility_name_trgm"),
        ]
        constraints = [
            holds("free_beds_exist", beds_free__lte=F("beds")),
            holds("stars_up_to_5", stars__lte=5),
        ]


class MedicalPlace(models.Model):
    """A hospital or health centre elders are taken to; public. ``code``: its licence number.

    It is no provider: nobody is ordered from it, paid to it or assigned by it.
    """

    open_to_all = True

    code = FormedField(form="code", max_length=22, unique=True)
    name = FormedField(form="organisation", max_length=60)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    address = FormedField(form="address", max_length=100)
    longitude = models.FloatField()
    latitude = models.FloatField()
    phone = FormedField(form="phone", max_length=20, blank=True, default="")
    closed_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["region"])]

    @property
    def beside_name(self) -> str:
        """The address without the divisions its name begins with, to stand after it."""
        left = self.address
        for division in path(self.region_id):
            if self.name.startswith(division.name):
                left = left.partition(division.name)[2] or left
        return left


@row_security(region="region_id", organisation="provider_id", account="account_id")
class StaffMember(models.Model):
    """A caregiver of a provider: skills, base and the way of getting about."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="staff")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.OneToOneField(
        Account, null=True, on_delete=models.PROTECT, related_name="staff_member"
    )
    number = models.CharField(max_length=12, unique=True)
    name = FormedField(form="person", max_length=40)
    sex = models.CharField(max_length=1)
    grade = models.CharField(max_length=8)
    skills = ArrayField(models.CharField(max_length=12))
    mode = models.CharField(max_length=8, choices=choices(Mode))
    longitude = models.FloatField()
    latitude = models.FloatField()
    left_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["provider"])]

    @property
    def phone(self) -> str:
        """The number she logs in with, for her employer and the desk; "" without a login."""
        return self.account.phone_number() if self.account else ""


@row_security(region="region_id", organisation="provider_id")
class Vehicle(models.Model):
    """A vehicle of a provider; ``capacity`` visits of load 1 fit between two refills.

    It stands, filled up, at its refill place, where the day of whoever has it begins.
    ``refill_minutes`` is how long filling up takes.
    """

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="vehicles")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=choices(VehicleKind))
    plate = FormedField(form="code", max_length=12)
    capacity = models.PositiveSmallIntegerField()
    refill_name = FormedField(form="organisation", max_length=60)
    longitude = models.FloatField()
    latitude = models.FloatField()
    refill_minutes = models.PositiveSmallIntegerField()
    retired_on = models.DateField(null=True)

    class Meta:
        constraints = [
            once("one_vehicle_of_a_plate", "provider", "kind", "plate", when=Q(retired_on=None)),
            holds("vehicle_carries_something", capacity__gte=1),
        ]

    def __str__(self) -> str:
        return f"{VehicleKind(self.kind).words} {self.plate}"


@row_security(region="region_id", organisation="provider_id")
class Shift(models.Model):
    """When a caregiver works; two shifts of one person never overlap.

    ``vehicle`` is hers for the whole shift; one vehicle is in one shift at a time.
    """

    staff = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="shifts")
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    date = models.DateField()
    during = DateTimeRangeField()
    vehicle = models.ForeignKey(
        Vehicle, null=True, on_delete=models.PROTECT, related_name="shifts", db_index=False
    )
    sick_at = models.DateTimeField(null=True, default=None)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["date", "staff"])]
        constraints = [
            ExclusionConstraint(
                name="shifts_do_not_overlap",
                expressions=[
                    ("staff", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="vehicle_in_one_shift_at_a_time",
                expressions=[
                    ("vehicle", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(vehicle__isnull=False, sick_at=None),
            ),
        ]
