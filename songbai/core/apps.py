from django.apps import AppConfig
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from . import clock, registry

#: Files of a room that register something at the start.
FILES = ("declares", "approvals", "retention", "figures", "payers", "plug", "turns")


class CoreConfig(AppConfig):
    name = "songbai.core"
    label = "core"

    def ready(self) -> None:
        if clock.ahead():  # libraries (sessions, one-time codes) ask Django what time it is
            setattr(timezone, "datetime", clock.OwnDatetime)  # noqa: B010  # not in its stubs
        autodiscover_modules(*FILES)
        registry.close_all()
