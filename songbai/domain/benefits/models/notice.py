from django.db import models
from django.db.models import Q

from songbai.core import clock
from songbai.core.scope import row_security
from songbai.core.states import choices, fixed, index, once, stays
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
            index("notices_to_send", "id", when=Q(sent_at__isnull=True)),
        ]
        constraints = [once("one_notice_of_a_cycle", "cycle", "elder")]
        triggers = [
            only_while(State.IN_TOWNS, "notice"),
            stays("notice_stays"),
            fixed("notice_is_fixed", but=["sent_at", "text"]),
        ]
