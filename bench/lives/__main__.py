"""Years told with errors end as the truth told once: many seeds, each a year of many people.

    python -m bench.lives [--seeds 1000] [--first 0] [--people 3000]

Runs on a database of its own in a temporary folder, by the actions people and departments take,
under a moved clock. In odd seeds departments deliver in sets. Prints each seed with the seconds it
took, those of this processor without the database's, and every difference; ends with 1 when there
is one. A seed of 3,000 people is told twice (6,000 records). Measured without the database: 4 s a
seed and 0.7 s a person, so a thousand seeds take nine hours of a processor with 40 people each, and
three weeks and more with 3,000.
"""

import argparse
import atexit
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path


def main() -> int:
    """Live each seed; returns how the process ends."""
    asked = _asked()
    home = Path(tempfile.mkdtemp(prefix="songbai-bench-lives-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)  # after the server has stopped
    os.environ["SONGBAI_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "songbai.settings"
    from songbai.core import embedded

    os.environ["DATABASE_URL"] = embedded.start()
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    try:
        call_command("migrate", verbosity=0)
        wrong = [
            _live(seed, asked.people) for seed in range(asked.first, asked.first + asked.seeds)
        ]
        return int(any(wrong))
    finally:
        connection.close()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seeds", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--people", type=int, default=3_000)
    return parser.parse_args()


def _live(seed: int, people: int) -> int:
    """One seed in an empty register; prints what it found, returns how many differences."""
    from django.core.management import call_command

    from songbai.core import clock, scope
    from songbai.core.regions.queries import forget
    from tests import flush
    from tests.cast import make_cast

    from .story import lives
    from .world import World

    flush.install()
    clock.tell(scope.set_clock)
    call_command("flush", interactive=False, verbosity=0)
    forget()
    began, worked = time.monotonic(), time.process_time()
    world = World(make_cast(), in_sets=bool(seed % 2))
    world.live(lives(seed, people))
    found = [line for lines in world.differences().values() for line in lines]
    took, own = time.monotonic() - began, time.process_time() - worked
    print(f"seed {seed}: {people} people, {took:.0f} s, {own:.0f} s of processor", flush=True)
    print(*(f"  {line}" for line in found), sep="\n" if found else "", end="\n" if found else "")
    return len(found)


if __name__ == "__main__":
    sys.exit(main())
