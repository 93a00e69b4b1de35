from django.apps import AppConfig


class MatchingConfig(AppConfig):
    name = "songbai.domain.matching"
    label = "matching"
