"""Whose record a row speaks of, which records are one person, and what clerks have to decide."""

from songbai.domain.matching.queries.joined import (
    candidate,
    find_duplicates,
    merge,
    merges,
    open_candidates,
    survivors,
)
from songbai.domain.matching.queries.match import match_rows
from songbai.domain.matching.queries.rows import Offer, Rows
