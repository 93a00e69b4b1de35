from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    name = "songbai.domain.providers"
    label = "providers"
