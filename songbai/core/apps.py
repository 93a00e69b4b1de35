from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from . import registry

#: Files of a room that register something at the start.
FILES = ("declares", "approvals", "retention", "figures", "payers", "plug")


class CoreConfig(AppConfig):
    name = "songbai.core"
    label = "core"

    def ready(self) -> None:
        autodiscover_modules(*FILES)
        registry.close_all()
