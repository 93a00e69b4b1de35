from django.apps import AppConfig


class RegionsConfig(AppConfig):
    name = "songbai.core.regions"
    label = "regions"
