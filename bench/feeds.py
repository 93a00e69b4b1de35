"""A feed of a million rows: parse, validate, match, encrypt, write facts, return errors.

    python -m bench.feeds [--rows 1000000] [--elders 1000000] [--processes 2]

Runs on a database of its own in a temporary folder. Invents elders, registers them, writes a
pension list (kind, amount, encrypted bank account: three facts a row) with 1 % wrong cells and 1 %
people nobody knows, and takes it in. Then the same rows go into a bare table by COPY: the ratio is
the price of everything else. Goal: at most 60 s on 2 cores.
"""

import argparse
import csv
import os
import resource
import shutil
import tempfile
import time
from pathlib import Path

HEADERS = ("个人编号", "身份证号", "姓名", "养老待遇类别", "月养老金", "发放月份", "发放账户")
GOAL = 60.0


def main() -> None:
    """Build, measure, print."""
    asked = _asked()
    home = Path(tempfile.mkdtemp(prefix="songbai-bench-feeds-"))
    os.environ["SONGBAI_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "songbai.settings"
    from songbai.core import embedded

    os.environ["DATABASE_URL"] = embedded.start()
    import django

    django.setup()
    try:
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        _register(asked.elders, asked.seed)
        file = home / "pensions.csv"
        _invent(file, asked.rows, asked.elders)
        _measure(file, asked)
    finally:
        from django.db import connection

        connection.close()
        shutil.rmtree(home, ignore_errors=True)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--elders", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


_PEOPLE: list[tuple[str, str]] = []


def _register(elders: int, seed: int) -> None:
    """Elders of as many districts as it takes."""
    from django.db import connection

    from songbai.cli.demo import population, register, settle
    from songbai.core import clock
    from songbai.core.loading import Load
    from songbai.domain.elders.models import Elder

    began, first = time.monotonic(), 1
    load = Load()
    settle.divisions(load)
    with connection.cursor() as cursor:  # the invented people have no phone index
        cursor.execute("ALTER TABLE elders_elder ALTER COLUMN phone_index SET DEFAULT ''")
    with register.pool() as pool:
        for code in population.elders_by_district():
            batch = population.district_elders(code, seed, clock.today())
            batch = batch.take(slice(0, elders - first + 1))
            for block in register.blocks(pool, batch, first, clock.now()):
                load.write(Elder, block)
            _PEOPLE.extend(zip(batch.id_number.tolist(), batch.name.tolist(), strict=True))
            first += len(batch)
            if first > elders:
                break
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"registered {len(_PEOPLE):,} elders in {time.monotonic() - began:.0f} s")


def _invent(file: Path, rows: int, elders: int) -> None:
    """The pension list: every hundredth row has a wrong cell, every hundredth nobody knows."""
    from songbai.domain.matching.rules import check_character

    kinds = ("职工养老保险", "城乡居民养老保险", "机关事业单位")
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(HEADERS)
        for row in range(rows):
            number, name = _PEOPLE[row % elders]
            amount = f"{150 + row * 7919 % 600_000 / 100:.2f}"
            if row % 100 == 17:
                amount = "约两千"
            if row % 100 == 53:
                body = f"510{row % 1_000:03d}19{30 + row % 30}{row % 12 + 1:02d}11{row % 1_000:03d}"
                number = body + check_character(body)
            card = f"6217{row * 104_729 % 10**15:015d}"
            writer.writerow(
                (f"RS{row:010d}", number, name, kinds[row % 3], amount, "2026-10", card)
            )


def _measure(file: Path, asked: argparse.Namespace) -> None:
    from songbai.core.accounts.rules import SYSTEM
    from songbai.domain.feeds.actions.checking import check
    from songbai.domain.feeds.actions.receiving import Parcel, receive
    from songbai.domain.feeds.actions.writing import write
    from songbai.domain.feeds.rules.states import Way

    parcel = Parcel("renshe_pensions", "500151", file, file.name, Way.FILE, "bench")
    spent, server = _spent(), _spent_by_server()
    began = time.monotonic()
    delivery = receive(SYSTEM, parcel)
    received = time.monotonic()
    check(SYSTEM, delivery.pk)
    checked = time.monotonic()
    done = write(SYSTEM, delivery.pk, processes=asked.processes)
    ended = time.monotonic()
    own, server = _spent() - spent, _spent_by_server() - server
    total = ended - began
    bare = _bare_copy(file)
    print(f"{done.rows:,} rows, {file.stat().st_size / 1e6:.0f} MB, {asked.processes} processes")
    print(
        f"  matched {done.matched:,}  unmatched {done.unmatched:,}  refused {done.refused:,}"
        f"  new {done.new:,}  state {done.state}"
    )
    print(f"  receive (digest, keep encrypted)    {received - began:7.1f} s")
    print(f"  check   (headings, cut into pieces) {checked - received:7.1f} s")
    print(f"  write   (validate … facts, errors)  {ended - checked:7.1f} s")
    verdict = "met" if total <= GOAL else "missed"
    print(f"  all                                 {total:7.1f} s   goal {GOAL:.0f} s: {verdict}")
    print(f"  bare COPY of the same rows          {bare:7.1f} s   ratio {total / bare:.1f}")
    print(f"  processor: our processes {own:.0f} s, PostgreSQL {server:.0f} s")
    print(f"  load of the machine {os.getloadavg()[0]:.1f}")


def _spent() -> float:
    """Processor seconds of this process and of its ended children."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _spent_by_server() -> float:
    """Processor seconds of the embedded PostgreSQL: postmaster, ended and living children."""
    from songbai.core import record

    postmaster = int((record.home() / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    ticks = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # ended meanwhile
            continue
        if int(folder.name) == postmaster:
            ticks += sum(map(int, fields[11:15]))
        elif int(fields[1]) == postmaster:
            ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _bare_copy(file: Path) -> float:
    """Seconds to COPY the same file into a table of text without an index."""
    from django.db import connection

    began = time.monotonic()
    with connection.cursor() as cursor:
        columns = ", ".join(f"c{at} text" for at in range(len(HEADERS)))
        cursor.execute(f"CREATE TABLE bench_bare ({columns})")
        with (
            file.open("rb") as source,
            cursor.copy("COPY bench_bare FROM STDIN (FORMAT csv, HEADER)") as copy,
        ):
            while part := source.read(1 << 20):
                copy.write(part)
    return time.monotonic() - began


if __name__ == "__main__":
    main()
