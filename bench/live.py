"""How long after an order is committed the desk hears of it: ``python -m bench.live``.

Needs a running demo. Publishes through the same action a page calls, and listens to the same stream
a page listens to. The peer is polling once a second, which hears after half a second on average.
"""

import argparse
import json
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx

PUBLISH = """
from songbai.core.accounts.rules import SYSTEM
from songbai.core.events.actions import publish
from django.db import transaction
import sys, time
for _ in range({times}):
    with transaction.atomic():
        publish("bench.tick", SYSTEM, subject=("bench", 0), region="500151001001")
    print(time.time(), flush=True)
    time.sleep(0.2)
"""


def main() -> None:
    """Listen, publish, compare the moments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--times", type=int, default=50)
    options = parser.parse_args()
    sessions = Path("/tmp/songbai-bench-sessions.json")
    shell = [sys.executable, "-m", "songbai.cli.main", "shell", "-v0", "-c"]
    write = f"from bench.pages.sessions import write; write({str(sessions)!r})"
    subprocess.run([*shell, write], check=True)
    cookie = json.loads(sessions.read_text())["dispatcher"]["cookie"]
    heard: list[float] = []
    ready = threading.Event()

    def listen() -> None:
        with (
            httpx.Client(cookies={"songbai-session": cookie}, timeout=None) as client,
            client.stream("GET", f"{options.url}/live/?topic=region:500151") as stream,
        ):
            for line in stream.iter_lines():
                ready.set()
                if '"bench.tick"' in line:
                    heard.append(time.time())
                    if len(heard) == options.times:
                        return

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    ready.wait(10)
    time.sleep(1)
    done = subprocess.run(
        [*shell, PUBLISH.format(times=options.times)], check=True, capture_output=True, text=True
    )
    listener.join(10)
    said = [float(line) for line in done.stdout.split()]
    lags = sorted((h - s) * 1000 for s, h in zip(said, heard, strict=True))
    median, p95 = statistics.median(lags), lags[int(len(lags) * 0.95)]
    print(f"heard {len(heard)} of {options.times}; median {median:.1f} ms, p95 {p95:.1f} ms")
    print(f"ratio to polling every second (mean 500 ms): {500 / max(median, 0.1):.0f}x sooner")


if __name__ == "__main__":
    main()
