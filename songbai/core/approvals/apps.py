from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ApprovalsConfig(AppConfig):
    name = "songbai.core.approvals"
    label = "approvals"

    def ready(self) -> None:
        from . import registry

        # Each room's approvals.py registers its kinds; afterwards the list is closed.
        autodiscover_modules("approvals")
        registry.close()
