"""Retention rules, read from ``catalogues/retention.yaml``. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from songbai.core import yaml_file

FILE = Path(__file__).resolve().parents[3] / "catalogues" / "retention.yaml"


@dataclass(frozen=True)
class RetentionRule:
    """One rule. ``keep_days`` None: kept for good; ``verified``: checked against the text."""

    code: str
    what: str
    keep_days: int | None
    counted_from: str
    then: str
    basis: str
    verified: bool

    def before(self, now: datetime) -> datetime | None:
        """What is older than this moment is due; None when nothing ever is."""
        return None if self.keep_days is None else now - timedelta(days=self.keep_days)


@cache
def retention_rules(file: Path = FILE) -> tuple[RetentionRule, ...]:
    """All rules in the order of the file.

    Raises TypeError for a row with a missing or unknown field.
    """
    rows = yaml_file.read(file)["rules"]
    return tuple(RetentionRule(**row) for row in rows)
