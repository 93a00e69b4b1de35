"""Writing the register, one file for each subject."""

from .count import recount
from .proxies import bind_proxy
from .registration import AlreadyRegistered, NewElder, register
