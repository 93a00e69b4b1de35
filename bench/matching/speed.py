"""How long a feed of a million rows takes to be matched against a register of seven million.

    python -m bench.matching.speed [--elders 7040000] [--rows 1000000] [--unnumbered 0.005]

Fills ``elders_elder`` of the database in SONGBAI_HOME (use a folder of its own) with invented
people, then matches rows of which almost all carry a number. Prints seconds by part, the bare join
of the same numbers as peer, and the rows found.
"""

import argparse
import os
import time

import django
import numpy as np

from songbai.core import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songbai.settings")
os.environ.setdefault("DATABASE_URL", embedded.start())
django.setup()

# ruff: noqa: E402  # models load only after the setup
from django.core.management import call_command
from django.db import connection, transaction

from songbai.core.accounts.rules import SYSTEM
from songbai.core.crypto import encrypt
from songbai.domain.matching.queries import Rows, match_rows
from songbai.domain.matching.queries.people import by_number
from songbai.domain.matching.rules import Band

_SURNAMES = "李王张刘陈杨黄周赵吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余"
_GIVEN = "秀英桂兰玉珍素芳淑华清琼碧群容金莲菊凤梅国明德光兴文正永成世建荣富学贵祥志全安福平林云"
#: Digests, names and days from the number of a person, in SQL and here by the same arithmetic.
_FILL = """
INSERT INTO elders_elder (region_id, name, initials, sex, birth_date, id_number, id_number_index,
    phone, phone_index, address, longitude, latitude, household, hardship, living, special_family,
    risks, door_code, registered_at)
SELECT (%(codes)s::text[])[1 + n %% %(villages)s],
    substr(%(surnames)s, 1 + n %% 40, 1) || substr(%(given)s, 1 + n / 40 %% 43, 1)
        || substr(%(given)s, 1 + n / 1760 %% 43, 1), 'xxx',
    CASE WHEN n %% 2 = 0 THEN 'f' ELSE 'm' END,
    date '1930-01-01' + (n::bigint * 48271 %% 2147483647 %% 12000)::int,
    %(sealed)s, sha256(int4send(n)), %(sealed)s, '', %(sealed)s,
    106, 29, n, 'none', 'with_children', false, '{}',
    gen_random_uuid(), songbai_now()
FROM generate_series(%(low)s, %(high)s) n
"""


def fill(elders: int) -> None:
    """Invented people up to this number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM elders_elder")
        there = int(cursor.fetchone()[0])
        cursor.execute("SELECT code FROM regions_region WHERE level = 5 ORDER BY code")
        codes = [code for (code,) in cursor.fetchall()]
        for low in range(there, elders, 500_000):
            cursor.execute(
                _FILL,
                {
                    "surnames": _SURNAMES,
                    "given": _GIVEN,
                    "sealed": encrypt("500190194205061024"),
                    "codes": codes,
                    "villages": len(codes),
                    "low": low,
                    "high": min(low + 500_000, elders) - 1,
                },
            )
        if there < elders:
            cursor.execute("VACUUM ANALYZE elders_elder")


def feed(elders: int, rows: int, unnumbered: float) -> Rows:
    """Rows of which a few have no number; one in a hundred is somebody the register lacks."""
    import hashlib

    rng = np.random.default_rng(3)
    who = rng.choice(int(elders * 1.01), size=rows, replace=False)
    without = rng.random(rows) < unnumbered
    digests = b"".join(
        bytes(32) if none else hashlib.sha256(int(n).to_bytes(4, "big")).digest()
        for n, none in zip(who.tolist(), without.tolist(), strict=True)
    )
    surname = np.array(list(_SURNAMES))[who % 40]
    given = np.array(list(_GIVEN))
    names = np.char.add(np.char.add(surname, given[who // 40 % 43]), given[who // 1760 % 43])
    with connection.cursor() as cursor:
        cursor.execute("SELECT code FROM regions_region WHERE level = 5 ORDER BY code")
        codes = np.array([code for (code,) in cursor.fetchall()])
    return Rows(
        key=[str(n) for n in who],
        name=names.tolist(),
        id_number_index=np.frombuffer(digests, dtype="V32"),
        birth_date=np.datetime64("1930-01-01")
        + (who.astype(np.int64) * 48271 % 2147483647 % 12000).astype("timedelta64[D]"),
        sex=np.where(who % 2 == 0, "f", "m"),
        region=codes[who % len(codes)],
        phone_index=np.zeros(rows, dtype="V32"),
        id_number_checked=np.ones(rows, dtype=bool),
    )


def main() -> None:
    """Fill, match, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--elders", type=int, default=7_040_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--unnumbered", type=float, default=0.005)
    asked = parser.parse_args()
    call_command("migrate", verbosity=0, interactive=False)
    regions()
    began = time.perf_counter()
    fill(asked.elders)
    print(
        flush=True,
        end=f"register of {asked.elders:,} there after {time.perf_counter() - began:.0f} s\n",
    )
    rows = feed(asked.elders, asked.rows, asked.unnumbered)
    numbered = np.flatnonzero(rows.id_number_index != np.zeros(1, dtype="V32"))
    for attempt in ("first", "again"):
        with transaction.atomic():
            began = time.perf_counter()
            found = match_rows(SYSTEM, rows, source="bench")
            ours = time.perf_counter() - began
        with transaction.atomic():
            began = time.perf_counter()
            joined = by_number(SYSTEM, numbered, rows.id_number_index[numbered])
            bare = time.perf_counter() - began
        print(
            f"{attempt}: {asked.rows:,} rows in {ours:.1f} s "
            f"({found.count(Band.CERTAIN):,} joined, {found.count(Band.DOUBTFUL):,} doubtful, "
            f"{found.count(Band.NEW):,} new); bare join of the numbers {bare:.1f} s "
            f"({len(joined.id):,}), ratio {ours / bare:.2f}"
        )


def regions() -> None:
    """The divisions of the city, once."""
    from songbai.cli.demo import geography
    from songbai.core.regions.models import Region
    from songbai.core.regions.rules import short_name

    if Region.objects.exists():
        return
    Region.objects.bulk_create(
        Region(
            code=one.code,
            level=one.level,
            name=one.name,
            short=short_name(one.name),
            parent_id=one.parent,
            urban=one.is_urban,
        )
        for one in geography.divisions().values()
    )


if __name__ == "__main__":
    main()
