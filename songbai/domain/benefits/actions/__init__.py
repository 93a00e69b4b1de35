"""What people and the program do with benefits."""

from .credit import grant_credit

__all__ = ["grant_credit"]
