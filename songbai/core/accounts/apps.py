from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "songbai.core.accounts"
    label = "accounts"

    def ready(self) -> None:
        post_migrate.connect(_install_scope, sender=self)
        # That an account was used is signed, and told by our clock (``numbers.note_login``).
        user_logged_in.disconnect(dispatch_uid="update_last_login")


def _install_scope(**_: Any) -> None:
    # post_migrate is sent after all migrations of all apps have run.
    from songbai.core import scope

    scope.install()
