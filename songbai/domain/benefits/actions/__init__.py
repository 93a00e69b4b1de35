"""What people and the program do with benefits."""

from .credit import grant_credit, grant_voucher
from .lapsing import lapse, takes_back

__all__ = ["grant_credit", "grant_voucher", "lapse", "takes_back"]
