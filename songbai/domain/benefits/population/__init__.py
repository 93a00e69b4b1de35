"""Deciding for a whole population: the same policies as Ibis expressions.

A snapshot is a table with one row per person and the columns of ``columns_for``;
``decide_population`` gives a table of decisions on whatever engine holds the snapshot (DuckDB,
Spark). Says the same as ``rules.evaluate`` one by one.
"""

from .decide import coming, decide_population, instead, labels, lapsed, state
from .snapshot import Column, column, columns_for, layered, snapshot_of
