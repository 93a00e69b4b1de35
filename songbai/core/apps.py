from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "songbai.core"
    label = "core"

    def ready(self) -> None:
        from . import registry

        registry.start()
