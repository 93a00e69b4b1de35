"""Turns of a life, and what followed them in all rooms."""

from django.db import models
from django.db.models import Q

from songbai.core import clock
from songbai.core.scope import row_security
from songbai.core.states import holds, index, machine, once

from .elder import Elder


class TurnKind(models.TextChoices):
    """What turned; whether it holds is read from the register when it is followed."""

    DEATH = "death"  # somebody died, or did not after all
    AWAY = "away"  # a stay in hospital or prison began or ended
    RECORD = "record"  # two records were joined or parted
    MOVE = "move"  # somebody belongs elsewhere, or here again; or is about to be moved


@row_security(region="region_id")
class Turn(models.Model):
    """A person's life turned; written by triggers, so that no way of writing a fact misses it.

    ``told_at``: the event is out; ``done_at``: every room has followed.
    """

    elder = models.ForeignKey(
        Elder, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    region_id = models.CharField(max_length=12)
    kind = models.CharField(max_length=8, choices=TurnKind.choices)
    at = models.DateTimeField(default=clock.now)
    told_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            index("turns_to_follow", "elder", when=Q(done_at=None)),
            index("turns_to_tell", "id", when=Q(told_at=None, kind="death")),
        ]


class FollowedState(models.TextChoices):
    """What became of something a turn of life stopped."""

    STOPPED = "stopped"
    PUT_BACK = "put_back"
    TO_DO = "to_do"  # cannot go back by itself: somebody must see to it
    DONE = "done"


_FOLLOWED = (
    (FollowedState.STOPPED, FollowedState.PUT_BACK),
    (FollowedState.STOPPED, FollowedState.TO_DO),
    (FollowedState.TO_DO, FollowedState.DONE),
)
_FOLLOWED_ENDS = {
    FollowedState.PUT_BACK: "what is stopped again is listed anew",
    FollowedState.DONE: "what is stopped again is listed anew",
}


@row_security(region="region_id", person="elder_id")
class Followed(models.Model):
    """Something that was under way and was ended or held because a life turned.

    ``what`` names what is under way (``under_way.UnderWay``), ``subject_id`` its row, ``cause`` why
    it was stopped; ``words`` say it to people, without names.
    """

    elder = models.ForeignKey(Elder, on_delete=models.PROTECT, related_name="+", db_index=False)
    region_id = models.CharField(max_length=12)
    cause = models.CharField(max_length=8)
    what = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    words = models.CharField(max_length=160)
    detail = models.JSONField(default=dict)
    state = models.CharField(
        max_length=8, choices=FollowedState.choices, default=FollowedState.STOPPED
    )
    at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=40, blank=True, default="")
    note = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        verbose_name_plural = "followed"
        indexes = [
            models.Index(fields=["elder", "-id"], name="followed_of_elder"),
            index("followed_to_do", "region_id", "-id", when=Q(state="to_do")),
        ]
        constraints = [
            once("stopped_once", "what", "subject_id", when=Q(state="stopped")),
            holds(
                "followed_ended_when_ended",
                Q(state__in=["stopped", "to_do"]) ^ Q(ended_at__isnull=False),
            ),
        ]
        triggers = [machine("followed_state_machine", _FOLLOWED, _FOLLOWED_ENDS)]
