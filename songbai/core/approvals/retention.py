"""What proposals forget after its time: the proofs handed in, never the decision."""

from datetime import datetime

from songbai.core.files.models import StoredFile
from songbai.core.overriding import triggers_of
from songbai.core.retention.registry import retained

from .models import Proposal

BATCH = 200


@retained("proofs")
def forget_proofs(before: datetime) -> int:
    """Empty the content of proofs whose proposal was decided long ago; the row stays."""
    done = 0
    while True:
        decided = Proposal.objects.filter(decided_at__lt=before, proof_file_id__isnull=False)
        due = list(
            StoredFile.objects.filter(pk__in=decided.values("proof_file_id"))
            .exclude(content=b"")
            .values_list("pk", flat=True)[:BATCH]
        )
        if not due:
            return done
        with triggers_of(StoredFile._meta.db_table):
            done += StoredFile.objects.filter(pk__in=due).update(content=b"", name="已清除")
