import pgtrigger
from django.db import models

from songbai.core import clock
from songbai.core.scope import row_security
from songbai.core.states import choices
from songbai.domain.benefits.rules.cycle import NoticeKind, State
from songbai.domain.elders.models import Elder

from .cycle import Cycle, only_while


@row_security(region="region_id", person="elder_id")
class Notice(models.Model):
    """What a person is told about a change in a cycle: what, how much, why, how to object.

    For everybody new, changed or stopped; whoever goes on as before reads the decision. ``cycle``
    is None for what is told beside cycles: another account.
    """

    cycle = models.ForeignKey(
        Cycle,
        on_delete=models.PROTECT,
        related_name="notices",
        null=True,
        db_constraint=False,
        db_index=False,
    )
    elder = models.ForeignKey(
        Elder, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    region_id = models.CharField(max_length=12)
    kind = models.CharField(max_length=8, choices=choices(NoticeKind))
    amount = models.BigIntegerField()
    text = models.CharField(max_length=500)
    made_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["elder", "-id"], name="notices_of_elder"),
            models.Index(
                fields=["id"], condition=models.Q(sent_at__isnull=True), name="notices_to_send"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "elder"], name="one_notice_of_a_cycle"),
        ]
        triggers = [
            only_while(State.IN_TOWNS, "notice"),
            pgtrigger.Protect(name="notice_stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="notice_is_fixed", exclude=["sent_at", "text"]),
        ]
