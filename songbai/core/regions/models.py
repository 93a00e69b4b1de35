from django.db import models

from songbai.core.states import holds


class Region(models.Model):
    """One administrative division."""

    open_to_all = True

    code = models.CharField(max_length=12, primary_key=True)
    level = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)
    short = models.CharField(max_length=40)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    urban = models.BooleanField(default=False)
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)

    class Meta:
        indexes = [models.Index(fields=["level", "code"])]
        constraints = [holds("region_code_12_digits", code__regex="^\\d{12}$")]
