"""Freezing what is known."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime

import duckdb
from django.db import transaction

from songbai.core import clock
from songbai.core.accounts.rules import Actor, system_only
from songbai.core.errors import Refused
from songbai.core.regions.queries import children
from songbai.core.regions.queries import region as region_by_code
from songbai.core.regions.rules import Level, level_of
from songbai.domain.benefits.lake import engine as lakes
from songbai.domain.benefits.lake.facts import frozen_sql
from songbai.domain.benefits.lake.wanted import Wanted, without_source
from songbai.domain.benefits.models import Cycle, PolicyText, Snapshot, SnapshotFile
from songbai.domain.benefits.population.at_size import mates
from songbai.domain.benefits.queries.cycles import before_of
from songbai.domain.benefits.rules.cycle import FileKind, State
from songbai.domain.benefits.rules.library import ended, in_force, law
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.policy import Policy
from songbai.domain.benefits.rules.standing import as_of, named_by

from . import steps


class NothingToRun(Refused):
    """这个地方这个月没有要核定的政策，或都已经开始了。"""


class TooSmall(Refused):
    """批次按区县办，请写区县或全市的代码。"""

    field = "region"


def freeze(
    actor: Actor,
    region: str,
    month: Month,
    policies: Sequence[Policy],
    known_at: datetime | None = None,
) -> Snapshot:
    """Freeze the facts of a division and open a cycle for each policy and district that has none.

    ``region`` is a prefix of a district or more, ``known_at`` None takes what is known now.
    Raises NotAllowed, UnknownRegion, TooSmall, NothingToRun.
    """
    system_only(actor)
    place = region_by_code(region)
    if level_of(place.code) > Level.DISTRICT:
        raise TooSmall
    pairs = open_pairs(region, month, policies)
    if not pairs:
        raise NothingToRun
    wanted = [policy for policy in policies if any(policy is p for p, _ in pairs)]
    wanted += named_with(wanted, month, region)
    key = uuid.uuid4()
    moment = known_at or clock.now()
    with lakes.lake() as engine:
        receiving(engine, pairs, month)
        sql = frozen_sql(engine, Wanted(region, month, wanted, known_at), "receiving")
        file = lakes.write(engine, sql, f"{month.text}-{region}-{key.hex[:12]}-facts.parquet")
    return _keep(actor, Snapshot(key=key, month=month.text, region=place, known_at=moment), file,
                 wanted, pairs)  # fmt: skip


def policies_for(region: str, month: Month, code: str = "") -> list[Policy]:
    """The policies for people that hold in a month somewhere in a division, and those that ended
    while they paid somebody there.
    """
    held = [policy for policy in law().policies if code in {"", policy.code}]
    found = [policy for policy in in_force(held, month) if districts_of(policy, region)]
    gone = [policy for policy in ended(held, month) if open_pairs(region, month, [policy])]
    return found + gone


def named_with(policies: Sequence[Policy], month: Month, region: str) -> list[Policy]:
    """The other policies that these stand beside in a group, and those whose decision they ask for.

    A policy run by itself is decided beside all others: else what gives way to them is paid, too.
    """
    held = {policy.code: policy for policy in law().policies if policy.in_force(month)}
    here = [policy for policy in held.values() if districts_of(policy, region)]
    beside = [mate.code for policy in policies for mate in mates(policy, here)]
    found = list(dict.fromkeys([*(policy.code for policy in policies), *beside]))
    for code in found:
        found += [c for c in named_by(held[code]) if c not in found] if code in held else []
    return [as_of(held[c], month, list(held.values())) for c in found[len(policies) :] if c in held]


def districts_of(policy: Policy, region: str) -> list[str]:
    """12-digit codes of the districts of a division in which a policy holds somewhere."""
    found = set()
    for prefix in policy.regions:
        if len(prefix) >= 6:
            if prefix.startswith(region) or region.startswith(prefix[:6]):
                found.add(prefix[:6].ljust(12, "0"))
        elif region.startswith(prefix) or prefix.startswith(region):
            longer = max(region, prefix, key=len)
            found |= {d.code for d in children(longer, Level.DISTRICT)}
    return sorted(found)


def open_pairs(region: str, month: Month, policies: Sequence[Policy]) -> list[tuple[Policy, str]]:
    """Policies and districts that have no cycle of the month yet.

    One that ended has a last cycle where the one before paid somebody: it tells them.
    """
    taken = set(
        Cycle.objects.filter(month=month.text).values_list("policy", "region_id")
    )  # fmt: skip
    pairs = [
        (policy, district)
        for policy in policies
        for district in districts_of(policy, region)
        if (policy.code, district) not in taken
    ]
    gone = [(policy.code, district) for policy, district in pairs if not policy.in_force(month)]
    paid = {pair for pair, cycle in before_of(gone, month).items() if cycle.yes}
    return [
        (p, district) for p, district in pairs if p.in_force(month) or (p.code, district) in paid
    ]


def receiving(
    engine: duckdb.DuckDBPyConnection, pairs: Sequence[tuple[Policy, str]], month: Month
) -> None:
    """Who is being paid, as table ``receiving``: a yes in the cycle before."""
    engine.execute("CREATE TEMP TABLE receiving (person BIGINT, policy VARCHAR)")
    asked = {policy.code for policy, _ in pairs if any(c.phase != "both" for c in policy.criteria)}
    for cycle in before_of([(p.code, d) for p, d in pairs if p.code in asked], month).values():
        file = cycle.snapshot.files.get(kind=FileKind.OUTCOMES)
        place = file.layout["policies"].index(cycle.policy)
        engine.execute(
            f"INSERT INTO receiving SELECT person, ? FROM {lakes.verified(engine, file)}"
            f" WHERE policy = {place} AND district = {int(cycle.region_id[:6])}"
            " AND failed = 0 AND unknown = 0",
            [cycle.policy],
        )


@transaction.atomic
def _keep(
    actor: Actor,
    snapshot: Snapshot,
    file: SnapshotFile,
    policies: Sequence[Policy],
    pairs: Sequence[tuple[Policy, str]],
) -> Snapshot:
    texts = {policy.code: _text(policy) for policy in policies}
    PolicyText.objects.bulk_create(texts.values(), ignore_conflicts=True)
    snapshot.policies = {code: text.digest for code, text in texts.items()}
    snapshot.without_source = without_source(policies)
    snapshot.rows = file.rows
    snapshot.taken_at = clock.now()
    snapshot.save(force_insert=True)
    record_file(snapshot, FileKind.FACTS, file)
    before = before_of([(p.code, d) for p, d in pairs], Month.parse(snapshot.month))
    cycles = Cycle.objects.bulk_create(
        Cycle(
            snapshot=snapshot,
            policy=policy.code,
            policy_text_id=texts[policy.code].digest,
            region_id=district,
            month=snapshot.month,
            previous=before.get((policy.code, district)),
            opened_at=snapshot.taken_at,
        )
        for policy, district in pairs
    )
    steps.note(actor, cycles, State.FROZEN)
    return snapshot


def record_file(
    snapshot: Snapshot,
    kind: FileKind,
    file: SnapshotFile,
    layout: dict[str, object] | None = None,
) -> None:
    """Keep a written file as one of a snapshot's."""
    file.snapshot, file.kind, file.layout = snapshot, kind, layout or {}
    file.save(force_insert=True)


def _text(policy: Policy) -> PolicyText:
    digest = hashlib.sha256(policy.text.encode()).hexdigest()
    return PolicyText(
        digest=digest, code=policy.code, name=policy.name, text=policy.text, kept_at=clock.now()
    )
