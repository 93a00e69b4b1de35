"""Songbai 松柏: a city's elder-care platform in one program.

Three floors: :mod:`songbai.core` knows nothing of elder care, :mod:`songbai.domain` holds one room
per part of the city's care, :mod:`songbai.web` one front door per kind of person.
"""

from songbai.core.later import later

__version__ = "0.1.0"

later("duckdb", "httpx", "ibis")
