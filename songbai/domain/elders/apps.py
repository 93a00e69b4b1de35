from django.apps import AppConfig


class EldersConfig(AppConfig):
    name = "songbai.domain.elders"
    label = "elders"
