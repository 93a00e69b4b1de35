"""The watch over the logs sees what it must see."""

import logging
from pathlib import Path

import pytest

from .log_watch import LogWatch, names

NUMBER = "500190194205061024"


def test_a_number_in_the_servers_log_is_seen_and_not_repeated(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("old " + NUMBER)
    watch = LogWatch(log)
    watch.look("x", f"fine\nERROR id {NUMBER}\n")
    assert len(watch.found) == 1
    assert NUMBER not in watch.found[0]


def test_what_the_program_logs_is_masked_before_it_is_seen(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("songbai.test").error("registering %s", NUMBER)
    assert not names(caplog.text)
    assert not names(capsys.readouterr().err)
