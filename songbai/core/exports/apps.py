from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "songbai.core.exports"
    label = "exports"
