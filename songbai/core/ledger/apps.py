from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "songbai.core.ledger"
    label = "ledger"
