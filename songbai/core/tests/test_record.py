"""Where the database is, and where the secrets lie."""

import json
import secrets
from pathlib import Path

import pytest

from songbai.core import record


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home and a clean environment."""
    monkeypatch.setenv("SONGBAI_HOME", str(tmp_path))
    for name in ("DATABASE_WEB_URL", "SONGBAI_PROCESS", "SONGBAI_SECRET", "SONGBAI_FIELD_KEYS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgresql://postgres@/songbai?host=/run/pg")
    return tmp_path


def test_secrets_are_drawn_once_and_kept(elsewhere: Path) -> None:
    first = record.secret("signing", env="SONGBAI_SECRET")
    assert len(first) > 40
    assert record.secret("signing", env="SONGBAI_SECRET") == first
    assert (elsewhere / "secrets.json").stat().st_mode & 0o077 == 0


def test_no_draft_of_secrets_is_left_behind(elsewhere: Path) -> None:
    record.field_keys()
    assert [path.name for path in elsewhere.iterdir()] == ["secrets.json"]


def test_a_secret_of_the_environment_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = secrets.token_urlsafe(48)
    monkeypatch.setenv("SONGBAI_SECRET", drawn)
    assert record.secret("signing", env="SONGBAI_SECRET") == drawn


def test_field_keys_are_of_the_right_length() -> None:
    keys = record.field_keys()
    assert len(bytes.fromhex(keys[keys["current"]])) == 16
    assert len(bytes.fromhex(keys["index"])) == 32


def test_field_keys_of_the_environment_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"current": "7", "7": "ab" * 16, "index": "cd" * 32}
    monkeypatch.setenv("SONGBAI_FIELD_KEYS", json.dumps(given))
    assert record.field_keys() == given


def test_the_web_role_uses_the_same_socket() -> None:
    assert record.web_url() == "postgresql://songbai_web@/songbai?host=/run/pg"


def test_a_web_address_of_its_own_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_WEB_URL", "postgresql://web:p%40ss@db:5433/care?sslmode=require")
    monkeypatch.setenv("SONGBAI_PROCESS", "web")
    found = record.database_settings()
    assert (found["USER"], found["PASSWORD"]) == ("web", "p@ss")
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db", "5433", "care")
    assert found["OPTIONS"]["sslmode"] == "require"


def test_only_web_processes_take_the_web_role(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = record.database_settings()
    monkeypatch.setenv("SONGBAI_PROCESS", "web")
    web = record.database_settings()
    assert (owner["USER"], web["USER"]) == ("postgres", "songbai_web")
    assert web["HOST"] == owner["HOST"] == "/run/pg"
    assert "pool" in web["OPTIONS"]
    assert "pool" not in owner["OPTIONS"]


def test_tests_have_a_database_of_their_own() -> None:
    assert record.database_settings()["TEST"]["NAME"] == "test_songbai"


@pytest.mark.parametrize("weak", ["x", "songbai", "abcabc" * 12, "0" * 64])
def test_a_secret_that_can_be_guessed_is_refused(
    monkeypatch: pytest.MonkeyPatch, weak: str
) -> None:
    monkeypatch.setenv("SONGBAI_SECRET", weak)
    with pytest.raises(ValueError, match="can be guessed"):
        record.secret("signing", env="SONGBAI_SECRET")


def test_pages_never_get_the_owners_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://owner:secret@db/songbai")
    with pytest.raises(ValueError, match="DATABASE_WEB_URL"):
        record.web_url()
