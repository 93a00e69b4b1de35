"""A frozen snapshot of a few generated people, for pages that read one."""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import ibis

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.ledger.actions import post_many
from songbai.core.overriding import triggers_of
from songbai.domain.benefits.actions.correcting import suspend
from songbai.domain.benefits.actions.correcting.recovering import claim
from songbai.domain.benefits.actions.cycles.freezing import record_file
from songbai.domain.benefits.lake import engine as lakes
from songbai.domain.benefits.models import (
    Cycle,
    CycleException,
    Payment,
    PolicyText,
    Recovery,
    Snapshot,
    Suspension,
)
from songbai.domain.benefits.population import snapshot_of
from songbai.domain.benefits.rules.cycle import ExceptionKind, FileKind, State
from songbai.domain.benefits.rules.library import in_force, law
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.paying import PaymentState, SuspensionReason
from songbai.domain.benefits.rules.policy import Policy
from songbai.domain.benefits.rules.statements import sheet_from
from songbai.domain.elders.models import Elder

MONTH = Month("2026-06")
#: Towns of Tongliang people are frozen in, one after the other.
TOWNS = ("500151001001", "500151002001", "500151105001")


def freeze(count: int = 90, region: str = "500151000000") -> Snapshot:
    """People born a year apart from 60 to 104, of three towns, every ninth of them 低保."""
    held = in_force(law().policies, MONTH)
    held = [p for p in held if any(code.startswith("50") for code in p.regions)]
    people = [
        sheet_from(
            {
                "subject": "elder",
                "facts": {
                    "birth_date": date(1966 - place % 45, 6, 1).isoformat(),
                    "hukou": TOWNS[place % 3],
                    "residence": TOWNS[place % 3],
                    "hardship": "dibao" if place % 9 == 0 else "none",
                    "living": "with_children",
                },
            }
        )
        for place in range(count)
    ]
    table = snapshot_of(people, held, MONTH)
    codes = [(table["person"] % 3 == n, int(code)) for n, code in enumerate(TOWNS)]
    table = table.mutate(region=ibis.cases(*codes, else_=0).cast("int64"))
    return _kept(table, held, region, count)


def _kept(table: ibis.Table, held: Sequence[Policy], region: str, count: int) -> Snapshot:
    texts = [_text(policy) for policy in held]
    snapshot = Snapshot.objects.create(
        key=uuid.uuid4(),
        month=MONTH.text,
        region_id=region,
        known_at=clock.now(),
        policies={text.code: text.digest for text in texts},
        rows=count,
    )
    with lakes.engine_alone() as engine:
        engine.register("people", ibis.duckdb.connect().to_pyarrow(table))
        file = lakes.write(engine, "FROM people", f"test-{snapshot.key}.parquet")
    record_file(snapshot, FileKind.FACTS, file)
    return snapshot


def _text(policy: Policy) -> PolicyText:
    text = Path(policy.file).read_text("utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    found, _ = PolicyText.objects.get_or_create(
        digest=digest, defaults={"code": policy.code, "name": policy.name, "text": text}
    )
    return found


def checked_cycle(elder: Elder) -> CycleException:
    """A checked cycle of the elder's district, without files, in which the account is missing."""
    policy = next(one for one in law().policies if one.code == "longevity-tongliang")
    text, district = _text(policy), elder.region_id[:6].ljust(12, "0")
    snapshot = Snapshot.objects.create(
        key=uuid.uuid4(),
        month=MONTH.text,
        region_id=district,
        known_at=clock.now(),
        policies={text.code: text.digest},
        rows=1,
    )
    cycle = Cycle.objects.create(
        snapshot=snapshot,
        policy=policy.code,
        policy_text=text,
        region_id=district,
        month=MONTH.text,
    )
    Cycle.objects.filter(pk=cycle.pk).update(state=State.DECIDED)
    found = CycleException.objects.create(
        cycle=cycle,
        elder=elder,
        region_id=elder.region_id,
        kind=ExceptionKind.NO_ACCOUNT,
        blocking=True,
    )
    Cycle.objects.filter(pk=cycle.pk).update(state=State.CHECKED)
    return found


def waiting_payment(
    elder: Elder, cycle_id: int, state: PaymentState = PaymentState.READY
) -> Payment:
    """Ten yuan of a cycle for somebody, as if the cycle was being paid."""
    cycle = Cycle.objects.get(pk=cycle_id)
    with triggers_of("benefits_payment"):
        return Payment.objects.create(
            cycle=cycle,
            elder=elder,
            region_id=elder.region_id,
            policy=cycle.policy,
            month=cycle.month,
            entitled=1_000,
            amount=1_000,
            state=state,
        )


def owing(elder: Elder, policy: str = "longevity-tongliang", fen: int = 1_000) -> Recovery:
    """Somebody owes back what a month paid too much; the books know it."""
    row = Recovery.objects.create(
        elder=elder,
        region_id=elder.region_id,
        policy=policy,
        month="2026-01",
        number=1,
        owed=fen,
        cause="hukou",
        known_at=clock.now(),
    )
    post_many(SYSTEM, [claim(row, row.region_id)])
    return row


def kept_back(elder: Elder, policy: str = "longevity-tongliang") -> Suspension:
    """Somebody whose survival was not certified is not paid."""
    why = SuspensionReason.SURVIVAL
    return suspend(SYSTEM, elder, policy, why, clock.today(), "认证到期没有做")
