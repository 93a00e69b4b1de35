"""What consent can be given for, read from ``catalogues/consents.yaml``. Pure."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from songbai.core import yaml_file

FILE = Path(__file__).resolve().parents[4] / "catalogues" / "consents.yaml"


@dataclass(frozen=True)
class ConsentPurpose:
    """One purpose: what is shared with whom, and what happens without it."""

    code: str
    name: str
    shared: str
    receiver: str
    without: str
    basis: str
    version: int
    verified: bool


@cache
def purposes(file: Path = FILE) -> dict[str, ConsentPurpose]:
    """All purposes by code, in the order of the file.

    Raises TypeError for a row with a missing or unknown field.
    """
    rows = yaml_file.read(file)["purposes"]
    return {row["code"]: ConsentPurpose(**row) for row in rows}
