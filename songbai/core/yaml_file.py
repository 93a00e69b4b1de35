"""Reading the YAML files we ship, with the C parser where PyYAML has it (ten times as fast)."""

from pathlib import Path
from typing import Any

import yaml

LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(path: Path) -> Any:
    """The file as plain lists, dictionaries and values. Raises yaml.YAMLError, OSError."""
    return yaml.load(path.read_text("utf-8"), Loader=LOADER)  # noqa: S506  # a safe loader
