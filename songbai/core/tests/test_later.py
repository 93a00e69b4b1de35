"""Heavy libraries: loaded once, when first used."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from songbai.core.later import later

SLOW = """
import time
import loads
loads.count += 1
time.sleep(0.1)
answer = 42
"""


def test_it_is_loaded_once_by_all_who_ask_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "songbai_slow_one.py").write_text(SLOW)
    (tmp_path / "loads.py").write_text("count = 0")
    monkeypatch.syspath_prepend(str(tmp_path))
    later("songbai_slow_one")
    stand_in = sys.modules["songbai_slow_one"]
    import loads  # type: ignore[import-not-found]

    assert loads.count == 0
    together = Barrier(8)

    def ask(_: int) -> int:
        together.wait()
        return int(stand_in.answer)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(8))) == [42] * 8
    assert loads.count == 1


def test_a_process_starts_without_them() -> None:
    asked = (
        "import sys, django; django.setup(); import songbai.web.urls;"
        "names = 'duckdb', 'ibis', 'httpx';"
        "print([name for name in names if '__file__' in vars(sys.modules[name])])"
    )
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
