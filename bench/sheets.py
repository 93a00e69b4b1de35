"""Reading a million-row feed: ours (cleaned, numbered, marked) beside Arrow reading bare text.

python -m bench.sheets [rows]
"""

import csv
import json
import random
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.json as pa_json

from songbai.core.sheets import read_columns

HEADERS = (
    *("source_id", "name", "sex", "birth_date", "id_number", "phone", "address", "hukou"),
    *("residence", "hardship", "living", "disability", "grade", "valid_from", "observed", "note"),
)


def main(rows: int) -> None:
    """Print seconds and the ratio for csv in two encodings and for JSON lines."""
    with tempfile.TemporaryDirectory() as folder:
        paths = make(Path(folder), rows)
        list(read_columns(b"a,b\nx,y\n"))  # what is loaded once
        for path in paths:
            began = time.perf_counter()
            found = bare(path)
            peer = time.perf_counter() - began
            began = time.perf_counter()
            with read_columns(path) as table:
                ours = sum(len(batch.numbers) for batch in table)
            taken = time.perf_counter() - began
            if ours != rows or found != rows:
                raise SystemExit(f"{path.name}: {ours} and {found} of {rows} rows")
            size = path.stat().st_size / 1e6
            print(
                f"{path.name}: {rows:,} rows, {size:.0f} MB: {taken:.2f} s;"
                f" Arrow, bare text {peer:.2f} s; ratio {taken / peer:.1f}"
            )


def bare(path: Path) -> int:
    """Arrow's own reader to columns of text, with all its threads; how many rows."""
    schema = pa.schema([(name, pa.string()) for name in HEADERS])
    if path.suffix == ".jsonl":
        options = pa_json.ParseOptions(explicit_schema=schema)
        return int(pa_json.read_json(path, parse_options=options).num_rows)
    encoding = "gb18030" if "gbk" in path.name else "utf-8"
    table = pa_csv.read_csv(
        path,
        pa_csv.ReadOptions(encoding=encoding),
        convert_options=pa_csv.ConvertOptions(column_types=schema),
    )
    return int(table.num_rows)


def make(folder: Path, rows: int) -> list[Path]:
    """The same rows as csv, as csv in GBK, and as JSON lines."""
    draw = random.Random(1)
    plain, gbk, lines = folder / "feed.csv", folder / "feed-gbk.csv", folder / "feed.jsonl"
    with plain.open("w", encoding="utf-8", newline="") as a, lines.open("w", encoding="utf-8") as b:
        writer = csv.writer(a)
        writer.writerow(HEADERS)
        for serial in range(rows):
            row = row_of(draw, serial)
            writer.writerow(row)
            b.write(json.dumps(dict(zip(HEADERS, row, strict=True)), ensure_ascii=False) + "\n")
    gbk.write_bytes(plain.read_text(encoding="utf-8").encode("gb18030"))
    return [plain, gbk, lines]


def row_of(draw: random.Random, serial: int) -> list[str]:
    """One row as departments send them; one address in a hundred has a space too many."""
    return [
        f"S{serial:09d}",
        draw.choice("王李张刘陈") + draw.choice("桂秀松柏福") + draw.choice("英兰山海"),
        draw.choice("男女"),
        f"19{draw.randint(30, 65)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}",
        f"5001511942{draw.randint(10**7, 10**8 - 1)}",
        f"138{draw.randint(10**7, 10**8 - 1)}",
        f"铜梁区巴川街道东方社区幸福路{draw.randint(1, 99)}号" + " " * (serial % 100 == 0),
        *("500151001001", "500151001001", "dibao", "living_alone", "", ""),
        *("2026-01-01", "2026-01-05", ""),
    ]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
