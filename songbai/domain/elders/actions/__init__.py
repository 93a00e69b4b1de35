"""Writing the register, one file for each subject."""

from songbai.domain.elders.actions.registration import recount

from .proxies import bind_proxy
from .registration import AlreadyRegistered, NewElder, register
