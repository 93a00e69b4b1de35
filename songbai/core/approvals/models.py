from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q

from songbai.core import clock
from songbai.core.crypto.fields import BlindIndexField, EncryptedField
from songbai.core.scope import insert_only, row_security
from songbai.core.states import fixed, forever, holds, index, known, machine, once, stays

from .rules import ENDS, TRANSITIONS, ProposalState, Verdict


def _choices(kind: Any) -> list[tuple[str, str]]:
    return [(str(member), str(member)) for member in kind]


@row_security(
    region="region_id", person="person_id", organisation="organisation_id", account="proposer_id"
)
class Proposal(models.Model):
    """What somebody asks for and others decide. ``payload`` is JSON, encrypted.

    ``about`` is the sentence lists show; it never holds a secret. ``needed`` is the number of votes
    asked for when it was made: changing the rule later does not change what is open.
    """

    kind = models.CharField(max_length=30)
    about = models.CharField(max_length=120)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    region_id = models.CharField(max_length=12)
    person_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField(null=True)
    payload = EncryptedField(default=b"")
    why = models.CharField(max_length=300)
    proof_file_id = models.UUIDField(null=True)
    proposer_id = models.BigIntegerField(null=True)
    proposer_name = models.CharField(max_length=40)
    proposer_role = models.CharField(max_length=12)
    proposer_index = BlindIndexField(default=b"")
    needed = models.PositiveSmallIntegerField()
    state = models.CharField(
        max_length=10, choices=_choices(ProposalState), default=ProposalState.OPEN
    )
    proposed_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    idempotency_key = models.UUIDField(unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "region_id", "id"]),
            models.Index(fields=["person_id", "-id"]),
            index("proposal_to_expire", "expires_at", when=Q(state="open")),
        ]
        constraints = [
            holds("votes_needed_1_to_9", needed__gte=1, needed__lte=9),
            holds("proposal_expires_later", expires_at__gt=F("proposed_at")),
            holds("proposal_decided_once", Q(state="open") ^ Q(decided_at__isnull=False)),
        ]
        triggers = [
            machine("proposal_ends_once", TRANSITIONS, ENDS),
            stays("proposal_stays"),
            # What is being decided is not changed while others look at it.
            fixed("proposal_is_fixed", but=["state", "decided_at"]),
            pgtrigger.Trigger(
                name="proposal_has_its_votes",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(new__state=ProposalState.APPROVED.value)
                & ~pgtrigger.Q(old__state=ProposalState.APPROVED.value),
                func="""
                IF EXISTS (SELECT FROM approvals_vote WHERE proposal_id = NEW.id AND verdict = 'no')
                  OR (SELECT count(*) FROM approvals_vote
                      WHERE proposal_id = NEW.id AND verdict = 'yes') < NEW.needed THEN
                  RAISE EXCEPTION 'proposal % lacks votes', NEW.id;
                END IF;
                RETURN NEW;
                """,
            ),
        ]


@insert_only
@row_security(
    region="region_id", person="person_id", organisation="organisation_id", account="voter_id"
)
class Vote(models.Model):
    """One person's yes or no, forever."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="votes")
    region_id = models.CharField(max_length=12)
    person_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField(null=True)
    voter_id = models.BigIntegerField()
    voter_name = models.CharField(max_length=40)
    voter_role = models.CharField(max_length=12)
    voter_index = BlindIndexField(default=b"")
    verdict = models.CharField(max_length=3, choices=_choices(Verdict))
    why = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            once("one_vote_each", "proposal", "voter_id"),
            known("verdict", Verdict, "verdict_known"),
        ]
        triggers = [
            forever("vote_is_forever"),
            pgtrigger.Trigger(
                name="nobody_decides_ones_own",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                declare=[("asked", "approvals_proposal")],
                func="""
                SELECT * INTO asked FROM approvals_proposal WHERE id = NEW.proposal_id FOR UPDATE;
                IF asked.id IS NULL OR asked.state <> 'open' OR asked.expires_at <= NEW.at THEN
                  RAISE EXCEPTION 'proposal is not open';
                END IF;
                IF (asked.region_id, asked.person_id, asked.organisation_id) IS DISTINCT FROM
                   (NEW.region_id, NEW.person_id, NEW.organisation_id) THEN
                  RAISE EXCEPTION 'vote is filed elsewhere than its proposal';
                END IF;
                IF asked.proposer_id = NEW.voter_id OR (
                  octet_length(NEW.voter_index) > 0 AND asked.proposer_index = NEW.voter_index) THEN
                  RAISE EXCEPTION 'nobody decides what they proposed';
                END IF;
                IF octet_length(NEW.voter_index) > 0 AND EXISTS (
                  SELECT FROM approvals_vote
                  WHERE proposal_id = NEW.proposal_id AND voter_index = NEW.voter_index) THEN
                  RAISE EXCEPTION 'one vote for each person';
                END IF;
                RETURN NEW;
                """,
            ),
        ]
