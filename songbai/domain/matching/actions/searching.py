"""Putting doubtful pairs on the clerks' list, and joining what is certain."""

import json
from dataclasses import dataclass

from django.db import transaction

from songbai.core import clock, scope
from songbai.core.accounts.rules import SYSTEM, Actor, system_only
from songbai.core.crypto import encrypt
from songbai.core.regions.rules import full
from songbai.domain.elders.models import Elder
from songbai.domain.matching.models import Candidate
from songbai.domain.matching.queries.joined import Pair, find_duplicates, survivors
from songbai.domain.matching.queries.rows import Matches, Rows
from songbai.domain.matching.rules import Band, common_division
from songbai.domain.matching.rules.lines import as_json

from .merging import AlreadyMerged, merge

#: A pair with different numbers is told apart by a clerk; joined pairs say why in these words.
_BY_ITSELF = "姓名、出生日期等一致，自动合并"


@dataclass(frozen=True)
class Searched:
    """How many pairs were joined, and how many were put on the list."""

    joined: int
    offered: int


@transaction.atomic
def offer_rows(actor: Actor, rows: Rows, matches: Matches, *, source: str) -> int:
    """Put the doubtful rows of a feed on the clerks' list; the same row again is not put twice.

    What the row says is kept sealed until it is decided. Returns how many pairs are new. Raises
    NotAllowed for everybody but the system.
    """
    system_only(actor)
    offered = scope.visible(Elder, SYSTEM).filter(pk__in={one.elder_id for one in matches.offers})
    regions = dict(offered.values_list("pk", "region_id"))
    before = Candidate.objects.filter(source=source).count()
    Candidate.objects.bulk_create(
        [
            Candidate(
                region_id=_where(regions[offer.elder_id], str(rows.region[offer.row])),
                elder_id=offer.elder_id,
                source=source,
                row_key=rows.key[offer.row],
                row=encrypt(_as_said(rows, offer.row)),
                score=offer.score,
                why=as_json(offer.why),
                found_at=clock.now(),
            )
            for offer in matches.offers
        ],
        batch_size=2_000,
        ignore_conflicts=True,
    )
    return Candidate.objects.filter(source=source).count() - before


def search_duplicates(actor: Actor, region: str) -> Searched:
    """Search a division for people registered twice: join what is certain, list what is doubtful.

    Pairs that were decided, merged or listed before are left as they are. Raises NotAllowed for
    everybody but the system.
    """
    system_only(actor)
    found = find_duplicates(actor, region)
    fresh = _unknown(found)
    elders = scope.visible(Elder, actor).in_bulk(
        {one for pair in fresh for one in (pair.elder_id, pair.other_id)}
    )
    joined = 0
    doubtful = [pair for pair in fresh if pair.band is Band.DOUBTFUL]
    for pair in (pair for pair in fresh if pair.band is Band.CERTAIN):
        try:
            merge(
                actor,
                elders[pair.elder_id],
                elders[pair.other_id],
                reason=_BY_ITSELF,
                score=pair.score,
                why=as_json(pair.why),
            )
            joined += 1
        except AlreadyMerged:
            doubtful.append(pair)
    Candidate.objects.bulk_create(
        [
            Candidate(
                region_id=common_division(
                    elders[pair.elder_id].region_id, elders[pair.other_id].region_id
                ),
                elder_id=pair.elder_id,
                other_id=pair.other_id,
                score=pair.score,
                why=as_json(pair.why),
                found_at=clock.now(),
            )
            for pair in doubtful
        ],
        batch_size=2_000,
        ignore_conflicts=True,
    )
    return Searched(joined, len(doubtful))


def _unknown(found: list[Pair]) -> list[Pair]:
    """Pairs nobody has seen before, and whose records are not one person already."""
    ids = {one for pair in found for one in (pair.elder_id, pair.other_id)}
    root = survivors(ids)
    seen = set(
        Candidate.objects.filter(elder_id__in=ids, other_id__in=ids).values_list(
            "elder_id", "other_id"
        )
    )
    return [
        pair
        for pair in found
        if (pair.elder_id, pair.other_id) not in seen and root[pair.elder_id] != root[pair.other_id]
    ]


def _where(elder_region: str, row_region: str) -> str:
    """Where the pair is decided: the division that holds both, the elder's if the row says none."""
    if not row_region:
        return elder_region
    try:
        return common_division(elder_region, full(row_region))
    except ValueError:
        return elder_region


def _as_said(rows: Rows, row: int) -> str:
    born = rows.birth_date[row]
    return json.dumps(
        {
            "name": rows.name[row],
            "birth_date": "" if str(born) == "NaT" else str(born),
            "sex": str(rows.sex[row]),
            "region": str(rows.region[row]),
            "address": rows.address[row] if len(rows.address) else "",
        },
        ensure_ascii=False,
    )
