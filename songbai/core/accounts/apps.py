from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "songbai.core.accounts"
    label = "accounts"

    def ready(self) -> None:
        post_migrate.connect(_install_scope, sender=self)


def _install_scope(**_: Any) -> None:
    # post_migrate is sent after all migrations of all apps have run.
    from songbai.core import scope

    scope.install()
