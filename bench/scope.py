"""What it costs that the scope of a session is signed, beside variables that are believed.

    python -m bench.scope [--looks 4000]

In an empty ``SONGBAI_HOME``; the old way is measured in the same run, turn by turn. Prints medians
of binding one request (a stranger, an actor, released: goal 0.3 ms more at most), and of one person
looked up and a district counted as the web role, by a policy that believes and by one that asks.
"""

# ruff: noqa: E402  # Django is set up before its models are imported

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from unittest.mock import patch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songbai.settings")

from songbai.core import embedded

if "DATABASE_URL" not in os.environ:
    os.environ["DATABASE_URL"] = embedded.start()

import django

django.setup()

from django.core.management import call_command

from songbai.core import scope
from songbai.core.accounts.rules import Actor
from songbai.core.record import WEB_ROLE
from songbai.core.scope import RowSecurity
from songbai.core.sql import rows, run
from songbai.domain.elders.declares import OFFICER

ACTOR = Actor(7, "刘局", OFFICER, region="500151")
RULE = RowSecurity(region="region_id", person="elder_id", account="account_id")
PEOPLE = 100_000
MAKE = """
CREATE TABLE {name} AS SELECT n AS id, n AS elder_id, n AS account_id,
  (500151000000 + n)::text AS region_id FROM generate_series(1, {people}) n;
ALTER TABLE {name} ADD PRIMARY KEY (id);
ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON {name} FOR SELECT TO {role} USING ({policy});
GRANT SELECT ON {name} TO {role};
"""
WAYS = {"believed": "bench_believed", "signed": "bench_signed"}


@contextmanager
def tables() -> Iterator[None]:
    """The same people twice, under a policy of each way."""
    for way, name in WAYS.items():
        policy = f"{scope.BOUND} AND ({RULE.using()})" if way == "signed" else RULE.using()
        run(MAKE.format(name=name, people=PEOPLE, role=WEB_ROLE, policy=policy))
    run("ANALYZE")
    try:
        yield
    finally:
        run(f"DROP TABLE {', '.join(WAYS.values())}")


def request() -> None:
    """All binding that one request does."""
    scope.bind(None)
    scope.bind(ACTOR)
    scope.release()


def believed() -> None:
    """The same without a token."""
    with patch.object(scope, "signed", lambda settings, _: settings):
        request()


def compare(title: str, ways: Mapping[str, Callable[[], object]], looks: int) -> None:
    """Print the median of each way in ms, measured turn by turn."""
    took: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(looks):
        for way, look in ways.items():
            began = time.perf_counter()
            look()
            took[way].append(1000 * (time.perf_counter() - began))
    middle = {way: statistics.median(one) for way, one in took.items()}
    more = middle["signed"] - middle["believed"]
    said = "   ".join(f"{way} {value:.3f} ms" for way, value in middle.items())
    print(f"{title:28} {said}   {more:+.3f} ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--looks", type=int, default=4000)
    looks = parser.parse_args().looks
    call_command("migrate", verbosity=0, interactive=False)
    with tables():
        compare("binding of one request", {"believed": believed, "signed": request}, looks)
        scope.bind(ACTOR)
        for title, asked, share in (
            ("one person", "SELECT * FROM {} WHERE id = 77", 1),
            ("a district counted", "SELECT count(*) FROM {}", 40),
        ):
            ways = {way: partial(rows, asked.format(name)) for way, name in WAYS.items()}
            compare(title, ways, looks // share)
        scope.release()


if __name__ == "__main__":
    main()
