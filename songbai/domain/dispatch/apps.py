from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "songbai.domain.dispatch"
    label = "dispatch"
