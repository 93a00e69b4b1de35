"""A cycle's work on whole populations: DuckDB beside the record, snapshots as Parquet.

``facts`` freezes what is known, ``deciding`` decides everybody, ``comparing`` tells the changes
against the cycle before, ``checking`` finds what somebody must look at. Nothing here changes the
record but tables of its own; ``actions.cycles`` makes what is found count.
"""
