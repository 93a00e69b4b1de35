from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class RetentionConfig(AppConfig):
    name = "songbai.core.retention"
    label = "retention"

    def ready(self) -> None:
        from . import registry

        # Each room's retention.py registers what it forgets; afterwards the list is closed.
        autodiscover_modules("retention")
        registry.close()
