"""Reading the register as columns, in the caller's transaction and scope."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from songbai.core import scope
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.crypto import decrypt
from songbai.core.errors import NotAllowed
from songbai.core.regions.rules import bounds
from songbai.core.sql import rows
from songbai.domain.elders.models import Elder
from songbai.domain.matching.rules.linking import Columns

#: A telephone of more people than this is a village clerk's or a shop's.
SHARED_BY = 20
#: Records packed into one row of an answer: a driver spends its time on rows, not on bytes.
_PACK = 20_000
_READ = f"""
SELECT string_agg(int8send(id), ''), string_agg(name, E'\\n'),
       string_agg(int4send(birth_date - DATE '1970-01-01'), ''), string_agg(sex, ''),
       string_agg(int8send(region_id::bigint), ''),
       string_agg(CASE WHEN octet_length(id_number_index) > 0 THEN '1' ELSE '0' END, ''),
       string_agg(CASE WHEN octet_length(phone_index) >= 8
                       THEN substring(phone_index FROM 1 FOR 8) ELSE int8send(0) END, '')
FROM elders_elder
WHERE erased_at IS NULL AND region_id BETWEEN %s AND %s AND ({{which}})
GROUP BY id / {_PACK}
"""
_RESOLVE = f"""
SELECT string_agg(int4send(asked.place), ''), string_agg(int8send(e.id), ''),
       string_agg(e.name, E'\\n'),
       string_agg(int4send(e.birth_date - DATE '1970-01-01'), ''), string_agg(e.sex, '')
FROM matching_asked asked JOIN elders_elder e ON e.id_number_index = asked.digest
WHERE e.region_id BETWEEN %s AND %s AND e.erased_at IS NULL
GROUP BY asked.place / {_PACK}
"""


@dataclass(frozen=True)
class Register:
    """Elders as columns, by ascending id."""

    id: NDArray[np.int64]
    columns: Columns

    def places(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where these ids stand; every one must be there."""
        return np.searchsorted(self.id, ids)


def scope_of(actor: Actor) -> tuple[str, str]:
    """Lowest and highest division code the actor may match in.

    Raises NotAllowed for everybody who is not the system or somebody with a territory.
    """
    if actor.region is None:
        raise NotAllowed
    return bounds(actor.region)


def register_of(
    actor: Actor, prefixes: Iterable[str] | None = None, ids: Iterable[int] = ()
) -> Register:
    """The elders of some divisions (None: of the whole scope) and some elders by id."""
    which = "TRUE"
    if prefixes is not None:
        ranges = [
            f"region_id BETWEEN '{int(low):012d}' AND '{int(high):012d}'"
            for low, high in map(bounds, sorted(set(prefixes)))
        ]
        wanted = ",".join(str(int(one)) for one in sorted(set(ids)))
        if wanted:
            ranges.append(f"id IN ({wanted})")
        which = " OR ".join(ranges) or "FALSE"
    low, high = scope_of(actor)
    packs = rows(_READ.format(which=which), [low, high])
    ids = _numbers(packs, 0, ">i8")
    order = np.argsort(ids)
    numbered = _letters(packs, 5)[order] == "1"
    return Register(
        id=ids[order],
        columns=Columns(
            name=_names(packs, 1)[order],
            birth_date=_numbers(packs, 2, ">i4")[order].astype("datetime64[D]"),
            sex=_letters(packs, 3)[order],
            region=_numbers(packs, 4, ">i8")[order],
            phone=_numbers(packs, 6, ">u8")[order].astype(np.uint64),
            numbered=numbered,
            checked=numbered,
        ),
    )


def _numbers(packs: list[tuple[Any, ...]], column: int, kind: str) -> NDArray[np.int64]:
    raw = b"".join(bytes(pack[column]) for pack in packs)
    return np.frombuffer(raw, dtype=kind).astype(np.uint64 if "u" in kind else np.int64)


def _letters(packs: list[tuple[Any, ...]], column: int) -> NDArray[np.str_]:
    raw = "".join(pack[column] for pack in packs).encode("utf-32-le")
    return np.frombuffer(raw, dtype="<U1")


def _names(packs: list[tuple[Any, ...]], column: int) -> NDArray[np.str_]:
    return np.array([name for pack in packs for name in pack[column].split("\n")], dtype=np.str_)


def with_addresses(register: Register, places: NDArray[np.int64]) -> Register:
    """The register with the addresses of the records at these places, decrypted.

    Nobody sees them: they are compared and forgotten.
    """
    chosen = np.unique(places)
    address = [""] * len(register.id)
    for start in range(0, len(chosen), 20_000):
        part = chosen[start : start + 20_000]
        where = dict(zip(register.id[part].tolist(), part.tolist(), strict=True))
        sealed = (
            scope.visible(Elder, SYSTEM).filter(pk__in=list(where)).values_list("pk", "address")
        )
        for pk, stored in sealed.iterator(chunk_size=5_000):
            address[where[pk]] = decrypt(stored)
    return replace(register, columns=replace(register.columns, address=address))


def by_phone(digests: NDArray[np.void]) -> list[int]:
    """Ids of elders with one of these telephones, wherever they live; common ones are left out."""
    asked = [bytes(digest) for digest in np.unique(digests).tolist() if any(digest)]
    found: dict[bytes, list[int]] = {}
    for start in range(0, len(asked), 10_000):
        rows = (
            scope.visible(Elder, SYSTEM)
            .filter(phone_index__in=asked[start : start + 10_000], erased_at=None)
            .exclude(phone_index=b"")
        )
        for pk, digest in rows.values_list("pk", "phone_index"):
            found.setdefault(bytes(digest), []).append(pk)
    return [pk for holders in found.values() if len(holders) <= SHARED_BY for pk in holders]


def phone_keys(digests: NDArray[np.void]) -> NDArray[np.uint64]:
    """The first 8 bytes of telephones' blind indexes as numbers; 0 for none."""
    words = np.frombuffer(digests.tobytes(), dtype=">u8").reshape(len(digests), 4)
    return words[:, 0].astype(np.uint64)


@dataclass(frozen=True)
class ByNumber:
    """Rows whose identity number an elder has: the row's place and what the elder is."""

    place: NDArray[np.int64]
    id: NDArray[np.int64]
    name: NDArray[np.str_]
    birth_date: NDArray[np.datetime64]
    sex: NDArray[np.str_]


def by_number(actor: Actor, places: NDArray[np.int64], digests: NDArray[np.void]) -> ByNumber:
    """Find elders by the blind index of their number, all at once; by ascending place."""
    low, high = scope_of(actor)
    with transaction.atomic():
        _ask(places, digests)
        packs = rows(_RESOLVE, [low, high])
    found = _numbers(packs, 0, ">i4")
    order = np.argsort(found, kind="stable")
    return ByNumber(
        place=found[order],
        id=_numbers(packs, 1, ">i8")[order],
        name=_names(packs, 2)[order],
        birth_date=_numbers(packs, 3, ">i4")[order].astype("datetime64[D]"),
        sex=_letters(packs, 4)[order],
    )


def _ask(places: NDArray[np.int64], digests: NDArray[np.void]) -> None:
    """Fill the session's table of what is asked for, in PostgreSQL's binary form."""
    row = np.dtype([("n", ">i2"), ("a", ">i4"), ("place", ">i4"), ("b", ">i4"), ("digest", "V32")])
    body = np.empty(len(places), dtype=row)
    body["n"], body["a"], body["b"] = 2, 4, 32
    body["place"] = places
    body["digest"] = digests
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS matching_asked (place int, digest bytea)"
            " ON COMMIT DROP"
        )
        cursor.execute("TRUNCATE matching_asked")
        with cursor.copy("COPY matching_asked FROM STDIN (FORMAT binary)") as copy:
            copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8) + body.tobytes() + b"\xff\xff")
        cursor.execute("ANALYZE matching_asked")
